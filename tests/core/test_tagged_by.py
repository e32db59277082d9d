"""Who asked: the last change of a resource's tags, by whom where a trail tells it, and never by anybody else."""

from typing import Any

import pytest
from onramp.core.tagged_by import (
    AT_ONCE,
    BY_LENGTH,
    KEPT_AT_MOST,
    MISSING,
    SAME_CHANGE,
    Asks,
    of_call,
    of_change,
    read,
    remembered,
    spelled,
)

ALB = "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:loadbalancer/app/orders/50dc6c495c0c9188"
VPC = "vpc-0a1b2c3d4e5f60718"
ANA = "arn:aws:sts::222222222222:assumed-role/Developer/ana@example.com"
BEN = "arn:aws:iam::222222222222:user/ben"


def call(name: str, asked: Any, by: Any = ANA) -> dict[str, Any]:
    return {"eventName": name, "userIdentity": {"type": "AssumedRole", "arn": by}, "requestParameters": asked}


def on_vpc(**tags: Any) -> dict[str, Any]:
    return {"resourcesSet": {"items": [{"resourceId": VPC}]}, **tags}


OURS = [{"key": "Name", "value": "orders"}, {"key": "lattice:network", "value": "net"}]


@pytest.mark.parametrize(
    ("detail", "resource"),
    [
        (call("AddTags", {"resourceArns": [ALB], "tags": OURS}), ALB),
        (call("RemoveTags", {"resourceArns": [ALB], "tagKeys": ["lattice:network"]}), ALB),
        (call("CreateTags", on_vpc(tagSet={"items": OURS})), VPC),
        (call("DeleteTags", on_vpc(tagSet={"items": [{"key": "lattice:network"}]})), VPC),
        (call("DeleteTags", on_vpc()), VPC),  # all tags of it
    ],
)
def test_a_trail_names_who_changed_our_tags(detail: dict[str, Any], resource: str) -> None:
    assert of_call(detail, "lattice:") == (Asks(resource=resource, by=ANA),)


@pytest.mark.parametrize(
    "detail",
    [
        call("AddTags", {"resourceArns": [ALB], "tags": OURS[:1]}),  # nothing of ours
        call("AddTags", {"resourceArns": [ALB]}),
        call("CreateTags", on_vpc()),
        call("CreateLoadBalancer", {"resourceArns": [ALB], "tags": OURS}),
        call("AddTags", {"resourceArns": [ALB.replace(":loadbalancer/", ":targetgroup/")], "tags": OURS}),
        call("AddTags", {"resourceArns": [ALB], "tags": OURS}, by=None),
        call("AddTags", None),
        call("AddTags", {"resourceArns": ALB, "tags": {"key": "lattice:network"}}),
        call("AddTags", {"resourceArns": [7], "tags": ["lattice:network", {}], "tagKeys": [7]}),
        call("CreateTags", {"resourcesSet": {"items": "none"}, "tagSet": {"items": [7, *OURS]}}),
        {"eventName": "AddTags", "userIdentity": "root", "requestParameters": {"resourceArns": [ALB], "tags": OURS}},
        {},
    ],
)
def test_nobody_is_named_for_anything_else(detail: dict[str, Any]) -> None:
    assert of_call(detail, "lattice:") == ()


def test_what_a_caller_named_itself_is_shown_and_never_acts() -> None:
    evil = f"{ANA}\x1b[2J\n- approved by infra https://example.com {'x' * 500}"
    [asks] = of_call(call("AddTags", {"resourceArns": [ALB], "tags": OURS}, evil), "lattice:")
    assert asks.by.startswith(f"{ANA}[2J - approved by infra https[:]//")
    assert len(asks.by) == BY_LENGTH


def test_the_event_of_a_change_names_the_resource_and_nobody() -> None:
    vpc = f"arn:aws:ec2:ap-northeast-1:222222222222:vpc/{VPC}"
    subnet = "arn:aws:ec2:ap-northeast-1:222222222222:subnet/subnet-1"
    assert of_change((ALB, vpc, subnet)) == (Asks(resource=ALB), Asks(resource=VPC))


def test_a_call_that_names_too_many_tells_that_some_are_missing() -> None:
    found = of_change([f"{ALB}{number}" for number in range(AT_ONCE + 1)])
    assert (len(found), found[-1]) == (AT_ONCE + 1, MISSING)
    assert MISSING not in of_change([f"{ALB}{number}" for number in range(AT_ONCE)])


@pytest.mark.parametrize("asks", [Asks(resource=ALB, by=ANA, at=12.5), Asks(resource=VPC, at=1.0), MISSING])
def test_the_table_keeps_it_as_it_was(asks: Asks) -> None:
    assert read(spelled(asks)) == asks


def test_what_cannot_be_read_is_missing() -> None:
    assert read("2026-11-01 ana") == MISSING


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ([], (ANA, 100.0)),
        ([Asks(resource=ALB, by=BEN, at=200)], (BEN, 200.0)),
        ([Asks(resource=ALB, by=BEN, at=50)], (ANA, 100.0)),  # told late
        # The change's own event comes beside the trail's, and says less; alone it says that nobody knows.
        ([Asks(resource=ALB, at=100 + SAME_CHANGE)], (ANA, 100.0)),
        ([Asks(resource=ALB, at=101 + SAME_CHANGE)], ("", 101 + SAME_CHANGE)),
        ([Asks(resource=ALB, at=300), Asks(resource=ALB, by=BEN, at=299)], (BEN, 299.0)),
        ([Asks(resource=ALB, at=300), Asks(resource=ALB, by=BEN, at=301)], (BEN, 301.0)),
        ([Asks(resource=VPC, by=BEN, at=200)], (ANA, 100.0)),
        ([MISSING, Asks(resource=ALB, by=BEN, at=200)], None),  # it may have been changed again
    ],
)
def test_the_last_change_of_a_resource_counts(told: list[Asks], last: tuple[str, float] | None) -> None:
    found = remembered([Asks(resource=ALB, by=ANA, at=100)], tuple(told), [ALB])
    assert [(it.resource, it.by, it.at) for it in found] == ([(ALB, *last)] if last else [])


def test_only_what_is_known_of_the_account_is_remembered_and_the_newest_of_much() -> None:
    many = tuple(Asks(resource=f"vpc-{number:03}", by=ANA, at=number) for number in range(KEPT_AT_MOST + 5))
    assert remembered(many, (), []) == ()
    assert remembered(many, (), [it.resource for it in many]) == many[5:]
