"""Reading an account: what could not be read is never taken for absent."""

from collections.abc import Iterator
from typing import Any

import pytest
from onramp.aws.account import Account
from onramp.aws.observe import Seen, observe
from onramp.aws.reach import Reach
from onramp.core.model import Network
from onramp.core.steps import Run

from localcloud import world as worlds
from localcloud.cloud import LocalCloud

TEAM = "222222222222"
NETWORK = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:servicenetwork/sn-0123456789abcdef0",
    account=TEAM,
    share=f"arn:aws:ram:ap-northeast-1:{TEAM}:resource-share/7ab63972-0000-4000-8000-000000000001",
)


@pytest.fixture
def member() -> Iterator[Account]:
    """An account with two load balancers, one of which asks for something."""
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    balancers = tuple(
        worlds.LoadBalancer(name=name, vpc="main", tags=tags)
        for name, tags in (("orders", {"lattice:network": "net"}), ("bills", {"team": "bills"}))
    )
    account = worlds.Account(id=TEAM, vpcs=(vpc,), load_balancers=balancers)
    with LocalCloud(enforce_iam=False) as cloud:
        worlds.build(cloud, worlds.World(accounts=(account,)))
        yield Account(cloud.session(TEAM), TEAM)


def look(member: Account) -> Seen:
    # The network's own account, which needs no share.
    return observe(NETWORK, member, member, Run(account=TEAM, trigger={}), Reach())


def test_tags_are_read_of_every_load_balancer(member: Account) -> None:
    assert {one.name: dict(one.tags) for one in look(member).observation.load_balancers} == {
        "orders": {"lattice:network": "net"},
        "bills": {"team": "bills"},
    }


def test_a_load_balancer_whose_tags_are_not_answered_is_unread_and_costs_nobody_else(member: Account) -> None:
    def leave_out(parsed: dict[str, Any], **_: Any) -> None:
        parsed["TagDescriptions"] = [it for it in parsed["TagDescriptions"] if "/orders/" not in it["ResourceArn"]]

    member.client("elbv2").meta.events.register("after-call.elastic-load-balancing-v2.DescribeTags", leave_out)
    seen = look(member).observation
    [(unread, why)] = seen.unread.items()
    assert "/orders/" in unread
    assert why.startswith("DescribeTags does not answer for it")
    assert [one.name for one in seen.load_balancers] == ["bills"]
