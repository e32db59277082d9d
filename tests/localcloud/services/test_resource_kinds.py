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
