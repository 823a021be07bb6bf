"""The cut descriptions say of the hub's calls what botocore says, and leave none of them out."""

import re
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.session import get_session

from local.aws_descriptions import CALLS, TARGET, cut, cut_endpoints, read
from orderhub.storage import aws

STORAGE = Path(aws.__file__).parent
CALL = re.compile(r'(?:client\("(\w+)"\)|(?:\b(sqs)))\s*\.\s*(\w+)\(')
PAGINATED = {"get_paginator": "query"}
VERSIONS = {"dynamodb": "2012-08-10", "sqs": "2012-11-05", "ssm": "2014-11-06"}


def used() -> set[tuple[str, str]]:
    found = {
        (match[1] or match[2], PAGINATED.get(match[3], match[3]))
        for file in STORAGE.glob("*.py")
        for match in CALL.finditer(file.read_text(encoding="utf-8"))
    }
    return {(service, "".join(map(str.capitalize, call.split("_")))) for service, call in found if service in CALLS}


def test_every_call_in_storage_is_in_a_description() -> None:
    assert used() - {(service, call) for service, calls in CALLS.items() for call in calls} == set()


@pytest.mark.parametrize(("service", "call"), [(service, call) for service in CALLS for call in CALLS[service]])
def test_a_call_is_described_as_botocore_describes_it(service: str, call: str) -> None:
    whole = read(Path(service) / VERSIONS[service] / "service-2.json")
    ours = ServiceModel(cut(whole, CALLS[service]), service).operation_model(call)
    theirs = ServiceModel(whole, service).operation_model(call)

    assert (ours.http, ours.metadata) == (theirs.http, theirs.metadata)
    assert [shape.name for shape in ours.error_shapes] == [shape.name for shape in theirs.error_shapes]
    for mine, botocores in ((ours.input_shape, theirs.input_shape), (ours.output_shape, theirs.output_shape)):
        assert (mine and sorted(mine.members)) == (botocores and sorted(botocores.members))


def test_the_hub_s_services_keep_their_endpoints() -> None:
    whole = read(Path("endpoints.json"))
    for theirs, ours in zip(whole["partitions"], cut_endpoints(whole)["partitions"], strict=True):
        assert ours["services"] == {name: theirs["services"][name] for name in ours["services"]}
        assert {"dynamodb", "sqs", "s3"} <= ours["services"].keys() or theirs["partition"] not in ("aws", "aws-cn")


def test_clients_read_the_cut_descriptions_and_the_others_botocore_s_own() -> None:
    session = get_session()
    loader = aws.loader()
    session.register_component("data_loader", loader)

    assert isinstance(loader, Loader)
    assert str(TARGET) == loader.search_paths[0]
    assert (
        session.create_client("s3", region_name="eu-north-1").meta.endpoint_url == "https://s3.eu-north-1.amazonaws.com"
    )
    assert (
        session.create_client("sqs", region_name="eu-north-1").meta.endpoint_url
        == "https://sqs.eu-north-1.amazonaws.com"
    )
