"""The samples in events/: requests of a platform, each with a sentence of what it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def sample_body(sample: Mapping[str, Any]) -> bytes:
    """The body of a sample: its exact text where bytes matter, else its JSON."""
    if "body_text" in sample:
        return str(sample["body_text"]).encode()
    return json.dumps(sample["body"], separators=(",", ":"), ensure_ascii=False).encode()


def unpacked(data: bytes, *, fetched: bool) -> tuple[bytes, dict[str, Any]]:
    """The body in a sample, and the sample itself; anything else is a body. fetched: what the platform's API gives."""
    try:
        sample = json.loads(data)
    except ValueError:
        return data, {}
    if not isinstance(sample, dict) or "says" not in sample or not {"body", "body_text"} & sample.keys():
        return data, {}
    if fetched:
        return json.dumps(sample.get("fetched")).encode(), {}
    return sample_body(sample), sample
