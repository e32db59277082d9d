"""Resources in a network: gateways, configurations, their associations, endpoints and domains (facts-2 R2 to R14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from lattice_world import MEMBER, NETWORK, OTHER, REGION, World, refused

IP = {"ipResource": {"ipAddress": "10.1.0.7"}}
QUEUE = f"arn:aws:sqs:{REGION}:{MEMBER}:q"
DNS = {"dnsResource": {"domainName": "db.example.jp", "ipAddressType": "IPV4"}}


def subnet(world: World, vpc: str, account: str = MEMBER, cidr: str = "10.1.200.0/24") -> str:
    made = world.aws("ec2", account).create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}a")
    return str(made["Subnet"]["SubnetId"])


def gateway(world: World, account: str = MEMBER, *, ready: bool = True, **more: Any) -> dict[str, Any]:
    vpc = more.pop("vpcIdentifier", "") or world.vpc(account)
    name = more.pop("name", world._name("gateway"))
    subnets = more.pop("subnetIds", None) or [subnet(world, vpc, account)]
    made: dict[str, Any] = world.lattice(account).create_resource_gateway(
        name=name, vpcIdentifier=vpc, subnetIds=subnets, **more
    )
    if ready:
        world.settle()
    return made


def configuration(world: World, account: str = MEMBER, *, ready: bool = True, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"type": "SINGLE", "name": world._name("resource"), **more}
    if given["type"] in ("SINGLE", "CHILD", "CIDR"):
        given.setdefault("portRanges", ["5432"])
        given.setdefault("resourceConfigurationDefinition", IP)
    if given["type"] != "CHILD" and "resourceGatewayIdentifier" not in given:
        given["resourceGatewayIdentifier"] = gateway(world, account)["id"]
    made: dict[str, Any] = world.lattice(account).create_resource_configuration(**given)
    if ready:
        world.settle()
    return made


def joined(world: World, network: dict[str, Any], resource: dict[str, Any], account: str = MEMBER, **more: Any) -> Any:
    made = world.lattice(account).create_service_network_resource_association(
        serviceNetworkIdentifier=network["arn"], resourceConfigurationIdentifier=resource["arn"], **more
    )
    world.settle()
    return made


# --- gateways


def test_a_gateway_comes_in_time_and_goes_in_time(world: World) -> None:
    lattice, vpc = world.lattice(), world.vpc()
    group = world.security_group(vpc)
    made = gateway(world, vpcIdentifier=vpc, name="door", securityGroupIds=[group], ready=False)
    assert made["status"] == "CREATE_IN_PROGRESS"
    assert re.fullmatch(r"rgw-[0-9a-z]{17}", made["id"])
    assert made["arn"] == f"arn:aws:vpc-lattice:{REGION}:{MEMBER}:resourcegateway/{made['id']}"
    assert (made["vpcIdentifier"], made["ipAddressType"], made["ipv4AddressesPerEni"]) == (vpc, "IPV4", 16)
    world.settle()
    told = lattice.get_resource_gateway(resourceGatewayIdentifier=made["arn"])
    assert (told["status"], told["vpcId"], told["resourceConfigDnsResolution"]) == ("ACTIVE", vpc, "PUBLIC")
    assert "vpcIdentifier" not in told
    [listed] = lattice.list_resource_gateways()["items"]
    assert (listed["id"], listed["vpcIdentifier"]) == (made["id"], vpc)
    changed = lattice.update_resource_gateway(resourceGatewayIdentifier=made["id"], securityGroupIds=[])
    assert (changed["status"], changed["securityGroupIds"]) == ("UPDATE_IN_PROGRESS", [])
    assert "ipv4AddressesPerEni" not in changed
    world.settle()
    gone = lattice.delete_resource_gateway(resourceGatewayIdentifier=made["id"])
    assert gone["status"] == "DELETE_IN_PROGRESS"
    world.settle()
    with refused("ResourceNotFoundException", status=404):
        lattice.get_resource_gateway(resourceGatewayIdentifier=made["id"])


def test_what_a_gateway_stands_in_is_not_deleted(world: World) -> None:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    inside, group = subnet(world, vpc), world.security_group(vpc)
    gateway(world, vpcIdentifier=vpc, subnetIds=[inside], securityGroupIds=[group])
    for delete in (
        lambda: ec2.delete_subnet(SubnetId=inside),
        lambda: ec2.delete_security_group(GroupId=group),
        lambda: ec2.delete_vpc(VpcId=vpc),
    ):
        with refused("DependencyViolation"):
            delete()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "rgw-mine"}, "ValidationException"),
        ({"vpcIdentifier": "vpc-0123456789abcdef0", "subnetIds": ["subnet-1"]}, "ResourceNotFoundException"),
        ({"ipAddressType": "IPV6", "ipv4AddressesPerEni": 3}, "ValidationException"),
        ({"ipAddressType": "IPV6", "resourceConfigDnsResolution": "IN_VPC"}, "ValidationException"),
        ({"ipAddressType": "IPV6"}, "ValidationException"),  # its subnet has addresses of IPv4 alone
        ({"ipAddressType": "DUALSTACK"}, "ValidationException"),
        ({"securityGroupIds": ["sg-0123456789abcdef0"]}, "ResourceNotFoundException"),
    ],
)
def test_a_gateway_that_cannot_be_is_refused(world: World, more: dict[str, Any], code: str) -> None:
    with refused(code):
        gateway(world, **more)


def test_a_gateways_subnets_are_of_its_vpc_and_its_name_is_its_own(world: World) -> None:
    here, there = world.vpc(), world.vpc()
    with refused("ValidationException"):
        gateway(world, vpcIdentifier=here, subnetIds=[subnet(world, there)])
    gateway(world, name="twice")
    with refused("ConflictException", status=409):
        gateway(world, name="twice")


# --- configurations


def test_a_resource_is_made_changed_and_removed(world: World) -> None:
    lattice = world.lattice()
    made = configuration(world, resourceConfigurationDefinition=DNS, ready=False)
    assert re.fullmatch(r"rcfg-[0-9a-z]{17}", made["id"])
    assert (made["status"], made["protocol"]) == ("CREATE_IN_PROGRESS", "TCP")
    assert made["allowAssociationToShareableServiceNetwork"] is False
    world.settle()
    changed = lattice.update_resource_configuration(
        resourceConfigurationIdentifier=made["id"], portRanges=["3306-3310"], resourceConfigurationDefinition=IP
    )
    assert changed["portRanges"] == ["3306-3310"]
    world.settle()
    with refused("ValidationException", "portRanges is required"):
        lattice.update_resource_configuration(resourceConfigurationIdentifier=made["id"], portRanges=[])
    told = lattice.get_resource_configuration(resourceConfigurationIdentifier=made["arn"])
    assert (told["status"], told["resourceConfigurationDefinition"]) == ("ACTIVE", IP)
    assert told["amazonManaged"] is False
    with refused("ConflictException", status=409):
        lattice.delete_resource_gateway(resourceGatewayIdentifier=told["resourceGatewayId"])
    answer = lattice.delete_resource_configuration(resourceConfigurationIdentifier=made["id"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    world.settle()
    assert lattice.list_resource_configurations()["items"] == []
    lattice.delete_resource_gateway(resourceGatewayIdentifier=told["resourceGatewayId"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"type": "GROUP", "customDomainName": "db.example.jp"},
            "Unexpected attribute customDomainName for type GROUP",
        ),
        ({"type": "GROUP", "resourceConfigurationDefinition": IP}, "Unexpected attribute"),
        ({"type": "SINGLE", "resourceConfigurationDefinition": {"arnResource": {"arn": "a" * 20}}}, "arnResource"),
        ({"type": "SINGLE", "portRanges": ["9-3"]}, "9-3"),
        ({"type": "SINGLE", "portRanges": ["0"]}, "0 is not a port"),
        ({"type": "SINGLE", "resourceConfigurationDefinition": {"ipResource": {"ipAddress": "8.8.8.8"}}}, "private"),
        ({"type": "SINGLE", "resourceConfigurationDefinition": {"ipResource": {"ipAddress": "none"}}}, "IP address"),
        ({"type": "SINGLE", "resourceConfigurationDefinition": {"ipResource": {"ipAddress": "2001:db8::1"}}}, "vpc-"),
        ({"type": "SINGLE", "resourceConfigurationDefinition": {"ipResource": {}}}, "ipAddress is required"),
        ({"type": "ARN", "resourceConfigurationDefinition": {"arnResource": {}}}, "arn is required"),
        ({"type": "CIDR", "resourceConfigurationDefinition": {"cidrResource": {}}}, "cidrRanges is required"),
        ({"type": "SINGLE", "protocol": "TCP_UDP"}, "TCP_UDP"),
        ({"type": "CIDR", "resourceConfigurationDefinition": {"cidrResource": {"cidrRanges": ["10.0.0.0/8"]}}}, "VPC"),
        (
            {
                "type": "ARN",
                "resourceConfigurationDefinition": {"arnResource": {"arn": QUEUE}},
            },
            "RDS",
        ),
    ],
)
def test_a_resource_that_cannot_be_is_refused(world: World, given: dict[str, Any], says: str) -> None:
    with refused("ValidationException", says):
        configuration(world, **given)


def test_ranges_stand_behind_a_gateway_that_looks_names_up_inside(world: World) -> None:
    door = gateway(world, resourceConfigDnsResolution="IN_VPC")["id"]
    fine = {"cidrResource": {"cidrRanges": ["10.0.0.0/8"]}}
    made = configuration(
        world, type="CIDR", resourceGatewayIdentifier=door, resourceConfigurationDefinition=fine, ready=True
    )
    assert made["protocol"] == "TCP_UDP"
    for ranges in (["169.254.0.0/16"], ["10.0.0.0"], ["0.0.0.0/0", "10.0.0.0/8"]):
        with refused("ValidationException", "CIDR"):
            configuration(
                world,
                type="CIDR",
                resourceGatewayIdentifier=door,
                resourceConfigurationDefinition={"cidrResource": {"cidrRanges": ranges}},
            )
    with refused("ValidationException", "Tunnel"):
        joined(world, world.network(MEMBER), made)


def test_a_group_has_children_and_goes_after_them(world: World) -> None:
    lattice, network = world.lattice(), world.network(MEMBER, sharingConfig={"enabled": False})
    group = configuration(world, type="GROUP", groupDomain="example.jp")
    child = configuration(
        world, type="CHILD", resourceConfigurationGroupIdentifier=group["id"], customDomainName="db.example.jp"
    )
    assert child["resourceGatewayId"] == group["resourceGatewayId"]
    with refused("ValidationException", "under the group's domain"):
        configuration(
            world, type="CHILD", resourceConfigurationGroupIdentifier=group["id"], customDomainName="db.example.com"
        )
    with refused("ValidationException", "group"):
        joined(world, network, child)
    with refused("ConflictException", status=409):
        lattice.delete_resource_configuration(resourceConfigurationIdentifier=group["id"])
    association = joined(world, network, group)
    named = {"serviceNetworkIdentifier": network["id"]}
    assert [it["id"] for it in lattice.list_service_network_resource_associations(**named)["items"]] == [
        association["id"]
    ]
    whole = lattice.list_service_network_resource_associations(**named, includeChildren=True)["items"]
    assert {it["resourceConfigurationId"] for it in whole} == {group["id"], child["id"]}
    later = configuration(world, type="CHILD", resourceConfigurationGroupIdentifier=group["id"])
    whole = lattice.list_service_network_resource_associations(**named, includeChildren=True)["items"]
    assert {it["resourceConfigurationId"] for it in whole} == {group["id"], child["id"], later["id"]}
    assert {it["status"] for it in whole} == {"ACTIVE"}
    with refused("ValidationException", "Unexpected attribute allowAssociation"):
        lattice.update_resource_configuration(
            resourceConfigurationIdentifier=later["id"], allowAssociationToShareableServiceNetwork=True
        )
    of_group = lattice.list_resource_configurations(resourceConfigurationGroupIdentifier=group["id"])["items"]
    assert [it["id"] for it in of_group] == [child["id"], later["id"]]


# --- associations


def test_a_resource_joins_a_network_and_leaves_it(world: World) -> None:
    lattice, network = world.lattice(), world.network(MEMBER, sharingConfig={"enabled": False})
    resource = configuration(world, customDomainName="db.example.jp")
    made = lattice.create_service_network_resource_association(
        serviceNetworkIdentifier=network["arn"],
        resourceConfigurationIdentifier=resource["arn"],
        privateDnsEnabled=True,
    )
    assert re.fullmatch(r"snra-[0-9a-f]{17}", made["id"])
    assert made["status"] == "CREATE_IN_PROGRESS"
    world.settle()
    named = {"serviceNetworkResourceAssociationIdentifier": made["arn"]}
    told = lattice.get_service_network_resource_association(**named)
    assert told["status"] == "ACTIVE"
    domain = rf"{made['id']}\.{resource['id']}\.[0-9a-f]{{7}}\.vpc-lattice-rsc\.{REGION}\.on\.aws"
    assert re.fullmatch(domain, told["dnsEntry"]["domainName"])
    assert told["privateDnsEntry"]["domainName"] == "db.example.jp"
    assert (told["isManagedAssociation"], told["serviceNetworkName"]) == (False, network["name"])
    with refused("ConflictException", "already exists", 409):
        joined(world, network, resource)
    [counted] = lattice.list_service_networks()["items"]
    assert counted["numberOfAssociatedResourceConfigurations"] == 1
    with refused("ConflictException", "has resource(s) associated", 409):
        lattice.delete_service_network(serviceNetworkIdentifier=network["id"])
    with refused("ConflictException", status=409):
        lattice.delete_resource_configuration(resourceConfigurationIdentifier=resource["id"])
    gone = lattice.delete_service_network_resource_association(**named)
    assert gone["status"] == "DELETE_IN_PROGRESS"
    world.settle()
    with refused("ResourceNotFoundException"):
        lattice.get_service_network_resource_association(**named)
    lattice.delete_resource_configuration(resourceConfigurationIdentifier=resource["id"])
    lattice.delete_service_network(serviceNetworkIdentifier=network["id"])


def test_a_shareable_network_takes_what_allows_it(world: World) -> None:
    network = world.network(MEMBER)
    with refused("ValidationException", "shareable"):
        joined(world, network, configuration(world))
    joined(world, network, configuration(world, allowAssociationToShareableServiceNetwork=True))


def test_a_list_of_associations_goes_by_one_end(world: World) -> None:
    lattice = world.lattice()
    network, resource = world.network(MEMBER), configuration(world, allowAssociationToShareableServiceNetwork=True)
    joined(world, network, resource)
    ends = {"serviceNetworkIdentifier": network["id"], "resourceConfigurationIdentifier": resource["id"]}
    for name, end in ends.items():
        assert len(lattice.list_service_network_resource_associations(**{name: end})["items"]) == 1
    for wrong in ({}, ends):
        with refused("ValidationException"):
            lattice.list_service_network_resource_associations(**wrong)


def test_the_owner_of_a_resource_joins_a_shared_network_and_both_sides_see_it(world: World) -> None:
    network = world.shared_network(MEMBER)
    resource = configuration(world, allowAssociationToShareableServiceNetwork=True)
    made = joined(world, network, resource)
    theirs = world.lattice(NETWORK).list_service_network_resource_associations(serviceNetworkIdentifier=network["id"])
    [seen] = theirs["items"]
    assert seen["id"] == made["id"]
    assert f":{NETWORK}:" in seen["arn"]
    with pytest.raises(ClientError):
        joined(world, network, resource, account=OTHER)
    world.lattice(NETWORK).delete_service_network_resource_association(
        serviceNetworkResourceAssociationIdentifier=made["id"]
    )
    world.settle()
    assert world.cloud.lattice.thing(made["id"]) is None


def test_a_shared_resource_is_joined_by_whoever_owns_the_network(world: World) -> None:
    resource = configuration(world, allowAssociationToShareableServiceNetwork=True)
    network = world.network(NETWORK)
    with refused("AccessDeniedException"):
        joined(world, network, resource, account=NETWORK)
    world.share(resource["arn"], MEMBER, NETWORK)
    told = world.lattice(NETWORK).get_resource_configuration(resourceConfigurationIdentifier=resource["arn"])
    assert told["id"] == resource["id"]
    joined(world, network, resource, account=NETWORK)
    with refused("AccessDeniedException"):
        world.lattice(NETWORK).delete_resource_configuration(resourceConfigurationIdentifier=resource["arn"])


def test_a_resource_that_fails_says_why(world: World) -> None:
    world.cloud.lattice.fail_next("resource-association", "INTERNAL", "no addresses are left")
    network, resource = world.network(MEMBER), configuration(world, allowAssociationToShareableServiceNetwork=True)
    made = joined(world, network, resource)
    told = world.lattice().get_service_network_resource_association(
        serviceNetworkResourceAssociationIdentifier=made["id"]
    )
    assert (told["status"], told["failureCode"], told["failureReason"]) == (
        "CREATE_FAILED",
        "INTERNAL",
        "no addresses are left",
    )
    assert "dnsEntry" not in told


# --- databases


def database(world: World, vpc: str, **more: Any) -> str:
    rds = world.aws("rds", MEMBER)
    subnets = [subnet(world, vpc, cidr=f"10.1.{number}.0/24") for number in (210, 211)]
    rds.create_db_subnet_group(DBSubnetGroupName="databases", DBSubnetGroupDescription="d", SubnetIds=subnets)
    given = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "me",
        "MasterUserPassword": "secret-of-tests",
        "DBSubnetGroupName": "databases",
        "PubliclyAccessible": False,
    }
    return str(rds.create_db_instance(**{**given, **more})["DBInstance"]["DBInstanceArn"])


def test_a_database_is_a_resource_by_its_arn(world: World) -> None:
    vpc = world.vpc()
    door = gateway(world, vpcIdentifier=vpc)["id"]
    arn = database(world, vpc)
    made = configuration(
        world,
        type="ARN",
        resourceGatewayIdentifier=door,
        resourceConfigurationDefinition={"arnResource": {"arn": arn}},
        allowAssociationToShareableServiceNetwork=True,
    )
    association = joined(world, world.network(MEMBER), made)
    assert association["privateDnsEnabled"] is True
    missing = {"arnResource": {"arn": arn.replace("orders", "others")}}
    with refused("ResourceNotFoundException"):
        configuration(world, type="ARN", resourceGatewayIdentifier=door, resourceConfigurationDefinition=missing)
    with refused("ValidationException", "not in the VPC"):
        configuration(
            world,
            type="ARN",
            resourceGatewayIdentifier=gateway(world)["id"],
            resourceConfigurationDefinition={"arnResource": {"arn": arn}},
        )


def test_a_public_database_is_refused(world: World) -> None:
    vpc = world.vpc()
    door, arn = gateway(world, vpcIdentifier=vpc)["id"], database(world, vpc, PubliclyAccessible=True)
    with refused("ValidationException", "public"):
        configuration(
            world,
            type="ARN",
            resourceGatewayIdentifier=door,
            resourceConfigurationDefinition={"arnResource": {"arn": arn}},
        )


# --- endpoints


def test_an_endpoint_leads_to_a_resource_until_its_owner_cuts_it(world: World) -> None:
    lattice, ec2 = world.lattice(), world.aws("ec2", OTHER)
    resource = configuration(world)
    vpc = world.vpc(OTHER)
    given = {"VpcEndpointType": "Resource", "VpcId": vpc, "ResourceConfigurationArn": resource["arn"]}
    with refused("InvalidParameter"):
        ec2.create_vpc_endpoint(**given)
    world.share(resource["arn"], MEMBER, OTHER)
    endpoint = ec2.create_vpc_endpoint(**given)["VpcEndpoint"]["VpcEndpointId"]
    named = {"resourceConfigurationIdentifier": resource["id"]}
    [seen] = lattice.list_resource_endpoint_associations(**named)["items"]
    assert (seen["vpcEndpointId"], seen["vpcEndpointOwner"]) == (endpoint, OTHER)
    assert re.fullmatch(r"rea-[0-9a-f]{17}", seen["id"])
    with refused("ConflictException", "VPC endpoint"):
        lattice.delete_resource_configuration(resourceConfigurationIdentifier=resource["id"])
    cut = lattice.delete_resource_endpoint_association(resourceEndpointAssociationIdentifier=seen["id"])
    assert cut["vpcEndpointId"] == endpoint
    assert lattice.list_resource_endpoint_associations(**named)["items"] == []


def test_an_endpoint_leads_to_a_network_until_it_is_deleted(world: World) -> None:
    lattice, ec2, network = world.lattice(), world.aws("ec2", MEMBER), world.network(MEMBER)
    endpoint = ec2.create_vpc_endpoint(
        VpcEndpointType="ServiceNetwork", VpcId=world.vpc(), ServiceNetworkArn=network["arn"]
    )["VpcEndpoint"]["VpcEndpointId"]
    named = {"serviceNetworkIdentifier": network["id"]}
    [seen] = lattice.list_service_network_vpc_endpoint_associations(**named)["items"]
    assert (seen["vpcEndpointId"], seen["state"], seen["serviceNetworkArn"]) == (endpoint, "ACTIVE", network["arn"])
    with refused("ConflictException", "VPC endpoint"):
        lattice.delete_service_network(serviceNetworkIdentifier=network["id"])
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["PrivateDnsEnabled"] is False
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"] == []
    [missing] = ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"]
    assert (missing["ResourceId"], missing["Error"]["Code"]) == (endpoint, "InvalidVpcEndpoint.NotFound")
    assert lattice.list_service_network_vpc_endpoint_associations(**named)["items"] == []
    lattice.delete_service_network(serviceNetworkIdentifier=network["id"])


def test_ec2_tells_what_is_behind_an_endpoint_thing_by_thing(world: World) -> None:
    ec2, network, service = world.aws("ec2", MEMBER), world.network(MEMBER), world.service()
    resource = configuration(world, allowAssociationToShareableServiceNetwork=True)
    world.join(service, network)
    vpc = world.vpc()
    ask = ec2.describe_vpc_endpoint_associations
    assert ask()["VpcEndpointAssociations"] == []
    to_network = ec2.create_vpc_endpoint(VpcEndpointType="ServiceNetwork", VpcId=vpc, ServiceNetworkArn=network["arn"])[
        "VpcEndpoint"
    ]["VpcEndpointId"]
    to_resource = ec2.create_vpc_endpoint(
        VpcEndpointType="Resource", VpcId=vpc, ResourceConfigurationArn=resource["arn"]
    )["VpcEndpoint"]["VpcEndpointId"]
    joined(world, network, resource)
    rows = ask()["VpcEndpointAssociations"]
    assert {(one["VpcEndpointId"], one["AssociatedResourceArn"]) for one in rows} == {
        (to_network, service["arn"]),
        (to_network, resource["arn"]),
        (to_resource, resource["arn"]),
    }
    assert len({one["Id"] for one in rows}) == 3
    assert all(re.fullmatch(r"vpce-rsc-asc-[0-9a-f]{17}", one["Id"]) for one in rows)
    [own] = ask(VpcEndpointIds=[to_resource])["VpcEndpointAssociations"]
    assert own["DnsEntry"]["DnsName"].startswith(f"{to_resource}.{resource['id']}.")
    assert "ServiceNetworkArn" not in own
    filters = [{"Name": "service-network-arn", "Values": [network["arn"]]}]
    assert {one["VpcEndpointId"] for one in ask(Filters=filters)["VpcEndpointAssociations"]} == {to_network}
    first = ask(MaxResults=2)
    rest = ask(MaxResults=2, NextToken=first["NextToken"])
    assert first["VpcEndpointAssociations"] + rest["VpcEndpointAssociations"] == rows
    assert world.aws("ec2", OTHER).describe_vpc_endpoint_associations()["VpcEndpointAssociations"] == []
    for wrong, code in (
        ({"VpcEndpointIds": ["vpce-00000000000000000"]}, "InvalidVpcEndpointId.NotFound"),
        ({"NextToken": "nonsense"}, "InvalidParameterValue"),
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"),
    ):
        with refused(code):
            ask(**wrong)


# --- domains


def test_a_domain_is_verified_by_its_record(world: World) -> None:
    lattice, route53 = world.lattice(), world.aws("route53", MEMBER)
    made = lattice.start_domain_verification(domainName="example.jp", tags={"team": "a"})
    assert (made["status"], made["domainName"]) == ("PENDING", "example.jp")
    text = made["txtMethodConfig"]
    assert text["value"].startswith("vpc-lattice:")
    zone = route53.create_hosted_zone(Name="example.jp", CallerReference="1")["HostedZone"]["Id"]
    record = {
        "Name": f"{text['name']}.example.jp",
        "Type": "TXT",
        "TTL": 60,
        "ResourceRecords": [{"Value": f'"{text["value"]}"'}],
    }
    change = {"Action": "CREATE", "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    told = lattice.get_domain_verification(domainVerificationIdentifier=made["arn"])
    assert (told["status"], told["tags"]) == ("VERIFIED", {"team": "a"})
    assert told["lastVerifiedTime"] == told["createdAt"]
    [listed] = lattice.list_domain_verifications()["items"]
    assert listed["id"] == made["id"]
    resource = configuration(world, customDomainName="db.example.jp", domainVerificationIdentifier=made["id"])
    whole = lattice.get_resource_configuration(resourceConfigurationIdentifier=resource["id"])
    assert (whole["domainVerificationId"], whole["domainVerificationStatus"]) == (made["id"], "VERIFIED")
    lattice.delete_domain_verification(domainVerificationIdentifier=made["id"])
    assert lattice.list_domain_verifications()["items"] == []


def test_a_domain_that_nobody_publishes_times_out_and_may_be_tried_again(world: World) -> None:
    lattice = world.lattice()
    made = lattice.start_domain_verification(domainName="example.jp")
    with refused("ConflictException", status=409):
        lattice.start_domain_verification(domainName="example.jp")
    world.pass_time(72 * 3600 + 1)
    told = lattice.get_domain_verification(domainVerificationIdentifier=made["id"])
    assert told["status"] == "VERIFICATION_TIMED_OUT"
    assert lattice.start_domain_verification(domainName="example.jp")["status"] == "PENDING"


def test_there_are_five_domains_a_region(world: World) -> None:
    for number in range(5):
        world.lattice().start_domain_verification(domainName=f"example-{number}.jp")
    with refused("ServiceQuotaExceededException", status=402):
        world.lattice().start_domain_verification(domainName="example-5.jp")


# --- around them


def test_tags_logs_and_policies_of_resources(world: World) -> None:
    lattice = world.lattice()
    door = gateway(world, tags={"a": "b"})
    resource = configuration(world, resourceGatewayIdentifier=door["id"], tags={"a": "b"})
    for arn in (door["arn"], resource["arn"]):
        assert lattice.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    log = lattice.create_access_log_subscription(
        resourceIdentifier=resource["arn"], destinationArn=world.destination("arn:aws:s3:::bucket-of-logs")
    )
    assert log["resourceId"] == resource["id"]
    with refused("ValidationException", "not supported"):
        lattice.put_auth_policy(resourceIdentifier=resource["id"], policy="{}")


def test_the_same_token_makes_one_gateway(world: World) -> None:
    vpc = world.vpc()
    given = {"name": "once", "vpcIdentifier": vpc, "subnetIds": [subnet(world, vpc)], "clientToken": "token-1"}
    first, second = (world.lattice().create_resource_gateway(**given) for _ in range(2))
    assert first["id"] == second["id"]
