"""How Toast refuses a call.

https://doc.toasttab.com/doc/devguide/apiOrdersErrors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from local.standins.vendor import Refused

_requests = count(1)
# Toast numbers its errors; which number means what is not published as a whole.
CODES: Mapping[int, int] = {400: 10_020, 401: 10_010, 403: 10_011, 404: 10_021, 409: 10_022, 429: 10_029}


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> Refused:
    """An error in the vendor's shape."""
    body = {
        "status": status,
        "code": CODES[status],
        "message": message,
        "messageKey": None,
        "fieldName": None,
        "link": None,
        "requestId": f"req-{next(_requests):06d}",
        "developerMessage": None,
        "errors": [],
        "canRetry": None,
    }
    return Refused(status, body, headers)
