"""Step Functions: runs the state machines that moto stores, on simulated time, as their definitions stand."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import botocore.exceptions
from botocore import xform_name
from moto.backends import get_backend

from localcloud import asl, wire
from localcloud.asl import Json, Scope, StatesError
from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated
from localcloud.ids import uuid4
from localcloud.journal import ExecutionRecord, StateRecord

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

MAX_HISTORY = 25_000  # events in one execution (facts §20)
MAX_PAYLOAD = 256 * 1024  # bytes between states
MAX_EVENT_PAYLOAD = 248 * 1024  # bytes of input or output in a status-change event (facts §2.7)
MAX_CONCURRENT_MAP = 40  # an inline Map runs about 40 iterations at once
NAME_KEPT = 90 * 86_400.0  # seconds after which a closed execution is forgotten and its name free again

_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_ABSENT = object()

type Steps = Generator[Pause, None, Json]


class Pause:
    """What a running branch waits for; `done` lets it go on."""

    def __init__(self) -> None:
        self.is_over = False
        self._go_on: list[Callable[[], None]] = []

    def then(self, go_on: Callable[[], None]) -> None:
        if self.is_over:
            go_on()
        else:
            self._go_on.append(go_on)

    def done(self) -> None:
        self.is_over = True
        waiting, self._go_on = self._go_on, []
        for go_on in waiting:
            go_on()


class Branch:
    """One line of states that runs by itself: the whole machine, a branch of a Parallel, an item of a Map."""

    def __init__(self, steps: Steps, over: Callable[[Branch], None]) -> None:
        self.result: Json = None
        self.error: StatesError | None = None
        self._steps = steps
        self._over = over
        self._stopped = False

    def go_on(self) -> None:
        if self._stopped:
            return
        try:
            pause = next(self._steps)
        except StopIteration as end:
            self.result = end.value
        except StatesError as error:
            self.error = error
        else:
            pause.then(self.go_on)
            return
        self._over(self)

    def stop(self) -> None:
        self._stopped = True


@dataclass
class Execution:
    """One execution. `started` and `stopped` are epoch seconds; `stopped` is None while it runs."""

    arn: str
    name: str
    machine: str
    account: str
    role: str
    definition: Mapping[str, Any]
    input: str
    started: float
    status: str = "RUNNING"
    stopped: float | None = None
    output: str | None = None
    error: str = ""
    cause: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    timers: list[Callable[[], None]] = field(default_factory=list)


class Machines:
    """The executions of all accounts. moto keeps the machines; a broken definition is refused when it is made."""

    name: ClassVar[str] = "stepfunctions"
    operations: ClassVar[frozenset[str]] = frozenset(
        {
            "StartExecution",
            "StopExecution",
            "DescribeExecution",
            "DescribeStateMachineForExecution",
            "ListExecutions",
            "GetExecutionHistory",
            "StartSyncExecution",
            "RedriveExecution",
            "SendTaskSuccess",
            "SendTaskFailure",
            "SendTaskHeartbeat",
            "ValidateStateMachineDefinition",
        }
    )

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.executions: dict[str, Execution] = {}
        cloud.gate.observe(lambda *_: None, before=self._check, also_quiet=True)

    # --- the service ---------------------------------------------------------------------------------------

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        answers: dict[str, Callable[[dict[str, Any], Caller], dict[str, Any]]] = {
            "StartExecution": self._start_execution,
            "StopExecution": self._stop_execution,
            "DescribeExecution": self._describe_execution,
            "DescribeStateMachineForExecution": self._describe_machine,
            "ListExecutions": self._list_executions,
            "GetExecutionHistory": self._get_history,
            "ValidateStateMachineDefinition": self._validate,
        }
        if operation not in answers:
            raise NotEmulated(self.name, operation)
        self._require_own(operation, params.get("stateMachineArn") or params.get("executionArn") or "", caller)
        return answers[operation](params, caller)

    def _require_own(self, operation: str, arn: str, caller: Caller) -> None:
        """Machines have no policies of their own, so nobody reaches those of another account."""
        if arn and len(arn.split(":")) not in {7, 8}:
            raise AwsError("InvalidArn", f"Invalid Arn: '{arn}'")
        if arn and arn.split(":")[4] != caller.account:
            text = f"User: {caller.arn} is not authorized to perform: states:{operation} on resource: {arn}"
            raise AwsError("AccessDeniedException", text)

    def _check(self, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
        """Refuse machines that Step Functions refuses, or that cannot run here, and moto takes."""
        if service != "stepfunctions" or operation not in {"CreateStateMachine", "UpdateStateMachine"}:
            return
        if params.get("type", "STANDARD") != "STANDARD":
            raise NotEmulated(self.name, f"{operation} of an express workflow")
        if "definition" not in params:
            return
        if faults := _faults(params["definition"]):
            raise AwsError("InvalidDefinition", "Invalid State Machine Definition: " + "; ".join(faults))
        if operation == "UpdateStateMachine":
            return
        for machine in get_backend("stepfunctions")[caller.account][caller.region].state_machines:
            if machine.name == params["name"] and json.loads(machine.definition) != json.loads(params["definition"]):
                raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")

    def start(self, machine_arn: str, name: str, text: str) -> Execution:
        """Start an execution as StartExecution does: `text` is its input as JSON, `name` may be ''.

        Raises AwsError: StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists. The
        same name and input while it runs answers the same execution.
        """
        machine = self._machine(machine_arn)
        name = name or uuid4(self.cloud.random_ids)
        if not _NAME.fullmatch(name):
            raise AwsError("InvalidName", f"Invalid Name: '{name}'")
        arn = machine.arn.replace(":stateMachine:", ":execution:") + f":{name}"
        known = self.executions.get(arn)
        if known is not None and self._is_taken(known):
            if known.status == "RUNNING" and known.input == text:
                return known
            raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        data = _parse_input(text)
        definition = json.loads(machine.definition)
        execution = Execution(
            arn=arn,
            name=name,
            machine=machine.arn,
            account=machine.arn.split(":")[4],
            role=machine.roleArn,
            definition=definition,
            input=text,
            started=self.cloud.clock.now,
        )
        self.executions[arn] = execution
        self._begin(execution, data)
        return execution

    def running(self, account: str) -> list[Execution]:
        """The executions of an account that have not ended."""
        return [one for one in self.executions.values() if one.account == account and one.status == "RUNNING"]

    def _machine(self, arn: str) -> Any:
        account, region = arn.split(":")[4], arn.split(":")[3]
        for machine in get_backend("stepfunctions")[account][region].state_machines:
            if machine.arn == arn:
                return machine
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")

    def _is_taken(self, known: Execution) -> bool:
        return known.stopped is None or self.cloud.clock.now - known.stopped < NAME_KEPT

    def _execution(self, arn: str) -> Execution:
        """An execution that runs or is still remembered: for as long as its name is taken."""
        found = self.executions.get(arn)
        if found is None or not self._is_taken(found):
            raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return found

    def _start_execution(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        arn = params["stateMachineArn"]
        execution = self.start(arn, params.get("name", ""), params.get("input", "{}"))
        return {"executionArn": execution.arn, "startDate": _utc(execution.started)}

    def _stop_execution(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        execution = self._execution(params["executionArn"])
        if execution.status == "RUNNING":
            self._end(execution, "ABORTED", error=params.get("error", ""), cause=params.get("cause", ""))
        return {"stopDate": _utc(execution.stopped or self.cloud.clock.now)}

    def _describe_execution(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        execution = self._execution(params["executionArn"])
        answer = {
            **_summary(execution),
            "input": execution.input,
            "inputDetails": {"included": True},
            "redriveCount": 0,
            "redriveStatus": "NOT_REDRIVABLE",
        }
        if execution.output is not None:
            answer |= {"output": execution.output, "outputDetails": {"included": True}}
        if execution.error:
            answer["error"] = execution.error
        if execution.cause:
            answer["cause"] = execution.cause
        return answer

    def _describe_machine(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        execution = self._execution(params["executionArn"])
        machine = self._machine(execution.machine)
        return {
            "stateMachineArn": execution.machine,
            "name": machine.name,
            "definition": json.dumps(execution.definition),
            "roleArn": execution.role,
            "updateDate": _utc(execution.started),
        }

    def _list_executions(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        if "stateMachineArn" not in params:
            raise NotEmulated(self.name, "ListExecutions of a distributed Map")
        machine = self._machine(params["stateMachineArn"])
        found = [
            _summary(one)
            for one in reversed(self.executions.values())
            if one.machine == machine.arn
            and self._is_taken(one)
            and params.get("statusFilter", one.status) == one.status
        ]
        return _page(found, "executions", params, default=100)

    def _get_history(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        history = self._execution(params["executionArn"]).history
        if params.get("reverseOrder"):
            history = history[::-1]
        return _page(history, "events", params, default=100)

    def _validate(self, params: dict[str, Any], _: Caller) -> dict[str, Any]:
        faults = _faults(params["definition"])
        return {
            "result": "FAIL" if faults else "OK",
            "diagnostics": [
                {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": fault} for fault in faults
            ],
        }

    # --- one execution -------------------------------------------------------------------------------------

    def _begin(self, execution: Execution, data: Json) -> None:
        self._write(
            execution,
            "ExecutionStarted",
            executionStartedEventDetails={"input": execution.input, "roleArn": execution.role},
        )
        self._announce(execution, data)
        limit = execution.definition.get("TimeoutSeconds")
        if limit is not None:
            self._later(execution, limit, lambda: self._end(execution, "TIMED_OUT"), background=True)
        branch = self._branch(
            execution,
            self._states(execution, execution.definition, data, self._context(execution, data)),
            lambda over: self._over(execution, over),
        )
        self._later(execution, 0, branch.go_on)

    def _over(self, execution: Execution, branch: Branch) -> None:
        if execution.status != "RUNNING":
            return
        if branch.error is not None:
            self._end(execution, "FAILED", error=branch.error.error, cause=branch.error.cause)
        else:
            self._end(execution, "SUCCEEDED", output=branch.result)

    def _end(
        self, execution: Execution, status: str, *, output: Json = _ABSENT, error: str = "", cause: str = ""
    ) -> None:
        execution.status = status
        execution.stopped = self.cloud.clock.now
        execution.error, execution.cause = error, cause
        details: dict[str, Any] = {"error": error, "cause": cause}
        if output is not _ABSENT:
            execution.output = _dump(output)
            details = {"output": execution.output}
        for branch in execution.branches:
            branch.stop()
        for call_off in execution.timers:
            call_off()
        kind = "Execution" + {"TIMED_OUT": "TimedOut"}.get(status, status.capitalize())
        self._write(execution, kind, **{kind[0].lower() + kind[1:] + "EventDetails": details})
        self._announce(execution, None if output is _ABSENT else output)

    def _announce(self, execution: Execution, value: Json) -> None:
        """Tell the journal and the account's default bus that the execution began or ended (facts §2.7)."""
        ended = execution.stopped is not None
        data = json.loads(execution.input)
        self.cloud.journal.add(
            ExecutionRecord(
                at=self.cloud.clock.now,
                run=execution.arn,
                execution=execution.arn,
                status=execution.status,
                input=data,
                output=copy.deepcopy(value) if ended else None,
                error=execution.error,
                cause=execution.cause,
            )
        )
        redrivable = execution.status in {"FAILED", "TIMED_OUT", "ABORTED"}
        detail = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine,
            "name": execution.name,
            "status": execution.status,
            "startDate": int(execution.started * 1000),
            "stopDate": int(execution.stopped * 1000) if execution.stopped is not None else None,
            **_payload("input", execution.input),
            **_payload("output", execution.output),
            "stateMachineVersionArn": None,
            "stateMachineAliasArn": None,
            "redriveCount": 0,
            "redriveDate": None,
            "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
            "redriveStatusReason": "" if redrivable else f"Execution is {execution.status} and cannot be redriven",
            "error": execution.error or None,
            "cause": execution.cause if execution.error else None,
        }
        self.cloud.events.emit(
            account=execution.account,
            source="aws.states",
            detail_type="Step Functions Execution Status Change",
            resources=[execution.arn],
            detail=detail,
        )

    def _write(self, execution: Execution, kind: str, **details: Any) -> None:
        """One event of the history."""
        number = len(execution.history) + 1
        if number > MAX_HISTORY and execution.status == "RUNNING":
            text = f"The execution reached the maximum number of history events ({MAX_HISTORY})."
            raise StatesError("States.Runtime", text)
        execution.history.append(
            {
                "timestamp": _utc(self.cloud.clock.now),
                "type": kind,
                "id": number,
                "previousEventId": number - 1,
                **details,
            }
        )

    def _branch(self, execution: Execution, steps: Steps, over: Callable[[Branch], None]) -> Branch:
        branch = Branch(steps, over)
        execution.branches.append(branch)
        return branch

    def _later(
        self, execution: Execution, seconds: float, act: Callable[[], None], *, background: bool = False
    ) -> Callable[[], None]:
        def acting() -> None:
            if execution.status == "RUNNING":
                act()

        call_off = self.cloud.clock.after(seconds, acting, f"execution {execution.name}", background=background)
        if background:
            execution.timers.append(call_off)
        return call_off

    def _sleep(self, execution: Execution, seconds: float) -> Pause:
        pause = Pause()
        self._later(execution, seconds, pause.done)
        return pause

    def _context(self, execution: Execution, data: Json) -> dict[str, Any]:
        return {
            "Execution": {
                "Id": execution.arn,
                "Input": data,
                "Name": execution.name,
                "RoleArn": execution.role,
                "StartTime": _stamp(execution.started),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.machine, "Name": execution.machine.rpartition(":")[2]},
        }

    # --- states --------------------------------------------------------------------------------------------

    def _states(self, execution: Execution, part: Mapping[str, Any], data: Json, context: Mapping[str, Any]) -> Steps:
        """Run states from StartAt until one ends; answers its output, raises StatesError."""
        name = part["StartAt"]
        while True:
            state = part["States"][name]
            entered = {
                **context,
                "State": {"Name": name, "EnteredTime": _stamp(self.cloud.clock.now), "RetryCount": 0},
            }
            self._enter(execution, name, state["Type"], data)
            data, following = yield from self._state(execution, name, state, data, entered)
            _within_limit(data)
            if state["Type"] != "Fail":
                details = {"name": name, "output": _dump(data)}
                self._write(execution, f"{state['Type']}StateExited", stateExitedEventDetails=details)
            if following is None:
                return data
            name = following

    def _enter(self, execution: Execution, name: str, kind: str, data: Json) -> None:
        details = {"name": name, "input": _dump(data)}
        self._write(execution, f"{kind}StateEntered", stateEnteredEventDetails=details)
        record = StateRecord(
            at=self.cloud.clock.now,
            run=execution.arn,
            execution=execution.arn,
            state=name,
            kind=kind,
            input=copy.deepcopy(data),
        )
        self.cloud.journal.add(record)

    def _state(
        self, execution: Execution, name: str, state: Mapping[str, Any], data: Json, context: dict[str, Any]
    ) -> Generator[Pause, None, tuple[Json, str | None]]:
        """Run one state; answers its output and the state that follows."""
        scope = Scope(data, context, self.cloud.random)
        if state["Type"] == "Fail":
            raise StatesError(_by_path(state, "Error", scope), _by_path(state, "Cause", scope))
        chosen = _select(state.get("InputPath", "$"), scope)
        inner = Scope(chosen, context, self.cloud.random)
        following: str | None = state.get("Next")
        if state["Type"] in {"Task", "Parallel", "Map"}:
            output, caught = yield from self._work(execution, name, state, data, inner)
            if caught is not None:
                return output, caught
        elif state["Type"] == "Choice":
            output, following = chosen, _choose(state, inner)
        elif state["Type"] == "Pass":
            filled = asl.fill(state["Parameters"], inner) if "Parameters" in state else chosen
            output = _put(state, data, state.get("Result", filled))
        else:
            if state["Type"] == "Wait":
                yield self._sleep(execution, self._wait_seconds(state, inner))
            output = chosen
        return _select(state.get("OutputPath", "$"), Scope(output, context, self.cloud.random)), following

    def _wait_seconds(self, state: Mapping[str, Any], scope: Scope) -> float:
        now = self.cloud.clock.now
        if "Timestamp" in state or "TimestampPath" in state:
            text = state.get("Timestamp") or _select(state["TimestampPath"], scope)
            return max(0.0, datetime.fromisoformat(text).timestamp() - now)
        seconds = state["Seconds"] if "Seconds" in state else _select(state["SecondsPath"], scope)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 99_999_999:
            text = f"The SecondsPath parameter does not reference a valid number of seconds: {seconds!r}"
            raise StatesError("States.Runtime", text)
        return float(int(seconds))

    def _work(
        self, execution: Execution, name: str, state: Mapping[str, Any], data: Json, scope: Scope
    ) -> Generator[Pause, None, tuple[Json, str | None]]:
        """Run a Task, Parallel or Map with its Retry and Catch; answers output and the catcher's Next."""
        tried: dict[int, int] = {}
        while True:
            scope.context["State"]["RetryCount"] = sum(tried.values())
            try:
                result = yield from self._attempt(execution, name, state, scope)
                result_scope = Scope(result, scope.context, self.cloud.random)
                if "ResultSelector" in state:
                    result = asl.fill(state["ResultSelector"], result_scope)
                _within_limit(result)
                return _put(state, data, result), None
            except StatesError as error:
                seconds = self._retry(state, error, tried)
                if seconds is not None:
                    yield self._sleep(execution, seconds)
                    continue
                for catch in state.get("Catch", []):
                    if _is_meant(catch["ErrorEquals"], error.error):
                        told = {"Error": error.error, "Cause": error.cause}
                        return _put(catch, data, told), catch["Next"]
                raise

    def _retry(self, state: Mapping[str, Any], error: StatesError, tried: dict[int, int]) -> float | None:
        """Seconds until the next attempt, or None when there is none. `tried` counts by retrier."""
        for number, retry in enumerate(state.get("Retry", [])):
            if not _is_meant(retry["ErrorEquals"], error.error):
                continue
            if tried.get(number, 0) >= retry.get("MaxAttempts", 3):
                return None
            seconds = retry.get("IntervalSeconds", 1) * retry.get("BackoffRate", 2.0) ** tried.get(number, 0)
            tried[number] = tried.get(number, 0) + 1
            seconds = min(seconds, retry.get("MaxDelaySeconds", seconds))
            if retry.get("JitterStrategy", "NONE") == "FULL":
                seconds = self.cloud.random.uniform(0, seconds)
            return float(seconds)
        return None

    def _attempt(self, execution: Execution, name: str, state: Mapping[str, Any], scope: Scope) -> Steps:
        if state["Type"] == "Map":
            return (yield from self._map(execution, name, state, scope))
        given = asl.fill(state["Parameters"], scope) if "Parameters" in state else scope.data
        _within_limit(given)
        if state["Type"] == "Parallel":
            branches = state["Branches"]
            self._write(execution, "ParallelStateStarted")
            starts = [functools.partial(self._states, execution, part, given, scope.context) for part in branches]
            results = yield from self._side_by_side(execution, starts, len(branches))
            self._write(execution, "ParallelStateSucceeded")
            return results
        return (yield from self._task(execution, state, given, scope))

    def _map(self, execution: Execution, name: str, state: Mapping[str, Any], scope: Scope) -> Steps:
        items = _select(state.get("ItemsPath", "$"), scope)
        if not isinstance(items, list):
            text = f'Reference path "{state.get("ItemsPath", "$")}" must point to array.'
            raise StatesError("States.Runtime", text)
        most = state.get("MaxConcurrency", 0)
        if "MaxConcurrencyPath" in state:
            most = _select(state["MaxConcurrencyPath"], scope)
        self._write(execution, "MapStateStarted", mapStateStartedEventDetails={"length": len(items)})
        selector = state.get("ItemSelector", state.get("Parameters"))
        part = state.get("ItemProcessor") or state["Iterator"]

        def iteration(index: int, item: Json) -> Steps:
            context = {**scope.context, "Map": {"Item": {"Index": index, "Value": item}}}
            where = {"name": name, "index": index}
            self._write(execution, "MapIterationStarted", mapIterationStartedEventDetails=where)
            given = item
            if selector is not None:
                given = asl.fill(selector, Scope(scope.data, context, self.cloud.random))
            try:
                result = yield from self._states(execution, part, given, context)
            except StatesError:
                self._write(execution, "MapIterationFailed", mapIterationFailedEventDetails=where)
                raise
            self._write(execution, "MapIterationSucceeded", mapIterationSucceededEventDetails=where)
            return result

        starts = [functools.partial(iteration, index, item) for index, item in enumerate(items)]
        results = yield from self._side_by_side(execution, starts, most or MAX_CONCURRENT_MAP)
        self._write(execution, "MapStateSucceeded")
        return results

    def _side_by_side(self, execution: Execution, starts: Sequence[Callable[[], Steps]], at_once: int) -> Steps:
        """Run branches beside each other; the first error stops the others."""
        if not starts:
            return []
        pause, waiting = Pause(), list(starts)
        branches: list[Branch] = []
        ended: list[Branch] = []

        def over(branch: Branch) -> None:
            ended.append(branch)
            if branch.error is not None:
                for other in branches:
                    other.stop()
            if branch.error is not None or len(ended) == len(starts):
                pause.done()
            elif waiting:
                begin()

        def begin() -> None:
            branch = self._branch(execution, waiting.pop(0)(), over)
            branches.append(branch)
            self._later(execution, 0, branch.go_on)

        for _ in range(min(at_once, len(starts))):
            begin()
        yield pause
        for branch in ended:
            if branch.error is not None:
                raise branch.error
        return [branch.result for branch in branches]

    # --- tasks ---------------------------------------------------------------------------------------------

    def _task(self, execution: Execution, state: Mapping[str, Any], given: Json, scope: Scope) -> Steps:
        resource = state["Resource"]
        limit = state.get("TimeoutSeconds")
        if "TimeoutSecondsPath" in state:
            limit = _select(state["TimeoutSecondsPath"], scope)
        by_arn = resource.startswith("arn:aws:lambda:")
        scheduled = {"resource": resource, "input": _dump(given)} if by_arn else _task_details(resource)
        kind = "LambdaFunction" if by_arn else "Task"
        key = "lambdaFunction" if by_arn else "task"
        if not by_arn:
            scheduled |= {"region": self.cloud.region, "parameters": _dump(given)}
        self._write(execution, f"{kind}Scheduled", **{f"{key}ScheduledEventDetails": scheduled})
        started = {} if by_arn else {"taskStartedEventDetails": _task_details(resource)}
        self._write(execution, f"{kind}Started", **started)
        more = {} if by_arn else _task_details(resource)
        try:
            result, seconds = self._call(execution, resource, given, state, scope)
            if seconds:
                yield self._sleep(execution, seconds if limit is None else min(seconds, limit))
            _raise_if_failed(result, is_late=limit is not None and seconds > limit)
        except StatesError as error:
            details = {**more, "error": error.error, "cause": error.cause}
            if error.error == "States.Timeout":
                self._write(execution, f"{kind}TimedOut", **{f"{key}TimedOutEventDetails": details})
            else:
                self._write(execution, f"{kind}Failed", **{f"{key}FailedEventDetails": details})
            raise
        details = {**more, "output": _dump(result)}
        self._write(execution, f"{kind}Succeeded", **{f"{key}SucceededEventDetails": details})
        return result

    def _call(
        self, execution: Execution, resource: str, given: Json, state: Mapping[str, Any], scope: Scope
    ) -> tuple[Json | StatesError, float]:
        """Do a task's work: its result or error, and how many seconds it takes."""
        role = execution.role
        if "Credentials" in state:
            role = asl.fill(state["Credentials"], scope)["RoleArn"]
            self._may_assume(execution, role)
        if resource.startswith("arn:aws:lambda:"):
            return self._invoke(execution, role, resource, given)
        if resource == "arn:aws:states:::lambda:invoke":
            return self._invoke_optimised(execution, role, given)
        return self._sdk(execution, role, resource, given), 0.0

    def _may_assume(self, execution: Execution, role: str) -> None:
        caller = self._caller(execution, execution.role)
        allowed = self.cloud.iam.allows(caller, "sts:AssumeRole", role).allowed
        if not allowed or not self.cloud.iam.trusts(role, caller).allowed:
            text = f"{caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
            raise StatesError("States.TaskFailed", text)

    def _invoke_optimised(self, execution: Execution, role: str, given: Json) -> tuple[Json | StatesError, float]:
        known = {"FunctionName", "Payload", "InvocationType", "ClientContext", "Qualifier"}
        if not isinstance(given, Mapping) or "FunctionName" not in given or set(given) - known:
            raise StatesError("States.Runtime", "lambda:invoke takes FunctionName, Payload and InvocationType")
        payload = given.get("Payload", {})
        function = str(given["FunctionName"])
        if given.get("InvocationType", "RequestResponse") == "Event":
            self._check_invoke(execution, role, function)
            self.cloud.functions.invoke_async(_function_account(execution, function), function, payload)
            return {"StatusCode": 202, "Payload": ""}, 0.0
        result, seconds = self._invoke(execution, role, function, payload)
        if not isinstance(result, StatesError):
            result = {"ExecutedVersion": "$LATEST", "Payload": result, "StatusCode": 200}
        return result, seconds

    def _invoke(
        self, execution: Execution, role: str, function: str, payload: Json
    ) -> tuple[Json | StatesError, float]:
        try:
            self._check_invoke(execution, role, function)
            done = self.cloud.functions.run(
                _function_account(execution, function), function, payload, run=execution.arn
            )
        except AwsError as refused:
            return StatesError(f"Lambda.{refused.code}", refused.message), 0.0
        if done.error:
            return StatesError(done.error, _dump(done.result)), done.seconds
        return done.result, done.seconds

    def _check_invoke(self, execution: Execution, role: str, function: str) -> None:
        account = _function_account(execution, function)
        arn, policies = self.cloud.functions.authorised_by(account, function)
        caller = self._caller(execution, role)
        if not self.cloud.iam.allows(caller, "lambda:InvokeFunction", arn, {}, policies).allowed:
            text = (
                f"User: {caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
                " (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)"
            )
            raise StatesError("Lambda.AWSLambdaException", text)

    def _caller(self, execution: Execution, role: str) -> Caller:
        account, name = role.split(":")[4], role.rpartition("/")[2]
        session = execution.name[:64]
        return Caller(
            account=account,
            region=self.cloud.region,
            arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
            role=name,
            session=session,
        )

    def _sdk(self, execution: Execution, role: str, resource: str, given: Json) -> Json:
        """An AWS SDK task, or an optimised one that is just a call, made by boto3 with the role's credentials."""
        service, action = resource.rsplit(":", 2)[1:]
        client = self.cloud.client(_SDK_SERVICES.get(service, service), role.split(":")[4], role.rpartition("/")[2])
        prefix = _SDK_PREFIXES.get(service, service.capitalize())
        operation = action[0].upper() + action[1:]
        shape = client.meta.service_model.operation_model(operation).input_shape
        with self.cloud.running(run=execution.arn):
            try:
                answer = getattr(client, xform_name(action))(**_to_members(given, shape))
            except botocore.exceptions.ClientError as error:
                told = error.response.get("Error", {})
                name = f"{prefix}.{told.get('Code', 'Exception')}"
                raise StatesError(name, told.get("Message", "")) from error
            except botocore.exceptions.BotoCoreError as error:
                raise StatesError(f"{prefix}.SdkClientException", str(error)) from error
        answer.pop("ResponseMetadata", None)
        return _to_pascal(answer)


_JUST_CALLS = {
    ("sqs", "sendMessage"),
    ("sns", "publish"),
    ("events", "putEvents"),
    ("dynamodb", "getItem"),
    ("dynamodb", "putItem"),
    ("dynamodb", "updateItem"),
    ("dynamodb", "deleteItem"),
    ("states", "startExecution"),
}
# Names of the SDK for Java, which the integrations use, where botocore's differ; and their error prefixes.
_SDK_SERVICES = {
    "vpclattice": "vpc-lattice",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "elasticloadbalancingv2": "elbv2",
    "cloudwatchlogs": "logs",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
}
_SDK_PREFIXES = {
    "vpclattice": "VpcLattice",
    "elasticloadbalancingv2": "ElasticLoadBalancingV2",
    "dynamodb": "DynamoDb",
    "eventbridge": "EventBridge",
    "cloudwatchlogs": "CloudWatchLogs",
    "states": "StepFunctions",
    "events": "Events",
}


_INTEGRATION = re.compile(r"arn:aws:states:::(?P<sdk>aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?P<pattern>\.\w+)?")


def _faults(text: str) -> list[str]:
    """What is wrong with a definition, or cannot be run here, one line each."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        return [f"the definition is not JSON: {error}"]
    return asl.check(definition) or [
        f"{name}: {fault}" for name, state in asl.tasks(definition) for fault in _check_resource(state)
    ]


def _check_resource(state: Mapping[str, Any]) -> list[str]:
    resource = state["Resource"]
    match = _INTEGRATION.fullmatch(resource)
    if resource.startswith("arn:aws:lambda:") or resource == "arn:aws:states:::lambda:invoke":
        return []
    if match is None:
        return [f"the resource {resource} is not recognized"]
    if match["pattern"]:
        return [f"the integration pattern {match['pattern']} is not emulated"]
    service, action = match["service"], match["action"]
    botocore_name, operation = _SDK_SERVICES.get(service, service), action[0].upper() + action[1:]
    if not match["sdk"] and (service, action) not in _JUST_CALLS:
        return [f"the task {resource} is not emulated"]
    if not action[0].islower() or not wire.is_known(botocore_name, operation):
        return [f"the resource {resource} is not recognized"]
    shape = wire.operation_model(botocore_name, operation).input_shape
    members: Mapping[str, Any] = shape.members if shape is not None else {}
    known = {name[0].upper() + name[1:] for name in members}
    given = [key.removesuffix(".$") for key in state.get("Parameters", {})]
    return [f"the field {key} is not supported by {resource}" for key in given if key not in known]


def _raise_if_failed(result: Json | StatesError, *, is_late: bool) -> None:
    if is_late:
        raise StatesError("States.Timeout", "")
    if isinstance(result, StatesError):
        raise result


def _function_account(execution: Execution, function: str) -> str:
    return function.split(":")[4] if function.startswith("arn:") else execution.account


def _to_members(value: Json, shape: Any) -> Json:
    """Parameters as written in the definition (PascalCase) under the model's own member names."""
    if shape is None:
        return {}
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names = {name[0].upper() + name[1:]: name for name in shape.members}
        if unknown := [key for key in value if key not in names]:
            raise StatesError("States.Runtime", f"The field '{unknown[0]}' is not supported by Step Functions")
        return {names[key]: _to_members(one, shape.members[names[key]]) for key, one in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_members(one, shape.member) for one in value]
    if shape.type_name == "string" and isinstance(value, Mapping | list):
        return _dump(value)  # as the SDK integrations do for a JSON value in a text field
    return value


def _to_pascal(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: _to_pascal(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_to_pascal(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def _select(path: str | None, scope: Scope) -> Json:
    if path is None:
        return {}
    try:
        return asl.find(path, scope)
    except KeyError as error:
        text = f"Invalid path '{path}': No results for path in {_dump(scope.data)}"
        raise StatesError("States.Runtime", text) from error


def _by_path(state: Mapping[str, Any], key: str, scope: Scope) -> str:
    if f"{key}Path" in state:
        return str(asl.calculate(state[f"{key}Path"], scope))
    return str(state.get(key, ""))


def _put(state: Mapping[str, Any], data: Json, result: Json) -> Json:
    path = state.get("ResultPath", "$")
    return data if path is None else asl.place(path, data, result)


def _choose(state: Mapping[str, Any], scope: Scope) -> str:
    for rule in state["Choices"]:
        if asl.holds(rule, scope):
            return str(rule["Next"])
    if "Default" in state:
        return str(state["Default"])
    raise StatesError("States.NoChoiceMatched", "No choice rule matched and there is no Default.")


def _is_meant(names: list[str], error: str) -> bool:
    """Which errors a retrier or catcher takes: States.ALL not the terminal ones, TaskFailed not a timeout."""
    if error in names:
        return True
    if error in {"States.Runtime", "States.DataLimitExceeded"}:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _within_limit(value: Json) -> None:
    if len(_dump(value).encode()) > MAX_PAYLOAD:
        text = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
        raise StatesError("States.DataLimitExceeded", text)


def _parse_input(text: str) -> Json:
    if len(text.encode()) > MAX_PAYLOAD:
        raise AwsError("InvalidExecutionInput", "Input is too long")
    try:
        return json.loads(text)
    except ValueError as error:
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: {error}") from error


def _task_details(resource: str) -> dict[str, Any]:
    kind, _, name = resource.removeprefix("arn:aws:states:::").rpartition(":")
    return {"resourceType": kind, "resource": name}


def _payload(name: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {name: None, f"{name}Details": None}
    included = len(text.encode()) <= MAX_EVENT_PAYLOAD
    return {name: text if included else None, f"{name}Details": {"included": included}}


def _summary(execution: Execution) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine,
        "name": execution.name,
        "status": execution.status,
        "startDate": _utc(execution.started),
    }
    if execution.stopped is not None:
        summary["stopDate"] = _utc(execution.stopped)
    return summary


def _page(items: list[Any], name: str, params: dict[str, Any], default: int) -> dict[str, Any]:
    size = params.get("maxResults") or default
    try:
        start = int(params.get("nextToken", "0"))
    except ValueError as error:
        raise AwsError("InvalidToken", f"Invalid Token: '{params['nextToken']}'") from error
    answer: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = str(start + size)
    return answer


def _dump(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _stamp(epoch: float) -> str:
    return _utc(epoch).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(epoch * 1000) % 1000:03d}Z"


def _utc(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
