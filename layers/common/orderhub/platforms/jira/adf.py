"""Atlassian Document Format, in which Jira's API takes descriptions and comments.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ ; text nodes must not be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = dict[str, Any]

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")
_BLANK_LINE = re.compile(r"\n\s*\n")


def document(blocks: Iterable[Node]) -> Node:
    """The blocks as a document."""
    return {"type": "doc", "version": 1, "content": list(blocks)}


def paragraphs(text: str) -> list[Node]:
    """A paragraph for each part between blank lines; what looks like a URL becomes a link."""
    parts = (part.strip() for part in _BLANK_LINE.split(text.replace("\r\n", "\n")))
    return [_paragraph(_lines(part)) for part in parts if part]


def facts(told: Mapping[str, str]) -> list[Node]:
    """A list of names and what is said under each."""
    return _bullets([_text(f"{name}: ", "strong"), *_linked(value)] for name, value in told.items())


def links(told: Mapping[str, str]) -> list[Node]:
    """A list of links by their names; one that is no web address is shown as it is."""
    return _bullets(
        [_link(name, url)] if _URL.fullmatch(url) else [_text(f"{name}: {url}")] for name, url in told.items()
    )


def code(text: str) -> Node:
    """A paragraph of one word that people are not to change."""
    return _paragraph([_text(text, "code")])


def _paragraph(inline: Iterable[Node]) -> Node:
    return {"type": "paragraph", "content": list(inline)}


def _bullets(rows: Iterable[list[Node]]) -> list[Node]:
    items = [{"type": "listItem", "content": [_paragraph(row)]} for row in rows]
    return [{"type": "bulletList", "content": items}] if items else []


def _lines(text: str) -> Iterator[Node]:
    for number, line in enumerate(text.splitlines()):
        if number:
            yield {"type": "hardBreak"}
        yield from _linked(line)


def _linked(text: str) -> Iterator[Node]:
    end = 0
    for found in _URL.finditer(text):
        if found.start() > end:
            yield _text(text[end : found.start()])
        yield _link(found[0], found[0])
        end = found.end()
    if text[end:]:
        yield _text(text[end:])


def _text(text: str, *marks: str) -> Node:
    marked = {"marks": [{"type": mark} for mark in marks]} if marks else {}
    return {"type": "text", "text": text, **marked}


def _link(text: str, url: str) -> Node:
    return {"type": "text", "text": text or url, "marks": [{"type": "link", "attrs": {"href": url}}]}
