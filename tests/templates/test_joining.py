"""Who may join and who may call, by what the network's stack is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from localcloud.services.cloudformation import deploy
from localcloud.services.cloudformation.order import depends, in_order, references
from replay.story import ROOT

OWN, TEAM, LISTED = "111111111111", "222222222222", "333333333333"

LIST = {"MemberAccounts": LISTED}
ORGANISATION = {"OrganizationId": "o-a1b2c3d4e5"}
PATH = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"


@pytest.mark.parametrize(
    ("given", "callers"),
    [
        (LIST, {"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": [OWN, LISTED]}}),
        (ORGANISATION, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        (LIST | ORGANISATION, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        (
            ORGANISATION | {"OrganizationPaths": PATH},
            {
                "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "ForAllValues:StringLike": {"aws:PrincipalOrgPaths": [PATH]},
            },
        ),
    ],
    ids=["a list", "an organisation", "both", "units of an organisation"],
)
def test_where_there_is_an_organisation_it_decides_who_joins_and_who_calls(
    given: dict[str, str], callers: dict[str, Any]
) -> None:
    """A stack that changes from a list keeps the list: parameters that nobody names keep their values."""
    organisation = "OrganizationId" in given
    with LocalCloud() as cloud:
        cloud.stacks.deploy(ROOT / "template.yaml", OWN, "mesh", {"NetworkName": "mesh", **given})
        stack = cloud.stacks.stack(OWN, "mesh")
        bus = cloud.client("events", OWN).describe_event_bus(Name="onramp-mesh")["Policy"]
        auth = stack.resources["NetworkAuthPolicy"].properties["Policy"]
    (joins,) = json.loads(bus)["Statement"]
    assert (LISTED in json.dumps(joins["Principal"])) is not organisation
    assert [one["Condition"] for one in auth["Statement"]] == [callers]
    topic = json.dumps(stack.resources["NoticesPolicy"].properties["PolicyDocument"])
    assert (LISTED in topic) is not organisation


@pytest.mark.parametrize(("preset", "auth_type"), [("none", "NONE"), ("vpc", "AWS_IAM")])
def test_a_network_has_its_policy_before_anything_asks_for_it(preset: str, auth_type: str) -> None:
    """From none to vpc the network's type alone changes: AWS_IAM without a policy would deny everything meanwhile."""
    with LocalCloud() as cloud:
        given = {"NetworkName": "mesh", "AuthPreset": preset, **LIST}
        cloud.stacks.deploy(ROOT / "template.yaml", OWN, "mesh", given)
        lattice = cloud.client("vpc-lattice", OWN)
        network = cloud.stacks.physical(OWN, "mesh", "ServiceNetwork")
        assert lattice.get_service_network(serviceNetworkIdentifier=network)["authType"] == auth_type
        found = lattice.get_auth_policy(resourceIdentifier=network)
    assert found["state"] == {"NONE": "Inactive", "AWS_IAM": "Active"}[auth_type]
    (statement,) = json.loads(found["policy"])["Statement"]
    assert LISTED in statement["Condition"]["StringEquals"]["vpc-lattice-svcs:SourceVpcOwnerAccount"]


def test_a_stack_that_is_given_another_network_leaves_its_own_where_somebody_is_on_it_and_only_there() -> None:
    """No rule of a template knows what a parameter was before: its description says when to choose."""
    with LocalCloud() as cloud:
        lattice = cloud.client("vpc-lattice", OWN)

        def given(**more: str) -> str:
            cloud.stacks.deploy(ROOT / "template.yaml", OWN, "mesh", {"NetworkName": "mesh", **LIST, **more})
            return cloud.stacks.stack(OWN, "mesh").resources["Share"].made.id

        share = given()
        made = cloud.stacks.physical(OWN, "mesh", "ServiceNetwork")
        service = lattice.create_service(name="orders")["arn"]
        cloud.settle()
        lattice.create_service_network_service_association(
            serviceNetworkIdentifier=made, serviceIdentifier=service, clientToken="joins-the-network-once"
        )
        cloud.settle()
        other = lattice.create_service_network(name="other")["arn"]
        assert given(ExistingNetworkArn=other) == share
        networks = {one["arn"]: one["numberOfAssociatedServices"] for one in lattice.list_service_networks()["items"]}
        assert networks == {made: 1, other: 0}
        held = cloud.client("ram", OWN).list_resources(resourceOwner="SELF", resourceShareArns=[share])["resources"]
        assert [one["arn"] for one in held if one["status"] == "AVAILABLE"] == [other]


def _members_first(resources: Mapping[str, Any]) -> list[str]:
    """An order in which CloudFormation may make them: first the stack set, after what it says that it waits for."""
    wanted, left = set(), ["Members"] if "Members" in resources else []
    while left:
        name = left.pop()
        wanted.add(name)
        used = {other for other, _ in references(resources[name].get("Properties"))} & set(resources)
        left += [other for other in (*used, *depends(resources[name])) if other not in wanted]
    return sorted(in_order(resources), key=lambda name: name not in wanted)


def test_the_units_accounts_get_their_side_however_early_the_stack_set_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """EventBridge takes no rule for a bus that does not admit it yet."""
    monkeypatch.setattr(deploy, "in_order", _members_first)
    with LocalCloud() as cloud:
        cloud.organization.create(OWN, ram_sharing=True)
        cloud.organization.add_unit("ou-ab12-11111111")
        cloud.organization.add(TEAM, "ou-ab12-11111111")
        given = {"OrganizationId": cloud.organization.id, "MemberUnits": "ou-ab12-11111111", "StackSetCaller": "SELF"}
        for more in ({}, {"AuthPreset": "org-signed", "ArchiveDays": "0"}):
            cloud.stacks.deploy(ROOT / "template.yaml", OWN, "mesh", {"NetworkName": "mesh", **given, **more})
            (member,) = cloud.client("cloudformation", TEAM).describe_stacks()["Stacks"]
            assert member["StackStatus"] == "CREATE_COMPLETE"
        cloud.stacks.delete(OWN, "mesh")
        assert cloud.client("cloudformation", TEAM).describe_stacks()["Stacks"] == []
