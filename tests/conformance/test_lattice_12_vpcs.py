"""Facts 12: one network a VPC, and the security groups of its association."""

import pytest
from lattice_world import MEMBER, World, refused

fact = pytest.mark.fact


@fact("12 security groups from the same VPC")
def test_a_security_group_of_another_vpc_is_refused(world: World) -> None:
    foreign = world.security_group(world.vpc())
    with refused("ValidationException", "is not in vpc-"):
        world.admit(world.vpc(), world.network(MEMBER), securityGroupIds=[foreign])


@fact("12 security groups must be there")
def test_a_security_group_that_is_not_there_is_not_found(world: World) -> None:
    with refused("ResourceNotFoundException", status=404):
        world.admit(world.vpc(), world.network(MEMBER), securityGroupIds=["sg-0a1b2c3d4e5f60718"])


@fact("12 an update replaces the list and must hold at least one")
def test_security_groups_are_replaced_and_never_emptied(world: World) -> None:
    vpc, lattice = world.vpc(), world.lattice()
    first, second = world.security_group(vpc), world.security_group(vpc)
    made = world.admit(vpc, world.network(MEMBER), securityGroupIds=[first])
    named = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
    with refused("ValidationException", status=400):
        lattice.update_service_network_vpc_association(**named, securityGroupIds=[])
    lattice.update_service_network_vpc_association(**named, securityGroupIds=[second])
    world.settle()
    assert lattice.get_service_network_vpc_association(**named)["securityGroupIds"] == [second]


@fact("12 (model) security groups may be added to an association that has none")
def test_security_groups_may_be_added_later(world: World) -> None:
    vpc, lattice = world.vpc(), world.lattice()
    made = world.admit(vpc, world.network(MEMBER))
    assert made["securityGroupIds"] == []
    group = world.security_group(vpc)
    lattice.update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=made["id"], securityGroupIds=[group]
    )
    world.settle()
    [association] = world.cloud.lattice.estate.vpc_associations
    assert association.security_groups == (group,)


@fact("12 to have no security groups, delete and recreate")
def test_an_association_is_recreated_without_security_groups(world: World) -> None:
    vpc, network = world.vpc(), world.network(MEMBER)
    made = world.admit(vpc, network, securityGroupIds=[world.security_group(vpc)])
    world.lattice().delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made["id"])
    world.settle()
    assert world.admit(vpc, network)["securityGroupIds"] == []


@fact("12 one SNVA per VPC, hard; a network takes many VPCs")
def test_a_network_takes_many_vpcs(world: World) -> None:
    network = world.network(MEMBER)
    vpcs = {world.vpc() for _ in range(3)}
    for vpc in vpcs:
        world.admit(vpc, network)
    listed = world.lattice().list_service_network_vpc_associations(serviceNetworkIdentifier=network["id"])
    assert {item["vpcId"] for item in listed["items"]} == vpcs


@fact("6 privateDnsEnabled and dnsOptions of an SNVA are kept")
def test_dns_options_are_kept_and_updated(world: World) -> None:
    options = {"privateDnsPreference": "SPECIFIED_DOMAINS_ONLY", "privateDnsSpecifiedDomains": ["example.com"]}
    made = world.admit(world.vpc(), world.network(MEMBER), privateDnsEnabled=True, dnsOptions=options)
    assert (made["privateDnsEnabled"], made["dnsOptions"]) == (True, options)
    named = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
    world.lattice().update_service_network_vpc_association(**named, privateDnsEnabled=False)
    world.settle()
    assert world.lattice().get_service_network_vpc_association(**named)["privateDnsEnabled"] is False
