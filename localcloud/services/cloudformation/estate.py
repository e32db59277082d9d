"""The stacks of all accounts, how they are found, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.door.gate import Gated
from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.ground.questions import Clients, Ground, Makes, Wakes
from localcloud.services.cloudformation.location import in_s3
from localcloud.services.cloudformation.model import Resource, Stack, StackSet
from localcloud.services.cloudformation.quotas import demand_uploaded
from localcloud.services.cloudformation.read import demand_no_alias


class Around(Ground, Makes, Clients, Wakes, Gated, Protocol):
    """What CloudFormation asks of its surroundings."""


class Estate:
    """The stacks of all accounts, how they are found, and what happened to them."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.all: list[Stack] = []
        self.sets: dict[str, StackSet] = {}
        """The organisation's stack sets by name."""

    def find(self, name: str, account: str, region: str) -> Stack | None:
        for stack in reversed(self.all):
            if stack.account == account and stack.region == region and name in (stack.name, stack.id):
                if stack.status == "DELETE_COMPLETE" and name != stack.id:
                    continue
                return stack
        return None

    def status_of(self, name: str, account: str) -> tuple[str, str]:
        """Id and status of the stack of that name; ('', '') where there is none."""
        stack = self.find(name, account, self.cloud.region)
        return (stack.id, stack.status) if stack is not None else ("", "")

    def new(self, name: str, account: str, region: str) -> Stack:
        stack_id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid4(self.cloud.random_ids)}"
        stack = Stack(stack_id, name, account, region, self.cloud.clock.now)
        self.all.append(stack)
        return stack

    def note(
        self,
        stack: Stack,
        status: str,
        reason: str = "",
        resource: Resource | None = None,
        logical: str = "",
        kind: str = "AWS::CloudFormation::Stack",
    ) -> None:
        """One event of a stack; without a resource it is the stack's own status."""
        if not logical:
            stack.status = status
        # Clients look for events newer than the last they saw, so no two have one time.
        at = self.cloud.clock.now
        if stack.events:
            at = max(at, stack.events[-1]["Timestamp"].timestamp() + 0.001)
        event = {
            "StackId": stack.id,
            "EventId": uuid4(self.cloud.random_ids),
            "StackName": stack.name,
            "LogicalResourceId": logical or stack.name,
            "PhysicalResourceId": (resource.made.id if resource else "") if logical else stack.id,
            "ResourceType": kind,
            "Timestamp": utc(at),
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        stack.events.append(event)

    def named(self, params: Mapping[str, Any], caller: Caller) -> Stack:
        name = params.get("StackName")
        if not name:
            raise AwsError("ValidationError", "StackName must be specified")
        stack = self.find(name, caller.account, caller.region)
        if stack is None:
            raise AwsError("ValidationError", f"Stack with id {name} does not exist")
        return stack

    def text(self, params: Mapping[str, Any], caller: Caller, stack: Stack | None = None) -> str:
        if not params.get("TemplateBody") and params.get("UsePreviousTemplate") and stack is not None:
            return stack.text
        text = self._sent(params, caller)
        demand_no_alias(text)
        return text

    def _sent(self, params: Mapping[str, Any], caller: Caller) -> str:
        if params.get("TemplateBody"):
            return str(params["TemplateBody"])
        if not params.get("TemplateURL"):
            raise AwsError("ValidationError", "Either Template URL or Template Body must be specified.")
        bucket, key = in_s3(params["TemplateURL"])
        if not bucket or not key:
            raise AwsError("ValidationError", "TemplateURL must be a supported URL.")
        try:
            found = self.cloud.client("s3", caller.account).get_object(Bucket=bucket, Key=key)
            return demand_uploaded(found["Body"].read().decode())
        except ClientError as refused:
            text = refused.response["Error"].get("Message", "")
            raise AwsError("ValidationError", f"S3 error: {text}") from refused
        except (BotoCoreError, UnicodeDecodeError) as wrong:
            raise AwsError("ValidationError", "TemplateURL must be a supported URL.") from wrong

    def of(self, caller: Caller) -> list[Stack]:
        return [stack for stack in self.all if (stack.account, stack.region) == (caller.account, caller.region)]
