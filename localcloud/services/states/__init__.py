"""Step Functions: runs the state machines that moto stores, on simulated time, as their definitions stand."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations, answer
from localcloud.services.states import executions, machines, refusals
from localcloud.services.states.estate import Around, Estate
from localcloud.services.states.executions import require_own, start
from localcloud.services.states.model import Execution

OPERATIONS: Operations[Estate] = {**executions.OPERATIONS, **machines.OPERATIONS}


class Machines:
    """Step Functions of all accounts. moto keeps the machines; a broken definition is refused when it is made."""

    name: ClassVar[str] = "stepfunctions"
    operations: ClassVar[frozenset[str]] = frozenset(
        {
            *OPERATIONS,
            "StartSyncExecution",
            "RedriveExecution",
            "SendTaskSuccess",
            "SendTaskFailure",
            "SendTaskHeartbeat",
        }
    )

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.gate.guard(refusals.refuse)

    @property
    def executions(self) -> dict[str, Execution]:
        """All that ever began, by ARN."""
        return self.estate.executions

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        require_own(operation, params.get("stateMachineArn") or params.get("executionArn") or "", caller)
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    def start(self, machine_arn: str, name: str, text: str) -> Execution:
        """Start an execution as StartExecution does: `text` is its input as JSON, `name` may be ''.

        Raises AwsError: StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists. The
        same name and input while it runs answers the same execution.
        """
        return start(self.estate, machine_arn, name, text)

    def running(self, account: str) -> list[Execution]:
        """The executions of an account that have not ended."""
        return [one for one in self.executions.values() if one.account == account and one.status == "RUNNING"]
