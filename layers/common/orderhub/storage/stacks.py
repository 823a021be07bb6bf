"""What a deployed stack says of itself."""

from __future__ import annotations

from botocore.exceptions import ClientError

from orderhub.errors import Misconfigured
from orderhub.storage.aws import client, error_code, passing


def outputs_of(stack: str) -> dict[str, str]:
    """The outputs of a CloudFormation stack, by name. Raises Misconfigured when there is no such stack, Retry."""
    with passing():
        try:
            found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if error_code(error) != "ValidationError":
                raise
            raise Misconfigured(f"there is no stack {stack} in this account and region") from None
    return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", [])}
