"""A service that people made themselves goes on the network by its tag, and off again; nothing else of it is ours."""

from typing import Any

import pytest
from model_world import TEAM, World, arn, existing, kinds, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import rounds, tags
from onramp.core.infra import Word
from onramp.core.inventory import ServiceState
from onramp.core.model import DOMAINS, UNREAD, Access, Association, Existing, Holder, Observation
from onramp.core.network import Network
from onramp.core.plan import plan
from onramp.core.plan.ground import Before
from onramp.core.run import Plan
from onramp.core.steps import WriteStatus

NET = network()
THEIRS = existing()
ALLOWED = {"ShareNetwork", "AcceptShare", "UnshareNetwork", "AssociateService", "DisassociateService", "WriteStatus"}
"""All that is ever done for a service that people made."""


def on(service: Existing = THEIRS, *, owned: bool = True, status: str = "ACTIVE", net: Network = NET) -> Existing:
    """The same, associated with the network."""
    found = arn("servicenetworkserviceassociation", "snsa-1")
    there = Association(arn=found, network=net.arn, status=status, owned=owned)
    return replace(service, associations=(there,))


def seen(*services: Existing, **given: Any) -> Observation:
    return Observation(account=TEAM, existing=services, access=Access(known=True, visible=True), **given)


def told(planned: Plan) -> dict[str, str]:
    """What a plan says on the one resource that it answers on."""
    found = [step for step in steps(planned) if isinstance(step, WriteStatus)]
    return {key.removeprefix("lattice-onramp:"): text for step in found for key, text in step.put.items()}


def of(world: World, service: Existing = THEIRS) -> dict[str, str]:
    return world.answers(service.arn)


def joined(world: World, service: Existing = THEIRS) -> bool:
    return bool(world.existing[service.arn].associations)


@pytest.mark.parametrize("sharing", ["organisation", "invitation"])
def test_it_joins_by_its_tag_and_leaves_without_it_and_stays_as_it_is(sharing: Any) -> None:
    world = World(replace(NET, invites=sharing == "invitation"), sharing=sharing).tag(THEIRS)
    before = world.foreign()
    run(world)
    assert of(world) == {"status": "connected", "domain": THEIRS.domain}
    [state] = world.memory.services
    assert (state.name, state.arn, state.load_balancers, state.answers) == (
        "theirs",
        THEIRS.arn,
        (THEIRS.arn,),
        True,
    )
    assert list(world.memory.arns.values()) == ["theirs"]
    assert THEIRS.arn not in world.memory.arns
    run(world.untag())
    assert (joined(world), of(world), world.memory.services, world.memory.arns) == (False, {}, (), {})
    assert world.foreign() == before
    assert {step.kind for step in world.done} <= ALLOWED
    assert world.principal == ""


def test_it_goes_on_serving_for_the_quiet_time() -> None:
    world = World(network(quiet_seconds=60)).tag(THEIRS)
    run(world)
    run(world.untag(), every_look=lambda world: world.tag(THEIRS) and None)
    assert joined(world)
    assert "DisassociateService" not in {step.kind for step in world.done}
    run(world.untag())
    assert not joined(world)


def test_what_another_hand_associated_is_told_so_and_stays() -> None:
    world = World(NET).tag(on(owned=False))
    run(world)
    answer = of(world)
    assert (answer["status"], answer["domain"]) == ("connected", THEIRS.domain)
    assert answer["message"].startswith("joined-by-others: ")
    run(world.untag())
    assert (joined(world), of(world)) == (True, {})
    assert {step.kind for step in world.done} == {"WriteStatus"}
    assert [one.announcements for one in world.reports[1:]] == [()]


def test_other_tags_on_it_are_refused_and_what_serves_goes_on() -> None:
    world = World(NET).tag(THEIRS)
    run(world)
    run(world.tag(existing(tags={**THEIRS.tags, "lattice:listen": "HTTP:80"})))
    answer = of(world)
    assert (answer["status"], answer["domain"]) == ("refused", THEIRS.domain)
    assert answer["message"].startswith("tag-unknown: remove tag lattice:listen")
    assert joined(world)
    [state] = world.memory.services
    assert (state.status, state.answers) == ("refused", True)


def test_nothing_is_said_to_be_there_of_one_that_never_joined() -> None:
    planned = plan(NET, seen(existing(tags={"lattice:network": "other"})))
    assert planned.services == ()
    assert [one.code for one in planned.refusals] == ["network-unknown"]
    assert told(planned)["status"] == "refused"


def test_it_stands_beside_what_is_made_for_load_balancers() -> None:
    world = World(NET).tag(THEIRS, tagged("orders", listen="HTTP:80"))
    run(world)
    assert sorted((one.name, one.status) for one in world.memory.services) == [
        ("orders", "connected"),
        ("theirs", "connected"),
    ]


@pytest.mark.parametrize(
    ("service", "status", "says"),
    [
        (existing(status="CREATE_IN_PROGRESS"), "connecting", "service theirs is CREATE_IN_PROGRESS"),
        (existing(status="CREATE_FAILED", failure="Quota"), "refused", "service-failed: repair or replace the service"),
        (existing(status="CREATE_FAILED"), "refused", "service-failed: repair or replace the service"),
        (on(status="CREATE_IN_PROGRESS"), "connecting", ""),
        (on(status="CREATE_FAILED", owned=False), "refused", "association-taken: remove the association of service"),
        (on(existing(listens=False)), "unreachable", "service-listener: add a listener to the service"),
        (on(existing(listens=None)), "connected", ""),
        (
            existing(tags={**THEIRS.tags, tags.OWNER: "net"}),
            "refused",
            "mark-unproven: remove tag lattice-onramp:network",
        ),
    ],
)
def test_it_is_told_what_is(service: Existing, status: str, says: str) -> None:
    planned = plan(NET, seen(service))
    answer = told(planned)
    assert (answer["status"], answer.get("message", "").startswith(says)) == (status, True)
    assert {step.kind for step in steps(planned)} == {"WriteStatus"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "connected callers sign with SigV4 "),
        ({"listens": None}, "connected callers sign with SigV4 "),
        ({"passes": True}, "unreachable service-listener: add an HTTP or HTTPS listener"),
    ],
)
def test_where_the_network_asks_who_calls_it_is_told_what_callers_need(given: dict[str, Any], says: str) -> None:
    for net, told_there in ((network(signed=True), says), (NET, "connected ")):
        planned = plan(net, seen(on(existing(**given))))
        answer = told(planned)
        assert f"{answer['status']} {answer.get('message', '')}"[: len(says)] == told_there
        assert [one.answers for one in planned.services] == [answer["status"] == "connected"]


def test_an_association_of_ours_that_failed_is_made_anew() -> None:
    planned = plan(NET, seen(on(status="CREATE_FAILED")))
    assert [kind for kind in kinds(planned) if kind != "WriteStatus"] == ["DisassociateService"]
    assert planned.broken == {f"AssociateService {TEAM} theirs": "it is CREATE_FAILED: AWS gives no reason"}


def test_what_our_mark_is_forged_on_is_told_once_and_left() -> None:
    service = existing(tags={**THEIRS.tags, tags.OWNER: "net"})
    planned = plan(NET, seen(service, unproven={service.arn: "theirs"}))
    assert [(one.code, one.resource) for one in planned.refusals] == [("mark-unproven", service.arn)]


def test_another_accounts_service_is_refused_and_not_answered_on() -> None:
    service = existing(arn=arn("service", "svc-far", "333333333333"))
    planned = plan(NET, seen(service))
    assert (steps(planned), [one.code for one in planned.refusals]) == ([], ["service-not-yours"])


@pytest.mark.parametrize(
    ("holders", "unread", "status", "says"),
    [
        (
            {"api.example.jp": Holder(account="333333333333", service="a", status="ACTIVE")},
            {},
            "refused",
            "domain-taken",
        ),
        (None, {}, "connecting", ""),
        ({}, {DOMAINS: "ListServices AccessDenied"}, "failed", "unread"),
    ],
)
def test_a_domain_is_on_the_network_once(holders: Any, unread: dict[str, str], status: str, says: str) -> None:
    service = existing(custom_domain="api.example.jp")
    planned = plan(NET, seen(service, holders=holders, unread=unread))
    answer = told(planned)
    assert (answer["status"], answer.get("message", "").startswith(says)) == (status, True)
    assert "AssociateService" not in kinds(planned)
    assert "AssociateService" in kinds(plan(NET, seen(service)))


def test_it_carries_the_tags_that_infra_wants_on_all_that_is_made() -> None:
    service = existing(tags={**THEIRS.tags, "CostCentre": "42"})
    [step] = [
        one for one in steps(plan(network(extra_tags={"CostCentre": ""}), seen(service))) if one.kind != "WriteStatus"
    ]
    assert step == replace(step, extra={"CostCentre": "42"})


def test_it_moves_to_a_siblings_network_as_soon_as_that_has_it() -> None:
    here = World(network(siblings=frozenset({"two"}), quiet_seconds=600)).tag(THEIRS)
    other = network(name="two", arn=f"{NET.arn[:-1]}9", share="arn:two", siblings=frozenset({"net"}))
    there = here.sibling(other)
    run(here)
    here.tag(existing(tags={"lattice:network": "two"}))
    run(here)
    assert [one.network for one in here.existing[THEIRS.arn].associations] == [NET.arn], "the other may refuse it"
    run(there)
    run(here)
    assert [one.network for one in here.existing[THEIRS.arn].associations] == [other.arn]
    assert (of(here)["status"], here.memory.services) == ("connected", ())


def test_infra_may_take_it_off_for_a_time() -> None:
    world = World(NET).tag(THEIRS)
    run(world)
    world.network = replace(NET, kept_out=frozenset({"theirs"}))
    run(world)
    assert (joined(world), of(world)["status"]) == (False, "held")
    world.network = NET
    run(world)
    assert (joined(world), of(world)["status"]) == (True, "connected")


def test_too_many_that_leave_at_once_are_held() -> None:
    several = [existing(f"theirs-{number}") for number in range(3)]
    world = World(network(deletion_limit=2)).tag(*several)
    run(world)
    run(world.untag())
    assert all(joined(world, one) for one in several)
    assert {of(world, one)["status"] for one in several} == {"held"}


def test_a_policy_that_lets_nothing_go_holds_it() -> None:
    planned = plan(network(vanish="nothing"), seen(on(existing(tags={}))))
    assert (told(planned)["status"], "DisassociateService" in kinds(planned)) == ("held", False)


def test_what_cannot_be_undone_is_told() -> None:
    failures = {f"DisassociateService {TEAM} theirs": "denied"}
    planned = plan(NET, seen(on(existing(tags={}))), failures=failures)
    assert told(planned) == {"status": "held", "message": "step-failed: denied", "domain": THEIRS.domain}
    assert [(one.name, one.status, one.answers) for one in planned.services] == [("theirs", "held", True)]


def test_it_leaves_when_the_network_is_given_up() -> None:
    world = World(NET).tag(THEIRS)
    run(world)
    world.network = replace(NET, offboarding=True)
    run(world)
    assert (joined(world), of(world)) == (False, {})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Word]:
    words: list[Word] = []
    learn = rounds.learn
    monkeypatch.setattr("model_world.learn", lambda run: learn(replace(run, words=tuple(words))))
    return words


def test_infra_approves_it_first(said: list[Word]) -> None:
    world = World(network(approval="services")).tag(THEIRS)
    run(world)
    [request] = world.memory.approvals or ()
    assert (request.kind, request.name, request.resource, request.state) == ("service", "theirs", THEIRS.arn, "waiting")
    assert "its owner's" in request.what[1]
    assert (joined(world), of(world)["status"], world.principal) == (False, "waiting", "")
    said.append(Word(at=1.0, saying="Approve", about=request.id, by="ayumi"))
    run(world)
    assert (joined(world), of(world)["status"]) == (True, "connected")


def test_an_approval_names_the_domain_that_comes_with_it(said: list[Word]) -> None:
    planned = plan(network(approval="services"), seen(existing(custom_domain="api.example.jp")))
    [request] = planned.approvals or ()
    assert "under api.example.jp as it is" in request.what[0]


def test_what_was_joined_before_approvals_were_asked_stays(said: list[Word]) -> None:
    world = World(NET).tag(THEIRS)
    run(world)
    world.network = network(approval="both")
    run(world)
    assert [one.state for one in world.memory.approvals or ()] == ["before"]
    assert (joined(world), of(world)["status"]) == (True, "connected")


def test_what_cannot_be_read_stays_as_it_was_and_is_remembered() -> None:
    state = ServiceState(
        account=TEAM,
        name="theirs",
        network="net",
        status="connected",
        domain=THEIRS.domain,
        arn=THEIRS.arn,
        load_balancers=(THEIRS.arn,),
        answers=True,
        serving=(THEIRS.arn,),
    )
    association = on().associations[0].arn
    before = Before({"theirs": state}, {}, {association: "theirs"})
    unread = existing(status=UNREAD, tags={})
    planned = plan(
        NET,
        seen(unread, unread={THEIRS.arn: "ListTagsForResource AccessDenied"}),
        before=before,
        since={THEIRS.id: 5.0},
        now=1000.0,
    )
    assert (planned.services, planned.arns, planned.since) == ((state,), {association: "theirs"}, {THEIRS.id: 5.0})
    assert steps(planned) == []


def test_one_that_asks_and_cannot_be_read_is_told_so() -> None:
    planned = plan(NET, seen(existing(status=UNREAD), unread={THEIRS.arn: "GetService AccessDenied"}))
    assert told(planned) == {"status": "failed", "message": "unread: it cannot be read: GetService AccessDenied"}


def test_an_association_without_our_mark_is_not_ended() -> None:
    service = on(existing(tags={}))
    planned = plan(NET, seen(service, unmarked={service.associations[0].arn: "theirs"}))
    assert told(planned)["status"] == "held"
    assert "DisassociateService" not in kinds(planned)
    assert [one.code for one in planned.refusals] == ["mark-missing"]


def test_the_share_stays_as_long_as_it_is_on_the_network() -> None:
    world = World(NET).tag(THEIRS, vpc())
    run(world)
    world.vpcs.clear()
    run(world)
    assert (world.principal, joined(world)) == ("ASSOCIATED", True)
