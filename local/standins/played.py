"""How one platform is played: what the demo, the tests and the benchmarks need to know of it, told by its stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from uuid import uuid4

from local.standins.vendor import Json, Vendor
from orderhub.platforms.registry import SLUGS, TARGETS

Told = tuple[dict[str, str], bytes]


def inner_id(order: Mapping[str, Json]) -> str:
    """The `id` of an order, in its wrapper or bare."""
    return str(order.get("order", order)["id"])


def letters() -> str:
    """A store id that nobody has had."""
    return f"STORE{uuid4().hex}"


def only_store(_order: Json, _store: str) -> None:
    """Leaves the order where it is: a connection is one store of the platform."""


def nothing(_order: Json, _answer: bytes) -> None:
    """Learns nothing from the answer to a webhook."""


def one_url(_event: str) -> str:
    """Nothing: all events come to the connection's own URL."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Played:
    """How one platform is played.

    standin: its API. secret: what its webhooks are proved with in the demo. credentials: of a connection whose webhooks
    are proved with a given secret. settings: of a connection, by the address of the stand-in. store: its id of the demo
    store. order: makes the n-th sample order. at_store: moves an order to another store of the platform. told: headers
    and bytes of the webhook about an order, by event, order and delivery id. first: the event that tells of a new
    order. path: what follows the connection's webhook URL, by event, with its slash. external_id: the platform's id of
    an order; identity: what the hub's id of it is made of, where that is more. answered: what the platform learns from
    our answer to `first`. store_ids: makes an id of another store.
    """

    standin: type[Vendor]
    secret: str
    credentials: Callable[[str], Json]
    settings: Callable[[str], Json]
    store: str
    order: Callable[..., Json]
    at_store: Callable[[Json, str], None]
    told: Callable[..., Told]
    first: str
    path: Callable[[str], str] = one_url
    external_id: Callable[[Mapping[str, Json]], str] = inner_id
    identity: Callable[[Mapping[str, Json]], tuple[str, ...]] | None = None
    answered: Callable[[Json, bytes], None] = nothing
    store_ids: Callable[[], str] = letters

    def identity_of(self, order: Mapping[str, Json]) -> tuple[str, ...]:
        """What the hub's id of an order is made of."""
        return self.identity(order) if self.identity else (self.external_id(order),)


@cache
def played() -> Mapping[str, Played]:
    """The platforms that have a stand-in, by slug: `PLAYED` of the module of that name."""
    there = [slug for slug in SLUGS if find_spec(f"local.standins.{slug}") is not None]
    modules = {slug: import_module(f"local.standins.{slug}") for slug in there}
    return {slug: module.PLAYED for slug, module in modules.items() if hasattr(module, "PLAYED")}


@dataclass(frozen=True)
class Receiver:
    """How somebody that orders are handed to is played. settings: of a connection to it, by the stand-in's address."""

    standin: Callable[..., Vendor]
    settings: Callable[[str], Json]


@cache
def receivers() -> Mapping[str, Receiver]:
    """Those that orders are handed to and that have a stand-in, by slug: the Vendor of that slug in its module."""
    there = [slug for slug in TARGETS if find_spec(f"local.standins.{slug}") is not None]
    return {slug: _receiver(import_module(f"local.standins.{slug}"), slug) for slug in there}


def _receiver(module: ModuleType, slug: str) -> Receiver:
    kinds = (kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Vendor))
    return Receiver(next(kind for kind in kinds if getattr(kind, "slug", "") == slug), module.connection_settings)
