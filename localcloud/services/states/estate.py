"""The executions of all accounts: how they are found, what is written of them, how their time passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.door.gate import Gated
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError
from localcloud.ground.paths import Json
from localcloud.ground.questions import AsksEvents, AsksFunctions, AsksIam, Clients, Ground, Runs
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.model import MAX_HISTORY, NAME_KEPT, Branch, Execution, Pause, Steps
from localcloud.services.states.payloads import stamp


class Around(Ground, AsksIam, AsksFunctions, AsksEvents, Clients, Runs, Gated, Protocol):
    """What Step Functions asks of its surroundings."""


class Estate:
    """The executions of all accounts; moto keeps the machines."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.executions: dict[str, Execution] = {}

    def machine(self, arn: str) -> Any:
        account, region = arn.split(":")[4], arn.split(":")[3]
        for machine in get_backend("stepfunctions")[account][region].state_machines:
            if machine.arn == arn:
                return machine
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")

    def is_taken(self, known: Execution) -> bool:
        return known.stopped is None or self.cloud.clock.now - known.stopped < NAME_KEPT

    def execution(self, arn: str) -> Execution:
        """An execution that runs or is still remembered: for as long as its name is taken."""
        found = self.executions.get(arn)
        if found is None or not self.is_taken(found):
            raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return found

    # --- one execution -------------------------------------------------------------------------------------

    def write(self, execution: Execution, kind: str, **details: Any) -> None:
        """One event of the history."""
        number = len(execution.history) + 1
        if number > MAX_HISTORY and execution.status == "RUNNING":
            text = f"The execution reached the maximum number of history events ({MAX_HISTORY})."
            raise StatesError("States.Runtime", text)
        execution.history.append(
            {
                "timestamp": utc(self.cloud.clock.now),
                "type": kind,
                "id": number,
                "previousEventId": number - 1,
                **details,
            }
        )

    def branch(self, execution: Execution, steps: Steps, over: Callable[[Branch], None]) -> Branch:
        branch = Branch(steps, over)
        execution.branches.append(branch)
        return branch

    def later(
        self, execution: Execution, seconds: float, act: Callable[[], None], *, background: bool = False
    ) -> Callable[[], None]:
        def acting() -> None:
            if execution.status == "RUNNING":
                act()

        call_off = self.cloud.clock.after(seconds, acting, f"execution {execution.name}", background=background)
        if background:
            execution.timers.append(call_off)
        return call_off

    def sleep(self, execution: Execution, seconds: float) -> Pause:
        pause = Pause()
        self.later(execution, seconds, pause.done)
        return pause

    def context(self, execution: Execution, data: Json) -> dict[str, Any]:
        return {
            "Execution": {
                "Id": execution.arn,
                "Input": data,
                "Name": execution.name,
                "RoleArn": execution.role,
                "StartTime": stamp(execution.started),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.machine, "Name": execution.machine.rpartition(":")[2]},
        }
