"""Plain HTTP calls of the command line: to a running hub and to the stand-ins."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from orderhub.errors import Retry


def call(method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Status and text of an answer, whatever it is. Raises Retry when there is none."""
    try:
        answer = requests.request(method, url, data=body, headers=dict(headers or {}), timeout=30)
    except requests.RequestException as error:
        raise Retry(f"{url} does not answer: {type(error).__name__}") from None
    return answer.status_code, answer.text
