"""The few ways in which platforms prove who they are.

Each scheme has `verify`, which raises NotAuthentic, and `sign`, which makes the headers a platform would send. Several
secrets may be valid at once, for rotation; no secret at all refuses everything. All comparing takes constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request


def _decode_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_KEY_DECODERS: Mapping[str, Callable[[str], bytes]] = {
    "text": str.encode,
    "hex": bytes.fromhex,
    "base64": _decode_base64,
}
_SIGNATURE_DECODERS: Mapping[str, Callable[[str], bytes]] = {"hex": bytes.fromhex, "base64": _decode_base64}


@dataclass(frozen=True, slots=True)
class Hmac:
    """HMAC over the bytes a platform signs, in one header.

    headers: names under which it may come, the first is used to sign. encoding: of the signature. key: how the secret
    text becomes the key. prefix: text in front of the signature (`sha256=`).
    """

    headers: tuple[str, ...]
    digest: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    key: Literal["text", "hex", "base64"] = "text"
    prefix: str = ""

    def sign(self, message: bytes, secret: str) -> dict[str, str]:
        """The header that proves the message. Raises Misconfigured when the secret is not of the key's form."""
        raw = self._mac(message, secret)
        text = raw.hex() if self.encoding == "hex" else base64.b64encode(raw).decode()
        return {self.headers[0]: self.prefix + text}

    def verify(self, request: Request, message: bytes, secrets: Iterable[str]) -> None:
        """Raises NotAuthentic unless one of the secrets made the signature of this message."""
        given = next((request.headers[name] for name in self.headers if name in request.headers), None)
        if not given:
            raise NotAuthentic(f"no header {self.headers[0]}")
        if not given.startswith(self.prefix):
            raise NotAuthentic(f"header {self.headers[0]} does not start with {self.prefix!r}")
        try:
            signature = _SIGNATURE_DECODERS[self.encoding](given[len(self.prefix) :].strip())
        except (ValueError, binascii.Error):
            raise NotAuthentic(f"header {self.headers[0]} is not {self.encoding}") from None
        if not _any_equal(signature, self._valid(message, secrets)):
            raise NotAuthentic("the signature does not match")

    def _valid(self, message: bytes, secrets: Iterable[str]) -> Iterator[bytes]:
        """The signature by each secret. One that is malformed does not spoil the others."""
        for secret in filter(None, secrets):
            try:
                yield self._mac(message, secret)
            except Misconfigured:
                continue

    def _mac(self, message: bytes, secret: str) -> bytes:
        try:
            key = _KEY_DECODERS[self.key](secret)
        except (ValueError, binascii.Error):
            raise Misconfigured(f"the signing secret is not {self.key}") from None
        return hmac.digest(key, message, self.digest)


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A shared secret sent as it is: in a header, the query, the path, or a field of the body.

    name: of the header, query parameter or body field; ignored for `path`, where it is the last segment.
    """

    where: Literal["header", "query", "path", "body"]
    name: str = ""
    prefix: str = ""

    def sign(self, secret: str) -> dict[str, str]:
        """The header or query parameter, by name, that carries the secret."""
        return {self.name: self.prefix + secret}

    def verify(self, request: Request, secrets: Iterable[str], body: Mapping[str, object] | None = None) -> None:
        """Raises NotAuthentic unless one of the secrets is given. body: the parsed body, for `body` only."""
        given = self._given(request, body)
        if not given.startswith(self.prefix):
            raise NotAuthentic(f"{self.where} {self.name} does not start with {self.prefix!r}")
        token = given[len(self.prefix) :].encode("utf-8", "surrogatepass")
        if not token or not _any_equal(token, (secret.encode() for secret in secrets if secret)):
            raise NotAuthentic(f"no valid token in {self.where} {self.name}")

    def _given(self, request: Request, body: Mapping[str, object] | None) -> str:
        match self.where:
            case "header":
                return request.headers.get(self.name.lower(), "")
            case "query":
                return request.query.get(self.name, "")
            case "path":
                return request.path.rstrip("/").rpartition("/")[2]
            case "body":
                value = (body or {}).get(self.name, "")
                return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic; a secret is `user:password`."""

    def sign(self, secret: str) -> dict[str, str]:
        """The Authorization header."""
        return {"authorization": "Basic " + base64.b64encode(secret.encode()).decode()}

    def verify(self, request: Request, secrets: Iterable[str]) -> None:
        """Raises NotAuthentic unless one of the secrets is given."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise NotAuthentic("no Basic authorization")
        try:
            given = _decode_base64(text.strip())
        except (ValueError, binascii.Error):
            raise NotAuthentic("the Basic authorization is not base64") from None
        if not _any_equal(given, (secret.encode() for secret in secrets if secret)):
            raise NotAuthentic("wrong user or password")


def _any_equal(given: bytes, valid: Iterable[bytes]) -> bool:
    """Whether one is equal; looks at all of them, so that time tells nothing of which."""
    found = False
    for one in valid:
        found |= hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(one).digest())
    return found
