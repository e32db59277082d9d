"""Many at once, and one that never stops: late is not lost, and one account's noise is not another's."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, ExecutionRecord
from replay.stage import deploy
from replay.story import Network

OWN = "111111111111"
MEMBERS = tuple(f"{number:012}" for number in range(222222222201, 222222222211))
NOISY, QUIET = MEMBERS[:2]
NAME = "net"


@contextmanager
def deployed(*members: str, **parameters: str) -> Iterator[LocalCloud]:
    """The product for these members, each with an internal load balancer that nobody has tagged."""
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    balancer = worlds.LoadBalancer(
        name="orders", vpc="main", listeners=(worlds.BalancerListener(port=80, protocol="HTTP"),)
    )
    accounts = [worlds.Account(id=member, vpcs=(vpc,), load_balancers=(balancer,)) for member in members]
    with LocalCloud() as cloud:
        worlds.build(cloud, worlds.World(accounts=(worlds.Account(id=OWN), *accounts)))
        given = {"NetworkName": NAME, "MemberAccounts": ",".join(members), **parameters}
        deploy(cloud, Network(account=OWN, name=NAME, parameters=given), members)
        cloud.settle()
        yield cloud


def tag(cloud: LocalCloud, account: str) -> None:
    elb = cloud.client("elbv2", account)
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    tags = {"lattice:network": NAME, "lattice:listen": "HTTP:80"}
    elb.add_tags(
        ResourceArns=[balancer["LoadBalancerArn"]], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )


def runs(cloud: LocalCloud, account: str = "") -> dict[str, list[str]]:
    """Execution -> what became of it, in order."""
    found: dict[str, list[str]] = {}
    for record in cloud.journal.of(ExecutionRecord):
        if f":{account}" in record.execution:
            found.setdefault(record.execution, []).append(record.status)
    return found


def joined(cloud: LocalCloud, account: str) -> bool:
    made = cloud.client("vpc-lattice", account).list_services()["items"]
    associated = [
        it["status"]
        for one in made
        for it in cloud.client("vpc-lattice", account).list_service_network_service_associations(
            serviceIdentifier=one["id"]
        )["items"]
    ]
    return associated == ["ACTIVE"]


def noise(cloud: LocalCloud, account: str, events: int) -> None:
    resource = f"arn:aws:ec2:{cloud.region}:{account}:vpc/vpc-0123456789abcdef0"
    detail = {"changed-tag-keys": ["lattice:ports"], "service": "ec2", "resource-type": "vpc", "tags": {}}
    for _ in range(events):
        cloud.events.emit(account, "aws.tag", "Tag Change on Resource", detail, [resource])


def test_a_storm_of_one_account_delays_no_other_s_tag_and_costs_it_few_runs() -> None:
    with deployed(NOISY, QUIET) as cloud:
        cloud.functions.duration = 1.0
        noise(cloud, NOISY, 400)
        tag(cloud, QUIET)
        began = cloud.clock.now
        cloud.clock.advance(60)
        [first] = [record.at for record in cloud.journal.of(ExecutionRecord) if f":{QUIET}" in record.execution][:1]
        assert first - began <= 60
        cloud.settle()
        assert joined(cloud, QUIET)
        assert len(runs(cloud, NOISY)) <= 3
        assert cloud.queues.depth(OWN, f"onramp-{NAME}") == (0, 0, 0)


def test_an_account_that_never_stops_ringing_keeps_no_run_until_it_times_out() -> None:
    with deployed(NOISY) as cloud:
        cloud.functions.duration = 1.0
        for _ in range(2 * 60):  # two hours, a tag change each minute
            noise(cloud, NOISY, 1)
            cloud.clock.advance(60)
        cloud.settle()
        found = runs(cloud, NOISY)
        assert {statuses[-1] for statuses in found.values()} == {"SUCCEEDED"}
        # Each run ends in some 25 minutes at most, and what rang last was looked at.
        item = cloud.client("dynamodb", OWN).get_item(TableName=f"onramp-{NAME}", Key={"account": {"S": NOISY}})["Item"]
        assert "holder" not in item
        assert float(item["looked_at"]["N"]) >= float(item["rung_at"]["N"])


def test_many_at_once_on_little_concurrency_are_late_and_none_fails() -> None:
    with deployed(*MEMBERS, ReservedConcurrency="1") as cloud:
        cloud.functions.duration = 2.0
        began = cloud.clock.now
        for member in MEMBERS:
            tag(cloud, member)
        cloud.settle()
        throttled = [call for call in cloud.journal.of(CallRecord) if call.outcome == "TooManyRequestsException"]
        assert {statuses[-1] for statuses in runs(cloud).values()} == {"SUCCEEDED"}, throttled
        assert [member for member in MEMBERS if not joined(cloud, member)] == []
        # 200 on a concurrency of 10 are 20 on 1; half of them in half of the quarter of an hour, without a sweep.
        assert cloud.clock.now - began < 15 * 60


@pytest.mark.parametrize("lost", [False, True], ids=["its end is told", "its end is lost"])
def test_a_run_that_ended_badly_is_followed_by_one_that_does_what_it_owed(*, lost: bool) -> None:
    with deployed(QUIET) as cloud:
        cloud.functions.duration = 10.0
        tag(cloud, QUIET)
        cloud.clock.advance(45)
        states = cloud.client("stepfunctions", OWN)
        [run] = [name for name, statuses in runs(cloud, QUIET).items() if statuses == ["RUNNING"]]
        cloud.events.delivery.drop = 1.0 if lost else 0.0
        states.stop_execution(executionArn=run)
        cloud.events.delivery.drop = 0.0
        cloud.functions.duration = 0.0
        stopped = cloud.clock.now
        cloud.clock.advance(700 if lost else 30)
        began = [record.at for record in cloud.journal.of(ExecutionRecord) if f":{QUIET}" in record.execution]
        assert [at for at in began if at > stopped]
        cloud.settle()
        assert joined(cloud, QUIET)
