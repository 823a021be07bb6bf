"""The keys of an OpenID Connect issuer, found through its own description."""

from __future__ import annotations

from functools import cache
from typing import Any

import jwt
import requests

from orderhub.errors import Retry

_TIMEOUT = 5
_KEEP = 3600  # seconds


@cache
def signing_keys(issuer: str) -> jwt.PyJWKClient:
    """The keys an issuer signs with, fetched when first needed. Raises Retry when it does not describe itself.

    https://openid.net/specs/openid-connect-discovery-1_0.html
    """
    try:
        found = requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_TIMEOUT)
        found.raise_for_status()
        described: dict[str, Any] = found.json()
        uri = str(described["jwks_uri"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise Retry("the OIDC issuer does not describe itself") from error
    return jwt.PyJWKClient(uri, cache_keys=True, lifespan=_KEEP, timeout=_TIMEOUT)
