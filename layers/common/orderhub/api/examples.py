"""An example of every model of the API, put together of a value for each field.

A field is looked up as `Model.field`, then as `field`, `field[]` for a list, `field{}` for a table, `field?` for yes or
no. Fields that are a model, a list of a model, an enumeration, yes or no, or may be null need no value. Examples fit
their schemas, as a test sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.api.example_values import FIELDS, MODELS

_SCHEMAS = "#/components/schemas/"
_UNKNOWN = object()


class Examples:
    """Examples of the models that schemas describe. missing: fields that nothing is known of, as `Model.field`."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self.missing: set[str] = set()

    def of_model(self, name: str) -> Any:
        """An example of a model. Fields that nothing is known of are left out, and are in `missing`."""
        return self._of_model(name, ())

    def _of_model(self, name: str, within: tuple[str, ...]) -> Any:
        schema = self._schemas[name]
        if name in MODELS:
            return MODELS[name]
        if "enum" in schema:
            return schema["enum"][0]
        found = {}
        for field, told in schema.get("properties", {}).items():
            value = self._of_field(name, field, told, (*within, name))
            if value is not _UNKNOWN:
                found[field] = value
            elif field in schema.get("required", ()):
                self.missing.add(f"{name}.{field}")
        return found

    def _of_field(self, model: str, field: str, schema: Mapping[str, Any], within: tuple[str, ...]) -> Any:
        own, usual = f"{model}.{field}", f"{field}{_kind(schema)}"
        if own in FIELDS:
            return FIELDS[own]
        if usual in FIELDS and _is_plain(schema):
            return FIELDS[usual]
        return self._of_schema(schema, within)

    def _of_schema(self, schema: Mapping[str, Any], within: tuple[str, ...]) -> Any:
        """What a schema says itself."""
        match schema:
            case {"$ref": str(reference)}:
                name = reference.removeprefix(_SCHEMAS)
                return _UNKNOWN if name in within else self._of_model(name, within)
            case {"anyOf": list(choices)}:
                values = [self._of_schema(one, within) for one in choices]
                return next((value for value in values if value is not _UNKNOWN and value is not None), values[-1])
            case {"type": "null"}:
                return None
            case {"oneOf": [choice, *_]}:
                return self._of_schema(choice, within)
            case {"type": "array", "items": dict(items)}:
                value = self._of_schema(items, within)
                return schema.get("default", []) if value is _UNKNOWN else [value]
            case {"const": value} | {"default": value} | {"enum": [value, *_]}:
                return value
            case {"type": "boolean"}:
                return False
            case _:
                return _UNKNOWN


def _choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in (schema, *schema.get("anyOf", [])) if one.get("type") != "null"]


def _kind(schema: Mapping[str, Any]) -> str:
    """How a field's name ends in FIELDS."""
    kinds = {"object": "{}", "array": "[]", "boolean": "?"}
    return next((kinds[one["type"]] for one in _choices(schema) if one.get("type") in kinds), "")


def _is_plain(schema: Mapping[str, Any]) -> bool:
    """Whether a value is text, a number, or something whose fields have no names: not a model, nor a list of one."""
    choices = [part for one in _choices(schema) for part in (one, one.get("items", {}))]
    return not any("$ref" in part or "oneOf" in part or "enum" in part or "const" in part for part in choices)


def parameter_example(name: str, schema: Mapping[str, Any]) -> Any:
    """An example of a parameter; None when nothing is known of it."""
    return FIELDS.get(f"{name}{_kind(schema)}") if _is_plain(schema) else None
