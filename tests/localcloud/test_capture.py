"""A team's own estate as a world: from Terraform's state, and from accounts that are only read."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import capture, world
from localcloud.cloud import LocalCloud
from localcloud.door.call import is_mutating
from localcloud.door.faults import Fault
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
        lost = ("DescribeNetworkAcls", "DescribeVpcAttribute")
        real.faults.add(*(Fault("lost", service="ec2", operation=one, times=None) for one in lost))
        read = capture.of_account(real.session(TEAM, "reader"))
    told = capture.world_of([read]).unread
    for words in ("describe_network_acls of", "enableDnsSupport of"):
        assert any(line.startswith(words) and "Connection was closed" in line for line in told)
    assert any(line.startswith("describe_listeners") for line in told)
    assert any(line.startswith("tags of") for line in told)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing", "no Terraform state"),
        ("[" * 100_000, "no Terraform state"),
        ('{"version": 3, "resources": []}', "version 4"),
        ('{"version": 4, "resources": []}', "none of .*aws_vpc"),
        (json.dumps({"version": 4, "resources": [managed("aws_vpc", "main", id=VPC)]}), "does not say whose"),
    ],
)
def test_what_is_no_state_is_refused(text: str, says: str) -> None:
    with pytest.raises(capture.Unreadable, match=says):
        capture.of_state(text)


# --- all that decides about a request comes back as it was ------------------------------------------------------


def estate() -> world.World:
    """Two CIDRs, a network ACL, groups, instances, and an ALB with rules and weights."""
    conditions = (
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v2/*"]}},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-team", "Values": ["a"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "new", "Value": "1"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
    )
    half = (world.Forward(port=8080, targets=("old",), weight=3), world.Forward(port=9090, targets=("new",)))
    rules = (
        world.BalancerRule(priority=1, conditions=conditions[:1], forward=half[1:]),
        world.BalancerRule(priority=2, conditions=conditions[1:2], forward=half),
        world.BalancerRule(priority=3, conditions=conditions[2:4], answers=418),
        world.BalancerRule(priority=4, conditions=conditions[4:5], redirect="HTTPS:443"),
        world.BalancerRule(
            priority=5,
            conditions=conditions[5:],
            redirect={"Host": "other.example", "Path": "/moved", "StatusCode": "HTTP_302"},
        ),
    )
    listeners = (
        world.BalancerListener(protocol="HTTP", port=80, forward=half, rules=rules),
        world.BalancerListener(protocol="HTTPS", port=443, targets=("new",), certificate="shop.example"),
        world.BalancerListener(protocol="HTTP", port=81, redirect={"Port": "8443", "StatusCode": "HTTP_302"}),
    )
    entries = (
        world.AclEntry(number=90, allow=False, cidr="10.9.0.0/16", protocol="6", ports="80-81"),
        world.AclEntry(number=100, allow=True, cidr="0.0.0.0/0"),
        world.AclEntry(number=100, allow=True, cidr="0.0.0.0/0", egress=True),
        world.AclEntry(number=110, allow=True, cidr="10.0.0.0/8", egress=True, protocol="1"),
    )
    vpc = world.Vpc(
        name="main",
        cidr="10.1.0.0/16",
        more_cidrs=("100.64.0.0/16",),
        subnets=("10.1.0.0/24", "10.1.1.0/24", "100.64.0.0/24"),
        acls=(world.NetworkAcl(subnets=("100.64.0.0/24",), entries=entries),),
        dns=False,
        security_groups=(
            world.SecurityGroup(
                name="web",
                ingress=(world.Ingress(port="80-81", sources=("10.0.0.0/8", "vpc-lattice")),),
                egress=(world.Egress(port="0-65535", destinations=("10.0.0.0/8",)),),
            ),
        ),
    )
    old = world.Instance(name="old", vpc="main", ip="10.1.0.4", security_groups=("web",))
    new = world.Instance(name="new", vpc="main", ip="100.64.0.4")
    shop = world.LoadBalancer(
        name="shop", vpc="main", listeners=listeners, security_groups=("web",), tags={"lattice:network": "n"}
    )
    return world.World(accounts=(world.Account(id=TEAM, vpcs=(vpc,), instances=(old, new), load_balancers=(shop,)),))


def copy_of(this: world.World) -> capture.Captured:
    """`this`, built and read as its owner would have it read."""
    with LocalCloud() as real:
        world.build(real, this)
        return capture.world_of([capture.of_account(real.session(TEAM))])


def test_a_copy_of_a_copy_is_the_copy() -> None:
    first = copy_of(estate())
    second = copy_of(first.world)
    assert (first.unread, second.unread) == ((), ())
    assert second.world == first.world


def test_a_copy_has_all_that_decides_about_a_request() -> None:
    given, copied = estate().accounts[0], copy_of(estate()).world.accounts[0]
    ids = {one.tags["Name"]: one.name for one in copied.instances}
    [vpc], [balancer] = copied.vpcs, copied.load_balancers
    assert (vpc.more_cidrs, vpc.dns) == (("100.64.0.0/16",), False)
    assert vpc.acls == given.vpcs[0].acls
    assert [one.cidr for one in vpc.subnets if isinstance(one, world.Subnet)] == list(given.vpcs[0].subnets)

    def named(forward: tuple[world.Forward, ...]) -> list[tuple[int, list[str], int]]:
        return [(one.port, [ids[name] for name in one.targets], one.weight) for one in forward]

    by_port = {one.port: one for one in balancer.listeners}
    for was in given.load_balancers[0].listeners:
        now = by_port[was.port]
        assert (now.redirect, now.answers, now.certificate) == (was.redirect, was.answers, was.certificate)
        assert [(one.port, list(one.targets), one.weight) for one in now.forward] == named(was.forward)
        assert [(one.priority, one.conditions, one.redirect, one.answers) for one in now.rules] == [
            (one.priority, one.conditions, one.redirect, one.answers) for one in was.rules
        ]
        for rule, before in zip(now.rules, was.rules, strict=True):
            assert [(one.port, list(one.targets), one.weight) for one in rule.forward] == named(before.forward)


def test_what_a_copy_has_not_is_said() -> None:
    with LocalCloud() as real:
        world.build(real, estate())
        ec2, elb = real.client("ec2", TEAM), real.client("elbv2", TEAM)
        [vpc] = [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]]
        other = ec2.create_vpc(CidrBlock="10.77.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
        ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)
        real.client("route53", TEAM).create_hosted_zone(
            Name="corp.example",
            CallerReference="one",
            VPC={"VPCRegion": "ap-northeast-1", "VPCId": vpc},
            HostedZoneConfig={"PrivateZone": True},
        )
        real.client("vpc-lattice", TEAM).create_service(name="there-already")
        [group] = ec2.describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"]
        ports = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[ports])
        [balancer] = elb.describe_load_balancers()["LoadBalancers"]
        by_address = elb.create_target_group(Name="pods", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        arn = by_address["TargetGroups"][0]["TargetGroupArn"]
        known, unknown = {"Id": "100.64.0.4"}, {"Id": "10.1.0.99"}
        elb.register_targets(TargetGroupArn=arn, Targets=[known, unknown])
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=8000,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
        )
        told = capture.world_of([capture.of_account(real.session(TEAM))]).unread
    for line in (
        f"{other}: its IPv6 addresses",
        "peering of VPCs: 1, which a captured world has none of",
        "private zones: 1, which a captured world has none of",
        "services of VPC Lattice: 1, which a captured world has none of",
        f"{group['GroupId']}: rules of the default group of {vpc}",
        "listener HTTP:8000 of shop: 1 targets of type ip of pods, which are no instance that was read",
    ):
        assert line in told


# --- a state as the provider writes it --------------------------------------------------------------------------


def test_a_states_own_resources_are_put_where_they_belong() -> None:
    arn = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}"
    listener = f"{BALANCER.replace(':loadbalancer/', ':listener/')}/0123456789abcdef"

    def group(name: str) -> str:
        return f"{arn}:targetgroup/{name}/0123456789abcdef"

    ec2 = f"arn:aws:ec2:ap-northeast-1:{TEAM}"
    more = [
        managed("aws_vpc_ipv4_cidr_block_association", "pods", id="a-1", vpc_id=VPC, cidr_block="100.64.0.0/16"),
        {
            "module": "module.network",
            "mode": "managed",
            "type": "aws_subnet",
            "name": "pods",
            "instances": [
                {
                    "index_key": zone,
                    "attributes": {
                        "id": f"subnet-0123456789abcde{number:02}",
                        "arn": f"{ec2}:subnet/subnet-0123456789abcde{number:02}",
                        "vpc_id": VPC,
                        "cidr_block": f"100.64.{number}.0/24",
                        "availability_zone": f"ap-northeast-1{zone}",
                    },
                }
                for number, zone in enumerate("ac")
            ],
        },
        managed(
            "aws_network_acl",
            "pods",
            id="acl-1",
            arn=f"{ec2}:network-acl/acl-1",
            vpc_id=VPC,
            subnet_ids=["subnet-0123456789abcde00"],
            ingress=[
                {"rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 80, "to_port": 80}
                | {"cidr_block": "10.0.0.0/8", "ipv6_cidr_block": "", "icmp_code": 0, "icmp_type": 0}
            ],
            egress=[],
        ),
        managed(
            "aws_network_acl_rule",
            "out",
            id="nacl-1",
            network_acl_id="acl-1",
            egress=True,
            protocol="-1",
            rule_action="allow",
            rule_number=100,
            cidr_block="0.0.0.0/0",
            ipv6_cidr_block="",
        ),
        managed(
            "aws_vpc_security_group_ingress_rule",
            "https",
            id="sgr-1",
            arn=f"{ec2}:security-group-rule/sgr-1",
            security_group_id="sg-1",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="10.0.0.0/8",
        ),
        managed(
            "aws_security_group_rule",
            "admin",
            id="sgrule-1",
            type="ingress",
            security_group_id="sg-1",
            protocol="tcp",
            from_port=8080,
            to_port=8080,
            cidr_blocks=["10.2.0.0/16"],
        ),
        *(
            managed(
                "aws_lb_target_group", name, id=group(name), arn=group(name), name=name, port=port, target_type=kind
            )
            for name, port, kind in (("blue", 8080, "instance"), ("green", 9090, "instance"), ("fn", None, "lambda"))
        ),
        managed(
            "aws_lb_target_group_attachment",
            "blue",
            id="b-1",
            target_group_arn=group("blue"),
            target_id="i-1",
            port=8080,
        ),
        *(
            managed(
                "aws_lb_listener_rule",
                f"rule-{number}",
                id=f"{listener}/{number}",
                arn=f"{listener.replace(':listener/', ':listener-rule/')}/{number}",
                listener_arn=listener,
                priority=number,
                condition=[
                    {"path_pattern": [{"values": ["/v2/*"]}], "host_header": [], "http_header": [], "query_string": []}
                    | {"http_request_method": [], "source_ip": []}
                ],
                action=[action],
            )
            for number, action in (
                (
                    10,
                    {"type": "forward", "target_group_arn": "", "redirect": [], "fixed_response": []}
                    | {
                        "forward": [
                            {
                                "target_group": [
                                    {"arn": group("blue"), "weight": 9},
                                    {"arn": group("green"), "weight": 0},
                                ],
                                "stickiness": [],
                            }
                        ]
                    },
                ),
                (20, {"type": "forward", "target_group_arn": group("fn"), "forward": []}),
            )
        ),
        {
            "mode": "data",
            "type": "aws_vpc",
            "name": "shared",
            "instances": [
                {
                    "attributes": {
                        "id": "vpc-0fedcba9876543210",
                        "arn": f"{ec2}:vpc/vpc-0fedcba9876543210",
                        "cidr_block": "10.5.0.0/16",
                        "cidr_block_associations": [
                            {"association_id": "x", "cidr_block": "10.5.0.0/16", "state": "associated"},
                            {"association_id": "y", "cidr_block": "10.6.0.0/16", "state": "associated"},
                        ],
                    }
                }
            ],
        },
        managed(
            "aws_lb_target_group_attachment", "lost", id="b-2", target_group_arn=group("elsewhere"), target_id="i-1"
        ),
    ]
    captured = capture.world_of(capture.of_state(state(*more)))
    [account] = captured.world.accounts
    main, shared = account.vpcs
    assert (main.more_cidrs, shared.more_cidrs) == (("100.64.0.0/16",), ("10.6.0.0/16",))
    assert [one.cidr for one in main.subnets if isinstance(one, world.Subnet)][2:] == ["100.64.0.0/24", "100.64.1.0/24"]
    [acl] = main.acls
    assert acl.subnets == ("100.64.0.0/24",)
    assert [(one.number, one.egress, one.ports) for one in acl.entries] == [(100, False, "80-80"), (100, True, "")]
    [web] = main.security_groups
    assert [one.port for one in web.ingress] == ["80-80", "8080-8080", "443-443"]
    [balancer] = account.load_balancers
    [http] = balancer.listeners
    [rule] = http.rules
    assert rule.conditions == ({"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v2/*"]}},)
    assert rule.forward == (
        world.Forward(port=8080, targets=("i-1",), weight=9),
        world.Forward(port=9090, targets=(), weight=0),
    )
    assert set(captured.unread) == {
        f"aws_lb_target_group_attachment b-2: {group('elsewhere')} is not in this state",
        "listener HTTP:80 of orders, rule 20: target group fn, whose targets are of type lambda",
        "listener HTTP:80 of orders, rule 20: it sends to nothing that was read",
    }
    with LocalCloud() as cloud:
        world.build(cloud, captured.world)
        found = cloud.client("elbv2", TEAM).describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
        rules = cloud.client("elbv2", TEAM).describe_rules(ListenerArn=found[0]["ListenerArn"])["Rules"]
    assert [one["Priority"] for one in rules] == ["10", "default"]


def test_a_state_with_odd_things_costs_those_things() -> None:
    flat = {"mode": "managed", "type": "aws_vpc", "name": "old", "instances": [{"attributes_flat": {"id": "vpc-1"}}]}
    gone = managed("aws_vpc", "gone", id="vpc-2", arn=f"arn:aws:ec2:ap-northeast-1:{TEAM}:vpc/vpc-2")
    gone["instances"][0]["deposed"] = "01234567"
    arn = "arn:aws:ec2:ap-northeast-1:222222222222:{}/{}"
    odd = [
        managed("aws_vpc", "bare", id="vpc-3", arn=arn.format("vpc", "vpc-3")),
        managed("aws_security_group", "text", id="sg-9", arn=arn.format("security-group", "sg-9"), name="x"),
        managed("aws_security_group_rule", "text", id="sgr-9", security_group_id="sg-1", cidr_blocks=7),
        managed("aws_subnet", "far", id="subnet-9", arn=arn.format("subnet", "subnet-9"), vpc_id=VPC)
        | {"instances": [{"attributes": {"id": "subnet-9", "vpc_id": VPC, "cidr_block": "10.9.0.0/24"}}]},
        {"mode": "managed", "type": "aws_vpc", "name": "none", "instances": 7},
    ]
    found = capture.world_of(capture.of_state(state(flat, gone, *odd)))
    assert [one.id for account in found.world.accounts for one in account.vpcs] == [VPC]
    said = "\n".join(found.unread)
    for words in (
        "aws_vpc old: the state has its attributes in no form",
        "aws_vpc vpc-2: it is deposed",
        "aws_vpc vpc-3: it has no cidr_block",
        "aws_security_group sg-9: it has no vpc_id",
        "aws_security_group_rule sgr-9: its attributes are odd",
        f"subnet-9: 10.9.0.0/24 is in no CIDR of {VPC} that was read",
    ):
        assert words in said


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to everything in a state but itself."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield (*path, key)
        yield from places(one, (*path, key))


def test_whatever_is_odd_in_a_state_is_told_and_nothing_flies() -> None:
    whole = json.loads(state())
    seen = refused = 0
    for path in places(whole):
        for odd in (None, {}, -1, ["x"], "\ud800"):
            strange = json.loads(state())
            functools.reduce(operator.getitem, path[:-1], strange)[path[-1]] = odd
            seen += 1
            try:
                capture.world_of(capture.of_state(json.dumps(strange)))
            except capture.Unreadable:
                refused += 1
    assert seen > 500
    assert refused < seen / 10  # the odd thing alone is left out


def test_a_tag_without_a_value_is_a_tag() -> None:
    bare = managed("aws_vpc", "bare", id="vpc-1", arn=f"arn:aws:ec2:ap-northeast-1:{TEAM}:vpc/vpc-00000001")
    bare["instances"][0]["attributes"] |= {"id": "vpc-00000001", "cidr_block": "10.9.0.0/16", "tags": {"a": ""}}
    found = capture.world_of(capture.of_state(state(bare)))
    assert {"a": ""} in [one.tags for one in found.world.accounts[0].vpcs]


def test_a_copy_is_of_one_region_and_says_what_is_elsewhere() -> None:
    def far(region: str) -> dict[str, Any]:
        arn = f"arn:aws:ec2:{region}:{TEAM}:vpc/vpc-00000009"
        return managed("aws_vpc", "far", arn=arn, id="vpc-00000009", cidr_block="10.1.0.0/16")

    found = capture.world_of(capture.of_state(state(far("us-east-1"))))
    assert [one.id for one in found.world.accounts[0].vpcs] == [VPC]
    assert "aws_vpc vpc-00000009: it is in us-east-1; the copy is of ap-northeast-1" in found.unread
    found = capture.world_of(capture.of_state(state(far("us-east-1")), "us-east-1"))
    assert [one.id for one in found.world.accounts[0].vpcs] == ["vpc-00000009"]


def test_what_one_state_makes_and_another_looks_up_is_one_thing() -> None:
    ours = json.loads(state())
    of_the_network = [one for one in ours["resources"] if one["type"] in ("aws_vpc", "aws_subnet")]
    looked_up = [{**one, "mode": "data"} for one in of_the_network if one["type"] == "aws_vpc"]
    rest = [one for one in ours["resources"] if one not in of_the_network]
    network = {"version": 4, "resources": of_the_network}
    app = {"version": 4, "resources": [*looked_up, *rest]}
    apart = capture.world_of([*capture.of_state(json.dumps(app)), *capture.of_state(json.dumps(network))])
    whole = capture.world_of(capture.of_state(json.dumps(ours)))
    [one], [other] = apart.world.accounts, whole.world.accounts
    assert (one.vpcs, one.instances, one.load_balancers) == (other.vpcs, other.instances, other.load_balancers)
    assert one.load_balancers
    twice = capture.world_of([*capture.of_state(json.dumps(ours)), *capture.of_state(json.dumps(ours))])
    assert twice.world == whole.world
