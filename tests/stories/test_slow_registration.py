"""Registering a target takes minutes on AWS: nobody is told too early, and nobody is cut off meanwhile."""

from collections.abc import Iterator

import pytest

from tests.stories.said import BALANCER, CALLERS, SERVICE, TEAM, VPC, Said
from tests.stories.staged import deployed

MINUTES = 240.0


@pytest.fixture
def slow() -> Iterator[Said]:
    """The walk-through's world, with nothing tagged, where a registration takes four minutes."""
    with deployed() as cloud:
        cloud.let_registration_take(MINUTES)
        yield Said(cloud)


def ask_for_both(said: Said) -> None:
    """Both sides tag, and nobody waits."""
    network = {"Key": "lattice:network", "Value": "adways-vpc-lattice-network"}
    more = [{"Key": "lattice:service", "Value": SERVICE}, {"Key": "lattice:listen", "Value": "HTTP:80"}]
    said.cloud.client("ec2", CALLERS).create_tags(Resources=[VPC], Tags=[network])
    said.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=[network, *more])


def test_connected_is_told_when_a_request_gets_through_and_not_before(slow: Said) -> None:
    ask_for_both(slow)
    slow.cloud.clock.advance(MINUTES)
    told = slow.told()
    assert told["status"] == "connecting", told
    slow.cloud.settle()
    assert slow.told()["status"] == "connected"
    assert slow.asks() == 200


def test_a_service_that_moves_to_another_listener_answers_all_the_while(slow: Said) -> None:
    ask_for_both(slow)
    slow.cloud.settle()
    elb = slow.cloud.client("elbv2", TEAM)
    [first] = elb.describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
    elb.create_listener(LoadBalancerArn=BALANCER, Protocol="HTTP", Port=8080, DefaultActions=first["DefaultActions"])
    [group] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"][0]["SecurityGroups"]
    ec2 = slow.cloud.client("ec2", TEAM)
    [rule] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    opened = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "PrefixListIds": rule["PrefixListIds"]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[opened])
    slow.cloud.settle()
    domain = slow.told()["domain"]
    elb.add_tags(ResourceArns=[BALANCER], Tags=[{"Key": "lattice:target", "Value": "HTTP:8080"}])
    moves = []
    for _ in range(60):
        slow.cloud.clock.advance(15)
        moves.append(slow.asks(domain=domain))
    assert set(moves) == {200}
    assert slow.told()["domain"] == domain
    groups = [it for it in slow.cloud.lattice.estate.target_groups if it.account == TEAM]
    assert [target.port for it in groups for target in it.targets.values()] == [8080], "the old one is gone"
