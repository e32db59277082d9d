"""A large account is read by lists: what they tell of all is not asked of each, and what they do not tell is."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.account import Account
from onramp.aws.observe import observe
from onramp.aws.reach import Reach
from onramp.core import tags
from onramp.core.looks import BY_LISTS
from onramp.core.model import Observation, Service
from onramp.core.network import Network
from onramp.core.rounds import look
from onramp.core.run import Memory, Run
from onramp.core.steps import Outcome

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord

TEAM = "222222222222"
NAMES = [f"orders-{number}" for number in range(BY_LISTS + 2)]
OURS = {tags.OWNER: "net"}


class Estate:
    """An account of more services than are asked one by one, each with a listener, a group and an association."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.lattice = cloud.client("vpc-lattice", TEAM)
        self.member = Account(cloud.session(TEAM), TEAM)
        [vpc] = cloud.client("ec2", TEAM).describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"]
        self.vpc = vpc["VpcId"]
        made = self.lattice.create_service_network(name="net")
        self.network = Network(
            name="net",
            arn=made["arn"],
            account=TEAM,
            share=f"arn:aws:ram:ap-northeast-1:{TEAM}:resource-share/7ab63972-0000-4000-8000-000000000001",
        )
        self.arns: dict[str, str] = {}
        self.services: dict[str, str] = {}
        self.listeners: dict[str, str] = {}
        self.groups = {name: self.group(name) for name in NAMES}
        for name in NAMES:
            self.services[name] = self.lattice.create_service(name=name, tags=OURS)["arn"]
        cloud.settle()
        for name, service in self.services.items():
            listener = self.lattice.create_listener(
                serviceIdentifier=service,
                name="http-80",
                protocol="HTTP",
                port=80,
                defaultAction=self.forward(self.groups[name]),
                tags=OURS,
            )
            joined = self.lattice.create_service_network_service_association(
                serviceIdentifier=service, serviceNetworkIdentifier=made["arn"], tags=OURS
            )
            self.listeners[name] = listener["arn"]
            self.arns |= {service: name, listener["arn"]: "http-80", joined["arn"]: name}
        cloud.settle()
        last = look(self.network, self.look(), Run(account=TEAM, trigger={}), 0.0)
        self.memory = Memory(arns=self.arns, listeners=last.listeners)

    def group(self, name: str) -> str:
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": self.vpc}
        made: str = self.lattice.create_target_group(name=name, type="ALB", config=config, tags=OURS)["arn"]
        self.arns[made] = name
        self.cloud.settle()
        return made

    def forward(self, *groups: str, weight: int = 100) -> dict[str, Any]:
        return {"forward": {"targetGroups": [{"targetGroupIdentifier": one, "weight": weight} for one in groups]}}

    def change(self, name: str, action: dict[str, Any]) -> None:
        self.lattice.update_listener(
            serviceIdentifier=self.services[name], listenerIdentifier=self.listeners[name], defaultAction=action
        )

    def look(self, run: Run | None = None, *, by_lists: bool = False) -> Observation:
        run = run or Run(account=TEAM, trigger={}, memory=Memory(arns=self.arns))
        return observe(self.network, self.member, self.member, run, Reach(), by_lists=by_lists).observation

    def cheap(self, run: Run | None = None) -> tuple[dict[str, Service], Counter[str]]:
        begin = len(self.cloud.journal)
        seen = self.look(run or Run(account=TEAM, trigger={}, memory=self.memory), by_lists=True)
        calls = [one for one in list(self.cloud.journal)[begin:] if isinstance(one, CallRecord)]
        return {one.name: one for one in seen.services}, Counter(one.operation for one in calls)

    def whole(self) -> dict[str, Service]:
        return {one.name: one for one in self.look().services}


def updated(*services: str) -> tuple[Outcome, ...]:
    """The outcomes of a round that changed these services' listeners."""
    return tuple(
        Outcome(kind="UpdateListener", account=TEAM, name=f"{one}/http-80", because="b", status="done")
        for one in services
    )


@pytest.fixture(scope="module")
def begun() -> Iterator[Estate]:
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    balancers = tuple(worlds.LoadBalancer(name=name, vpc="main", tags={"lattice:network": "net"}) for name in NAMES)
    account = worlds.Account(id=TEAM, vpcs=(vpc,), load_balancers=balancers)
    with LocalCloud(enforce_iam=False) as cloud:
        worlds.build(cloud, worlds.World(accounts=(account,)))
        yield Estate(cloud)


@pytest.fixture
def estate(begun: Estate) -> Iterator[Estate]:
    """All as it was after the test; nothing is made anew for it."""
    yield begun
    for name in NAMES:
        begun.change(name, begun.forward(begun.groups[name]))
    begun.cloud.settle()


ASKED = ("GetService", "GetListener", "ListListeners", "ListServiceNetworkServiceAssociations")


def test_nothing_is_asked_of_each_service_and_all_is_seen_as_if_it_were(estate: Estate) -> None:
    seen, calls = estate.cheap()
    assert seen == estate.whole()
    assert {name: len(one.listeners) for name, one in seen.items()} == dict.fromkeys(NAMES, 1)
    assert {name: calls[name] for name in ASKED} == dict.fromkeys(ASKED[:3], 0) | {ASKED[3]: 1}
    assert calls["ListTargetGroups"] == 1


def test_a_hand_that_sends_elsewhere_is_seen_at_once_and_costs_what_it_touched(estate: Estate) -> None:
    estate.change(NAMES[0], {"fixedResponse": {"statusCode": 404}})
    estate.change(NAMES[1], estate.forward(estate.groups[NAMES[1]], estate.group("another")))
    seen, calls = estate.cheap()
    assert seen == estate.whole()
    assert calls["GetListener"] == 2
    assert seen[NAMES[0]].listeners[0].answers == 404
    assert len(seen[NAMES[1]].listeners[0].forwards) == 2


@pytest.mark.parametrize("where", ["memory", "run"])
def test_of_what_was_given_up_alone_all_is_asked(estate: Estate, where: str) -> None:
    estate.change(NAMES[0], estate.forward(estate.groups[NAMES[0]], weight=7))
    failed = {f"UpdateListener {TEAM} {NAMES[0]}/http-80": "why"}
    memory = replace(estate.memory, failed=failed) if where == "memory" else estate.memory
    run = Run(account=TEAM, trigger={}, memory=memory, failures={} if where == "memory" else failed)
    seen, calls = estate.cheap(run)
    assert seen == estate.whole()
    assert calls["GetListener"] == 1
    assert calls["ListServiceNetworkServiceAssociations"] == 2  # the network's, and this one's


def test_a_hand_that_only_changes_a_weight_is_seen_by_the_next_look_for_hands(estate: Estate) -> None:
    estate.change(NAMES[0], estate.forward(estate.groups[NAMES[0]], weight=7))
    assert estate.cheap()[0][NAMES[0]].listeners[0].forwards[0].weight == 100
    assert estate.whole()[NAMES[0]].listeners[0].forwards[0].weight == 7


def test_what_the_last_run_did_not_see_is_asked(estate: Estate) -> None:
    kept = estate.memory
    others = {arn: seen for arn, seen in kept.listeners.items() if arn != estate.services[NAMES[0]]}
    estate.memory = replace(kept, listeners=others)
    seen, calls = estate.cheap()
    estate.memory = kept
    assert seen == estate.whole()
    assert calls["GetListener"] == 1


def test_what_the_last_steps_were_about_is_asked_and_all_else_is_as_the_last_look_saw_it(estate: Estate) -> None:
    estate.change(NAMES[0], estate.forward(estate.groups[NAMES[0]], weight=7))
    run = Run(account=TEAM, trigger={}, memory=Memory(arns=estate.arns), round=2, listeners=estate.memory.listeners)
    assert estate.cheap(run)[1]["GetListener"] == 0
    seen, calls = estate.cheap(replace(run, outcomes=(updated(NAMES[0]),)))
    assert seen == estate.whole()
    assert {name: calls[name] for name in ASKED} == dict.fromkeys(ASKED, 0) | {"GetListener": 1, ASKED[3]: 2}


@pytest.mark.parametrize("operation", ["ListServiceNetworkServiceAssociations", "ListTargetGroups"])
def test_where_a_list_is_denied_each_is_asked_by_itself(estate: Estate, operation: str) -> None:
    estate.cloud.faults.add(Fault("refuse", operation=operation))
    seen, calls = estate.cheap()
    assert seen == estate.whole()
    assert calls["GetListener"] == len(NAMES)
    assert calls["ListServiceNetworkServiceAssociations"] >= len(NAMES)


def test_who_leaves_is_asked_whether_another_network_has_it(estate: Estate) -> None:
    other = estate.lattice.create_service_network(name="other")["arn"]
    joined = estate.lattice.create_service_network_service_association(
        serviceIdentifier=estate.services[NAMES[0]], serviceNetworkIdentifier=other
    )["arn"]
    estate.cloud.settle()
    assert [one.network for one in estate.cheap()[0][NAMES[0]].associations] == [estate.network.arn]
    elb = estate.cloud.client("elbv2", TEAM)
    [balancer] = elb.describe_load_balancers(Names=[NAMES[0]])["LoadBalancers"]
    elb.remove_tags(ResourceArns=[balancer["LoadBalancerArn"]], TagKeys=["lattice:network"])
    seen, calls = estate.cheap()
    assert {one.network for one in seen[NAMES[0]].associations} == {estate.network.arn, other}
    assert calls["ListServiceNetworkServiceAssociations"] == 2
    elb.add_tags(ResourceArns=[balancer["LoadBalancerArn"]], Tags=[{"Key": "lattice:network", "Value": "net"}])
    estate.lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=joined)


def test_few_services_are_asked_one_by_one(estate: Estate) -> None:
    run = Run(account=TEAM, trigger={}, memory=estate.memory, outcomes=(updated(*NAMES[BY_LISTS:]),))
    assert estate.cheap(run)[1]["GetListener"] == len(NAMES)
