"""What IAM must allow for RAM's calls (facts 24)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, World, refused

from localcloud.cloud import LocalCloud

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]
type Acting = Callable[[str, str, str], Any]
type AsRole = Callable[..., Any]


@pytest.fixture
def strict(cloud: LocalCloud) -> LocalCloud:
    cloud.enforce_iam = True
    return cloud


@pytest.fixture
def as_role(cloud: LocalCloud, acting: Acting) -> AsRole:
    """`as_role(account, *statements)` -> a RAM client of a role that has just these statements."""

    def made(account: str, *statements: dict[str, Any]) -> Any:
        iam = cloud.client("iam", account)
        trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}]}
        iam.create_role(RoleName="sharer", AssumeRolePolicyDocument=json.dumps(trust))
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | one for one in statements]}
        iam.put_role_policy(RoleName="sharer", PolicyName="inline", PolicyDocument=json.dumps(document))
        return acting("ram", account, "sharer")

    return made


POLICIES = {"Action": "vpc-lattice:*ResourcePolicy", "Resource": "*"}


@fact("24: CreateResourceShare on *, with ram:RequestedAllowsExternalPrincipals")
def test_a_role_may_be_kept_from_letting_outsiders_in(strict: LocalCloud, as_role: AsRole) -> None:
    closed = {"Bool": {"ram:RequestedAllowsExternalPrincipals": "false"}}
    ram = as_role(NETWORK, {"Action": "ram:CreateResourceShare", "Resource": "*", "Condition": closed})
    with refused("AccessDeniedException", "ram:CreateResourceShare", status=403):
        ram.create_resource_share(name="open")
    ram.create_resource_share(name="closed", allowExternalPrincipals=False)


@fact("24: CreateResourceShare knows ram:ResourceArn, ram:RequestedResourceType and ram:Principal")
def test_a_role_may_be_held_to_one_resource_and_one_principal(
    strict: LocalCloud, world: World, as_role: AsRole
) -> None:
    network, other = world.network()["arn"], world.network()["arn"]
    only = {
        "ForAllValues:StringEquals": {"ram:Principal": [MEMBER], "ram:ResourceArn": [network]},
        "StringEquals": {"ram:RequestedResourceType": "vpc-lattice:ServiceNetwork"},
    }
    ram = as_role(NETWORK, {"Action": "ram:CreateResourceShare", "Resource": "*", "Condition": only}, POLICIES)
    ram.create_resource_share(name="a", resourceArns=[network], principals=[MEMBER])
    with refused("AccessDeniedException"):
        ram.create_resource_share(name="b", resourceArns=[other], principals=[MEMBER])
    with refused("AccessDeniedException"):
        ram.create_resource_share(name="c", resourceArns=[network], principals=["444444444444"])


@fact("24: sharing a network also needs vpc-lattice Put, Get, DeleteResourcePolicy")
def test_sharing_a_network_writes_its_resource_policy(strict: LocalCloud, world: World, as_role: AsRole) -> None:
    ram = as_role(NETWORK, {"Action": "ram:*", "Resource": "*"})
    with refused("AccessDeniedException", "vpc-lattice:PutResourcePolicy"):
        ram.create_resource_share(name="a", resourceArns=[world.network()["arn"]])


@fact("24: changes on the share, limited by its tags")
def test_a_role_may_be_held_to_shares_with_its_tag(strict: LocalCloud, aws: Aws, as_role: AsRole) -> None:
    ours = {"StringEquals": {"aws:ResourceTag/owner": "onboarding"}}
    ram = as_role(NETWORK, {"Action": "ram:DeleteResourceShare", "Resource": "*", "Condition": ours})
    owner = aws("ram", NETWORK)
    tags = [{"key": "owner", "value": "onboarding"}]
    mine = owner.create_resource_share(name="mine", tags=tags)["resourceShare"]["resourceShareArn"]
    foreign = owner.create_resource_share(name="foreign")["resourceShare"]["resourceShareArn"]
    with refused("AccessDeniedException", foreign):
        ram.delete_resource_share(resourceShareArn=foreign)
    ram.delete_resource_share(resourceShareArn=mine)


@fact("24: changes on the share, limited by ram:ResourceShareName")
def test_a_role_may_be_held_to_a_share_by_name(strict: LocalCloud, aws: Aws, as_role: AsRole) -> None:
    named = {"StringLike": {"ram:ResourceShareName": "network-*"}}
    ram = as_role(NETWORK, {"Action": "ram:AssociateResourceShare", "Resource": "*", "Condition": named})
    owner = aws("ram", NETWORK)
    right, wrong = (
        owner.create_resource_share(name=name)["resourceShare"]["resourceShareArn"] for name in ("network-a", "other")
    )
    ram.associate_resource_share(resourceShareArn=right, principals=[MEMBER])
    with refused("AccessDeniedException"):
        ram.associate_resource_share(resourceShareArn=wrong, principals=[MEMBER])


@fact("24: accept on the invitation, limited by ram:ShareOwnerAccountId")
@pytest.mark.parametrize(("trusted", "allowed"), [(NETWORK, True), ("444444444444", False)])
def test_a_role_accepts_only_from_the_account_it_may(
    strict: LocalCloud, aws: Aws, trusted: str, allowed: bool, as_role: AsRole
) -> None:
    from_whom = {"StringEquals": {"ram:ShareOwnerAccountId": trusted}}
    accept = {"Action": "ram:AcceptResourceShareInvitation", "Resource": "*", "Condition": from_whom}
    ram = as_role(MEMBER, accept)
    aws("ram", NETWORK).create_resource_share(name="network", principals=[MEMBER])
    strict.settle()
    received = aws("ram", MEMBER).get_resource_share_invitations()["resourceShareInvitations"]
    arn = received[0]["resourceShareInvitationArn"]
    if allowed:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    else:
        with refused("AccessDeniedException", arn):
            ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)


@fact("24: reads are on *")
def test_reading_needs_the_action_on_everything(strict: LocalCloud, as_role: AsRole) -> None:
    ram = as_role(NETWORK, {"Action": "ram:GetResourceShares", "Resource": "*"})
    ram.get_resource_shares(resourceOwner="SELF")
    with refused("AccessDeniedException", "ram:ListResources"):
        ram.list_resources(resourceOwner="SELF")
