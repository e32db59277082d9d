"""EC2 takes no rule and no route that names what is not there (facts 19.4)."""

from __future__ import annotations

from typing import Any

import pytest
from lattice_world import MEMBER, OTHER, World, refused

NOWHERE = "0123456789abcdef0"


def permission(**named: Any) -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **named}]


LISTED = permission(PrefixListIds=[{"PrefixListId": f"pl-{NOWHERE}"}])
GROUPED = permission(UserIdGroupPairs=[{"GroupId": f"sg-{NOWHERE}"}])


@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize(
    ("named", "code"), [(LISTED, "InvalidPrefixListID.NotFound"), (GROUPED, "InvalidGroup.NotFound")]
)
def test_a_rule_names_what_is_there(world: World, direction: str, named: list[dict[str, Any]], code: str) -> None:
    ec2, group = world.aws("ec2", MEMBER), world.security_group(world.vpc())
    with refused(code, NOWHERE, status=400):
        getattr(ec2, f"authorize_security_group_{direction}")(GroupId=group, IpPermissions=named)
    [found] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert (found["IpPermissions"], len(found["IpPermissionsEgress"])) == ([], 1)


def test_a_rule_is_not_changed_to_name_what_is_not_there(world: World) -> None:
    ec2, group = world.aws("ec2", MEMBER), world.security_group(world.vpc())
    [made] = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=permission(IpRanges=[{"CidrIp": "10.0.0.0/8"}])
    )["SecurityGroupRules"]
    changed = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListId": f"pl-{NOWHERE}"}
    with refused("InvalidPrefixListID.NotFound", status=400):
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[
                {"SecurityGroupRuleId": made["SecurityGroupRuleId"], "SecurityGroupRule": changed},
            ],
        )


def test_a_route_leads_to_no_prefix_list_that_is_not_there(world: World) -> None:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    with refused("InvalidPrefixListID.NotFound", status=400):
        ec2.create_route(RouteTableId=table, DestinationPrefixListId=f"pl-{NOWHERE}", GatewayId="local")


def test_what_is_there_is_taken_aws_s_own_lists_too(world: World) -> None:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    group, other = world.security_group(vpc), world.security_group(vpc)
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    own = ec2.create_managed_prefix_list(PrefixListName="own", MaxEntries=1, AddressFamily="IPv4")["PrefixList"]
    for found in (lists[0], own):
        named = permission(PrefixListIds=[{"PrefixListId": found["PrefixListId"]}])
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=named)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=permission(UserIdGroupPairs=[{"GroupId": other}]))


def test_another_account_s_list_is_not_there(world: World) -> None:
    made = world.aws("ec2", OTHER).create_managed_prefix_list(
        PrefixListName="theirs", MaxEntries=1, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    ec2, group = world.aws("ec2", MEMBER), world.security_group(world.vpc())
    with refused("InvalidPrefixListID.NotFound", status=400):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=permission(PrefixListIds=[{"PrefixListId": made}])
        )
