"""Each read denied by itself, before anything is there and afterwards: it costs what depends on it, and nothing else.

Nothing is taken away, nothing is told that is not so, and when the denial goes all is as it was.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from localcloud.door.faults import Fault
from replay.story import ROOT
from tests.functions.playing import Member
from tests.logs import open_log_group
from tests.place import NETWORK, TEAM, Place

type Handler = Callable[[dict[str, Any]], Any]

PARAMETER = "/lattice-onramp/orders"
LOG = "/lattice/orders"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}],
}
SHARE = "GetResourceShareAssociations"
"""The network account's own read, about whom its network is shared with."""


def reads() -> frozenset[str]:
    """All that the reader's role may call, and the network account's own read."""
    reader = (ROOT / "member.yaml").read_text().partition("-reader\n")[2].partition("-writer\n")[0]
    services = "elasticloadbalancing|ec2|tag|ram|vpc-lattice|ssm|logs"
    return frozenset(re.findall(rf"(?:- |Action: )(?:{services}):(\w+)\n", reader)) | {SHARE}


ONLY_ELSEWHERE = {
    "DescribeListenerCertificates",  # of a target that is HTTPS
    "DescribeRules",  # of a load balancer whose default action forwards nowhere
    "GetManagedPrefixListEntries",  # where Lattice's own list is not admitted by its id
    "GetRule",  # of a service of which tags ask for rules
    "GetServiceNetworkServiceAssociation",  # of an association that failed
    "ListListeners",  # of a service whose listeners are not known
}
"""Not asked in this world."""

BEGINS = {
    "GetResourceShareInvitations",
    "GetServiceNetwork",
    "GetTargetGroup",
    "ListServiceNetworkVpcAssociations",
    "ListServices",
    "ListTargetGroups",
    SHARE,
}
"""Asked only before all stands."""

FACTS = {"DescribeTargetHealth", "DescribeVpcAttribute", "ListRules"}
"""What they tell keeps nothing from going on: where it is not known nobody is told that it is wrong."""

SILENT = {"GetServiceNetwork"}
"""Denied, it says the same as before the network is shared: it is waited for, and told as that."""

UNWINDS = {"GetResourceShareInvitations", SHARE}
"""Denied, the network cannot be brought within reach: what the run had begun for it is unwound."""

TAKES_AWAY = re.compile("Delete|Disassociate|Deregister|Revoke")

BLINDLY = {"ListServiceNetworkServiceAssociations"}
"""Where it is denied a new service joins, and nobody can see that it has: it is told so, and not as answering."""


@pytest.fixture
def member(place: Place, function: Callable[[str], Handler], monkeypatch: pytest.MonkeyPatch) -> Member:
    """A member that asks for a service with a policy of its own, and for a client that admits a prefix list."""
    for name, value in {"INVITES": "on", "HANDS_HOURS": "0", "QUIET_SECONDS": "0"}.items():
        monkeypatch.setenv(f"ONRAMP_{name}", value)
    made = Member(place, function)
    place.cloud.client("ssm", TEAM).put_parameter(Name=PARAMETER, Value=json.dumps(POLICY), Type="String")
    callers = place.cloud.client("ec2", TEAM).create_managed_prefix_list(
        PrefixListName="callers", MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": "10.1.0.0/16"}]
    )["PrefixList"]["PrefixListId"]
    open_log_group(place.cloud.client("logs", TEAM), LOG)
    made.tag(made.balancer, network="net", listen="HTTP:80", auth_policy=PARAMETER, log=LOG)
    made.tag(made.vpc, network="net", allow_from=f"10.0.0.0/16 {callers}")
    return made


def deny(member: Member, operation: str) -> None:
    account, role = (NETWORK, "*") if operation == SHARE else (TEAM, "onramp-net-reader")
    member.place.cloud.faults.add(Fault("refuse", operation=operation, account=account, role=role, times=None))


def statuses(member: Member) -> list[str]:
    return [said.get("status", "") for said in member.answers().values()]


def test_what_stands_is_told_as_it_was_and_stays(member: Member, subtests: pytest.Subtests) -> None:
    member.run()
    for operation in sorted(reads() - ONLY_ELSEWHERE - BEGINS):
        with subtests.test(operation):
            stays(member, operation)


def test_rules_that_may_not_be_read_stay_and_are_told(member: Member) -> None:
    member.tag(member.balancer, path_prefix="/api")
    member.run()
    stays(member, "GetRule")


def stays(member: Member, operation: str) -> None:
    before, answers, changes, told = member.memory, member.answers(), member.changes(), len(member.told)
    deny(member, operation)
    news = [*member.run().news, *member.run().news]
    assert member.place.cloud.faults.unused == []
    assert (member.changes(), member.wrong) == (changes, [])
    # Told once, and nothing else is announced.
    assert [one.code for one in news] == ([] if operation in FACTS else ["unread"])
    assert {one.detail_type for one in member.told[told:]} == ({"Request Refused"} if news else set())
    assert all(operation in one.message for one in news)
    said = member.answers()
    for resource, was in answers.items():
        assert said[resource] == was or said[resource]["message"].startswith("unread: ")
        assert said[resource].get("domain") == was.get("domain")
    assert [(one.answers, one.arn) for one in (*member.memory.services, *member.memory.clients)] == [
        (one.answers, one.arn) for one in (*before.services, *before.clients)
    ]
    member.place.cloud.faults.clear()
    member.run()
    assert replace(member.memory, hands_at=before.hands_at) == before
    assert (member.answers(), member.changes()) == (answers, changes)


@pytest.mark.parametrize("operation", sorted(BEGINS | {"DescribeTags", "GetListener", "GetResources", *BLINDLY}))
def test_what_begins_while_a_read_is_denied_is_not_made_twice_and_comes_when_it_is_allowed(
    member: Member, operation: str
) -> None:
    deny(member, operation)
    news = [*member.run().news, *member.run().news]
    assert member.place.cloud.faults.unused == []
    assert all(operation in BLINDLY and "without a domain" in what for what in member.wrong)
    assert [one.code for one in news] == (["not-settling"] if operation in SILENT else ["unread"])
    assert statuses(member) != ["connected", "connected"] or operation == "GetResources"
    unwound = member.changes() if operation in UNWINDS else []
    assert [one for one in unwound if TAKES_AWAY.match(one)] == ["DeleteService", "DeleteTargetGroup"] or not unwound
    member.place.cloud.faults.clear()
    member.run()
    assert statuses(member) == ["connected", "connected"]
    changes = member.changes()[len(unwound) :]
    made = [one for one in changes if one.startswith("Create")]
    assert sorted(made) == sorted(set(made))
    assert [one for one in changes if TAKES_AWAY.match(one)] == []
    assert [one.detail_type for one in member.told if "Disconnected" in one.detail_type] == []


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeLoadBalancers",
        "DescribeTags",
        "DescribeVpcs",
        "GetListener",
        "GetResources",
        "GetService",
        "GetServiceNetworkVpcAssociation",
    ],
)
def test_who_leaves_while_a_read_is_denied_is_gone_when_it_is_allowed_and_told_so_then(
    member: Member, operation: str
) -> None:
    member.run()
    deny(member, operation)
    member.untag(member.balancer, "network", "listen", "auth-policy", "log")
    member.untag(member.vpc, "network", "allow-from")
    member.run()
    member.run()
    member.place.cloud.faults.clear()
    member.run()
    assert member.wrong == []
    assert member.answers() == {member.balancer: {}, member.vpc: {}}
    gone = sorted(one.detail_type for one in member.told if one.detail_type.endswith("Disconnected"))
    assert gone == ["Client Disconnected", "Service Disconnected"]
