"""Reading an account: what could not be read is never taken for absent."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.account import Account
from onramp.aws.observe import observe
from onramp.aws.observe.findings import Seen
from onramp.aws.reach import Reach
from onramp.core import names, tags
from onramp.core.errors import NotYet
from onramp.core.model import UNREAD
from onramp.core.network import Network
from onramp.core.reach import Finding
from onramp.core.run import Memory, Plan, Run

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault

TEAM = "222222222222"
NETWORK = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:servicenetwork/sn-0123456789abcdef0",
    account=TEAM,
    share=f"arn:aws:ram:ap-northeast-1:{TEAM}:resource-share/7ab63972-0000-4000-8000-000000000001",
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """An account with two load balancers, one of which asks for something."""
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    balancers = tuple(
        worlds.LoadBalancer(name=name, vpc="main", tags=tags)
        for name, tags in (("orders", {"lattice:network": "net"}), ("bills", {"team": "bills"}))
    )
    account = worlds.Account(id=TEAM, vpcs=(vpc,), load_balancers=balancers)
    with LocalCloud(enforce_iam=False) as cloud:
        worlds.build(cloud, worlds.World(accounts=(account,)))
        yield cloud


@pytest.fixture
def member(cloud: LocalCloud) -> Account:
    return Account(cloud.session(TEAM), TEAM)


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


@pytest.fixture
def service(cloud: LocalCloud) -> str:
    """ARN of our service, which bears the name that its load balancer asks for, with two listeners of ours."""
    lattice, ours = cloud.client("vpc-lattice", TEAM), {tags.OWNER: "net"}
    made: str = lattice.create_service(name="orders", tags=ours)["arn"]
    cloud.settle()
    for port in (80, 81):
        lattice.create_listener(
            serviceIdentifier=made,
            name=f"http-{port}",
            protocol="HTTP",
            port=port,
            defaultAction={"fixedResponse": {"statusCode": 404}},
            tags=ours,
        )
    return made


def test_our_service_is_read_with_its_listeners(member: Account, service: str) -> None:
    [found] = look(member).observation.services
    assert (found.arn, found.name, found.status, found.owned) == (service, "orders", "ACTIVE", True)
    assert {(one.name, one.owned) for one in found.listeners} == {("http-80", True), ("http-81", True)}


@pytest.mark.parametrize(("mark", "ours"), [("", True), ("strange", True), ("sibling", False)])
def test_a_listener_of_our_service_without_our_mark_is_ours_by_its_name_and_told_of(
    cloud: LocalCloud, member: Account, service: str, mark: str, ours: bool
) -> None:
    lattice = cloud.client("vpc-lattice", TEAM)
    plain, named = [lattice.list_listeners(serviceIdentifier=service)["items"][place] for place in (0, 1)]
    lattice.untag_resource(resourceArn=plain["arn"], tagKeys=[tags.OWNER])
    if mark:
        lattice.tag_resource(resourceArn=plain["arn"], tags={tags.OWNER: mark})
    network = replace(NETWORK, siblings=frozenset({"sibling"}))
    seen = observe(network, member, member, Run(account=TEAM, trigger={}), Reach()).observation
    [found] = seen.services
    assert {one.arn: one.owned for one in found.listeners} == {plain["arn"]: ours, named["arn"]: True}
    assert seen.unmarked == ({plain["arn"]: plain["name"]} if ours else {})


@pytest.mark.parametrize("skip", [0, 1])
def test_a_listener_that_cannot_be_read_is_not_missing(
    cloud: LocalCloud, member: Account, service: str, skip: int
) -> None:
    cloud.faults.add(Fault("refuse", operation="GetListener", skip=skip))
    seen = look(member).observation
    assert [(one.arn, one.status) for one in seen.services] == [(service, UNREAD)]
    assert seen.unread[service].startswith("GetListener AccessDenied")
    assert cloud.faults.unused == []


def test_being_asked_to_slow_down_stops_the_look(cloud: LocalCloud, member: Account, service: str) -> None:
    cloud.faults.add(Fault("throttle", operation="GetListener", times=None))
    with pytest.raises(NotYet):
        look(member)
    assert service


def test_what_bears_our_mark_alone_is_unproven_and_not_in_the_look(cloud: LocalCloud, member: Account) -> None:
    theirs = cloud.client("vpc-lattice", TEAM).create_service(name="payments", tags={tags.OWNER: "net"})["arn"]
    cloud.settle()
    seen = look(member).observation
    assert (seen.services, seen.unproven) == ((), {theirs: "payments"})


def test_what_is_remembered_as_made_by_us_is_ours_whatever_asks_for_it(cloud: LocalCloud, member: Account) -> None:
    made = cloud.client("vpc-lattice", TEAM).create_service(name="payments", tags={tags.OWNER: "net"})["arn"]
    cloud.settle()
    run = Run(account=TEAM, trigger={}, memory=Memory(arns={made: "payments"}))
    seen = observe(NETWORK, member, member, run, Reach()).observation
    assert [(one.arn, one.owned) for one in seen.services] == [(made, True)]
    assert seen.unproven == {}


def test_what_we_know_that_we_made_stays_ours_when_somebody_takes_our_mark_off(
    cloud: LocalCloud, member: Account, service: str
) -> None:
    cloud.client("vpc-lattice", TEAM).untag_resource(resourceArn=service, tagKeys=[tags.OWNER])
    gone = f"{service}0"
    run = Run(account=TEAM, trigger={}, memory=Memory(arns={service: "orders", gone: "bills"}))
    seen = observe(NETWORK, member, member, run, Reach()).observation
    assert [(one.arn, one.owned, len(one.listeners)) for one in seen.services] == [(service, True, 2)]
    assert (seen.unmarked, seen.unproven) == ({service: "orders"}, {})
    # Nobody remembers it: then it is a stranger's.
    assert [(one.arn, one.owned) for one in look(member).observation.services] == [(service, False)]


def test_what_is_gone_is_not_unmarked_even_where_its_tags_are_answered_as_none(
    cloud: LocalCloud, member: Account, service: str
) -> None:
    def none(parsed: dict[str, Any], http_response: Any, **_: Any) -> None:
        http_response.status_code = 200
        parsed["tags"] = {}

    member.client("vpc-lattice").meta.events.register("after-call.vpc-lattice.ListTagsForResource", none)
    run = Run(account=TEAM, trigger={}, memory=Memory(arns={f"{service[:-1]}0": "bills"}))
    seen = observe(NETWORK, member, member, run, Reach()).observation
    assert [one.arn for one in seen.services] == [service]
    assert not seen.unmarked.keys() & run.memory.arns.keys()


def test_a_service_of_another_product_that_bears_our_mark_blinds_nobody(cloud: LocalCloud, member: Account) -> None:
    strange = f"arn:aws:servicediscovery:ap-northeast-1:{TEAM}:service/srv-1"

    def add(parsed: dict[str, Any], **_: Any) -> None:
        parsed["ResourceTagMappingList"].append({"ResourceARN": strange, "Tags": []})

    member.client("resourcegroupstaggingapi").meta.events.register(
        "after-call.resource-groups-tagging-api.GetResources", add
    )
    seen = look(member).observation
    assert (seen.services, seen.unread, seen.unproven) == ((), {}, {})
    assert {one.name for one in seen.load_balancers} == {"bills", "orders"}


@pytest.fixture
def joined(cloud: LocalCloud, service: str) -> tuple[Network, str, str]:
    """Our service on the network, and our VPC: the network, the load balancer behind the service, and the VPC."""
    lattice, elb, ec2 = (cloud.client(name, TEAM) for name in ("vpc-lattice", "elbv2", "ec2"))
    network = replace(NETWORK, arn=lattice.create_service_network(name="net")["arn"])
    balancer = elb.describe_load_balancers(Names=["orders"])["LoadBalancers"][0]
    arn, vpc = balancer["LoadBalancerArn"], balancer["VpcId"]
    web = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": web}]
    )
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "lattice:listen", "Value": "HTTP:80"}])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "lattice:network", "Value": "net"}])
    ours = {tags.OWNER: "net"}
    group = lattice.create_target_group(
        name=names.target_group("net", "orders", arn, "HTTP", 80, vpc),
        type="ALB",
        config={"protocol": "HTTP", "port": 80, "vpcIdentifier": vpc},
        tags=ours,
    )["arn"]
    cloud.settle()
    lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": arn, "port": 80}])
    lattice.create_service_network_service_association(
        serviceIdentifier=service, serviceNetworkIdentifier=network.arn, tags=ours
    )
    lattice.create_service_network_vpc_association(serviceNetworkIdentifier=network.arn, vpcIdentifier=vpc, tags=ours)
    cloud.settle()
    return network, arn, vpc


def test_what_was_found_and_cannot_be_read_this_time_is_found_still(
    cloud: LocalCloud, member: Account, joined: tuple[Network, str, str]
) -> None:
    network, balancer, vpc = joined
    found = observe(network, member, member, Run(account=TEAM, trigger={}), Reach()).findings()
    assert found[balancer].code == "security-group"
    idle = {
        balancer: Finding(code="no-healthy-target", message="start one", port=80),
        vpc: Finding(code="vpc-dns-off", message="on"),
    }
    group = cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"][0]["SecurityGroups"][0]
    cloud.client("ec2", TEAM).authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    asked = Run(account=TEAM, trigger={}, memory=Memory(findings=idle))
    seen = observe(network, member, member, asked, Reach()).findings()
    assert set(seen) == {balancer}
    assert seen[balancer].message.startswith("register a target")  # as it was read, and not as it was
    for operation in ("DescribeTargetHealth", "DescribeVpcAttribute"):
        cloud.faults.add(Fault("refuse", operation=operation, times=None))
    assert observe(network, member, member, asked, Reach()).findings() == idle
    # What could be read has passed, whatever else could not be.
    shut = {balancer: Finding(code="security-group", message="admit it")}
    assert observe(network, member, member, replace(asked, memory=Memory(findings=shut)), Reach()).findings() == {}
    # Of a run, its last look counts, and not what was remembered before it; nor does what was never found begin so.
    later = replace(asked, plan=Plan(account=TEAM, round=1, next="wait"))
    assert observe(network, member, member, later, Reach()).findings() == {}
    assert (
        observe(network, member, member, replace(asked, plan=replace(later.plan, findings=idle)), Reach()).findings()
        == idle
    )
