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
