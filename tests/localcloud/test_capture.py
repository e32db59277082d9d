"""A team's own estate as a world: from Terraform's state, and from accounts that are only read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud import capture, world
from localcloud.cloud import LocalCloud
from localcloud.door.call import is_mutating
from localcloud.ground.journal import CallRecord

TEAM = "222222222222"
VPC = "vpc-0123456789abcdef0"
BALANCER = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/50dc6c495c0c9188"


def managed(kind: str, called: str, **attributes: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": called, "instances": [{"attributes": attributes}]}


def state(*more: dict[str, Any]) -> str:
    vpc_arn = f"arn:aws:ec2:ap-northeast-1:{TEAM}:vpc/{VPC}"
    resources = [
        managed("aws_vpc", "main", arn=vpc_arn, id=VPC, cidr_block="10.1.0.0/16", tags={"Name": "main"}),
        *(
            managed(
                "aws_subnet",
                zone,
                id=f"subnet-{number}",
                arn=f"arn:aws:ec2:ap-northeast-1:{TEAM}:subnet/subnet-{number}",
                vpc_id=VPC,
                cidr_block=f"10.1.{number}.0/24",
                availability_zone=f"ap-northeast-1{zone}",
            )
            for number, zone in enumerate("ac")
        ),
        managed(
            "aws_security_group",
            "web",
            id="sg-1",
            arn=f"arn:aws:ec2:ap-northeast-1:{TEAM}:security-group/sg-1",
            name="web",
            vpc_id=VPC,
            ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["10.0.0.0/8"]}],
            egress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"]}],
        ),
        managed(
            "aws_instance",
            "client",
            id="i-1",
            arn=f"arn:aws:ec2:ap-northeast-1:{TEAM}:instance/i-1",
            subnet_id="subnet-0",
            private_ip="10.1.0.4",
            vpc_security_group_ids=["sg-1"],
        ),
        managed(
            "aws_lb",
            "orders",
            arn=BALANCER,
            id=BALANCER,
            name="orders",
            internal=True,
            load_balancer_type="application",
            vpc_id=VPC,
            security_groups=["sg-1"],
            tags={"team": "orders"},
        ),
        managed(
            "aws_lb_listener",
            "http",
            arn=f"{BALANCER.replace(':loadbalancer/', ':listener/')}/0123456789abcdef",
            load_balancer_arn=BALANCER,
            port=80,
            protocol="HTTP",
            default_action=[{"type": "fixed-response", "fixed_response": [{"status_code": "204"}]}],
        ),
        *more,
    ]
    return json.dumps({"version": 4, "resources": resources})


def test_a_state_becomes_the_world_that_it_describes() -> None:
    captured = capture.world_of(capture.of_state(state(managed("aws_s3_bucket", "logs", arn="arn:aws:s3:::logs"))))
    assert captured.unread == ("aws_s3_bucket: 1, which is nothing that a captured world has",)
    with LocalCloud() as cloud:
        world.build(cloud, captured.world)
        [balancer] = cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]
        assert (balancer["LoadBalancerArn"], balancer["VpcId"]) == (BALANCER, VPC)
        [listener] = cloud.client("elbv2", TEAM).describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
        assert listener["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "204"
        groups = cloud.client("ec2", TEAM).describe_security_groups(GroupIds=balancer["SecurityGroups"])
        [rule] = groups["SecurityGroups"][0]["IpPermissions"]
        assert (rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) == (80, "10.0.0.0/8")
        [instance] = cloud.client("ec2", TEAM).describe_instances()["Reservations"][0]["Instances"]
        assert [one["GroupId"] for one in instance["SecurityGroups"]] == balancer["SecurityGroups"]
        [rule] = groups["SecurityGroups"][0]["IpPermissionsEgress"]
        assert (rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) == (443, "10.0.0.0/8")


def test_an_account_is_read_and_nothing_of_it_changed() -> None:
    with LocalCloud() as real:
        world.build(real, capture.world_of(capture.of_state(state())).world)
        before = len(real.journal)
        read = capture.of_account(real.session(TEAM))
        calls = [record for record in real.journal.of(CallRecord, before) if is_mutating(record.operation)]
    assert calls == []
    captured = capture.world_of([read])
    assert captured.unread == ()
    [account] = captured.world.accounts
    assert ([vpc.id for vpc in account.vpcs], [one.name for one in account.load_balancers]) == ([VPC], ["orders"])
    assert account.load_balancers[0].tags == {"team": "orders"}
    [group] = account.vpcs[0].security_groups
    assert group.egress == (world.Egress(port="443-443", destinations=("10.0.0.0/8",)),)
    assert account.instances[0].security_groups == (group.name,)
    with LocalCloud() as copy:
        world.build(copy, captured.world)
        [balancer] = copy.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]
        assert balancer["LoadBalancerArn"] == BALANCER


def test_what_may_not_be_read_is_said() -> None:
    with LocalCloud() as real:
        world.build(real, capture.world_of(capture.of_state(state())).world)
        allowed = ["ec2:Describe*", "elasticloadbalancing:DescribeLoadBalancers", "sts:GetCallerIdentity"]
        iam = real.client("iam", TEAM)
        trust = {"Effect": "Allow", "Principal": {"AWS": TEAM}, "Action": "sts:AssumeRole"}
        iam.create_role(
            RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
        iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(policy))
        read = capture.of_account(real.session(TEAM, "reader"))
    told = capture.world_of([read]).unread
    assert any(line.startswith("describe_listeners") for line in told)
    assert any(line.startswith("tags of") for line in told)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing", "no Terraform state"),
        ("[" * 100_000, "no Terraform state"),
        ('{"version": 3, "resources": []}', "version 4"),
        ('{"version": 4, "resources": []}', "none of aws_alb"),
        (json.dumps({"version": 4, "resources": [managed("aws_vpc", "main", id=VPC)]}), "does not say whose"),
    ],
)
def test_what_is_no_state_is_refused(text: str, says: str) -> None:
    with pytest.raises(capture.Unreadable, match=says):
        capture.of_state(text)
