"""Connections to resources walk what stands: association, configuration, gateway, security groups, database or host."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from localcloud.cloud import LocalCloud
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
