"""Putting the translated template on the engine, and what the rest of the launcher needs to know of the result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local import sam
from local.hubfile import Hub
from local.settings import STACK_NAME, LaunchError, Settings

BUCKET = "orderhub-local-artifacts"
TEMPLATE_KEY = "template.json"
API_PATH = "/_aws/execute-api"
# What the local engine sets of the template's parameters, where it declares them.
PARAMETERS = {"Stage": "dev", "AllowPrivateAddresses": "true", "ApiRequestsPerMinute": "0"}
POLL_SECONDS = 0.05
DEPLOY_SECONDS = 120.0
# A stack in one of these can only be deleted.
BROKEN = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"}
GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
STARTS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
SAYS_NOTHING = ("Resource creation cancelled", "Resource update cancelled")


@dataclass(frozen=True)
class Stack:
    """The deployed stack: base URL of the HTTP API, the template's outputs, the engine's endpoint and port.

    ``previous`` is the hub of the run before, where KEEP=1 kept its state.
    """

    api_url: str
    outputs: dict[str, str]
    endpoint: str
    port: int
    resources: int = 0
    previous: Hub | None = field(default=None, repr=False)


class Deployer:
    """Deploys the project's template, again and again; uploads only what is new."""

    def __init__(self, settings: Settings) -> None:
        """Clients of the engine of these settings (the environment points there)."""
        self.settings = settings
        config = Config(retries={"max_attempts": 2}, read_timeout=60)
        self.s3 = boto3.client("s3", config=config)
        self.formation = boto3.client("cloudformation", config=config)
        self.apis = boto3.client("apigatewayv2", config=config)
        self.uploaded: set[str] = set()

    def deploy(self, previous: Hub | None = None) -> Stack:
        """Translate, upload, create or update. Raises LaunchError with the resources that failed and why."""
        try:
            return self._deploy(previous)
        except (BotoCoreError, ClientError, OSError) as error:
            raise LaunchError(f"The deployment failed: {error}") from error

    def _deploy(self, previous: Hub | None) -> Stack:
        template = sam.load(self.settings.template)
        api_url = f"{self.settings.endpoint}{API_PATH}/{sam.api_id(sam.http_api(template))}"
        parameters = sam.parameter_values(template, {**PARAMETERS, "PublicUrl": api_url})
        translation = sam.translate(template, self.settings.project, BUCKET, parameters)
        self._upload(translation)
        self._apply(parameters)
        for api, settings in translation.cors.items():
            self.apis.update_api(ApiId=api, CorsConfiguration=settings)
        outputs = {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", [])}
        resources = len(translation.template["Resources"])
        return Stack(api_url, outputs, self.settings.endpoint, self.settings.port, resources, previous)

    def _upload(self, translation: sam.Translation) -> None:
        if not self.uploaded:
            self.s3.create_bucket(Bucket=BUCKET)
        for package in translation.packages:
            if package.key not in self.uploaded:
                self.s3.put_object(Bucket=BUCKET, Key=package.key, Body=package.body)
                self.uploaded.add(package.key)
        self.s3.put_object(Bucket=BUCKET, Key=TEMPLATE_KEY, Body=sam.as_json(translation.template).encode())

    def _apply(self, parameters: Mapping[str, str]) -> None:
        """Create the stack, or update it, and wait for the end of that."""
        request = {
            "StackName": STACK_NAME,
            "TemplateURL": f"{self.settings.endpoint}/{BUCKET}/{TEMPLATE_KEY}",
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        }
        status = self._status()
        if status in BROKEN:
            self.formation.delete_stack(StackName=STACK_NAME)
            status = self._settle()
        try:
            if status is None or status == "DELETE_COMPLETE":
                self.formation.create_stack(**request)
            else:
                self.formation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise LaunchError(f"The template was refused: {error.response['Error']['Message']}") from error
        if self._settle() not in GOOD:
            raise LaunchError("\n".join(["The deployment failed:", *self._failures()]))

    def _describe(self) -> Mapping[str, Any]:
        try:
            return dict(self.formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0])
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise

    def _status(self) -> str | None:
        return self._describe().get("StackStatus")

    def _settle(self) -> str | None:
        """Wait until the stack is not changing any more; its status then, None when it is gone."""
        deadline = time.monotonic() + DEPLOY_SECONDS
        while (status := self._status()) and status.endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise LaunchError(f"The deployment did not end within {DEPLOY_SECONDS:.0f} s (it is {status}).")
            time.sleep(POLL_SECONDS)
        return status

    def _failures(self) -> list[str]:
        """Each resource of the last deployment that failed, with the reason."""
        failures = []
        for event in self.formation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]:
            reason = event.get("ResourceStatusReason", "no reason given")
            stack_itself = event["LogicalResourceId"] == STACK_NAME
            if stack_itself and event["ResourceStatus"] in STARTS:
                break
            if event["ResourceStatus"].endswith("_FAILED") and not stack_itself and reason not in SAYS_NOTHING:
                failures.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
        return failures or [f"  {self._describe().get('StackStatusReason', 'no reason given')}"]
