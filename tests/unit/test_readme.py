"""The README's table is the one the code makes."""

from pathlib import Path

from orderhub.platforms import capabilities
from orderhub.platforms.registry import load

README = Path(__file__).parents[2] / "README.md"
START, END = "tests/unit/test_readme.py -->\n", "<!-- /platforms -->"


def test_the_platform_table_is_what_the_code_says() -> None:
    written = README.read_text(encoding="utf-8").partition(START)[2].partition(END)[0]
    assert written == capabilities.markdown()


def test_the_guide_of_all_platforms_is_what_the_code_says() -> None:
    written = (README.parent / "docs" / "platforms" / "README.md").read_text(encoding="utf-8")
    assert written == capabilities.guide()


def test_a_cell_is_filled_where_the_platform_has_the_capability_and_nowhere_else() -> None:
    head, _, *rows = [line for line in capabilities.guide().splitlines() if line.startswith("| ")]
    names = [name.strip().replace(" ", "_") for name in head.strip(" |").split("|")][1:]
    for row, slug in zip(rows, capabilities.slugs(), strict=True):
        cells = [cell.strip() for cell in row.removeprefix("| ").removesuffix(" |").split("|")][1:]
        filled = {name for name, cell in zip(names, cells, strict=True) if cell}
        assert filled - {"webhook"} == {operation.value for operation in load(slug).capabilities}


def test_each_platform_has_its_guide() -> None:
    missing = [slug for slug in capabilities.slugs() if not (README.parent / "docs/platforms" / f"{slug}.md").is_file()]
    assert missing == []
