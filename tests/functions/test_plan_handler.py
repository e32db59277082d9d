"""One look: read the account by its reader, and say what must change; what cannot be read is said, never guessed."""

from collections import Counter
from collections.abc import Callable
from hashlib import sha512
from typing import Any

import pytest
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.shelf import Shelf, parts
from onramp.core import tags
from onramp.core.inventory import ServiceState
from onramp.core.looks import BY_LISTS
from onramp.core.model import Observation
from onramp.core.pace import SCOUT_AGAIN
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import from_state, to_state
from onramp.core.steps import Outcome
from onramp.core.tagged_by import Asks

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NOW, TABLE, TEAM, Place, member_role

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def plan(function: Callable[[str], Handler]) -> Callable[[Run], Run]:
    handler = function("plan")
    return lambda run: from_state(handler(to_state(run)))


BEGUN = Run(account=TEAM, trigger={"about": "a tag"})


def test_an_account_in_which_nobody_asks_for_anything_is_done_at_once(plan: Callable[[Run], Run], place: Place) -> None:
    member_role(place, "reader")
    place.cloud.clock.advance(5)
    after = plan(BEGUN)
    assert after.plan is not None
    assert (after.plan.account, after.plan.next, after.plan.refusals, after.plan.blind) == (TEAM, "done", (), False)
    assert (after.round, after.observed_at) == (1, NOW + 5)
    assert after.trigger == BEGUN.trigger


def test_it_reads_as_the_reader_and_changes_nothing(plan: Callable[[Run], Run], place: Place) -> None:
    member_role(place, "reader")
    before = len(place.cloud.journal)
    plan(BEGUN)
    calls = [one for one in list(place.cloud.journal)[before:] if isinstance(one, CallRecord)]
    assert [one.operation for one in calls if one.mutating and one.operation != "AssumeRole"] == []
    assert {one.role for one in calls if one.account == TEAM} == {"onramp-net-reader"}


@pytest.mark.parametrize(("hands_at", "lists"), [(NOW, 1), (0.0, 0)], ids=["of tags", "of what hands did"])
def test_a_large_account_is_read_by_lists_unless_hands_are_looked_for(
    plan: Callable[[Run], Run], place: Place, hands_at: float, lists: int
) -> None:
    member_role(place, "reader")
    lattice = place.cloud.client("vpc-lattice", TEAM)
    for number in range(BY_LISTS + 1):
        lattice.create_service(name=f"orders-{number}", tags={tags.OWNER: "net"})
    place.cloud.settle()
    before = len(place.cloud.journal)
    plan(replace(BEGUN, memory=Memory(hands_at=hands_at)))
    asked = place.cloud.journal.of(CallRecord, before)
    found = [one for one in asked if one.operation == "ListServiceNetworkServiceAssociations"]
    assert sum("serviceNetworkIdentifier" in one.params for one in found) == lists


def test_vpcs_that_a_first_look_may_leave_are_read_before_it_says_that_there_is_nothing_to_do(
    plan: Callable[[Run], Run], place: Place
) -> None:
    member_role(place, "reader")
    balancer = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/gone/0123456789abcdef"
    asked = replace(BEGUN, asks=(Asks(resource=balancer),))
    before = len(place.cloud.journal)
    after = plan(asked)
    assert after.plan is not None
    assert after.plan.next == "done"
    assert operations(place, before).count("DescribeVpcs") == 1
    ec2 = place.cloud.client("ec2", TEAM)
    [vpc, *_] = ec2.describe_vpcs()["Vpcs"]
    ec2.create_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "lattice:network", "Value": "net"}])
    after = plan(asked)
    assert after.plan is not None
    assert after.plan.next == "apply"
    assert [one.id for one in after.seen.vpcs] == [vpc["VpcId"]] if after.seen else False


def test_vpcs_that_may_not_be_read_are_told_by_a_look_that_left_them(plan: Callable[[Run], Run], place: Place) -> None:
    member_role(place, "reader")
    balancer = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/gone/0123456789abcdef"
    place.cloud.faults.add(Fault("refuse", "ec2", "DescribeVpcs", times=2))
    after = plan(replace(BEGUN, asks=(Asks(resource=balancer),)))
    assert after.plan is not None
    assert [(it.code, it.resource) for it in after.plan.refusals] == [("unread", TEAM)]


def test_what_a_look_of_who_leaves_left_to_the_next_one_is_read_before_the_run_ends(
    plan: Callable[[Run], Run], place: Place
) -> None:
    member_role(place, "reader")
    told = Outcome(kind="WriteStatus", account=TEAM, name="vpc-1", because="b", status="done")
    left = Plan(account=TEAM, round=1, next="apply", since={"vpc-1": NOW - 60})
    begun = replace(BEGUN, round=1, whole_at=NOW - 60, seen=Observation(account=TEAM), plan=left, outcomes=((told,),))
    before = len(place.cloud.journal)
    after = plan(begun)
    assert (after.plan.next if after.plan else "") == "done"
    # The network's VPC association is gone, so nobody is left to leave: what was spared first is asked by the second.
    assert Counter(operations(place, before))["GetResources"] == 2
    assert operations(place, before).count("DescribeLoadBalancers") == 1


def operations(place: Place, begin: int) -> list[str]:
    return [one.operation for one in list(place.cloud.journal)[begin:] if isinstance(one, CallRecord)]


def test_a_sandbox_lets_one_run_in_a_while_find_out_whether_lattice_is_quick() -> None:
    scouts = wiring.Scouts()
    assert scouts.free(1000.0)
    scouts.send(1000.0)
    assert not scouts.free(1000.0 + SCOUT_AGAIN - 1)
    assert scouts.free(1000.0 + SCOUT_AGAIN)


def test_an_account_that_cannot_be_entered_is_told_blind_with_the_remedy(
    plan: Callable[[Run], Run], place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.cloud.clock.advance(7)
    after = plan(BEGUN)
    assert after.plan is not None
    assert (after.plan.next, after.plan.blind) == ("done", True)
    [refusal] = after.plan.refusals
    assert (refusal.code, refusal.resource) == ("member-role-missing", TEAM)
    assert "deploy member.yaml" in refusal.message
    assert (after.round, after.observed_at) == (1, NOW + 7)
    [told] = [vars(record) for record in caplog.records if record.message == "cannot look"]
    assert (told["account"], told["code"]) == (TEAM, "member-role-missing")


def test_when_it_is_unknown_whether_the_storm_goes_on_the_account_is_looked_at_and_the_log_says_so(
    plan: Callable[[Run], Run], place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    member_role(place, "reader")
    place.cloud.faults.add(Fault("refuse", "dynamodb", "GetItem"))
    after = plan(replace(BEGUN, rests_until=NOW + 600))
    assert (after.round, after.plan.next if after.plan else "") == (1, "done")
    said = [vars(one) for one in caplog.records if one.message == "cannot tell whether the account still changes"]
    [told] = said
    assert told["account"] == TEAM
    assert "GetItem" in told["why"]


def test_an_account_that_denies_a_list_is_looked_at_without_it_and_told(
    plan: Callable[[Run], Run], place: Place
) -> None:
    member_role(place, "reader")
    place.cloud.faults.add(Fault("refuse", "elbv2", "DescribeLoadBalancers"))
    after = plan(BEGUN)
    assert after.plan is not None
    assert not after.plan.blind
    assert [(it.code, it.resource) for it in after.plan.refusals] == [("unread", TEAM)]
    assert "deploy the newest member.yaml, or lift what denies role onramp-net-reader" in after.plan.refusals[0].message


def test_a_look_that_is_throttled_fails_and_is_tried_again_whole(plan: Callable[[Run], Run], place: Place) -> None:
    member_role(place, "reader")
    place.cloud.faults.add(Fault("throttle", "elbv2", "DescribeLoadBalancers", times=5))
    with pytest.raises(Exception, match="DescribeLoadBalancers"):
        plan(BEGUN)
    assert plan(BEGUN).round == 1


def test_what_a_large_run_carries_lies_beside_its_state_for_a_day(
    function: Callable[[str], Handler], place: Place
) -> None:
    member_role(place, "reader")
    shelf = Shelf(place.own, TABLE)
    noise = [sha512(bytes([n % 256, n // 256])).hexdigest() for n in range(600)]  # no more alike than ARNs are
    services = [
        ServiceState(account=TEAM, name=f"orders-{n}", network="net", status="held", message=text)
        for n, text in enumerate(noise)
    ]
    large = replace(BEGUN, memory=Memory(services=tuple(services)))
    after = function("plan")(to_state(large, lambda content: shelf.put(TEAM, content, NOW + 60)))
    assert from_state(after, shelf.get).memory == large.memory
    account, _, _ = after["shelved"].partition("/")
    assert account == TEAM
    assert [float(place.item(part)["ends"]) for part in parts(after["shelved"])] == [NOW + 86_400]


def test_what_the_last_round_did_is_learned_before_the_look(plan: Callable[[Run], Run], place: Place) -> None:
    member_role(place, "reader")
    arn = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-0123456789abcdef0"
    made = Outcome(kind="CreateService", account=TEAM, name="orders", because="b", status="done", arn=arn)
    refused = Outcome(kind="CreateService", account=TEAM, name="bills", because="b", status="refused", detail="quota")
    before = Run(
        account=TEAM,
        trigger={},
        round=1,
        plan=Plan(account=TEAM, round=1, next="apply"),
        outcomes=((made, refused),),
    )
    after = plan(before)
    assert after.made == {arn: "orders"}
    assert after.failures == {f"CreateService {TEAM} bills": "quota"}
    assert after.outcomes == ()
    assert after.round == 2
