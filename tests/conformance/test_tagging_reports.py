"""Reports of tag policies, required tags, and shares among what is tagged (facts 18)."""

from __future__ import annotations

from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, World, refused


@pytest.fixture
def at_home(world: World) -> Any:
    """The tagging API as the management account has it, in the one region where it makes reports."""
    client = world.aws("resourcegroupstaggingapi", NETWORK)
    endpoint = client.meta.endpoint_url if "127.0.0.1" in client.meta.endpoint_url else None
    return world.cloud.session(NETWORK).client(
        "resourcegroupstaggingapi", region_name="us-east-1", endpoint_url=endpoint
    )


def test_a_report_is_made_by_and_by(world: World, at_home: Any) -> None:
    world.cloud.organization.create(NETWORK)
    assert at_home.describe_report_creation()["Status"] == "NO REPORT"
    with refused("InvalidParameterException"):
        at_home.start_report_creation(S3Bucket="reports-bucket")
    s3 = world.aws("s3", NETWORK)
    s3.create_bucket(Bucket="reports-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    at_home.start_report_creation(S3Bucket="reports-bucket")
    assert at_home.describe_report_creation()["Status"] == "RUNNING"
    with refused("ConcurrentModificationException"):
        at_home.start_report_creation(S3Bucket="reports-bucket")
    world.pass_time(60)
    told = at_home.describe_report_creation()
    assert told["Status"] == "SUCCEEDED"
    bucket, _, key = told["S3Location"].removeprefix("s3://").partition("/")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().startswith(b"AccountId,")
    assert at_home.get_compliance_summary()["SummaryList"] == []


def test_reports_are_for_the_management_account_at_home(world: World, at_home: Any) -> None:
    with refused("ConstraintViolationException"):
        at_home.describe_report_creation()
    world.cloud.organization.create(NETWORK)
    for account in (NETWORK, MEMBER):
        with refused("ConstraintViolationException"):
            world.aws("resourcegroupstaggingapi", account).get_compliance_summary()


def test_no_tag_is_required_where_no_policy_asks_for_one(world: World) -> None:
    assert world.aws("resourcegroupstaggingapi", MEMBER).list_required_tags()["RequiredTags"] == []


def test_a_share_is_found_and_tagged_like_the_rest(world: World) -> None:
    ram, tagging = world.aws("ram", MEMBER), world.aws("resourcegroupstaggingapi", MEMBER)
    made = ram.create_resource_share(name="s", tags=[{"key": "team", "value": "a"}])
    arn = made["resourceShare"]["resourceShareArn"]
    tagging.tag_resources(ResourceARNList=[arn], Tags={"stage": "test"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["team"])
    [found] = tagging.get_resources(ResourceTypeFilters=["ram:resource-share"])["ResourceTagMappingList"]
    assert found == {"ResourceARN": arn, "Tags": [{"Key": "stage", "Value": "test"}]}


def test_a_page_is_told_again_to_whoever_lost_it(world: World) -> None:
    for number in range(3):
        world.network(MEMBER, tags={"n": str(number)})
    world.pass_time(60)
    tagging = world.aws("resourcegroupstaggingapi", MEMBER)
    token = tagging.get_resources(ResourcesPerPage=2)["PaginationToken"]
    once, twice = (tagging.get_resources(ResourcesPerPage=2, PaginationToken=token) for _ in range(2))
    assert once["ResourceTagMappingList"] == twice["ResourceTagMappingList"] != []
