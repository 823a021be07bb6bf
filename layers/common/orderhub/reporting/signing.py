"""What proves a message: headers that only somebody with the subscription's secret can make."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from standardwebhooks import Webhook

from orderhub.reporting.subscription import MessageFormat

_SECRET_BYTES = 32
# Names that a receiver of Deliverect's knows; the first is documented, the second is what its own consumer reads.
DELIVERECT_HEADERS = ("X-Server-Authorization-HMAC-SHA256", "X-Deliverect-Signature")
ID_HEADER, EVENT_HEADER = "X-Orderhub-Delivery-Id", "X-Orderhub-Event"
# Headers that a subscription cannot set: ours, and those of the connection.
RESERVED = frozenset(
    name.lower()
    for name in (
        *DELIVERECT_HEADERS,
        ID_HEADER,
        EVENT_HEADER,
        "Host",
        "Connection",
        "Transfer-Encoding",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Te",
        "Trailer",
        "Upgrade",
        "Expect",
        "User-Agent",
    )
)
RESERVED_BEGINNINGS = ("content-", "webhook-", "x-amzn-", "x-amz-")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Secrets of a subscription, and headers to send along. previous: still good until a rotation is over."""

    current: str
    previous: str | None = None
    previous_until: datetime | None = None
    headers: Mapping[str, str] | None = None

    def valid(self, at: datetime) -> tuple[str, ...]:
        """The secrets to sign with, newest first."""
        if self.previous is None or self.previous_until is None or self.previous_until <= at:
            return (self.current,)
        return (self.current, self.previous)


def new_secret() -> str:
    """A secret as receivers are shown it: `whsec_` and the base64 of 32 random bytes."""
    return "whsec_" + b64encode(token_bytes(_SECRET_BYTES)).decode()


def is_reserved(header: str) -> bool:
    """Whether a header is not for subscriptions to set."""
    return header.lower() in RESERVED or header.lower().startswith(RESERVED_BEGINNINGS)


def headers(
    shape: MessageFormat, message_id: str, kind: str, body: bytes, secrets: Secrets, at: datetime
) -> dict[str, str]:
    """The headers of one attempt at a message. at: now, by the clock of whoever sends it; in UTC."""
    told = {"Content-Type": "application/json", **(secrets.headers or {})}
    if shape is MessageFormat.DELIVERECT:
        return {**told, ID_HEADER: message_id, EVENT_HEADER: kind, **_deliverect(body, secrets.current)}
    return {**told, **_standard(message_id, body, secrets.valid(at), at)}


def _standard(message_id: str, body: bytes, valid: Sequence[str], at: datetime) -> dict[str, str]:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers."""
    text = body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, text) for secret in valid),
    }


def _deliverect(body: bytes, secret: str) -> dict[str, str]:
    """https://developers.deliverect.com/reference/hmac-authentication: hexadecimal, of the body's bytes alone."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return dict.fromkeys(DELIVERECT_HEADERS, signature)
