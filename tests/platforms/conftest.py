"""The suite's own asserts explain themselves as those of a test module do."""

import pytest

pytest.register_assert_rewrite("tests.platforms.exchange", "tests.platforms.rules", "tests.platforms.samples")
