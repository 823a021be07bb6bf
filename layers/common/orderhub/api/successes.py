"""The answers to what works, as the description tells them.

A route declares them: their statuses with `status_code`, or with `responses` when there are several; that they have an
ETag with the type it answers, `Versioned`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from aws_lambda_powertools.event_handler.openapi.constants import DEFAULT_OPENAPI_RESPONSE_DESCRIPTION

from orderhub.api.call import ETAG

# For routes that declare no words of their own.
_MEANINGS = {
    "201": "Made",
    "202": "Taken, and worked on after this answer",
    "204": "Done; there is nothing to show",
}
_EMPTY = ("204", "304")

HEADERS: dict[str, dict[str, Any]] = {
    ETAG: {
        "description": "names this version of what is shown, for If-Match and If-None-Match",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+(-[0-9]+)?"$'},
        "example": '"3"',
    },
    "Retry-After": {
        "description": "seconds to wait before the next try; missing when API Gateway itself answers",
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
}


def described(function: Callable[..., Any], declared: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of a route's function that works. declared: by status, as the framework tells them."""
    tagged = {"headers": {ETAG: {"$ref": f"#/components/headers/{ETAG}"}}} if _is_versioned(function) else {}
    works = {status: answer for status, answer in sorted(declared.items()) if status[0] in "23"}
    return {status: {**_success(status, answer), **tagged} for status, answer in works.items()}


def _success(status: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    meaning = declared["description"]
    if meaning == DEFAULT_OPENAPI_RESPONSE_DESCRIPTION:
        meaning = _MEANINGS.get(status, meaning)
    if status in _EMPTY:
        return {"description": meaning}
    content = {kind: {**media, "schema": without_null(media["schema"])} for kind, media in declared["content"].items()}
    return {"description": meaning, "content": content}


def _is_versioned(function: Callable[..., Any]) -> bool:
    """Whether a function answers with `Versioned`."""
    answer = get_type_hints(function, include_extras=True)["return"]
    return any(ETAG in getattr(shown, "__metadata__", ()) for shown in get_args(answer))


def without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose value is there."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    match choices:
        case []:
            return dict(schema)
        case [only]:
            return dict(only)
        case _:
            return {**schema, "anyOf": choices}
