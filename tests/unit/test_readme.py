"""The README's table is the one the code makes."""

from pathlib import Path

from orderhub.platforms import capabilities

README = Path(__file__).parents[2] / "README.md"
START, END = "tests/unit/test_readme.py -->\n", "<!-- /platforms -->"


def test_the_platform_table_is_what_the_code_says() -> None:
    written = README.read_text(encoding="utf-8").partition(START)[2].partition(END)[0]
    assert written == capabilities.markdown()


def test_each_platform_has_its_guide() -> None:
    missing = [slug for slug in capabilities.slugs() if not (README.parent / "docs/platforms" / f"{slug}.md").is_file()]
    assert missing == []
