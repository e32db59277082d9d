"""What clients can call is counted over all accounts, and told on the VPC of who is joined and of nobody else."""

from typing import Any

import pytest
from model_world import NETWORK_ARN, TEAM, network, vpc, wish
from msgspec.structs import replace
from onramp.core import offers, tags
from onramp.core.inventory import ServiceState, Status
from onramp.core.model import Access, Ingress, Observation, SecurityGroup, VpcAssociation
from onramp.core.offers import Offer
from onramp.core.plan import plan
from onramp.core.reach import Finding
from onramp.core.steps import WriteStatus
from onramp.core.watch import BLIND_AFTER, Entry

NOW = 1793534400.0


def state(
    name: str, *, status: Status = "connected", answers: bool = True, settings: tuple[str, ...] = ()
) -> ServiceState:
    return ServiceState(
        account="222222222222", name=name, network="net", status=status, answers=answers, settings=settings
    )


def entry(account: str, **more: object) -> Entry:
    well = {"account": account, "heard_at": NOW - 60, "looked_at": NOW - 50, "offers": "0 0"}
    return Entry(**{**well, **more})  # type: ignore[arg-type]  # the fields that a test names


INSIDE = VpcAssociation(
    arn="arn:a/1", vpc="vpc-1", network=NETWORK_ARN, status="ACTIVE", owned=True, security_groups=frozenset({"sg-1"})
)
RULES = frozenset(Ingress(source="10.1.0.0/20", from_port=port, to_port=port) for port in (80, 443))
GROUP = SecurityGroup(id="sg-1", name="onramp-net-vpc-1", vpc="vpc-1", owned=True, admits=RULES)


def client(association: VpcAssociation = INSIDE) -> Observation:
    return Observation(
        account=TEAM,
        access=Access(visible=True),
        vpc_associations=(association,),
        security_groups=(GROUP,),
        vpcs=(vpc(),),
    )


def told(seen: Observation, offered: str | None) -> list[tuple[dict[str, str], tuple[str, ...]]]:
    planned = plan(network(), seen, offer=offered)
    return [
        (step.put, step.remove) for batch in planned.batches for step in batch.steps if isinstance(step, WriteStatus)
    ]


def carrying(seen: Observation, **given: str) -> Observation:
    [vpc] = seen.vpcs
    return replace(seen, vpcs=(replace(vpc, tags={**vpc.tags, **given}),))


def test_those_that_answer_count_and_those_that_ask_who_calls_besides() -> None:
    found = offers.of(
        TEAM,
        [
            state("a"),
            state("b", settings=("auth",)),
            state("c", settings=("idle-timeout",)),
            state("d", status="unreachable", answers=False, settings=("auth",)),
        ],
        {},
    )
    assert found == Offer(3, 1)
    assert offers.read(found.spelled()) == found


@pytest.mark.parametrize("text", ["", "12", "a b", "-1 0", "1 2 3", "²  1"])
def test_what_the_table_should_not_have_is_no_offer(text: str) -> None:
    assert offers.read(text) == Offer()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 0", "1 service - their names: onramp status --from vpc-1"),
        ("12 1", "12 services - 1 of them asks who calls - their names: onramp status --from vpc-1"),
        ("0 0", "0 services - their names: onramp status --from vpc-1"),
    ],
)
def test_the_answer_says_how_many_and_where_to_read(text: str, says: str) -> None:
    assert offers.told(text, "vpc-1") == tags.answer(says) == says


def test_every_account_is_told_of_all_and_once() -> None:
    found = offers.news((entry("1", offers="2 1"), entry("2", offers="3 0"), entry("3", offered="5 1")), NOW)
    assert found == {"1": "5 1", "2": "5 1"}
    assert offers.news((entry("1"), entry("2")), NOW) == {}
    assert offers.news((entry("1", offered="5 1"),), NOW) == {"1": "0 0"}
    assert offers.news((entry("1", offers="2 0"), entry("2", heard_at=0.0, listed_at=NOW)), NOW) == {"1": "2 0"}


def test_what_an_account_has_not_said_yet_is_waited_for_unless_nobody_looks_there_any_more() -> None:
    silent = entry("2", offers="", looked_at=NOW - BLIND_AFTER)
    assert offers.news((entry("1", offers="2 0"), entry("2", offers="")), NOW) == {}
    assert offers.news((entry("1", offers="2 0"), silent), NOW) == {"1": "2 0", "2": "2 0"}


SAYS = {tags.SERVICES: offers.told("3 0", "vpc-1")}


@pytest.mark.parametrize(
    ("seen", "offered", "written"),
    [
        (client(), "3 0", [({tags.STATUS: "connected", **SAYS}, ())]),
        (client(), "", [({tags.STATUS: "connected"}, ())]),
        (client(), None, [({tags.STATUS: "connected"}, ())]),
        (carrying(client(), **{tags.STATUS: "connected"}), "3 0", [(SAYS, ())]),
        (carrying(client(), **{tags.STATUS: "connected", **SAYS}), "3 0", []),
        (carrying(client(), **{tags.STATUS: "connected", **SAYS}), "", []),
        (carrying(client(), **{tags.STATUS: "connected", **SAYS}), None, []),
        (
            carrying(client(replace(INSIDE, status="CREATE_IN_PROGRESS")), **{tags.STATUS: "connecting", **SAYS}),
            "3 0",
            [({}, (tags.SERVICES,))],
        ),
    ],
    ids=["joins", "not known", "an old writer", "is joined", "said", "said-not known", "said-old writer", "not yet"],
)
def test_it_is_written_on_a_vpc_that_is_joined(
    seen: Observation, offered: str | None, written: list[tuple[dict[str, str], tuple[str, ...]]]
) -> None:
    assert told(seen, offered) == written


@pytest.mark.parametrize("offered", ["3 0", "", None])
def test_it_goes_with_the_rest_of_the_answer(offered: str | None) -> None:
    assert told(unasked(**{tags.STATUS: "connected", **SAYS}), offered) == [({}, (tags.SERVICES, tags.STATUS))]


def test_alone_it_is_left_to_a_release_that_may_take_it() -> None:
    assert told(unasked(**SAYS), None) == []
    assert told(unasked(**SAYS), "") == [({}, (tags.SERVICES,))]


def unasked(**answers: str) -> Observation:
    """A VPC that bears an answer yet, and for which nobody asks any more."""
    seen = replace(client(), vpc_associations=(), security_groups=())
    [vpc] = seen.vpcs
    return replace(seen, vpcs=(replace(vpc, tags=answers),))


def test_who_leaves_is_told_it_as_long_as_he_can_call() -> None:
    quiet = network(quiet_seconds=60)
    seen = carrying(client(), **{tags.STATUS: "connected", **SAYS})
    [vpc] = seen.vpcs
    left = replace(seen, vpcs=(replace(vpc, tags={tags.STATUS: "connected", **SAYS}),))
    [step] = [one for batch in plan(quiet, left, offer="3 0").batches for one in batch.steps]
    assert isinstance(step, WriteStatus)
    assert (step.put.keys(), step.remove) == ({tags.STATUS, tags.MESSAGE}, ())
    going = replace(left, vpc_associations=(replace(INSIDE, status="DELETE_IN_PROGRESS"),))
    assert told(going, "3 0") == [({tags.STATUS: "disconnecting"}, (tags.SERVICES,))]


@pytest.mark.parametrize(
    ("given", "asked", "status", "said"),
    [
        ({"deletion_limit": 0}, {}, "held", True),
        ({}, wish(network="net", ports="many"), "refused", True),
        ({"kept_out": frozenset({TEAM})}, wish(network="net"), "held", True),
        ({}, wish(network="net"), "unreachable", False),
    ],
    ids=["held", "refused", "kept out and there yet", "unreachable"],
)
def test_whoever_can_call_is_told_it_whatever_else_he_is_told(
    given: dict[str, Any], asked: dict[str, str], status: str, said: bool
) -> None:
    seen = client()
    seen = replace(seen, vpcs=(replace(seen.vpcs[0], tags={tags.STATUS: "connected", **SAYS, **asked}),))
    found = {"vpc-1": Finding(code="dns-off", message="switch it on")} if status == "unreachable" else {}
    [step] = [
        one
        for batch in plan(network(**given), seen, offer="3 0", findings=found, now=1.0).batches
        for one in batch.steps
        if isinstance(one, WriteStatus)
    ]
    assert (step.put[tags.STATUS], tags.SERVICES not in step.remove) == (status, said)


def test_where_there_is_no_room_for_it_nobody_is_told() -> None:
    others = {f"team:{number}": "x" for number in range(49 - len(wish(network="net")))}
    seen = carrying(client(), **others)
    planned = plan(network(), seen, offer="3 0")
    assert planned.refusals == ()
    assert told(seen, "3 0") == [({tags.STATUS: "connected"}, ())]
