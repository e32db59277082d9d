"""CloudFormation: deploys templates as they stand, SAM's among them, and refuses what AWS would refuse.

The template is read strictly (an unknown name, attribute, property or function is an error), the SAM transform
is the real one, and the resources are made through ordinary API calls of whoever deploys. moto's
CloudFormation is not used: it skips types it does not know and drops references that it cannot resolve.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from localcloud.door.call import Done
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.service import Operations, answer
from localcloud.services.cloudformation import change_set, stack_sets, stacks
from localcloud.services.cloudformation.deploy import apply, take_down
from localcloud.services.cloudformation.estate import Around, Estate
from localcloud.services.cloudformation.model import Stack, StackFailed, TemplateError
from localcloud.services.cloudformation.read import demand_no_alias, read
from localcloud.services.cloudformation.sam import localise

MOVES = frozenset(
    {"AcceptHandshake", "CreateAccount", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization"}
)
OPERATIONS: Operations[Estate] = {**stacks.OPERATIONS, **change_set.OPERATIONS, **stack_sets.OPERATIONS}

_DRIFT = "create a change set with DeploymentMode REVERT_DRIFT, which tells what drifted; DriftStatus stays NOT_CHECKED"
INSTEAD = {
    **dict.fromkeys(
        (
            "DescribeStackDriftDetectionStatus",
            "DescribeStackResourceDrifts",
            "DetectStackDrift",
            "DetectStackResourceDrift",
            "DetectStackSetDrift",
        ),
        _DRIFT,
    ),
    "ImportStacksToStackSet": "make the stack set anew, with instances of its own",
}
"""What to do where an operation is left out."""


class Stacks:
    """CloudFormation of all accounts: its API, and a way to deploy from this process."""

    name: ClassVar[str] = "cloudformation"

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.estate = Estate(cloud)
        for part in ("events", "functions", "queues", "schedules"):
            cloud.component(part)  # they check what moto does not, and must hear the first resource
        cloud.gate.observe(self._hear, also_quiet=True)

    def _hear(self, done: Done) -> None:
        if done.service == "organizations" and done.operation in MOVES and done.error is None:
            for name in self.estate.sets:
                follow = functools.partial(self._follow, name)
                self.cloud.clock.after(stack_sets.AUTO_DEPLOYMENT, follow, f"stack set {name}")

    def _follow(self, name: str) -> None:
        if name in self.estate.sets:
            stack_sets.moved(self.estate, self.estate.sets[name])

    def deploy(
        self,
        template: Path,
        account: str,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Make a stack of the template, or change it to that; answers its outputs.

        Folders of code are used where they are. The account's owner deploys. Raises TemplateError for a template
        or parameters that are refused, StackFailed when a resource fails (then all is as it was before).
        """
        text = json.dumps(localise(read(template.read_text()), template.parent))
        return self.deploy_text(text, account, name, parameters, tags=tags)

    def deploy_text(
        self,
        text: str,
        account: str,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The same with the template as it is sent to CloudFormation."""
        demand_no_alias(text)
        region = self.cloud.region
        caller = Caller(account, region, f"arn:aws:iam::{account}:root")
        stack = self.estate.find(name, account, region)
        if stack is None:
            stack = self.estate.new(name, account, region)
        else:
            stack.refuse_update()
        apply(self.estate, stack, text, dict(parameters or {}), dict(tags or {}), caller)
        if not stack.status.endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")) or "ROLLBACK" in stack.status:
            raise StackFailed(f"stack {name} in {account}: {stack.reason or stack.status}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.outputs}

    def delete(self, account: str, name: str) -> None:
        """Delete a stack as its account's owner: StackFailed when something cannot be removed."""
        stack = self.estate.find(name, account, self.cloud.region)
        if stack is None:
            return
        take_down(self.estate, stack, Caller(account, self.cloud.region, f"arn:aws:iam::{account}:root"))
        if stack.status != "DELETE_COMPLETE":
            raise StackFailed(f"stack {name} in {account}: {stack.reason}")

    def stack(self, account: str, name: str) -> Stack:
        """The stack of that name; KeyError."""
        found = self.estate.find(name, account, self.cloud.region)
        if found is None:
            raise KeyError(name)
        return found

    def physical(self, account: str, name: str, logical: str) -> str:
        """The physical id of a resource of a stack; KeyError."""
        return self.stack(account, name).resources[logical].made.id

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        if operation in INSTEAD:
            raise NotEmulated(self.name, operation, INSTEAD[operation])
        try:
            return answer(self.name, OPERATIONS, self.estate, operation, params, caller)
        except TemplateError as error:
            raise AwsError("ValidationError", str(error)) from error
