"""A database behind a network, as a template makes, changes and removes it (facts-2 R12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from localcloud.cloud import LocalCloud

ACCOUNT = "222222222222"


def template(address: str, ports: list[str]) -> dict[str, Any]:
    def of(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": kind, "Properties": properties}

    return {
        "Resources": {
            "Vpc": of("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"),
            "Subnet": of(
                "AWS::EC2::Subnet",
                VpcId={"Ref": "Vpc"},
                CidrBlock="10.1.1.0/24",
                AvailabilityZone="ap-northeast-1a",
            ),
            "Network": of("AWS::VpcLattice::ServiceNetwork", Name="net", SharingConfig={"enabled": False}),
            "Gateway": of(
                "AWS::VpcLattice::ResourceGateway",
                Name="door",
                VpcIdentifier={"Ref": "Vpc"},
                SubnetIds=[{"Ref": "Subnet"}],
            ),
            "Database": of(
                "AWS::VpcLattice::ResourceConfiguration",
                Name="orders",
                ResourceConfigurationType="SINGLE",
                ResourceGatewayId={"Fn::GetAtt": ["Gateway", "Id"]},
                ResourceConfigurationDefinition={"IpResource": address},
                PortRanges=ports,
                AllowAssociationToSharableServiceNetwork=False,
            ),
            "Joined": of(
                "AWS::VpcLattice::ServiceNetworkResourceAssociation",
                ResourceConfigurationId={"Fn::GetAtt": ["Database", "Id"]},
                ServiceNetworkId={"Fn::GetAtt": ["Network", "Id"]},
                PrivateDnsEnabled=True,
            ),
            "Domain": of("AWS::VpcLattice::DomainVerification", DomainName="example.jp"),
        },
        "Outputs": {"Text": {"Value": {"Fn::GetAtt": ["Domain", "TxtMethodConfig.Value"]}}},
    }


def test_a_template_joins_a_database_changes_it_in_place_and_lets_it_go(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    lattice = cloud.client("vpc-lattice", ACCOUNT)

    def deploy(address: str, *ports: str) -> dict[str, str]:
        file.write_text(json.dumps(template(address, list(ports))))
        return cloud.stacks.deploy(file, ACCOUNT, "database")

    assert deploy("10.1.1.7", "5432")["Text"].startswith("vpc-lattice:")
    [before] = lattice.list_resource_configurations()["items"]
    [network] = lattice.list_service_networks()["items"]
    assert network["numberOfAssociatedResourceConfigurations"] == 1
    deploy("10.1.1.8", "5432", "6432")
    told = lattice.get_resource_configuration(resourceConfigurationIdentifier=before["id"])
    assert told["resourceConfigurationDefinition"] == {"ipResource": {"ipAddress": "10.1.1.8"}}
    assert told["portRanges"] == ["5432", "6432"]
    cloud.stacks.delete(ACCOUNT, "database")
    assert cloud.lattice.estate.things == {}


def test_a_template_shares_with_a_permission_of_its_own_and_takes_it_back(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    ram = cloud.client("ram", ACCOUNT)

    def deploy(team: str, *, principal: bool = True) -> dict[str, str]:
        share = {"Fn::GetAtt": ["Share", "Arn"]}
        tags = [{"Key": "team", "Value": team}]
        statement = {"Effect": "Allow", "Action": ["vpc-lattice:GetServiceNetwork"]}
        parts: dict[str, Any] = {
            "Network": ("AWS::VpcLattice::ServiceNetwork", {"Name": "net"}),
            "Share": ("AWS::RAM::ResourceShare", {"Name": "net", "Tags": tags}),
            "Own": (
                "AWS::RAM::Permission",
                {
                    "Name": "readers",
                    "ResourceType": "vpc-lattice:ServiceNetwork",
                    "PolicyTemplate": statement,
                    "Tags": tags,
                },
            ),
            "Allowed": (
                "AWS::RAM::PermissionAssociation",
                {"ResourceShareArn": share, "PermissionArn": {"Ref": "Own"}},
            ),
            "Resource": (
                "AWS::RAM::ResourceAssociation",
                {"ResourceShareArn": share, "ResourceArn": {"Ref": "Network"}},
            ),
            "Source": ("AWS::RAM::SourceAssociation", {"ResourceShareArn": share, "SourceId": "444444444444"}),
        }
        if principal:
            parts["Who"] = ("AWS::RAM::PrincipalAssociation", {"ResourceShareArn": share, "Principal": "333333333333"})
        resources = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in parts.items()}
        resources["Resource"]["DependsOn"] = "Allowed"
        outputs = {"Status": {"Value": {"Fn::GetAtt": ["Resource", "Status"]}}, "Own": {"Value": {"Ref": "Own"}}}
        file.write_text(json.dumps({"Resources": resources, "Outputs": outputs}))
        return cloud.stacks.deploy(file, ACCOUNT, "sharing")

    first = deploy("a")
    assert first["Status"] == "ASSOCIATED"
    [share] = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    arn = {"resourceShareArns": [share["resourceShareArn"]]}
    [who] = ram.get_resource_share_associations(associationType="PRINCIPAL", **arn)["resourceShareAssociations"]
    assert who["associatedEntity"] == "333333333333"
    [permission] = ram.list_resource_share_permissions(resourceShareArn=share["resourceShareArn"])["permissions"]
    assert permission["arn"] == first["Own"]
    [source] = ram.list_source_associations(**arn)["sourceAssociations"]
    assert source["sourceId"] == "444444444444"

    assert deploy("b", principal=False)["Own"] == first["Own"]
    [share] = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert share["tags"] == [{"key": "team", "value": "b"}]
    told = ram.get_permission(permissionArn=first["Own"])["permission"]
    assert told["tags"] == [{"key": "team", "value": "b"}]
    found = ram.get_resource_share_associations(associationType="PRINCIPAL", **arn)["resourceShareAssociations"]
    assert [one["status"] for one in found if one["status"] != "DISASSOCIATED"] in ([], ["DISASSOCIATING"])

    cloud.stacks.delete(ACCOUNT, "sharing")
    cloud.settle()
    assert [one["status"] for one in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]] == ["DELETED"]
    assert ram.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []


def test_a_template_makes_what_stands_in_a_vpc_changes_it_in_place_and_lets_it_go(cloud: LocalCloud) -> None:
    ec2, lattice = cloud.client("ec2", ACCOUNT), cloud.client("vpc-lattice", ACCOUNT)
    before = {it["GroupId"] for it in ec2.describe_security_groups()["SecurityGroups"]}
    file = Path(__file__).parents[1] / "templates" / "vpc.yaml"
    first = cloud.stacks.deploy(file, ACCOUNT, "vpc")
    [table] = ec2.describe_route_tables(RouteTableIds=[first["Table"]])["RouteTables"]
    ways = {one.get("DestinationCidrBlock"): one["GatewayId"] for one in table["Routes"]}
    assert ways["0.0.0.0/0"].startswith("igw-")
    assert len(table["Associations"]) == 1
    [group] = [it for it in ec2.describe_security_groups()["SecurityGroups"] if it["GroupName"].startswith("vpc-Group")]
    rules = {one["FromPort"]: one for one in group["IpPermissions"]}
    assert rules.keys() == {80, 443}
    assert rules[443]["UserIdGroupPairs"][0]["Description"] == "first"
    assert {one["IpProtocol"] for one in group["IpPermissionsEgress"]} == {"-1", "50"}
    [network] = lattice.list_service_networks()["items"]
    [joined] = lattice.list_service_network_vpc_endpoint_associations(serviceNetworkIdentifier=network["id"])["items"]
    assert joined["vpcEndpointId"] == first["Endpoint"]

    assert cloud.stacks.deploy(file, ACCOUNT, "vpc", {"Text": "second"}) == first
    [group] = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
    rules = {one["FromPort"]: one for one in group["IpPermissions"]}
    assert rules[443]["UserIdGroupPairs"][0]["Description"] == "second"
    assert rules[80]["IpRanges"][0]["Description"] == "second"
    [endpoint] = ec2.describe_vpc_endpoints(VpcEndpointIds=[first["Endpoint"]])["VpcEndpoints"]
    assert {"Key": "text", "Value": "second"} in endpoint["Tags"]

    cloud.stacks.delete(ACCOUNT, "vpc")
    assert lattice.list_service_networks()["items"] == []
    assert {it["GroupId"] for it in ec2.describe_security_groups()["SecurityGroups"]} == before
    assert not [it for it in ec2.describe_internet_gateways()["InternetGateways"] if it.get("Tags")]
