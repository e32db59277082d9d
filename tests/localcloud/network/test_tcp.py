"""Connections to resources walk what stands: association, configuration, gateway, security groups, database or host."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from localcloud.cloud import LocalCloud
from localcloud.ground.hops import HOPS
from localcloud.ground.journal import RequestRecord
from localcloud.network import Answer, request
from localcloud.world import World, build

CALLER, OWNER = "111111111111", "222222222222"
VPC, BEHIND = "vpc-0aaaaaaaaaaaaaaa1", "vpc-0bbbbbbbbbbbbbbb2"
OPEN = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.2.0.0/24"}]}
WORLD: dict[str, Any] = {
    "organization": {"id": "o-a1b2c3d4e5"},
    "accounts": [
        {
            "id": CALLER,
            "vpcs": [{"name": "callers", "id": VPC, "cidr": "10.1.0.0/16", "subnets": ["10.1.0.0/24"]}],
            "instances": [{"name": "client", "vpc": "callers", "ip": "10.1.0.4"}],
        },
        {
            "id": OWNER,
            "vpcs": [
                {
                    "name": "app",
                    "id": BEHIND,
                    "cidr": "10.2.0.0/16",
                    "subnets": ["10.2.0.0/24", "10.2.1.0/24"],
                    "security_groups": [{"name": "door"}, {"name": "db"}],
                }
            ],
            "instances": [
                {
                    "name": "host",
                    "vpc": "app",
                    "ip": "10.2.1.9",
                    "serves": [{"port": 5432}],
                    "security_groups": ["db"],
                }
            ],
        },
    ],
}


class Scene(NamedTuple):
    """A host and a database of one account, each a resource of a network that the other account's VPC is in."""

    cloud: LocalCloud
    network: str
    client: str
    door: str
    groups: dict[str, str]
    resources: dict[str, str]
    associations: dict[str, str]

    def lattice(self, account: str = OWNER) -> Any:
        return self.cloud.client("vpc-lattice", account)

    def ec2(self, account: str = OWNER) -> Any:
        return self.cloud.client("ec2", account)

    def domain(self, name: str) -> str:
        told = self.lattice().get_service_network_resource_association(
            serviceNetworkResourceAssociationIdentifier=self.associations[name]
        )
        return str(told["dnsEntry"]["domainName"])

    def connect(self, name: str = "host", port: int = 5432, host: str = "", **given: Any) -> Answer:
        return request(self.cloud, given.pop("ip", "10.1.0.4"), f"tcp://{host or self.domain(name)}:{port}", **given)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        build(cloud, msgspec.convert(WORLD, World))
        theirs, ours, ec2 = (
            cloud.client("vpc-lattice", CALLER),
            cloud.client("vpc-lattice", OWNER),
            cloud.client("ec2", OWNER),
        )
        network = theirs.create_service_network(name="shared", authType="NONE")["arn"]
        cloud.client("ram", CALLER).create_resource_share(
            name="shared", resourceArns=[network], principals=[OWNER], allowExternalPrincipals=False
        )
        client = theirs.create_service_network_vpc_association(serviceNetworkIdentifier=network, vpcIdentifier=VPC)
        found = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [BEHIND]}])["SecurityGroups"]
        groups = {one["GroupName"]: one["GroupId"] for one in found}
        ec2.authorize_security_group_ingress(GroupId=groups["db"], IpPermissions=[OPEN])
        subnets = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.2.0.0/24"]}])["Subnets"]
        door = ours.create_resource_gateway(
            name="door",
            vpcIdentifier=BEHIND,
            subnetIds=[subnets[0]["SubnetId"]],
            securityGroupIds=[groups["door"]],
        )["id"]
        database = cloud.client("rds", OWNER).create_db_instance(
            DBInstanceIdentifier="orders",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="orders",
            MasterUserPassword="not-a-secret",
            VpcSecurityGroupIds=[groups["db"]],
            PubliclyAccessible=False,
        )["DBInstance"]
        cloud.settle()
        wanted = {
            "host": {
                "type": "SINGLE",
                "resourceConfigurationDefinition": {"ipResource": {"ipAddress": "10.2.1.9"}},
                "portRanges": ["5000-6000"],
                "customDomainName": "orders-db.example.jp",
            },
            "database": {
                "type": "SINGLE",
                "resourceConfigurationDefinition": {
                    "dnsResource": {"domainName": database["Endpoint"]["Address"], "ipAddressType": "IPV4"}
                },
                "portRanges": ["5432"],
            },
        }
        resources, associations = {}, {}
        for name, given in wanted.items():
            resources[name] = ours.create_resource_configuration(
                name=f"the-{name}",
                resourceGatewayIdentifier=door,
                allowAssociationToShareableServiceNetwork=True,
                **given,
            )["id"]
            cloud.settle()
            associations[name] = ours.create_service_network_resource_association(
                resourceConfigurationIdentifier=resources[name],
                serviceNetworkIdentifier=network,
                privateDnsEnabled=True,
            )["id"]
        cloud.settle()
        yield Scene(cloud, network, client["id"], door, groups, resources, associations)


def only_out(scene: Scene, account: str, group: str, *rules: dict[str, Any]) -> None:
    ec2 = scene.ec2(account)
    there = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=there)
    if rules:
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(rules))


def default_group(scene: Scene, account: str) -> str:
    [found] = scene.ec2(account).describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [VPC]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    return str(found["GroupId"])


def test_a_host_and_a_database_are_reached_by_their_generated_names(scene: Scene) -> None:
    for name in ("host", "database"):
        answer = scene.connect(name)
        assert (answer.status, answer.stopped_at) == (0, ""), answer.hops[-1].because
        assert [hop.name for hop in answer.hops] == [
            "dns",
            "egress",
            "vpc association",
            "security group",
            "resource association",
            "resource configuration",
            "resource gateway",
            "target",
        ]
    assert scene.cloud.journal.of(RequestRecord)[-1].url.startswith("tcp://")


def client_leaves(scene: Scene) -> None:
    theirs = scene.lattice(CALLER)
    theirs.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=scene.client)


def client_is_kept_in(scene: Scene) -> None:
    inside = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    only_out(scene, CALLER, default_group(scene, CALLER), inside)


def client_is_shut_out(scene: Scene) -> None:
    group = scene.ec2(CALLER).create_security_group(GroupName="g", Description="g", VpcId=VPC)["GroupId"]
    scene.lattice(CALLER).update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=scene.client, securityGroupIds=[group]
    )


def door_lets_nothing_out(scene: Scene) -> None:
    only_out(scene, OWNER, scene.groups["door"])


def host_admits_the_client_and_not_the_gateway(scene: Scene) -> None:
    scene.ec2().revoke_security_group_ingress(GroupId=scene.groups["db"], IpPermissions=[OPEN])
    clients = {**OPEN, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}
    scene.ec2().authorize_security_group_ingress(GroupId=scene.groups["db"], IpPermissions=[clients])


def host_stops(scene: Scene) -> None:
    [found] = scene.ec2().describe_instances(Filters=[{"Name": "tag:Name", "Values": ["host"]}])["Reservations"]
    scene.ec2().stop_instances(InstanceIds=[found["Instances"][0]["InstanceId"]])


def resource_leaves(scene: Scene) -> None:
    scene.lattice().delete_service_network_resource_association(
        serviceNetworkResourceAssociationIdentifier=scene.associations["host"]
    )


@pytest.mark.parametrize(
    ("breaks", "hop"),
    [
        (client_leaves, "vpc association"),
        (client_is_kept_in, "egress"),
        (client_is_shut_out, "security group"),
        (door_lets_nothing_out, "resource gateway"),
        (host_admits_the_client_and_not_the_gateway, "target"),
        (host_stops, "target"),
        (resource_leaves, "dns"),
    ],
)
def test_each_thing_on_the_way_can_stop_a_connection(scene: Scene, breaks: Callable[[Scene], None], hop: str) -> None:
    name = scene.domain("host")
    breaks(scene)
    scene.cloud.settle()
    answer = scene.connect(host=name)
    assert (answer.stopped_at, answer.status) == (hop, 0), answer.hops
    assert not answer.hops[-1].passed


def test_the_gateways_group_may_be_admitted_instead_of_addresses(scene: Scene) -> None:
    scene.ec2().revoke_security_group_ingress(GroupId=scene.groups["db"], IpPermissions=[OPEN])
    pair = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": scene.groups["door"]}],
    }
    scene.ec2().authorize_security_group_ingress(GroupId=scene.groups["db"], IpPermissions=[pair])
    assert scene.connect().stopped_at == ""


def test_ports_are_those_of_the_configuration_and_of_what_listens(scene: Scene) -> None:
    assert scene.connect(port=6001).stopped_at == "resource configuration"
    opened = {**OPEN, "FromPort": 5433, "ToPort": 5433}
    scene.ec2().authorize_security_group_ingress(GroupId=scene.groups["db"], IpPermissions=[opened])
    assert scene.connect(port=5433).stopped_at == "target"
    with pytest.raises(ValueError, match="says no port"):
        request(scene.cloud, "10.1.0.4", f"tcp://{scene.domain('host')}")


def test_a_custom_name_leads_there_where_the_clients_side_takes_it(scene: Scene) -> None:
    assert scene.connect(host="orders-db.example.jp").stopped_at == "dns"
    theirs = scene.lattice(CALLER)
    for preference, hop in (({}, "dns"), ({"privateDnsPreference": "ALL_DOMAINS"}, "")):
        theirs.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=association(scene))
        scene.cloud.settle()
        theirs.create_service_network_vpc_association(
            serviceNetworkIdentifier=scene.network,
            vpcIdentifier=VPC,
            privateDnsEnabled=True,
            **({"dnsOptions": preference} if preference else {}),
        )
        scene.cloud.settle()
        assert scene.connect(host="orders-db.example.jp").stopped_at == hop


def association(scene: Scene) -> str:
    [found] = scene.lattice(CALLER).list_service_network_vpc_associations(vpcIdentifier=VPC)["items"]
    return str(found["id"])


def test_a_private_zone_of_ones_own_leads_there_always(scene: Scene) -> None:
    route53 = scene.cloud.client("route53", CALLER)
    zone = route53.create_hosted_zone(
        Name="db.internal", CallerReference="x", VPC={"VPCRegion": scene.cloud.region, "VPCId": VPC}
    )["HostedZone"]["Id"]
    record = {
        "Name": "orders.db.internal",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": scene.domain("host")}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    assert scene.connect(host="orders.db.internal").stopped_at == ""


# --- through an endpoint of the client's own VPC (facts R6 and R8)


@pytest.fixture
def endpoint(scene: Scene) -> Callable[..., tuple[str, list[str]]]:
    """Makes one in the client's VPC, to the network or to the host, and answers its id and the names behind it."""

    def make(kind: str, **given: Any) -> tuple[str, list[str]]:
        ec2 = scene.ec2(CALLER)
        if kind == "Resource":
            arn = scene.lattice().get_resource_configuration(resourceConfigurationIdentifier=scene.resources["host"])[
                "arn"
            ]
            scene.cloud.client("ram", OWNER).create_resource_share(
                name="host", resourceArns=[arn], principals=[CALLER], allowExternalPrincipals=False
            )
            scene.cloud.settle()
            to = {"ResourceConfigurationArn": arn}
        else:
            to = {"ServiceNetworkArn": scene.network}
        subnets = [
            one["SubnetId"] for one in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [VPC]}])["Subnets"]
        ]
        asked = {"VpcEndpointType": kind, "VpcId": VPC, "SubnetIds": subnets, **to, **given}
        made = ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]["VpcEndpointId"]
        behind = ec2.describe_vpc_endpoint_associations(VpcEndpointIds=[made])["VpcEndpointAssociations"]
        return made, [one["DnsEntry"]["DnsName"] for one in behind]

    return make


def admit(scene: Scene) -> str:
    """A group of the client's VPC that takes its connections."""
    group = scene.ec2(CALLER).create_security_group(GroupName="in", Description="in", VpcId=VPC)["GroupId"]
    scene.ec2(CALLER).authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**OPEN, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}]
    )
    return str(group)


@pytest.mark.parametrize("kind", ["Resource", "ServiceNetwork"])
def test_an_endpoint_leads_there_without_any_association(scene: Scene, endpoint: Any, kind: str) -> None:
    client_leaves(scene)
    _, names = endpoint(kind, SecurityGroupIds=[admit(scene)])
    scene.cloud.settle()
    found = {scene.connect(host=name).stopped_at: scene.connect(host=name) for name in names}
    assert set(found) == {""}, {hop: answer.hops for hop, answer in found.items()}
    walked = [hop.name for hop in found[""].hops]
    assert walked[:3] == ["dns", "egress", "vpc endpoint"]
    assert ("resource association" in walked) is (kind == "ServiceNetwork")
    assert "vpc association" not in walked
    # Stories may name it.
    assert set(walked) <= set(HOPS)


def test_an_endpoint_has_groups_of_its_own_and_ends_with_it(scene: Scene, endpoint: Any) -> None:
    closed = scene.ec2(CALLER).create_security_group(GroupName="shut", Description="shut", VpcId=VPC)["GroupId"]
    made, [name] = endpoint("Resource", SecurityGroupIds=[closed])
    stopped = scene.connect(host=name)
    assert (stopped.stopped_at, closed in stopped.hops[-1].because) == ("vpc endpoint", True)
    # Out to the addresses of Lattice is not out to an endpoint.
    only_out(scene, CALLER, default_group(scene, CALLER), {**OPEN, "IpRanges": [{"CidrIp": "129.224.0.0/17"}]})
    assert scene.connect(host=name).stopped_at == "egress"
    scene.ec2(CALLER).delete_vpc_endpoints(VpcEndpointIds=[made])
    assert scene.connect(host=name).stopped_at == "dns"


def test_an_endpoint_without_a_zone_of_the_gateways_is_no_way(scene: Scene, endpoint: Any) -> None:
    far = scene.ec2(CALLER).create_subnet(
        VpcId=VPC, CidrBlock="10.1.9.0/24", AvailabilityZone=f"{scene.cloud.region}d"
    )["Subnet"]["SubnetId"]
    _, [name] = endpoint("Resource", SecurityGroupIds=[admit(scene)], SubnetIds=[far])
    stopped = scene.connect(host=name)
    assert (stopped.stopped_at, "no availability zone in common" in stopped.hops[-1].because) == ("vpc endpoint", True)


def test_an_endpoint_of_another_vpc_is_no_way(scene: Scene, endpoint: Any) -> None:
    other = scene.ec2(CALLER).create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    _, [name] = endpoint("Resource", VpcId=other, SubnetIds=[])
    stopped = scene.connect(host=name)
    assert (stopped.stopped_at, other in stopped.hops[-1].because) == ("dns", True)


@pytest.mark.parametrize(
    ("options", "custom", "targets"),
    [
        ({}, "dns", "dns"),
        ({"PrivateDnsEnabled": True}, "dns", ""),
        ({"PrivateDnsEnabled": True, "DnsOptions": {"PrivateDnsPreference": "ALL_DOMAINS"}}, "", ""),
        (
            {
                "PrivateDnsEnabled": True,
                "DnsOptions": {
                    "PrivateDnsPreference": "SPECIFIED_DOMAINS_ONLY",
                    "PrivateDnsSpecifiedDomains": ["*.example.jp"],
                },
            },
            "",
            "",
        ),
    ],
)
def test_own_names_lead_through_an_endpoint_whose_private_dns_takes_them(
    scene: Scene, endpoint: Any, options: dict[str, Any], custom: str, targets: str
) -> None:
    client_leaves(scene)
    endpoint("ServiceNetwork", SecurityGroupIds=[admit(scene)], **options)
    scene.cloud.settle()
    [database] = scene.cloud.client("rds", OWNER).describe_db_instances()["DBInstances"]
    assert scene.connect(host="orders-db.example.jp").stopped_at == custom
    assert scene.connect(host=database["Endpoint"]["Address"]).stopped_at == targets


# --- on the resource's side


def close_acl(scene: Scene, cidr: str, *, egress: bool) -> None:
    """A subnet's ACL that lets nothing but the other direction."""
    ec2 = scene.ec2()
    [subnet] = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": [cidr]}])["Subnets"]
    acl = ec2.create_network_acl(VpcId=BEHIND)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=100, RuleAction="allow", Egress=not egress, CidrBlock="0.0.0.0/0", Protocol="-1"
    )
    filters = [{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
    [old] = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
    [joint] = [one for one in old["Associations"] if one["SubnetId"] == subnet["SubnetId"]]
    ec2.replace_network_acl_association(AssociationId=joint["NetworkAclAssociationId"], NetworkAclId=acl)


@pytest.mark.parametrize("egress", [True, False])
@pytest.mark.parametrize("cidr", ["10.2.0.0/24", "10.2.1.0/24"])
def test_the_acls_between_gateway_and_resource_are_asked_both_ways(scene: Scene, cidr: str, egress: bool) -> None:
    close_acl(scene, cidr, egress=egress)
    stopped = scene.connect()
    assert (stopped.stopped_at, "network ACL" in stopped.hops[-1].because) == ("resource gateway", True)


def test_a_database_in_another_vpc_is_reached_where_the_two_are_peered(scene: Scene) -> None:
    ec2, rds = scene.ec2(), scene.cloud.client("rds", OWNER)
    far = ec2.create_vpc(CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=far, CidrBlock=f"172.20.{number}.0/24", AvailabilityZone=f"{scene.cloud.region}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("ac")
    ]
    group = ec2.create_security_group(GroupName="far", Description="far", VpcId=far)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[OPEN])
    rds.create_db_subnet_group(DBSubnetGroupName="far", DBSubnetGroupDescription="far", SubnetIds=subnets)
    made = rds.create_db_instance(
        DBInstanceIdentifier="far",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="orders",
        MasterUserPassword="not-a-secret",
        DBSubnetGroupName="far",
        VpcSecurityGroupIds=[group],
    )["DBInstance"]
    scene.cloud.settle()
    scene.lattice().update_resource_configuration(
        resourceConfigurationIdentifier=scene.resources["database"],
        resourceConfigurationDefinition={
            "dnsResource": {"domainName": made["Endpoint"]["Address"], "ipAddressType": "IPV4"}
        },
    )
    scene.cloud.settle()
    stopped = scene.connect("database")
    assert (stopped.stopped_at, "not peered" in stopped.hops[-1].because) == ("resource gateway", True)
    peering = ec2.create_vpc_peering_connection(VpcId=BEHIND, PeerVpcId=far)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    assert scene.connect("database").stopped_at == ""
    # It is at 172.20, whatever else is private: a gateway that is let out to another range does not get there.
    only_out(scene, OWNER, scene.groups["door"], {**OPEN, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})
    assert scene.connect("database").stopped_at == "resource gateway"
    only_out(scene, OWNER, scene.groups["door"], {**OPEN, "IpRanges": [{"CidrIp": "172.20.0.0/16"}]})
    assert scene.connect("database").stopped_at == ""


def test_a_client_may_have_an_address_of_a_later_cidr(scene: Scene) -> None:
    scene.ec2(CALLER).associate_vpc_cidr_block(VpcId=VPC, CidrBlock="100.64.0.0/16")
    assert scene.connect(ip="100.64.3.4").stopped_at == ""


def test_a_client_that_is_let_out_to_lattices_list_alone_does_not_get_out_to_resources(scene: Scene) -> None:
    """Whether the list has their addresses is disputed (facts R8): who lets out to both is right either way."""
    ec2 = scene.ec2(CALLER)
    name = f"com.amazonaws.{scene.cloud.region}.vpc-lattice"
    [found] = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])["PrefixLists"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "PrefixListIds": [{"PrefixListId": found["PrefixListId"]}],
    }
    only_out(scene, CALLER, default_group(scene, CALLER), rule)
    assert scene.connect().stopped_at == "egress"
    both = {**rule, "IpRanges": [{"CidrIp": "129.224.0.0/17"}]}
    only_out(scene, CALLER, default_group(scene, CALLER), both)
    assert scene.connect().stopped_at == ""


# --- to a service, by its name through an endpoint to the network (facts R6)


def test_a_service_is_reached_through_an_endpoint_as_through_an_association(scene: Scene, endpoint: Any) -> None:
    lattice = scene.lattice()
    service = lattice.create_service(name="orders", authType="NONE")["id"]
    scene.cloud.settle()
    lattice.create_listener(
        serviceIdentifier=service,
        name="http",
        protocol="HTTP",
        port=5432,
        defaultAction={"fixedResponse": {"statusCode": 404}},
    )
    joined = lattice.create_service_network_service_association(
        serviceIdentifier=service, serviceNetworkIdentifier=scene.network
    )["id"]
    client_leaves(scene)
    scene.cloud.settle()
    _, names = endpoint("ServiceNetwork", SecurityGroupIds=[admit(scene)])
    [name] = [one for one in names if ".vpc-lattice-svcs." in one]
    answer = request(scene.cloud, "10.1.0.4", f"http://{name}:5432/")
    assert (answer.status, answer.stopped_at) == (404, "")
    walked = [hop.name for hop in answer.hops]
    assert walked[:4] == ["dns", "egress", "vpc endpoint", "service association"]
    assert request(scene.cloud, "10.1.0.4", f"http://{name}:80/").stopped_at == "vpc endpoint"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    lattice.update_service(serviceIdentifier=service, authType="AWS_IAM")
    lattice.put_auth_policy(resourceIdentifier=service, policy=json.dumps({"Statement": [statement]}))
    assert request(scene.cloud, "10.1.0.4", f"http://{name}:5432/").status == 403
    lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=joined)
    scene.cloud.settle()
    assert request(scene.cloud, "10.1.0.4", f"http://{name}:5432/").stopped_at == "dns"
