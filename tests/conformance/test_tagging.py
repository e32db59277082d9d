"""Facts 18 and 2.1: the tagging API, its lag, and the events that tag changes raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

TEAM = "222222222222"
OTHER = "333333333333"
REGION = "ap-northeast-1"

type Aws = Callable[[str, str], Any]
type Reach = Callable[[LocalCloud], str | None]


class Bus:
    """Stands in for EventBridge: keeps what services emit."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def emit(self, **event: Any) -> None:
        self.heard.append(event)


@pytest.fixture
def bus(cloud: LocalCloud) -> Bus:
    bus = Bus()
    cloud.events = bus  # type: ignore[assignment]  # stands in for EventBridge
    return bus


@pytest.fixture
def tagging(aws: Aws) -> Any:
    return aws("resourcegroupstaggingapi", TEAM)


def vpc(aws: Aws, account: str = TEAM, **tags: str) -> str:
    spec = [{"ResourceType": "vpc", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
    made = aws("ec2", account).create_vpc(CidrBlock="10.0.0.0/16", **({"TagSpecifications": spec} if tags else {}))
    return f"arn:aws:ec2:{REGION}:{account}:vpc/{made['Vpc']['VpcId']}"


def balancer(aws: Aws, name: str = "orders", **tags: str) -> str:
    ec2 = aws("ec2", TEAM)
    inside = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=inside, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for n, zone in enumerate("ac")
    ]
    made = aws("elbv2", TEAM).create_load_balancer(
        Name=name,
        Scheme="internal",
        Subnets=[one["Subnet"]["SubnetId"] for one in subnets],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()] or [{"Key": "made", "Value": "yes"}],
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def id_of(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def listed(tagging: Any, **asked: Any) -> dict[str, dict[str, str]]:
    found = tagging.get_resources(**asked)["ResourceTagMappingList"]
    return {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in found}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


# --- events ---


@pytest.mark.fact("2.1: the first sample adds a tag; tags is the complete set after the change")
def test_a_new_tag_rings_with_the_whole_set(aws: Aws, bus: Bus) -> None:
    arn = balancer(aws, Name="orders")
    bus.heard.clear()
    aws("elbv2", TEAM).add_tags(ResourceArns=[arn], Tags=[{"Key": "expose", "Value": "true"}])
    assert bus.heard == [
        {
            "account": TEAM,
            "source": "aws.tag",
            "detail_type": "Tag Change on Resource",
            "resources": [arn],
            "region": REGION,
            "detail": {
                "changed-tag-keys": ["expose"],
                "tags": {"expose": "true", "Name": "orders"},
                "service": "elasticloadbalancing",
                "resource-type": "loadbalancer",
                "version": 2,
            },
        }
    ]


@pytest.mark.fact("2.1: a removed key is listed in changed-tag-keys and absent from tags")
def test_a_removed_tag_rings_with_what_is_left(aws: Aws, bus: Bus) -> None:
    arn = vpc(aws, Name="app", network="prod")
    aws("ec2", TEAM).delete_tags(Resources=[id_of(arn)], Tags=[{"Key": "network"}])
    detail = bus.heard[-1]["detail"]
    assert detail["changed-tag-keys"] == ["network"]
    assert detail["tags"] == {"Name": "app"}
    assert (detail["service"], detail["resource-type"]) == ("ec2", "vpc")


@pytest.mark.fact("2.1: version counts the tag set of one resource from 1 upwards")
def test_the_version_counts_the_changes_of_one_resource(aws: Aws, bus: Bus) -> None:
    first, second = vpc(aws), vpc(aws)
    ec2 = aws("ec2", TEAM)
    for arn, value in ((first, "1"), (second, "1"), (first, "2"), (first, "3")):
        ec2.create_tags(Resources=[id_of(arn)], Tags=[{"Key": "k", "Value": value}])
    versions = [(event["resources"][0], event["detail"]["version"]) for event in bus.heard]
    assert versions == [(first, 1), (second, 1), (first, 2), (first, 3)]


@pytest.mark.fact("2.1: it fires whichever API changed the tags")
def test_the_tagging_api_rings_too(aws: Aws, bus: Bus, tagging: Any) -> None:
    arn = vpc(aws)
    tagging.tag_resources(ResourceARNList=[arn], Tags={"a": "1", "b": "2"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["a"])
    assert [event["detail"]["changed-tag-keys"] for event in bus.heard] == [["a", "b"], ["a"]]


@pytest.mark.fact("5: same token and parameters: succeeds again and does nothing, so it rings nothing either")
def test_a_creation_that_is_repeated_rings_once(aws: Aws, bus: Bus) -> None:
    for _ in range(2):
        aws("vpc-lattice", TEAM).create_service(name="orders", clientToken="one", tags={"a": "1"})
    arn = balancer(aws, a="1")
    found = aws("elbv2", TEAM).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    aws("elbv2", TEAM).create_load_balancer(
        Name="orders", Scheme="internal", Subnets=[zone["SubnetId"] for zone in found["AvailabilityZones"]]
    )
    assert [(event["detail"]["service"], event["detail"]["version"]) for event in bus.heard] == [
        ("vpc-lattice", 1),
        ("elasticloadbalancing", 1),
    ]


@pytest.mark.fact("2.1: tags given at creation produce it too")
@pytest.mark.parametrize("kind", ["balancer", "vpc", "subnet", "security-group", "lattice"])
def test_tags_given_at_creation_ring(aws: Aws, bus: Bus, kind: str) -> None:
    ec2 = aws("ec2", TEAM)
    tags = [{"Key": "k", "Value": "v"}]
    spec = [{"ResourceType": kind, "Tags": tags}]
    if kind == "balancer":
        balancer(aws, k="v")
    elif kind == "lattice":
        aws("vpc-lattice", TEAM).create_service(name="orders", tags={"k": "v"})
    elif kind == "vpc":
        vpc(aws, k="v")
    else:
        inside = id_of(vpc(aws))
        if kind == "subnet":
            ec2.create_subnet(VpcId=inside, CidrBlock="10.0.0.0/24", TagSpecifications=spec)
        else:
            ec2.create_security_group(VpcId=inside, GroupName="g", Description="g", TagSpecifications=spec)
    [event] = bus.heard
    assert event["detail"]["tags"] == {"k": "v"}
    assert event["detail"]["version"] == 1
    word = {"balancer": "loadbalancer", "lattice": "service"}.get(kind, kind)
    assert event["detail"]["resource-type"] == word


@pytest.mark.fact("2.1: rules in real use: vpc-lattice service; the ARN says servicenetwork")
def test_lattice_tags_ring_under_the_arns_words(aws: Aws, bus: Bus) -> None:
    lattice = aws("vpc-lattice", TEAM)
    network = lattice.create_service_network(name="net", clientToken="t")["arn"]
    lattice.tag_resource(resourceArn=network, tags={"a": "b"})
    lattice.untag_resource(resourceArn=network, tagKeys=["a"])
    details = [event["detail"] for event in bus.heard]
    assert [(one["service"], one["resource-type"]) for one in details] == [("vpc-lattice", "servicenetwork")] * 2
    assert [one["tags"] for one in details] == [{"a": "b"}, {}]


@pytest.mark.fact("2.1: it is a change that rings; the same again is none")
def test_the_same_tag_again_rings_not(aws: Aws, bus: Bus, tagging: Any) -> None:
    arn = balancer(aws, k="v")
    bus.heard.clear()
    elb = aws("elbv2", TEAM)
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "k", "Value": "v"}])
    elb.remove_tags(ResourceArns=[arn], TagKeys=["absent"])
    tagging.tag_resources(ResourceARNList=[arn], Tags={"k": "v"})
    assert bus.heard == []


@pytest.mark.fact("2.1: changed-tag-keys names what changed, not what was asked")
def test_only_keys_that_changed_are_named(aws: Aws, bus: Bus) -> None:
    arn = balancer(aws, same="1", other="1")
    bus.heard.clear()
    tags = [{"Key": "same", "Value": "1"}, {"Key": "other", "Value": "2"}, {"Key": "new", "Value": "3"}]
    aws("elbv2", TEAM).add_tags(ResourceArns=[arn], Tags=tags)
    assert bus.heard[0]["detail"]["changed-tag-keys"] == ["new", "other"]


@pytest.mark.fact("2.1: a refused call changes nothing and rings not")
def test_a_refused_change_rings_not(aws: Aws, bus: Bus) -> None:
    arn = balancer(aws, k="v")
    bus.heard.clear()
    with pytest.raises(ClientError):
        aws("elbv2", TEAM).add_tags(ResourceArns=[arn], Tags=[{"Key": "k", "Value": "(no)"}])
    assert bus.heard == []


@pytest.mark.fact("2.1: one event per resource")
def test_each_tagged_resource_rings_by_itself(aws: Aws, bus: Bus) -> None:
    arns = [vpc(aws), vpc(aws)]
    aws("ec2", TEAM).create_tags(Resources=[id_of(arn) for arn in arns], Tags=[{"Key": "k", "Value": "v"}])
    assert [event["resources"] for event in bus.heard] == [[arn] for arn in arns]


@pytest.mark.fact("2.1: it reaches the default bus of the resource's account")
def test_the_account_of_the_resource_hears_it(aws: Aws, bus: Bus) -> None:
    vpc(aws, OTHER, k="v")
    assert [event["account"] for event in bus.heard] == [OTHER]


@pytest.mark.fact("2.1: whether deletion emits it is unknown; so it does not here")
def test_a_deletion_rings_not(aws: Aws, bus: Bus) -> None:
    arn = balancer(aws, k="v")
    bus.heard.clear()
    aws("elbv2", TEAM).delete_load_balancer(LoadBalancerArn=arn)
    assert bus.heard == []


@pytest.mark.fact("2.1: what was there before anybody listened is known, and its change is told rightly")
def test_a_change_of_what_was_made_quietly_names_only_the_change(cloud: LocalCloud, aws: Aws, bus: Bus) -> None:
    with cloud.gate.quiet():
        made = cloud.client("ec2", TEAM).create_vpc(
            CidrBlock="10.0.0.0/16",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "app"}]}],
        )["Vpc"]["VpcId"]
    assert bus.heard == []
    aws("ec2", TEAM).create_tags(Resources=[made], Tags=[{"Key": "k", "Value": "v"}])
    assert bus.heard[0]["detail"]["changed-tag-keys"] == ["k"]
    assert bus.heard[0]["detail"]["tags"] == {"Name": "app", "k": "v"}


# --- listing ---


@pytest.mark.fact("18: type filters such as elasticloadbalancing:loadbalancer, ec2:vpc, vpc-lattice:service")
@pytest.mark.parametrize(
    ("types", "kinds"),
    [
        (["elasticloadbalancing:loadbalancer"], {"loadbalancer"}),
        (["ec2:vpc"], {"vpc"}),
        (["vpc-lattice:service"], {"service"}),
        (["vpc-lattice:targetgroup"], set()),
        (["ec2:vpc", "vpc-lattice:service"], {"vpc", "service"}),
        (["ec2"], {"vpc"}),
        ([], {"vpc", "service", "loadbalancer"}),
    ],
)
def test_resources_are_filtered_by_type(
    cloud: LocalCloud, aws: Aws, tagging: Any, types: list[str], kinds: set[str]
) -> None:
    arns = [vpc(aws, k="v"), balancer(aws, k="v")]
    arns.append(aws("vpc-lattice", TEAM).create_service(name="orders", tags={"k": "v"})["arn"])
    cloud.clock.advance(60)
    found = listed(tagging, ResourceTypeFilters=types)
    assert {arn.split(":")[5].split("/")[0] for arn in found} == kinds
    assert set(found) <= set(arns)


@pytest.mark.fact("18: AND over keys, OR over values")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{"Key": "a"}], ["1", "2", "3"]),
        ([{"Key": "a", "Values": ["1"]}], ["1"]),
        ([{"Key": "a", "Values": ["1", "2"]}], ["1", "2"]),
        ([{"Key": "a"}, {"Key": "b", "Values": ["x"]}], ["1", "2"]),
        ([{"Key": "a", "Values": ["1"]}, {"Key": "b", "Values": ["y"]}], []),
        ([{"Key": "absent"}], []),
    ],
)
def test_tags_are_filtered_by_key_and_value(
    cloud: LocalCloud, aws: Aws, tagging: Any, filters: list[dict[str, Any]], expected: list[str]
) -> None:
    for number, letter in (("1", "x"), ("2", "x"), ("3", "y")):
        vpc(aws, a=number, b=letter)
    cloud.clock.advance(60)
    assert sorted(tags["a"] for tags in listed(tagging, TagFilters=filters).values()) == expected


@pytest.mark.fact("18: up to 50 keys of 20 values")
def test_too_many_filters_are_refused(tagging: Any) -> None:
    for filters in ([{"Key": f"k{n}"} for n in range(51)], [{"Key": "k", "Values": [str(n) for n in range(21)]}]):
        with pytest.raises(ClientError) as refused:
            tagging.get_resources(TagFilters=filters)
        assert code(refused) == "InvalidParameterException"


@pytest.mark.fact("18: 1-100 per page; page until the token is empty")
def test_resources_come_in_pages(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    arns = {vpc(aws, k="v") for _ in range(5)}
    cloud.clock.advance(60)
    seen: list[str] = []
    token, pages = "", 0
    while True:
        page = tagging.get_resources(ResourcesPerPage=2, PaginationToken=token)
        seen += [one["ResourceARN"] for one in page["ResourceTagMappingList"]]
        token, pages = page["PaginationToken"], pages + 1
        if not token:
            break
    assert (set(seen), len(seen), pages) == (arns, 5, 3)
    token = tagging.get_resources(ResourcesPerPage=2)["PaginationToken"]
    theirs = aws("resourcegroupstaggingapi", OTHER)
    elsewhere = {"get_resources": theirs, "get_tag_keys": tagging, "get_tag_values": tagging}
    for operation, client in elsewhere.items():
        more = {"Key": "k"} if operation == "get_tag_values" else {}
        with pytest.raises(client.exceptions.PaginationTokenExpiredException):
            getattr(client, operation)(**more, PaginationToken=token)
    cloud.clock.advance(14 * 60)
    assert tagging.get_resources(ResourcesPerPage=2, PaginationToken=token)["ResourceTagMappingList"]
    cloud.clock.advance(2 * 60)
    with pytest.raises(tagging.exceptions.PaginationTokenExpiredException):
        tagging.get_resources(ResourcesPerPage=2, PaginationToken=token)


@pytest.mark.fact("18: 1-100 per page")
@pytest.mark.parametrize("size", [0, 101])
def test_a_page_of_another_size_is_refused(tagging: Any, size: int) -> None:
    with pytest.raises(ClientError) as refused:
        tagging.get_resources(ResourcesPerPage=size)
    assert code(refused) == "InvalidParameterException"


@pytest.mark.fact("18: an expired token gives PaginationTokenExpired")
def test_a_token_that_nobody_gave_is_expired(tagging: Any) -> None:
    with pytest.raises(tagging.exceptions.PaginationTokenExpiredException):
        tagging.get_resources(PaginationToken="made-up")


@pytest.mark.fact("18: ResourceARNList (1-100) excludes all filters and paging")
@pytest.mark.parametrize(
    "more",
    [{"TagFilters": [{"Key": "k"}]}, {"ResourceTypeFilters": ["ec2:vpc"]}, {"ResourcesPerPage": 10}],
)
def test_a_list_of_arns_excludes_everything_else(aws: Aws, tagging: Any, more: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        tagging.get_resources(ResourceARNList=[vpc(aws, k="v")], **more)
    assert code(refused) == "InvalidParameterException"


@pytest.mark.fact("18: unknown ARNs are silently missing")
def test_unknown_arns_are_left_out(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    arn = vpc(aws, k="v")
    cloud.clock.advance(60)
    unknown = f"arn:aws:ec2:{REGION}:{TEAM}:vpc/vpc-0123456789abcdef0"
    assert listed(tagging, ResourceARNList=[arn, unknown]) == {arn: {"k": "v"}}


@pytest.mark.fact("18: it returns what is or ever was tagged, so Tags may be empty")
@pytest.mark.parametrize("make", [vpc, balancer])
def test_what_was_tagged_once_stays_listed(cloud: LocalCloud, aws: Aws, tagging: Any, make: Callable[..., str]) -> None:
    arn = make(aws, k="v")
    cloud.clock.advance(60)
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["k"])
    assert listed(tagging) == {arn: {}}


@pytest.mark.fact("18: never-tagged resources are missing")
def test_what_was_never_tagged_is_not_listed(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    vpc(aws)
    aws("vpc-lattice", TEAM).create_service(name="orders", clientToken="t")
    cloud.clock.advance(60)
    assert listed(tagging) == {}


@pytest.mark.fact("18: one account and region per call")
def test_other_accounts_are_not_listed(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    vpc(aws, OTHER, k="v")
    cloud.clock.advance(60)
    assert listed(tagging) == {}


@pytest.mark.fact("18: one account and region per call")
def test_another_regions_objects_are_listed_there(cloud: LocalCloud, reach: Reach) -> None:
    session, endpoint = cloud.session(TEAM), reach(cloud)
    elsewhere: Any = session.client("vpc-lattice", region_name="eu-west-1", endpoint_url=endpoint)
    arn = elsewhere.create_service(name="orders", tags={"k": "v"})["arn"]
    cloud.clock.advance(60)
    for region, expected in (("eu-west-1", [arn]), (cloud.region, [])):
        there: Any = session.client("resourcegroupstaggingapi", region_name=region, endpoint_url=endpoint)
        assert list(listed(there)) == expected


@pytest.mark.fact("18: the filter elasticloadbalancing:loadbalancer/app is unverified; moto's: nothing")
def test_a_finer_type_matches_nothing(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    balancer(aws, k="v")
    cloud.clock.advance(60)
    assert listed(tagging, ResourceTypeFilters=["elasticloadbalancing:loadbalancer/app"]) == {}


@pytest.mark.fact("18: it lags behind creation")
@pytest.mark.parametrize("kind", ["vpc", "balancer", "lattice"])
def test_what_was_just_made_is_not_listed_yet(cloud: LocalCloud, aws: Aws, tagging: Any, kind: str) -> None:
    if kind == "lattice":
        arn = aws("vpc-lattice", TEAM).create_service(name="orders", tags={"k": "v"})["arn"]
    else:
        arn = {"vpc": vpc, "balancer": balancer}[kind](aws, k="v")
    cloud.clock.advance(cloud.tagging_lag - 1)
    assert arn not in listed(tagging)
    cloud.clock.advance(1)
    assert arn in listed(tagging)


@pytest.mark.fact("18: it lags behind deletion by seconds to minutes; confirm a hit by describing the object")
@pytest.mark.parametrize("kind", ["vpc", "balancer", "lattice"])
def test_what_was_just_deleted_is_still_listed(cloud: LocalCloud, aws: Aws, tagging: Any, kind: str) -> None:
    if kind == "lattice":
        lattice = aws("vpc-lattice", TEAM)
        arn = lattice.create_service(name="orders", tags={"k": "v"})["arn"]
        cloud.clock.advance(120)
        lattice.delete_service(serviceIdentifier=arn)
        while cloud.lattice.exists(arn):
            cloud.clock.advance(1)
    else:
        arn = {"vpc": vpc, "balancer": balancer}[kind](aws, k="v")
        cloud.clock.advance(60)
        if kind == "vpc":
            aws("ec2", TEAM).delete_vpc(VpcId=id_of(arn))
        else:
            aws("elbv2", TEAM).delete_load_balancer(LoadBalancerArn=arn)
    assert listed(tagging)[arn] == {"k": "v"}
    cloud.clock.advance(cloud.tagging_lag + 1)
    assert listed(tagging) == {}


@pytest.mark.fact("18: it lags behind creation; what a world begins with has been there for long")
def test_what_was_made_quietly_is_listed_at_once(cloud: LocalCloud, tagging: Any) -> None:
    with cloud.gate.quiet():
        cloud.client("ec2", TEAM).create_vpc(
            CidrBlock="10.0.0.0/16",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "app"}]}],
        )
    assert list(listed(tagging).values()) == [{"Name": "app"}]


@pytest.mark.fact("18: GetTagKeys and GetTagValues")
def test_keys_and_values_in_use_are_listed(cloud: LocalCloud, aws: Aws, tagging: Any) -> None:
    vpc(aws, a="1", b="x")
    vpc(aws, a="2")
    cloud.clock.advance(60)
    assert tagging.get_tag_keys()["TagKeys"] == ["a", "b"]
    assert tagging.get_tag_values(Key="a")["TagValues"] == ["1", "2"]


# --- changing ---


@pytest.mark.fact("18: TagResources and UntagResources work on balancers, VPCs and Lattice alike")
@pytest.mark.parametrize("kind", ["vpc", "balancer", "lattice"])
def test_any_of_the_three_can_be_tagged(aws: Aws, tagging: Any, kind: str) -> None:
    if kind == "lattice":
        arn = aws("vpc-lattice", TEAM).create_service(name="orders", tags={"k": "v"})["arn"]

        def tags() -> Any:
            return aws("vpc-lattice", TEAM).list_tags_for_resource(resourceArn=arn)["tags"]

    elif kind == "vpc":
        arn = vpc(aws, k="v")

        def described() -> Any:
            return aws("ec2", TEAM).describe_vpcs(VpcIds=[id_of(arn)])["Vpcs"][0]

        def tags() -> Any:
            return {tag["Key"]: tag["Value"] for tag in described().get("Tags", [])}

    else:
        arn = balancer(aws, k="v")

        def told() -> Any:
            return aws("elbv2", TEAM).describe_tags(ResourceArns=[arn])["TagDescriptions"][0]

        def tags() -> Any:
            return {tag["Key"]: tag["Value"] for tag in told()["Tags"]}

    assert tagging.tag_resources(ResourceARNList=[arn], Tags={"a": "1"})["FailedResourcesMap"] == {}
    assert tags() == {"k": "v", "a": "1"}
    assert tagging.untag_resources(ResourceARNList=[arn], TagKeys=["k"])["FailedResourcesMap"] == {}
    assert tags() == {"a": "1"}


@pytest.mark.fact("18: they report failures in FailedResourcesMap with a 200 answer")
def test_one_failure_does_not_hold_up_the_others(aws: Aws, tagging: Any) -> None:
    arn = vpc(aws)
    gone = f"arn:aws:ec2:{REGION}:{TEAM}:vpc/vpc-0123456789abcdef0"
    foreign = vpc(aws, OTHER)
    lattice = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:service/svc-0123456789abcdef0"
    answer = tagging.tag_resources(ResourceARNList=[gone, foreign, lattice, arn], Tags={"k": "v"})
    assert set(answer["FailedResourcesMap"]) == {gone, foreign, lattice}
    assert {one["ErrorCode"] for one in answer["FailedResourcesMap"].values()} == {"InvalidParameterException"}
    assert aws("ec2", TEAM).describe_vpcs(VpcIds=[id_of(arn)])["Vpcs"][0]["Tags"] == [{"Key": "k", "Value": "v"}]


@pytest.mark.fact("18: a tag that ELB refuses fails there, too")
def test_a_services_own_rules_hold(aws: Aws, tagging: Any) -> None:
    arn = balancer(aws)
    failed = tagging.tag_resources(ResourceARNList=[arn], Tags={"k": "(no)"})["FailedResourcesMap"]
    assert failed[arn]["StatusCode"] == 400


@pytest.mark.fact("18: TagResources and UntagResources take 20 ARNs")
def test_more_than_twenty_at_once_are_refused(aws: Aws, tagging: Any) -> None:
    arn = vpc(aws)
    many = [f"{arn[:-2]}{n:02}" for n in range(21)]
    with pytest.raises(ClientError) as refused:
        tagging.tag_resources(ResourceARNList=many, Tags={"k": "v"})
    assert code(refused) == "InvalidParameterException"
