"""Values travel through the state machine as JSON and come back the same; a step is known by its key."""

import base64
import json
import random
import zlib
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import replace
from onramp.core.errors import NotYet, Refused
from onramp.core.inventory import ServiceState
from onramp.core.model import Forward, Observation, Service
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import decode, encode, from_state, kept, remembered, to_state
from onramp.core.steps import AnyStep, AssociateVpc, Batch, CreateListener, CreateService, Outcome, Step, WriteStatus

CREATE = CreateService(account="222222222222", name="orders", because="it is asked for")
LISTEN = CreateListener(
    account="222222222222",
    name="orders/http-80",
    because="clients use it",
    service="arn:s",
    listener="http-80",
    protocol="HTTP",
    port=80,
    forwards=(Forward(target_group="tg-1", weight=7),),
)


def test_a_step_says_its_kind_and_has_a_key() -> None:
    assert (CREATE.kind, CREATE.key) == ("CreateService", "CreateService 222222222222 orders")
    assert encode(CREATE) == {
        "kind": "CreateService", "account": "222222222222", "name": "orders", "because": "it is asked for"
    }  # fmt: skip


def test_an_outcome_has_the_key_of_its_step() -> None:
    outcome = Outcome(kind=CREATE.kind, account=CREATE.account, name=CREATE.name, because="", status="done")
    assert outcome.key == CREATE.key


def test_every_step_can_be_in_a_plan() -> None:
    assert set(get_args(AnyStep.__value__)) == set(Step.__subclasses__())


@pytest.mark.parametrize(
    "value",
    [
        Batch(account="222222222222", sharing=False, steps=(CREATE, LISTEN)),
        Plan(account="222222222222", round=1, next="done"),
        Run(
            account="222222222222",
            trigger={"about": "a tag"},
            plan=Plan(
                account="222222222222", round=1, next="apply", batches=(Batch(account="", sharing=True, steps=()),)
            ),
            outcomes=((Outcome(kind="CreateService", account="", name="", because="", status="not_yet"),),),
        ),
        WriteStatus(account="", name="", because="", resource="vpc-1", put={"a": "b"}, remove=("c",)),
        AssociateVpc(account="", name="", because="", vpc="vpc-1", security_groups=("sg-1",)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_survives_the_journey(value: Any) -> None:
    assert decode(encode(value), type(value)) == value


def test_what_the_state_machine_reads_is_there_even_when_it_is_the_default() -> None:
    assert {"next", "wait_seconds", "batches"} <= encode(Plan(account="", round=0, next="done")).keys()
    assert {"round", "finished", "outcomes"} <= encode(Run(account="", trigger={})).keys()


def test_a_run_that_does_not_fit_is_named() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.round"):
        decode({"account": "1", "trigger": {}, "round": "one"}, Run)


def test_the_two_errors_carry_what_is_to_be_told() -> None:
    assert (NotYet("settling").detail, str(NotYet("settling"))) == ("settling", "settling")
    refused = Refused("quota", "raise it")
    assert (refused.code, refused.message, str(refused)) == ("quota", "raise it", "quota: raise it")


def test_a_state_holds_a_run_and_gives_it_back() -> None:
    memory = Memory(arns={"arn:aws:vpc-lattice:r:2:service/svc-1": "orders"})
    plan = Plan(account="222222222222", round=2, next="done", arns={"arn:aws:vpc-lattice:r:2:service/svc-1": "orders"})
    for run in (Run(account="222222222222", trigger={}, memory=memory), Run(account="2", trigger={}, plan=plan)):
        state = json.loads(json.dumps(to_state(run)))
        assert isinstance(state["memory"], str)
        assert from_state(state) == run


def large(number: int) -> Memory:
    states = tuple(
        ServiceState(
            account="222222222222",
            name=f"service-{n}",
            network="net",
            status="connected",
            answers=True,
            message="m" * 200,
        )
        for n in range(number)
    )
    return Memory(services=states)


@pytest.mark.parametrize("planned", [True, False])
def test_a_state_of_a_large_account_is_packed_and_comes_back(planned: bool) -> None:
    memory = large(1200)
    plan = Plan(account="222222222222", round=2, next="done", services=memory.services) if planned else None
    run = Run(account="222222222222", trigger={}, made={f"arn:{n}": "m" * 90 for n in range(2000)}, plan=plan)
    run = replace(run, memory=memory)
    state = json.loads(json.dumps(to_state(run)))
    assert isinstance(state["packed"], str)
    assert len(json.dumps(state)) < 256 * 1024
    assert from_state(state) == run


@pytest.mark.parametrize("number", [0, 3, 1200])
def test_a_memory_is_kept_and_remembered(number: int) -> None:
    text = kept(large(number))
    assert len(text) < 400 * 1024
    assert remembered(text) == large(number)


@pytest.mark.parametrize("text", ["", "{", '{"services": 7}', "no base 64", "AAAA", '{"packed":"AAAA"}'])
def test_a_memory_of_another_release_is_an_empty_one(text: str) -> None:
    assert remembered(text) == Memory()


def test_a_large_memory_is_an_empty_one_to_release_0_1_0_and_no_error() -> None:
    assert set(json.loads(kept(large(1200)))) == {"packed"}


def test_what_release_0_1_0_had_connected_is_known_to_answer() -> None:
    service = {"account": "2", "name": "orders", "network": "net", "status": "connected", "load_balancers": ["arn:1"]}
    client = {"account": "2", "vpc": "vpc-1", "network": "net", "status": "connected"}
    waits = {**client, "vpc": "vpc-2", "status": "waiting"}
    found = remembered(json.dumps({"services": [service], "clients": [client, waits]}))
    assert [(one.answers, one.serving) for one in found.services] == [(True, ("arn:1",))]
    assert [one.answers for one in found.clients] == [True, False]


def test_a_run_that_release_0_1_0_began_goes_on_and_one_of_ours_there() -> None:
    memory = Memory(arns={"arn:aws:vpc-lattice:r:2:service/svc-1": "orders"})
    run = Run(account="2", trigger={}, memory=memory, plan=Plan(account="2", round=1, next="done", arns=memory.arns))
    state = to_state(run)
    # As 0.1.0 packed, and unpacks.
    assert json.loads(zlib.decompress(base64.b64decode(state["memory"])))["arns"] == memory.arns
    assert json.loads(zlib.decompress(base64.b64decode(state["plan"]["arns"]))) == memory.arns
    assert from_state(state) == run


def seen(number: int) -> Observation:
    """A look that saw so many services, whose ARNs do not repeat themselves."""
    chance = random.Random(0)  # noqa: S311 - the same each time
    arns = [f"{chance.getrandbits(512):0128x}" for _ in range(number)]
    return Observation(
        account="2", services=tuple(Service(arn=one, name="s", status="ACTIVE", owned=True) for one in arns)
    )


@pytest.mark.parametrize(("number", "keeps"), [(0, True), (600, True), (900, True), (1500, False), (9000, False)])
def test_what_a_look_saw_is_carried_as_long_as_there_is_room_for_it(number: int, keeps: bool) -> None:
    run = Run(account="2", trigger={}, plan=Plan(account="2", round=1, next="wait"), seen=seen(number), made={"a": "b"})
    state = to_state(run)
    assert len(json.dumps(state)) < 250_000
    assert from_state(json.loads(json.dumps(state))) == (run if keeps else replace(run, seen=None))


def test_the_last_status_tags_of_a_run_that_release_0_1_0_began_are_one_batch() -> None:
    outcome = Outcome(kind="WriteStatus", account="2", name="orders", because="", status="done")
    state = to_state(Run(account="2", trigger={}, finished=((outcome,),)))
    assert from_state(state).finished == ((outcome,),)
    assert from_state({**state, "finished": state["finished"][0]}).finished == ((outcome,),)
    assert from_state({**state, "finished": []}).finished == ()
