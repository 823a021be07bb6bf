"""The template, read and translated once."""

import pytest

from tests.template.cloudformation import Template, load, translate


@pytest.fixture(scope="session")
def template() -> Template:
    """template.yaml as it is written."""
    return load()


@pytest.fixture(scope="session")
def stack(template: Template) -> Template:
    """template.yaml as CloudFormation gets it."""
    return translate(template)
