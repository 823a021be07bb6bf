"""Text as Shipday takes it: its own plugin for shops takes emoji out of all it sends."""

from __future__ import annotations

import re
from typing import Any

# Blocks of pictures, and the single ones among arrows, clocks and shapes; letters of any script stay.
_PICTURE = (
    "\u203c\u2049\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2"
    "\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
# What joins, colours and frames them: some of it means something elsewhere (a joiner in Hindi), so only behind them.
_MORE = "\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
_EMOJI = re.compile(f"[{_PICTURE}][{_MORE}]*|(?<=[0-9#*])\ufe0f?\u20e3|[\ufe0e\ufe0f]")
_BLANKS = re.compile(r"[ \t]{2,}")


def plain(text: str | None) -> str:
    """The text without emoji; empty when there is nothing else in it."""
    return _BLANKS.sub(" ", _EMOJI.sub("", text or "")).strip()


def told(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something, their texts plain: empty text is refused by some of Shipday's calls."""
    cleaned = {name: _plain(value) for name, value in fields.items()}
    return {name: value for name, value in cleaned.items() if value not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    match value:
        case str():
            return plain(value)
        case dict():
            return told(value)
        case list():
            return [one for one in map(_plain, value) if one not in (None, "", [], {})]
        case _:
            return value
