"""Secrets, blobs, stacks, and what failures of AWS mean."""

from __future__ import annotations

import hashlib

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.storage import blobs, secrets
from orderhub.storage.aws import passing
from orderhub.storage.stacks import outputs_of
from tests.functional.cloud import Cloud, aws, items
from tests.functional.conftest import NOW

# --- secrets ----------------------------------------------------------------------------------------------------------


def test_credentials_come_back_as_they_were_stored() -> None:
    given = {"client_id": "id", "signature_keys": ["ä", "b"], "client_secret": None}
    secrets.put("con_1", given)

    assert secrets.get("con_1") == given


def test_credentials_are_one_encrypted_parameter_and_in_no_table() -> None:
    secrets.put("con_1", {"client_secret": "s"})

    (parameter,) = aws("ssm").describe_parameters()["Parameters"]
    assert (parameter["Name"], parameter["Type"]) == ("/orderhub/dev/connections/con_1", "SecureString")
    assert items("ConfigTable") == items() == []


def test_new_credentials_take_the_place_of_those_before() -> None:
    for secret in ("old", "new"):
        secrets.put("con_1", {"client_secret": secret})

    assert secrets.get("con_1") == {"client_secret": "new"}


def test_a_connection_without_credentials_is_for_a_person_to_mend() -> None:
    with pytest.raises(Misconfigured, match="connection con_1 has no credentials"):
        secrets.get("con_1")


def test_credentials_that_are_forgotten_are_gone_and_forgetting_them_again_is_no_error() -> None:
    secrets.put("con_1", {})

    for _ in range(2):
        secrets.delete("con_1")

    with pytest.raises(Misconfigured):
        secrets.get("con_1")


# --- blobs ------------------------------------------------------------------------------------------------------------


def test_a_blob_lies_under_its_day_and_its_content() -> None:
    data = b"\x00\xff" * 1000

    key = blobs.put(data, NOW)

    assert key == f"raw/2026/10/05/{hashlib.sha256(data).hexdigest()}"
    assert blobs.get(key) == data


def test_the_same_blob_twice_is_one(cloud: Cloud) -> None:
    assert blobs.put(b"x", NOW) == blobs.put(b"x", NOW)
    assert aws("s3").list_objects_v2(Bucket=cloud.ids["BlobsBucket"])["KeyCount"] == 1


def test_a_blob_that_cannot_be_read_is_to_be_tried_again() -> None:
    with pytest.raises(Retry, match="NoSuchKey"):
        blobs.get("raw/none")


# --- stacks -----------------------------------------------------------------------------------------------------------


def test_a_stack_tells_its_outputs(cloud: Cloud) -> None:
    cloud.deploy("orderhub-dev")

    assert outputs_of("orderhub-dev") == cloud.outputs


def test_a_stack_that_is_not_there_is_for_a_person_to_mend() -> None:
    with pytest.raises(Misconfigured, match="there is no stack orderhub-dev"):
        outputs_of("orderhub-dev")


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": "secret text"}}, "GetItem"), "Throttling"),
        (ReadTimeoutError(endpoint_url="https://dynamodb.example.com"), "ReadTimeoutError"),
    ],
)
def test_what_aws_cannot_do_now_is_to_be_tried_again(failure: Exception, told: str) -> None:
    with pytest.raises(Retry, match=told) as retry, passing():
        raise failure

    assert "secret text" not in str(retry.value)


@pytest.mark.parametrize("error", [Reject("CODE", "no"), KeyError("a bug")])
def test_other_errors_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as passed, passing():
        raise error

    assert passed.value is error
