"""Cut copies of botocore's service descriptions, for quicker cold starts: `python -m local.aws_descriptions`.

A client reads its service's whole description, of which the hub uses a few calls. The copies are made of the installed
botocore, are not kept in git, and go into the layer. Without them everything works, some 30 ms later.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore

SOURCE = Path(botocore.__file__).parent / "data"
TARGET = Path(__file__).parents[1] / "layers" / "common" / "orderhub" / "storage" / "descriptions"

# The calls in orderhub/storage, by service.
CALLS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": (
        "BatchGetItem",
        "DeleteItem",
        "DescribeEndpoints",  # botocore asks for it by itself
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "sqs": (
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "ReceiveMessage",
        "SendMessage",
        "SendMessageBatch",
    ),
    "ssm": ("DeleteParameter", "GetParameter", "PutParameter"),
}
SHARED = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
ENDPOINTS = "endpoints.json"
# Their endpoints are kept too: the hub uses them, with botocore's own descriptions.
OTHER_SERVICES = frozenset({"cloudformation", "s3", "streams.dynamodb", "sts"})


def main() -> None:
    """Makes all copies anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for service, calls in CALLS.items():
        version = max(folder.name for folder in (SOURCE / service).iterdir() if folder.is_dir())
        folder = Path(service) / version
        _write(folder / "service-2.json", cut(read(folder / "service-2.json"), calls))
        _write(folder / "endpoint-rule-set-1.json", read(folder / "endpoint-rule-set-1.json"))
    for name in SHARED:
        _write(Path(name), read(Path(name)))
    _write(Path(ENDPOINTS), cut_endpoints(read(Path(ENDPOINTS))))


def read(name: Path) -> dict[str, Any]:
    """One of botocore's files, compressed or not."""
    packed = SOURCE / f"{name}.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.is_file() else (SOURCE / name).read_bytes()
    described: dict[str, Any] = json.loads(text)
    return described


def cut(described: Mapping[str, Any], calls: tuple[str, ...]) -> dict[str, Any]:
    """A service's description with these calls only, the shapes they need, and no documentation.

    Nor with what lets botocore look for ARNs among a call's parameters, to find their endpoint: ours are plain names.
    """
    operations = {
        call: {name: told for name, told in described["operations"][call].items() if name != "operationContextParams"}
        for call in calls
    }
    needed: set[str] = set()
    waiting = list(_shapes_in(operations))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _shapes_in(described["shapes"][name])
    shapes = {name: shape for name, shape in described["shapes"].items() if name in needed}
    plain: dict[str, Any] = _without_words({**described, "operations": operations, "shapes": shapes})
    return plain


def cut_endpoints(described: Mapping[str, Any]) -> dict[str, Any]:
    """The table of endpoints with the hub's services only."""
    wanted = OTHER_SERVICES | CALLS.keys()
    partitions = [
        {**one, "services": {name: told for name, told in one["services"].items() if name in wanted}}
        for one in described["partitions"]
    ]
    return {**described, "partitions": partitions}


def _shapes_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for inner in value.values():
            yield from _shapes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _shapes_in(inner)


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_words(inner)
            for name, inner in value.items()
            if not (name in ("documentation", "documentationUrl") and isinstance(inner, str))
        }
    return [_without_words(inner) for inner in value] if isinstance(value, list) else value


def _write(name: Path, described: Mapping[str, Any]) -> None:
    target = TARGET / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(described, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
