"""The token that proves our calls: a JWT signed by ourselves with the access key.

https://developer.doordash.com/en-US/docs/marketplace/how_to/JWTs

PyJWT writes `typ` before `alg`, or all of a header sorted by name; DoorDash's example has neither order.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from datetime import timedelta

from orderhub.errors import Misconfigured
from orderhub.platforms.doordash.config import DoorDashCredentials
from orderhub.runtime import now

_HEADER = {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}
_LIFETIME = timedelta(minutes=5)  # DoorDash allows 30


def token(credentials: DoorDashCredentials) -> str:
    """A token for the next minutes. Raises Misconfigured when the signing secret is none."""
    issued = int(now().timestamp())
    return signed(credentials, issued, issued + int(_LIFETIME.total_seconds()))


def signed(credentials: DoorDashCredentials, issued: int, expires: int) -> str:
    """The token for a span of Unix time. Raises Misconfigured when the signing secret is none."""
    claims = {
        "aud": "doordash",
        "iss": credentials.developer_id,
        "kid": credentials.key_id,
        "exp": expires,
        "iat": issued,
    }
    message = ".".join(_part(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims))
    return f"{message}.{_part(hmac.digest(_key(credentials), message.encode(), 'sha256'))}"


def _key(credentials: DoorDashCredentials) -> bytes:
    """The signing secret is base64url, without its padding."""
    text = credentials.signing_secret.get_secret_value().rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not key:
        raise Misconfigured("the signing secret of this connection to DoorDash is not base64url")
    return key


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
