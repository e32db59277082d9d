"""Facts 19, and the ELB part of 18: balancers, their states, tags and errors; VPCs and prefix lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.moto import next_id
from localcloud.services.ec2.moto import VPC_SECONDS

TEAM = "222222222222"
REGION = "ap-northeast-1"
MISSING = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/gone/0123456789abcdef"

type Aws = Callable[[str, str], Any]


@pytest.fixture
def ec2(aws: Aws) -> Any:
    return aws("ec2", TEAM)


@pytest.fixture
def elb(aws: Aws) -> Any:
    return aws("elbv2", TEAM)


@pytest.fixture
def subnets(ec2: Any) -> list[str]:
    vpc = ec2.create_vpc(CidrBlock="10.1.96.0/20")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{96 + n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ac")
    ]


def create(elb: Any, subnets: list[str], name: str = "orders", **more: Any) -> dict[str, Any]:
    made = elb.create_load_balancer(Name=name, Subnets=subnets, **{"Scheme": "internal", **more})
    balancer: dict[str, Any] = made["LoadBalancers"][0]
    return balancer


def refusal(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


# --- balancers ---


@pytest.mark.fact("19: ALB State.Code: provisioning, active, active_impaired, failed")
def test_a_new_balancer_is_provisioning_and_then_active(cloud: LocalCloud, elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]

    def state() -> str:
        return str(elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["State"]["Code"])

    assert state() == "provisioning"
    cloud.clock.advance(cloud.balancer_seconds - 1)
    assert state() == "provisioning"
    cloud.clock.advance(1)
    assert state() == "active"


@pytest.mark.fact("19: ALB State.Code, when a world begins with balancers that are there already")
def test_a_world_can_begin_with_active_balancers(cloud: LocalCloud, elb: Any, subnets: list[str]) -> None:
    cloud.balancer_seconds = 0
    assert create(elb, subnets)["State"]["Code"] == "active"


@pytest.mark.fact("19: Scheme internal or internet-facing. Type application, network, gateway")
@pytest.mark.parametrize(
    ("kind", "scheme", "path"), [("application", "internal", "app"), ("network", "internet-facing", "net")]
)
def test_kind_and_scheme_stand_in_the_balancer(elb: Any, subnets: list[str], kind: str, scheme: str, path: str) -> None:
    made = create(elb, subnets, Type=kind, Scheme=scheme)
    assert (made["Type"], made["Scheme"]) == (kind, scheme)
    assert f":loadbalancer/{path}/orders/" in made["LoadBalancerArn"]
    assert made["DNSName"].startswith("internal-orders-") is (scheme == "internal")


@pytest.mark.fact("19: Wire code of a missing balancer: LoadBalancerNotFound, HTTP 400")
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("describe_load_balancers", {"LoadBalancerArns": [MISSING]}),
        ("describe_load_balancers", {"Names": ["gone"]}),
        ("describe_listeners", {"LoadBalancerArn": MISSING}),
        ("describe_tags", {"ResourceArns": [MISSING]}),
        ("add_tags", {"ResourceArns": [MISSING], "Tags": [{"Key": "a", "Value": "b"}]}),
        ("remove_tags", {"ResourceArns": [MISSING], "TagKeys": ["a"]}),
    ],
)
def test_a_missing_balancer_is_not_found(elb: Any, operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(elb.exceptions.LoadBalancerNotFoundException) as refused:
        getattr(elb, operation)(**params)
    assert refusal(refused) == ("LoadBalancerNotFound", 400)


@pytest.mark.fact("19: Wire code of a missing balancer, among others that exist")
def test_one_missing_among_several_is_not_found(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    with pytest.raises(ClientError) as refused:
        elb.describe_load_balancers(LoadBalancerArns=[arn, MISSING])
    assert refusal(refused)[0] == "LoadBalancerNotFound"
    with pytest.raises(ClientError) as refused:
        elb.describe_load_balancers(Names=["orders", "gone"])
    assert refusal(refused)[0] == "LoadBalancerNotFound"


@pytest.mark.fact("19: DeleteLoadBalancer of a missing one succeeds")
def test_deleting_a_missing_balancer_succeeds(elb: Any) -> None:
    elb.delete_load_balancer(LoadBalancerArn=MISSING)


@pytest.mark.fact("19: deleting one deletes its listeners")
def test_a_deleted_balancer_takes_its_listeners_along(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    made = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])
    listener = made["Listeners"][0]["ListenerArn"]
    elb.delete_load_balancer(LoadBalancerArn=arn)
    with pytest.raises(elb.exceptions.ListenerNotFoundException):
        elb.describe_listeners(ListenerArns=[listener])


@pytest.mark.fact("19: deletion protection refuses it")
def test_deletion_protection_holds(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    protect = {"Key": "deletion_protection.enabled", "Value": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protect])
    with pytest.raises(elb.exceptions.OperationNotPermittedException):
        elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{**protect, "Value": "false"}])
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert elb.describe_load_balancers()["LoadBalancers"] == []


@pytest.mark.fact("27: DescribeTags still answers for a deleted balancer (moto); the real one does not")
def test_the_tags_of_a_deleted_balancer_are_gone(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets, Tags=[{"Key": "a", "Value": "b"}])["LoadBalancerArn"]
    elb.delete_load_balancer(LoadBalancerArn=arn)
    with pytest.raises(elb.exceptions.LoadBalancerNotFoundException):
        elb.describe_tags(ResourceArns=[arn])


@pytest.mark.fact("19: a balancer's name is its own (DuplicateLoadBalancerName of the model)")
def test_a_name_is_taken_once(elb: Any, subnets: list[str]) -> None:
    first = create(elb, subnets)
    assert create(elb, subnets)["LoadBalancerArn"] == first["LoadBalancerArn"], "the same again is no error"
    with pytest.raises(elb.exceptions.DuplicateLoadBalancerNameException):
        create(elb, subnets, Scheme="internet-facing")


@pytest.mark.fact("19: a balancer's name: letters, digits and hyphens, not at the ends, not internal-")
@pytest.mark.parametrize("name", ["-orders", "orders-", "internal-orders", "or_ders", "x" * 33])
def test_a_name_that_cannot_be_is_refused(elb: Any, subnets: list[str], name: str) -> None:
    with pytest.raises(ClientError) as refused:
        create(elb, subnets, name=name)
    assert refusal(refused) == ("ValidationError", 400)


@pytest.mark.fact("19: pages go by Marker, PageSize up to 400")
def test_balancers_come_in_pages(elb: Any, subnets: list[str]) -> None:
    for number in range(5):
        create(elb, subnets, name=f"orders-{number}")
    pages = list(elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["LoadBalancers"]) for page in pages] == [2, 2, 1]
    assert len({one["LoadBalancerArn"] for page in pages for one in page["LoadBalancers"]}) == 5
    with pytest.raises(ClientError):
        elb.describe_load_balancers(PageSize=401)


@pytest.mark.fact("19: DescribeTags takes at most 20 ARNs")
def test_tags_of_more_than_twenty_are_refused(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    with pytest.raises(ClientError) as refused:
        elb.describe_tags(ResourceArns=[arn] * 21)
    assert refusal(refused)[0] == "ValidationError"
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == []


@pytest.mark.fact("19: ids are the service's to give; a world given as data may name its own")
def test_a_world_can_name_its_balancers_and_vpcs(ec2: Any, elb: Any, subnets: list[str]) -> None:
    next_id("load-balancer", "50dc6c495c0c9188")
    assert create(elb, subnets)["LoadBalancerArn"].endswith("loadbalancer/app/orders/50dc6c495c0c9188")
    next_id("vpc", "vpc-0a1b2c3d4e5f60718")
    assert ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"] == "vpc-0a1b2c3d4e5f60718"
    assert ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"] != "vpc-0a1b2c3d4e5f60718"


@pytest.mark.fact("19: an account's default VPC is there from the start and takes no id from others")
def test_a_named_id_waits_for_the_vpc_that_is_asked_for(aws: Aws) -> None:
    next_id("vpc", "vpc-0a1b2c3d4e5f60718")
    assert aws("ec2", TEAM).create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"] == "vpc-0a1b2c3d4e5f60718"


# --- tags of balancers ---


@pytest.mark.fact("18: ELB tag values and keys: letters, digits, spaces and + - = . _ : / @ only")
@pytest.mark.parametrize(
    ("key", "value"),
    [("lattice:network", "prod"), ("a b", "x + y = z"), ("k", ""), ("ключ", "值"), ("k", "a.b_c:d/e@f-1")],
)
def test_what_a_tag_may_hold_is_taken(elb: Any, subnets: list[str], key: str, value: str) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": key, "Value": value}])
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == [{"Key": key, "Value": value}]


BAD_TAGS = [
    ("k", "a (b)"),
    ("k", "it's"),
    ("k", "a,b"),
    ("k", "two\nlines"),
    ("k", "*"),
    ("k*", "v"),
    ("k", " leading"),
    ("k", "trailing "),
    ("aws:k", "v"),
    ("AWS:k", "v"),
    ("k" * 128, "v"),
    ("k", "v" * 256),
]


@pytest.mark.fact("18: No parentheses, quotes, commas or line breaks; no leading or trailing space; no aws: prefix")
@pytest.mark.parametrize(("key", "value"), BAD_TAGS)
def test_what_a_tag_may_not_hold_is_refused(elb: Any, subnets: list[str], key: str, value: str) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    with pytest.raises(ClientError) as refused:
        elb.add_tags(ResourceArns=[arn], Tags=[{"Key": key, "Value": value}])
    assert refusal(refused) == ("ValidationError", 400)
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == []


@pytest.mark.fact("18: letters of any script in a tag's value, or, read strictly, a-z alone")
def test_other_letters_are_taken_by_both_and_by_neither_read_strictly(
    cloud: LocalCloud, ec2: Any, elb: Any, subnets: list[str]
) -> None:
    arn, tags = create(elb, subnets)["LoadBalancerArn"], [{"Key": "k", "Value": "直してください"}]
    elb.add_tags(ResourceArns=[arn], Tags=tags)
    ec2.create_tags(Resources=[subnets[0]], Tags=tags)
    cloud.ascii_tags = True
    with pytest.raises(ClientError) as by_elb:
        elb.add_tags(ResourceArns=[arn], Tags=tags)
    with pytest.raises(ClientError) as by_ec2:
        ec2.create_tags(Resources=[subnets[0]], Tags=tags)
    assert (refusal(by_elb), refusal(by_ec2)) == (("ValidationError", 400), ("InvalidParameterValue", 400))


@pytest.mark.fact("18: the same rules hold for tags given at creation")
def test_a_balancer_with_an_impossible_tag_is_not_made(elb: Any, subnets: list[str]) -> None:
    with pytest.raises(ClientError):
        create(elb, subnets, Tags=[{"Key": "k", "Value": "a (b)"}])
    assert elb.describe_load_balancers()["LoadBalancers"] == []


@pytest.mark.fact("18: 50 tags per resource")
def test_a_balancer_holds_fifty_tags(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    tags = [{"Key": f"k{n}", "Value": "v"} for n in range(50)]
    elb.add_tags(ResourceArns=[arn], Tags=tags)
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "k0", "Value": "other"}])
    with pytest.raises(elb.exceptions.TooManyTagsException):
        elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "one more", "Value": "v"}])


@pytest.mark.fact("18: a key stands once in a request (DuplicateTagKeys of the model)")
def test_a_key_given_twice_is_refused(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    with pytest.raises(elb.exceptions.DuplicateTagKeysException):
        elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])


@pytest.mark.fact("18: one bad resource among several changes none")
def test_tagging_several_is_all_or_nothing(elb: Any, subnets: list[str]) -> None:
    arn = create(elb, subnets)["LoadBalancerArn"]
    with pytest.raises(elb.exceptions.LoadBalancerNotFoundException):
        elb.add_tags(ResourceArns=[arn, MISSING], Tags=[{"Key": "a", "Value": "b"}])
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == []


# --- EC2 ---


@pytest.mark.fact("19: Find the prefix list id with DescribeManagedPrefixLists, filter prefix-list-name")
def test_lattices_prefix_list_is_found_by_name(ec2: Any) -> None:
    name = f"com.amazonaws.{REGION}.vpc-lattice"
    [found] = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])["PrefixLists"]
    assert found["PrefixListId"].startswith("pl-")
    assert found["OwnerId"] == "AWS"
    assert ec2.get_managed_prefix_list_entries(PrefixListId=found["PrefixListId"])["Entries"]


@pytest.mark.fact("19: VPC states: pending, available, deleting")
def test_a_new_vpc_is_pending_and_then_available(cloud: LocalCloud, ec2: Any) -> None:
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]

    def state() -> str:
        return str(ec2.describe_vpcs(VpcIds=[made["VpcId"]])["Vpcs"][0]["State"])

    assert (made["State"], state()) == ("pending", "pending")
    cloud.clock.advance(VPC_SECONDS)
    assert state() == "available"


@pytest.mark.fact("19: an account's default VPC was there before, and is available")
def test_the_default_vpc_is_available(ec2: Any) -> None:
    assert [vpc["State"] for vpc in ec2.describe_vpcs()["Vpcs"]] == ["available"]


@pytest.mark.fact("19: a VPC that does not exist is not found")
def test_a_missing_vpc_is_not_found(ec2: Any) -> None:
    for call in (
        lambda: ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"]),
        lambda: ec2.delete_vpc(VpcId="vpc-0123456789abcdef0"),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refusal(refused) == ("InvalidVpcID.NotFound", 400)


@pytest.mark.fact("19: what does not exist is named in the error")
def test_a_missing_vpc_or_security_group_is_named(ec2: Any) -> None:
    with pytest.raises(ClientError, match=r"The vpc ID 'vpc-0123456789abcdef0' does not exist$"):
        ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])
    with pytest.raises(ClientError, match=r"The security group 'sg-0123456789abcdef0' does not exist$"):
        ec2.describe_security_groups(GroupIds=["sg-0123456789abcdef0"])


@pytest.mark.fact("19: what stands in a VPC keeps it from being deleted")
def test_a_vpc_with_a_subnet_cannot_be_deleted(ec2: Any, subnets: list[str]) -> None:
    vpc = ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"]
    with pytest.raises(ClientError) as refused:
        ec2.delete_vpc(VpcId=vpc)
    assert refusal(refused)[0] == "DependencyViolation"


@pytest.mark.fact("19: tagging what does not exist is refused")
def test_tagging_a_missing_vpc_is_refused(ec2: Any) -> None:
    with pytest.raises(ClientError) as refused:
        ec2.create_tags(Resources=["vpc-0123456789abcdef0"], Tags=[{"Key": "a", "Value": "b"}])
    assert refusal(refused)[0] == "InvalidVpcID.NotFound"


@pytest.mark.fact("18: no aws: prefix; lengths 127 and 255")
@pytest.mark.parametrize(("key", "value"), [("aws:k", "v"), ("k" * 128, "v"), ("k", "v" * 256)])
def test_an_impossible_tag_of_a_vpc_is_refused(ec2: Any, key: str, value: str) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError) as refused:
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": value}])
    assert refusal(refused)[0] == "InvalidParameterValue"


@pytest.mark.fact("19: EC2 takes any text in a tag's value, unlike ELB")
def test_a_vpcs_tag_may_hold_any_text(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "k", "Value": "a (b), 'c'"}])
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"] == [{"Key": "k", "Value": "a (b), 'c'"}]


@pytest.mark.fact("19: a tag is deleted by key, or by key and value if a value is given")
def test_a_tag_with_another_value_stays(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "k", "Value": "v"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "k", "Value": "other"}])
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "k"}])
    assert not ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Tags")


@pytest.mark.fact("19: VPCs are found by tag")
def test_vpcs_are_found_by_their_tags(ec2: Any) -> None:
    tag = [{"ResourceType": "vpc", "Tags": [{"Key": "k", "Value": "v"}]}]
    tagged = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tag)["Vpc"]["VpcId"]
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    found = ec2.describe_vpcs(Filters=[{"Name": "tag:k", "Values": ["v"]}])["Vpcs"]
    assert [vpc["VpcId"] for vpc in found] == [tagged]


@pytest.mark.fact("19: DeleteTags without tags deletes all of them (EC2's model)")
def test_deleting_no_tag_by_name_deletes_all(ec2: Any) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    ec2.delete_tags(Resources=[vpc])
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Tags", []) == []


@pytest.mark.fact("19: a balancer's port has one listener; the same request once more is that listener")
def test_a_port_has_one_listener(elb: Any, subnets: list[str]) -> None:
    def answers(port: int, status: str) -> str:
        fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status}}]
        made = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=port, DefaultActions=fixed)
        return str(made["Listeners"][0]["ListenerArn"])

    arn = create(elb, subnets)["LoadBalancerArn"]
    first = answers(80, "404")
    assert answers(80, "404") == first
    with pytest.raises(ClientError) as refused:
        answers(80, "503")
    assert refusal(refused) == ("DuplicateListener", 400)
    assert answers(81, "503") != first
    assert len(elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]) == 2


@pytest.mark.fact("issue 3.6: time is simulated and nothing sleeps: a waiter in process lets it pass")
def test_a_waiter_lets_simulated_time_pass(cloud: LocalCloud, subnets: list[str]) -> None:
    # Over HTTP the waiter is another process's, whose time is its own.
    elb = cloud.session(TEAM).client("elbv2")
    arn, began = create(elb, subnets)["LoadBalancerArn"], cloud.clock.now
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn])
    assert cloud.clock.now >= began + cloud.balancer_seconds


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("tcp", "Must specify both from and to ports with TCP/UDP."),
        ("17", "Must specify both from and to ports with TCP/UDP."),
        ("icmp", "Must specify both from and to ports with ICMP."),
        ("esp", "Unknown protocol"),
        ("256", "Unknown protocol"),
    ],
)
def test_a_protocol_that_has_ports_needs_them_and_one_that_is_none_is_refused(
    ec2: Any, protocol: str, said: str
) -> None:
    group = ec2.create_security_group(GroupName="g", Description="d")["GroupId"]
    rule = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    with pytest.raises(ClientError, match=said) as refused:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert refusal(refused) == ("InvalidParameterValue", 400)


@pytest.mark.parametrize(("protocol", "told"), [("50", "50"), ("58", "icmpv6"), ("icmpv6", "icmpv6"), ("all", "-1")])
def test_a_protocol_without_ports_is_taken_without(ec2: Any, protocol: str, told: str) -> None:
    group = ec2.create_security_group(GroupName="g", Description="d")["GroupId"]
    rule = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    [found] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert found["IpProtocol"] == told
    assert "FromPort" not in found
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []
