"""Which platforms there are. A platform's code is loaded when it is asked for, and no other with it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from orderhub.errors import Reject
from orderhub.platforms.base import Platform

SLUGS: tuple[str, ...] = (
    "doordash",
    "gloriafood",
    "opentable",
    "petpooja",
    "shopify",
    "square",
    "toast",
    "uber_eats",
    "woocommerce",
)
"""Platforms that orders come from."""

TARGETS: tuple[str, ...] = ("jira", "ogoship", "shipday")
"""Platforms that orders are handed to."""


@cache
def load(slug: str) -> Platform[Any, Any]:
    """The platform of a slug. Raises Reject UNKNOWN_PLATFORM."""
    if slug not in (*SLUGS, *TARGETS):
        raise Reject("UNKNOWN_PLATFORM", f"there is no platform {slug!r}; there are {', '.join((*SLUGS, *TARGETS))}")
    platform: Platform[Any, Any] = import_module(f"orderhub.platforms.{slug}").PLATFORM
    return platform
