"""Service Quotas knows VPC Lattice's quotas by the codes that its own refusals have (facts 16)."""

from __future__ import annotations

import pytest
from lattice_world import MEMBER, World, refused

NETWORKS = "L-9CAD07FB"


@pytest.mark.fact("16")
def test_a_quota_is_told_by_its_code_and_among_all(world: World) -> None:
    asked = world.aws("service-quotas", MEMBER)
    told = asked.get_service_quota(ServiceCode="vpc-lattice", QuotaCode=NETWORKS)["Quota"]
    assert (told["Value"], told["Adjustable"], told["ServiceCode"]) == (50.0, True, "vpc-lattice")
    assert told["QuotaArn"].endswith(f":{MEMBER}:vpc-lattice/{NETWORKS}")
    pages = asked.get_paginator("list_service_quotas").paginate(
        ServiceCode="vpc-lattice", PaginationConfig={"PageSize": 5}
    )
    found = {it["QuotaCode"]: it for page in pages for it in page["Quotas"]}
    assert len(found) > 10
    assert found[NETWORKS] == told
    [alone] = asked.list_service_quotas(ServiceCode="vpc-lattice", QuotaCode=NETWORKS)["Quotas"]
    assert alone == told
    assert [it["ServiceCode"] for it in asked.list_services()["Services"]] == ["vpc-lattice"]


@pytest.mark.fact("16")
def test_what_is_applied_is_what_refuses_and_the_default_stays(world: World) -> None:
    world.cloud.lattice.quotas.networks = 1
    asked = world.aws("service-quotas", MEMBER)
    assert asked.get_service_quota(ServiceCode="vpc-lattice", QuotaCode=NETWORKS)["Quota"]["Value"] == 1.0
    default = asked.get_aws_default_service_quota(ServiceCode="vpc-lattice", QuotaCode=NETWORKS)["Quota"]
    assert default["Value"] == 50.0
    assert default in asked.list_aws_default_service_quotas(ServiceCode="vpc-lattice")["Quotas"]
    world.network(MEMBER)
    with refused("ServiceQuotaExceededException"):
        world.network(MEMBER)


def test_an_increase_is_granted_to_who_asks_for_more_than_there_is(world: World) -> None:
    asked = world.aws("service-quotas", MEMBER)
    which = {"ServiceCode": "vpc-lattice", "QuotaCode": NETWORKS}
    told = asked.request_service_quota_increase(**which, DesiredValue=60)["RequestedQuota"]
    assert (told["Status"], told["DesiredValue"], told["QuotaCode"]) == ("PENDING", 60.0, NETWORKS)
    assert asked.get_service_quota(**which)["Quota"]["Value"] == 60.0
    with refused("IllegalArgumentException", status=400):
        asked.request_service_quota_increase(**which, DesiredValue=60)


def test_what_nobody_knows_is_not_told(world: World) -> None:
    asked = world.aws("service-quotas", MEMBER)
    with refused("NoSuchResourceException", status=400):
        asked.get_service_quota(ServiceCode="vpc-lattice", QuotaCode="L-00000000")
    for call in (asked.list_service_quotas, asked.list_aws_default_service_quotas):
        with refused("NoSuchResourceException"):
            call(ServiceCode="none")
    with refused("InvalidPaginationTokenException"):
        asked.list_service_quotas(ServiceCode="vpc-lattice", NextToken="x")
