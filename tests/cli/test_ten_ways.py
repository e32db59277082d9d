"""Ten ways in which a network is broken, in the order that a seed draws: each is found by one command, and mended.

The world is one, so that each way is tried after others have come and gone. Another seed: ONRAMP_WAYS_SEED=7.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

import pytest

from tests.cli.typing_in import BALANCER, INFRA, NETWORK, REGION, TEAM, Shell, shell

SEED = int(os.environ.get("ONRAMP_WAYS_SEED", "1"))
BOTH = ("--profile", "infra", "--profile", "team")
TRACE = ("trace", "--from", "10.1.33.54", "--to", "orders", *BOTH)
DOCTOR = ("doctor", BALANCER, *BOTH)
HOUR = 3600


class Way(NamedTuple):
    """What is typed, and what has to be in the answer: what is wrong, and what to do."""

    broken: Callable[[Shell], AbstractContextManager[None]]
    typed: tuple[str, ...]
    status: int
    says: tuple[str, ...]


@contextmanager
def security_group(typed: Shell) -> Iterator[None]:
    ec2, elb = typed.cloud.client("ec2", TEAM), typed.cloud.client("elbv2", TEAM)
    [group] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"][0]["SecurityGroups"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    try:
        yield
    finally:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)


@contextmanager
def target_health(typed: Shell) -> Iterator[None]:
    elb = typed.cloud.client("elbv2", TEAM)
    groups = [it["TargetGroupArn"] for it in elb.describe_target_groups(LoadBalancerArn=BALANCER)["TargetGroups"]]
    for group in groups:
        elb.modify_target_group(TargetGroupArn=group, HealthCheckPort="83")
    try:
        yield
    finally:
        for group in groups:
            elb.modify_target_group(TargetGroupArn=group, HealthCheckPort="traffic-port")


@contextmanager
def missing_member_role(typed: Shell) -> Iterator[None]:
    iam, name = typed.cloud.client("iam", TEAM), f"onramp-{NETWORK}-reader"
    role = iam.get_role(RoleName=name)["Role"]
    policies = {
        it: iam.get_role_policy(RoleName=name, PolicyName=it)["PolicyDocument"]
        for it in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    for it in policies:
        iam.delete_role_policy(RoleName=name, PolicyName=it)
    iam.delete_role(RoleName=name)
    try:
        yield
    finally:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
        for it, document in policies.items():
            iam.put_role_policy(RoleName=name, PolicyName=it, PolicyDocument=json.dumps(document))


@contextmanager
def weight_zero(typed: Shell) -> Iterator[None]:
    typed.tag(weight="0")
    try:
        yield
    finally:
        typed.tag(weight="100")


@contextmanager
def refused_tag(typed: Shell) -> Iterator[None]:
    typed.tag(listen="FTP:21")
    try:
        yield
    finally:
        typed.tag(listen="HTTP:80")


@contextmanager
def foreign_association(typed: Shell) -> Iterator[None]:
    lattice, ec2 = typed.cloud.client("vpc-lattice", TEAM), typed.cloud.client("ec2", TEAM)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "another"}])
    other = lattice.create_service_network(name=f"other-{vpc[-8:]}")["arn"]
    joined = lattice.create_service_network_vpc_association(serviceNetworkIdentifier=other, vpcIdentifier=vpc)["arn"]
    typed.wait()
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "lattice:network", "Value": NETWORK}])
    try:
        yield
    finally:
        ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "lattice:network"}])
        typed.wait()
        lattice.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=joined)
        typed.wait()
        lattice.delete_service_network(serviceNetworkIdentifier=other)
        ec2.delete_vpc(VpcId=vpc)


@contextmanager
def auth_policy(typed: Shell) -> Iterator[None]:
    lattice = typed.cloud.client("vpc-lattice", INFRA)
    [network] = [it["arn"] for it in lattice.list_service_networks()["items"] if it["name"] == NETWORK]
    before = lattice.get_auth_policy(resourceIdentifier=network)["policy"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    lattice.put_auth_policy(
        resourceIdentifier=network, policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    try:
        yield
    finally:
        lattice.put_auth_policy(resourceIdentifier=network, policy=before)


@contextmanager
def wrong_region(typed: Shell) -> Iterator[None]:
    yield  # a load balancer elsewhere is nothing that anybody here can see: its ARN says it


@contextmanager
def silent_account(typed: Shell) -> Iterator[None]:
    scheduler, events = typed.cloud.client("scheduler", TEAM), typed.cloud.client("events", TEAM)
    name = f"onramp-{NETWORK}-sweep"
    there = scheduler.get_schedule(Name=name)
    kept = {key: there[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")
    rules = [it["Name"] for it in events.list_rules()["Rules"]]
    for rule in rules:
        events.disable_rule(Name=rule)
    typed.wait(4 * HOUR)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)
        scheduler.update_schedule(**kept, State="ENABLED")
        typed.wait(2 * HOUR)


@contextmanager
def held_deletion(typed: Shell) -> Iterator[None]:
    elb = typed.cloud.client("elbv2", TEAM)
    elb.remove_tags(ResourceArns=[BALANCER], TagKeys=["lattice:network", "lattice:service", "lattice:listen"])
    typed.wait(600)
    try:
        yield
    finally:
        typed.tag(network=NETWORK, service="orders", listen="HTTP:80")


WAYS = {
    "security group": Way(security_group, TRACE, 1, ("security-group", f"com.amazonaws.{REGION}.vpc-lattice")),
    "target health": Way(target_health, TRACE, 1, ("no-healthy-target", "→")),
    "missing member role": Way(missing_member_role, DOCTOR, 1, ("member-role-missing", "deploy member.yaml")),
    "weight 0": Way(weight_zero, TRACE, 1, ("weights-zero", "lattice:weight")),
    "refused tag": Way(refused_tag, DOCTOR, 1, ("listen-invalid", "write HTTP or HTTPS or TLS_PASSTHROUGH and a port")),
    "foreign association": Way(
        foreign_association,
        ("status", "--state", "refused", "--profile", "operator"),
        0,
        ("vpc-in-another-network", "remove this VPC's association"),
    ),
    "auth policy": Way(auth_policy, TRACE, 1, ("auth-denied", "→")),
    "wrong region": Way(
        wrong_region,
        ("doctor", BALANCER.replace(REGION, "us-east-1"), *BOTH),
        1,
        ("wrong-region", f"tag a load balancer in {REGION}"),
    ),
    "silent account": Way(
        silent_account,
        ("status", "--state", "account-silent", "--profile", "operator"),
        0,
        (TEAM, "put its member stack back, switch its schedule"),
    ),
    "held deletion": Way(
        held_deletion,
        ("status", "orders", "--profile", "operator"),
        0,
        ("deletion-limit", f"onramp release --account {TEAM}"),
    ),
}

ORDER = random.Random(SEED).sample(sorted(WAYS), len(WAYS))  # noqa: S311 - a lot is drawn, nothing is kept secret


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws"), DeletionLimit="0") as made:
        made.join()
        yield made


def test_the_order_is_the_seeds() -> None:
    assert sorted(ORDER) == sorted(WAYS)
    assert len(ORDER) == 10


@pytest.mark.parametrize("name", ORDER)
def test_one_command_says_what_is_wrong_and_what_to_do(typed: Shell, name: str) -> None:
    way = WAYS[name]
    with way.broken(typed):
        typed.onramp("look", "--all", "--yes", "--profile", "operator")
        typed.wait(300)
        found = typed.onramp(*way.typed)
        assert found.exit_code == way.status, f"seed {SEED}: {found.output}"
        for words in way.says:
            assert words in found.output, f"seed {SEED}: {words!r} is not in\n{found.output}"
    typed.onramp("look", "--all", "--yes", "--profile", "operator")
    typed.wait(300)
    mended = typed.onramp(*TRACE)
    assert mended.exit_code == 0, f"seed {SEED}: {name} was mended, and\n{mended.output}"
