"""The authorizer of the staff API: API keys of ours, and JWTs of the OIDC issuer the stack names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.errors import Retry
from orderhub.runtime import logger, settings
from orderhub.service.access import EVERY_STORE, Caller, Role, to_context
from orderhub.service.api_keys import PREFIX, as_employee, caller_of_key

# Claims a JWT may carry its role and stores in; the groups claim is what Amazon Cognito calls it.
_ROLE_CLAIMS = ("orderhub_role", "custom:orderhub_role", "cognito:groups")
_STORE_CLAIMS = ("orderhub_stores", "custom:orderhub_stores")
_EMPLOYEE_CLAIMS = ("orderhub_employee", "custom:orderhub_employee")


def authorize(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """The Lambda handler: a simple response of payload format 2.0. A token that proves nothing is not let in.

    Raises Retry when the keys cannot be looked up: API Gateway then answers 500, and nobody is let in or locked out.
    """
    scheme, _, token = event.get("headers", {}).get("authorization", "").partition(" ")
    caller = caller_of(token.strip()) if scheme.lower() == "bearer" and token else None
    if caller is None:
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": to_context(caller)}


def caller_of(token: str) -> Caller | None:
    """Who a token belongs to; None when it proves nothing."""
    if token.startswith(PREFIX):
        return caller_of_key(token)
    return _caller_of_jwt(token) if settings().oidc_issuer else None


def _caller_of_jwt(token: str) -> Caller | None:
    import jwt  # noqa: PLC0415  (API keys are the common case, and this loads cryptography)

    from orderhub.outbound.oidc import signing_keys  # noqa: PLC0415

    try:
        key = signing_keys(settings().oidc_issuer).get_signing_key_from_jwt(token).key
        audience = settings().oidc_audience
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256", "ES256", "PS256", "EdDSA"],
            issuer=settings().oidc_issuer,
            audience=audience or None,
            options={"require": ["exp", "iss", "sub"], "verify_aud": bool(audience)},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise Retry("the OIDC issuer does not give its keys") from error
    except jwt.PyJWTError as error:
        logger.warning("token refused", extra={"reason": type(error).__name__})
        return None
    role = _role(claims)
    if role is None:
        return None
    name = str(claims.get("email") or claims.get("name") or claims["sub"])
    caller = Caller(str(claims["sub"]), name, role, _stores(claims, role))
    employee_id = next((str(claims[claim]) for claim in _EMPLOYEE_CLAIMS if claims.get(claim)), None)
    return caller if employee_id is None else as_employee(caller, employee_id)


def _role(claims: Mapping[str, Any]) -> Role | None:
    given = next((claims[name] for name in _ROLE_CLAIMS if name in claims), None)
    words = given if isinstance(given, list) else [given]
    roles = [role for role in Role if role in words]
    return roles[-1] if roles else None


def _stores(claims: Mapping[str, Any], role: Role) -> frozenset[str]:
    given = next((claims[name] for name in _STORE_CLAIMS if name in claims), None)
    words = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    return frozenset(str(word).strip() for word in words) or frozenset({EVERY_STORE} if role is Role.ADMIN else ())
