"""The deployed state machine: every state is there and reached, every function, every field, and it all fits."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from onramp.aws.apply import DETAIL_BYTES
from onramp.core.inventory import ServiceState
from onramp.core.plan.pacing import STEP_BYTES_AT_MOST, STEPS_AT_MOST, fit
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import encode, from_state, kept, remembered, to_state
from onramp.core.steps import Batch, CreateTargetGroup, Outcome

from replay.story import ROOT
from tests.templates.rules import Deployed

DEFINITION: dict[str, Any] = json.loads((ROOT / "functions" / "reconcile.asl.json").read_text())
ITEM = 400_000  # bytes of an item of a DynamoDB table (facts 21)
PAYLOAD = 256 * 1024  # bytes that one state hands to the next (facts 20)


def machines(machine: dict[str, Any] = DEFINITION) -> Iterator[dict[str, Any]]:
    """The machine, and each machine inside a Map of it."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def states() -> Iterator[tuple[str, dict[str, Any]]]:
    for machine in machines():
        yield from machine["States"].items()


def following(state: dict[str, Any]) -> list[str]:
    """The states that may come after this one."""
    choices = [choice["Next"] for choice in state.get("Choices", [])]
    catches = [catch["Next"] for catch in state.get("Catch", [])]
    return [*choices, *catches, *(state[key] for key in ("Next", "Default") if key in state)]


def test_every_state_that_is_named_exists_and_is_reached() -> None:
    for machine in machines():
        reached: set[str] = set()
        to_do = [machine["StartAt"]]
        while to_do:
            name = to_do.pop()
            assert name in machine["States"], f"{name} does not exist"
            if name not in reached:
                reached.add(name)
                to_do += following(machine["States"][name])
        assert reached == set(machine["States"])


def test_every_state_goes_on_or_ends() -> None:
    for name, state in states():
        ends = state.get("End") is True or state["Type"] in ("Succeed", "Fail")
        assert ends != bool(following(state)), name


def test_the_run_can_end() -> None:
    assert [name for name, state in states() if state.get("End")] == ["Report"]
    assert DEFINITION["TimeoutSeconds"] <= 3600


def tasks() -> list[tuple[str, dict[str, Any]]]:
    return [(name, state) for name, state in states() if state["Type"] == "Task"]


def test_every_task_retries_everything_and_has_its_time() -> None:
    assert len(tasks()) == 4
    for name, state in tasks():
        assert state["TimeoutSeconds"] > 0, name
        _, retry = state["Retry"]
        assert retry["ErrorEquals"] == ["States.ALL"], name
        assert retry["MaxAttempts"] >= 3, name
        assert retry["BackoffRate"] > 1, name
        assert retry["JitterStrategy"] == "FULL", name


def test_what_lambda_does_not_run_at_once_is_asked_for_as_long_as_the_run_lasts() -> None:
    for name, state in tasks():
        throttled, _ = state["Retry"]  # the first that fits counts
        assert "Lambda.TooManyRequestsException" in throttled["ErrorEquals"], name
        assert "States.ALL" not in throttled["ErrorEquals"], name
        # With full jitter an attempt waits half of the interval on average.
        assert throttled["JitterStrategy"] == "FULL", name
        assert throttled["MaxAttempts"] * throttled["MaxDelaySeconds"] / 2 >= DEFINITION["TimeoutSeconds"] / 2, name
        assert throttled["MaxDelaySeconds"] <= 20, name


def test_every_function_named_is_deployed_and_may_run_as_long_as_its_task_waits(deployed: Deployed) -> None:
    machine = deployed.stack.resources["Reconcile"]
    client = deployed.cloud.client("stepfunctions", deployed.network.account)
    definition = client.describe_state_machine(stateMachineArn=machine.made.id)["definition"]
    assert "${" not in definition
    functions = {
        f"arn:aws:lambda:{deployed.cloud.region}:{deployed.network.account}:function:{resource.made.id}": resource
        for resource in deployed.stack.resources.values()
        if resource.type == "AWS::Lambda::Function"
    }
    as_written = dict(tasks())
    named = set()
    for inner in machines(json.loads(definition)):
        for name, state in inner["States"].items():
            if state["Type"] == "Task":
                assert state["Resource"] in functions, name
                named.add(functions[state["Resource"]].logical)
                assert as_written[name]["TimeoutSeconds"] >= functions[state["Resource"]].properties["Timeout"]
    assert named == {"PlanFunction", "ApplyFunction", "ReportFunction"}


def test_every_substitution_is_given_and_none_besides(deployed: Deployed) -> None:
    asked = set(re.findall(r"\$\{(\w+)\}", json.dumps(DEFINITION)))
    assert asked == set(deployed.stack.resources["Reconcile"].properties["DefinitionSubstitutions"])


# --- what the states read and write is in the values


def read_paths() -> Iterator[tuple[str, str]]:
    """(state, path) of everything that is read of the state's own input."""
    for name, state in DEFINITION["States"].items():
        for choice in state.get("Choices", []):
            yield name, choice["Variable"]
        for key in ("SecondsPath", "ItemsPath", "InputPath", "TimestampPath"):
            if key in state:
                yield name, state[key]
        for given in (state.get("Parameters", {}), state.get("ItemSelector", {})):
            yield from ((name, path) for key, path in given.items() if key.endswith(".$") and not path.startswith("$$"))


def kind_at(path: str) -> Any:
    """The type of the field at `path` of a Run; KeyError where there is none."""
    kind: Any = Run
    for part in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        kind = get_type_hints(_struct(kind))[part[0]] if part[0] else get_args(kind)[0]
    return kind


def _struct(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next(one for one in get_args(kind) if isinstance(one, type) and issubclass(one, msgspec.Struct))


@pytest.mark.parametrize(("state", "path"), sorted(set(read_paths())))
def test_what_a_state_reads_is_in_a_run(state: str, path: str) -> None:
    assert kind_at(path)


@pytest.mark.parametrize("path", [state["ResultPath"] for _, state in states() if "ResultPath" in state])
def test_what_a_state_writes_is_read_by_the_next_function(path: str) -> None:
    # decode() of a Run takes it: the field is there and holds outcomes.
    assert "Outcome" in str(kind_at(path))


def test_the_choice_knows_every_way_a_plan_can_go_on() -> None:
    choices = {choice["StringEquals"]: choice["Next"] for choice in DEFINITION["States"]["Next"]["Choices"]}
    assert all(choice["Variable"] == "$.plan.next" for choice in DEFINITION["States"]["Next"]["Choices"])
    ways = get_args(get_type_hints(Plan)["next"])
    assert set(choices) | {"done"} == set(ways)
    assert choices == {"apply": "Apply", "wait": "Settle", "finish": "Finish"}
    assert DEFINITION["States"]["Next"]["Default"] == "Report"
    assert kind_at("$.plan.wait_seconds") is int


def test_defaults_are_spelled_out_where_paths_read_them() -> None:
    """A path to a field that was left out stops an execution."""
    plan = Plan(account="222222222222", round=1, next="done")
    written = encode(Run(account="222222222222", trigger={}, plan=plan))
    for _, path in read_paths():
        value: Any = written
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
            if not index:
                value = value[name]


# --- it fits


def quiet_run(services: int) -> Run:
    """The Run of an account with that many services when nothing is left to do: what was told, and what is."""
    account = "222222222222"
    arns: dict[str, str] = {}
    states: list[ServiceState] = []
    draws = random.Random(services)  # noqa: S311 - the same for the same number
    lattice = f"arn:aws:vpc-lattice:ap-northeast-1:{account}:"
    for number in range(services):
        # Ids are drawn, each its own, as AWS's are: what cannot be guessed cannot be packed.
        name = f"orders-service-{number:04}"
        ids = ["".join(draws.choices(string.ascii_lowercase + string.digits, k=17)) for _ in range(4)]
        svc, listener, group, association = ids
        alb = f"{draws.getrandbits(64):016x}"
        arns |= {
            f"{lattice}service/svc-{svc}": name,
            f"{lattice}service/svc-{svc}/listener/listener-{listener}": "https-443",
            f"{lattice}targetgroup/tg-{group}": f"{name}-{draws.getrandbits(32):08x}",
            f"{lattice}servicenetworkserviceassociation/snsa-{association}": name,
        }
        balancer = f"arn:aws:elasticloadbalancing:ap-northeast-1:{account}:loadbalancer/app/{name}/{alb}"
        states.append(
            ServiceState(
                account=account,
                name=name,
                network="production",
                status="connected",
                domain=f"{name}-{svc}.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws",
                arn=f"{lattice}service/svc-{svc}",
                load_balancers=(balancer,),
                answers=True,
                serving=(balancer,),
            )
        )
    memory = Memory(arns=arns, services=tuple(states))
    plan = Plan(account=account, round=1, next="done", services=tuple(states), arns=arns)
    return Run(account=account, trigger={"about": "the hourly sweep"}, memory=memory, plan=plan)


def size(run: Run) -> int:
    """Bytes of a Run as a function answers it: Python's runtime writes JSON with spaces after `:` and `,`."""
    return len(json.dumps(to_state(run)).encode())


@pytest.mark.parametrize("services", [1, 100, 200, 335, 500, 1000, 1200])
def test_a_run_fits_with_room_for_the_steps_of_a_round(services: int) -> None:
    """A third of a state is left for the rest."""
    run = quiet_run(services)
    assert size(run) < PAYLOAD * 0.7
    assert from_state(json.loads(json.dumps(to_state(run)))) == run


def test_a_whole_round_fits_with_aws_s_words_on_each_of_its_steps() -> None:
    step = CreateTargetGroup(
        account="2" * 12, name="n" * 128, because="", protocol="HTTPS", port=443, vpc=f"vpc-{'0' * 17}"
    )
    room = STEP_BYTES_AT_MOST // STEPS_AT_MOST - len(msgspec.json.encode(step))
    steps = (msgspec.structs.replace(step, because="b" * room),) * STEPS_AT_MOST
    assert fit(list(steps), {}) == STEPS_AT_MOST
    batch = Batch(account=step.account, sharing=False, steps=steps)
    done = {"kind": step.kind, "account": step.account, "name": step.name, "because": steps[0].because}
    outcome = Outcome(**done, status="not_yet", detail="d" * DETAIL_BYTES)
    outcomes = (outcome,) * STEPS_AT_MOST
    plan = Plan(account=step.account, round=120, next="apply", batches=(batch,))
    run = Run(account=step.account, trigger={"about": "a" * 256}, plan=plan)
    state = to_state(run, lambda _: f"{step.account}/{'0' * 32}/9")
    assert len(json.dumps(state | {"outcomes": [encode(outcomes)]})) < PAYLOAD


def test_a_small_run_can_be_read_in_the_console() -> None:
    assert to_state(quiet_run(100))["plan"]["services"][0]["status"] == "connected"


@pytest.mark.parametrize("services", [1, 2000])
def test_what_a_run_leaves_for_the_next_fits_an_item(services: int) -> None:
    memory = quiet_run(services).memory
    assert len(kept(memory)) < ITEM * 0.7
    assert remembered(kept(memory)) == memory
    assert remembered("packed by nobody") == Memory()
