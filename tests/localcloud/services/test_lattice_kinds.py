"""A service with all that belongs to it, as anybody's template makes, changes and removes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from localcloud.cloud import LocalCloud
from localcloud.door.http import serve
from localcloud.services.cloudformation.model import StackFailed

ACCOUNT = "222222222222"
TEMPLATE = Path(__file__).parents[1] / "templates" / "lattice.yaml"

type Deploy = Callable[..., dict[str, str]]


@contextmanager
def in_process() -> Iterator[tuple[Any, Deploy, Any]]:
    with LocalCloud() as cloud:

        def deploy(**parameters: str) -> dict[str, str]:
            return cloud.stacks.deploy(TEMPLATE, ACCOUNT, "shop", parameters)

        yield cloud.client("vpc-lattice", ACCOUNT), deploy, lambda: cloud.stacks.delete(ACCOUNT, "shop")


@contextmanager
def over_http() -> Iterator[tuple[Any, Deploy, Any]]:
    with LocalCloud() as cloud, serve(cloud) as url:
        given = {"region_name": cloud.region, "aws_access_key_id": ACCOUNT, "aws_secret_access_key": "x"}
        clients = {name: boto3.client(name, endpoint_url=url, **given) for name in ("cloudformation", "vpc-lattice")}
        stacks = clients["cloudformation"]

        def deploy(**parameters: str) -> dict[str, str]:
            told = {
                "StackName": "shop",
                "TemplateBody": TEMPLATE.read_text(),
                "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            }
            there = [one["StackName"] for one in stacks.describe_stacks()["Stacks"]]
            (stacks.update_stack if there else stacks.create_stack)(**told)
            stacks.get_waiter("stack_update_complete" if there else "stack_create_complete").wait(StackName="shop")
            [stack] = stacks.describe_stacks(StackName="shop")["Stacks"]
            return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

        yield clients["vpc-lattice"], deploy, lambda: stacks.delete_stack(StackName="shop")


@pytest.mark.parametrize("how", [in_process, over_http])
def test_a_template_makes_a_service_changes_it_in_place_and_lets_it_go(how: Any) -> None:
    with how() as (lattice, deploy, delete):
        outputs = deploy()
        [service] = lattice.list_services()["items"]
        assert outputs["ServiceArn"] == service["arn"]
        assert outputs["Domain"] == service["dnsEntry"]["domainName"]
        assert outputs["Zone"] == service["dnsEntry"]["hostedZoneId"]
        assert (outputs["Status"], service["status"]) == ("ACTIVE", "ACTIVE")
        named = {"serviceIdentifier": service["id"]}
        [listener] = lattice.list_listeners(**named)["items"]
        assert (listener["protocol"], listener["port"]) == ("HTTP", 8080)
        found = lattice.list_rules(**named, listenerIdentifier=listener["id"])["items"]
        [rule] = [one for one in found if not one["isDefault"]]
        assert rule["arn"] == outputs["RuleArn"]
        groups = {one["name"]: one for one in lattice.list_target_groups()["items"]}
        assert {one["status"] for one in groups.values()} == {"ACTIVE"}
        blue = {"targetGroupIdentifier": groups["shop-blue"]["id"]}
        assert [(one["id"], one["port"]) for one in lattice.list_targets(**blue)["items"]] == [("10.0.1.10", 8080)]
        [joined] = lattice.list_service_network_service_associations(**named)["items"]
        assert (joined["status"], joined["serviceNetworkName"]) == ("ACTIVE", outputs["NetworkName"])
        assert lattice.list_tags_for_resource(resourceArn=service["arn"])["tags"] == {"team": "shop"}
        assert lattice.get_auth_policy(resourceIdentifier=service["arn"])["state"] == outputs["PolicyState"] == "Active"

        again = deploy(Team="sales", Address="10.0.1.11", Weight="25", Path="/v2", Idle="120", Interval="60")
        stays = ("ServiceArn", "Domain", "RuleArn", "BlueArn", "ListenerArn")
        assert {key: again[key] for key in stays} == {key: outputs[key] for key in stays}
        assert lattice.get_service(**named)["idleTimeoutSeconds"] == 120
        assert lattice.list_tags_for_resource(resourceArn=service["arn"])["tags"] == {"team": "sales"}
        told = lattice.get_rule(**named, listenerIdentifier=listener["id"], ruleIdentifier=rule["id"])
        assert told["match"]["httpMatch"]["pathMatch"]["match"] == {"prefix": "/v2"}
        weights = {one["weight"] for one in told["action"]["forward"]["targetGroups"]}
        assert weights == {25, 75}
        after = {one["id"]: one["status"] for one in lattice.list_targets(**blue)["items"]}
        assert after.keys() == {"10.0.1.10", "10.0.1.11"}
        assert after["10.0.1.10"] == "DRAINING"
        check = lattice.get_target_group(**blue)["config"]["healthCheck"]
        assert check["healthCheckIntervalSeconds"] == 60

        other = deploy(Port="9090")
        assert other["BlueArn"] == again["BlueArn"]
        assert other["ListenerArn"] != again["ListenerArn"], "the port of a listener is for life"
        assert other["RuleArn"] != again["RuleArn"], "its rule goes with it"
        [listener] = lattice.list_listeners(**named)["items"]
        assert (listener["port"], listener["arn"]) == (9090, other["ListenerArn"])

        delete()
        assert lattice.list_services()["items"] == []
        assert lattice.list_target_groups()["items"] == []
        assert lattice.list_service_networks()["items"] == []


def small(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, **properties}}


def group(**more: Any) -> dict[str, Any]:
    config = {"Port": 80, "Protocol": "HTTP", "VpcIdentifier": {"Ref": "Vpc"}}
    return {"Type": "AWS::VpcLattice::TargetGroup", "Properties": {"Type": "IP", "Config": config, **more}}


def test_a_target_that_is_refused_fails_the_stack_and_leaves_no_group(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    instance = group(Type="INSTANCE", Targets=[{"Id": "i-0123456789abcdef0"}])
    file.write_text(json.dumps(small(Group=instance)))
    with pytest.raises(StackFailed, match="TargetNotFound"):
        cloud.stacks.deploy(file, ACCOUNT, "small")
    cloud.settle()
    assert cloud.client("vpc-lattice", ACCOUNT).list_target_groups()["items"] == []


def test_what_has_no_name_gets_one_that_lattice_takes_and_keeps_it(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    lattice = cloud.client("vpc-lattice", ACCOUNT)

    def deploy(interval: int) -> str:
        config = {**group()["Properties"]["Config"], "HealthCheck": {"HealthCheckIntervalSeconds": interval}}
        file.write_text(json.dumps(small(Group=group(Config=config))))
        cloud.stacks.deploy(file, ACCOUNT, "small")
        [one] = lattice.list_target_groups()["items"]
        return str(one["name"])

    name = deploy(30)
    assert name.startswith("small-group-")
    assert deploy(31) == name


def test_a_failed_stack_over_http_says_which_property_is_lacking() -> None:
    with LocalCloud() as cloud, serve(cloud) as url:
        given = {"region_name": cloud.region, "aws_access_key_id": ACCOUNT, "aws_secret_access_key": "x"}
        stacks: Any = boto3.client("cloudformation", endpoint_url=url, **given)
        body = json.dumps({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}})
        stacks.create_stack(StackName="bare", TemplateBody=body)
        with pytest.raises(WaiterError):
            stacks.get_waiter("stack_create_complete").wait(StackName="bare", WaiterConfig={"Delay": 0})
        told = [
            one.get("ResourceStatusReason", "") for one in stacks.describe_stack_events(StackName="bare")["StackEvents"]
        ]
        assert any("#: required key [KeySchema] not found" in text for text in told)


@pytest.mark.parametrize("kind", ["service", "target-group", "service-association", "vpc-association"])
def test_what_does_not_become_active_fails_the_stack_and_is_taken_back(cloud: LocalCloud, kind: Any) -> None:
    cloud.lattice.fail_next(kind, "InternalFailure", "nobody knows")
    with pytest.raises(StackFailed, match="CREATE_FAILED: nobody knows") as failed:
        cloud.stacks.deploy(TEMPLATE, ACCOUNT, "shop")
    assert "taking" not in str(failed.value)
    cloud.settle()
    assert cloud.lattice.estate.things == {}
    events = cloud.client("cloudformation", ACCOUNT).describe_stack_events(StackName="shop")["StackEvents"]
    [told] = [one for one in events if one["ResourceStatus"] == "CREATE_FAILED"]
    assert told["PhysicalResourceId"].startswith("arn:")


def test_a_group_with_a_rule_that_is_refused_is_taken_back(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    rule = {"IpProtocol": "tcp", "CidrIp": "10.0.0.0/8"}
    bad = {"GroupDescription": "d", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [rule]}
    file.write_text(json.dumps(small(Group={"Type": "AWS::EC2::SecurityGroup", "Properties": bad})))
    with pytest.raises(StackFailed, match="Must specify both from and to ports"):
        cloud.stacks.deploy(file, ACCOUNT, "small")
    groups = cloud.client("ec2", ACCOUNT).describe_security_groups()["SecurityGroups"]
    assert {one["GroupName"] for one in groups} == {"default"}


def test_a_change_set_says_what_is_replaced_and_what_is_not(cloud: LocalCloud) -> None:
    cloud.stacks.deploy(TEMPLATE, ACCOUNT, "shop")
    stacks = cloud.client("cloudformation", ACCOUNT)
    given = [{"ParameterKey": "Port", "ParameterValue": "9090"}, {"ParameterKey": "Interval", "ParameterValue": "60"}]
    named = {"StackName": "shop", "ChangeSetName": "other-port"}
    stacks.create_change_set(**named, TemplateBody=TEMPLATE.read_text(), Parameters=given)
    told = {
        one["ResourceChange"]["LogicalResourceId"]: (
            one["ResourceChange"]["Action"],
            one["ResourceChange"].get("Replacement"),
        )
        for one in stacks.describe_change_set(**named)["Changes"]
    }
    assert told["Listener"] == ("Modify", "True")
    assert told["Blue"] == ("Modify", "False")
    assert "Service" not in told


def test_an_association_keeps_a_security_group_and_a_child_its_group(cloud: LocalCloud, tmp_path: Path) -> None:
    """Neither can be changed by Lattice's API; a stack says so and is as it was, not updated in name only."""
    ec2, lattice = cloud.client("ec2", ACCOUNT), cloud.client("vpc-lattice", ACCOUNT)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
    admits = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]

    def of_group(name: str) -> dict[str, Any]:
        told = {"Name": name, "ResourceConfigurationType": "GROUP", "ResourceGatewayId": {"Ref": "Gateway"}}
        return {"Type": "AWS::VpcLattice::ResourceConfiguration", "Properties": {**told, "ProtocolType": "TCP"}}

    def deploy(group: str, **joined: Any) -> None:
        child = {
            "Name": "child",
            "ResourceConfigurationType": "CHILD",
            "ResourceConfigurationGroupId": {"Fn::GetAtt": [group, "Id"]},
            "PortRanges": ["5432"],
            "ResourceConfigurationDefinition": {"IpResource": "10.0.0.9"},
        }
        ends = {"ServiceNetworkIdentifier": {"Ref": "Network"}, "VpcIdentifier": vpc}
        gateway = {"Name": "gateway", "VpcIdentifier": vpc, "SubnetIds": subnets}
        resources = {
            "Network": {"Type": "AWS::VpcLattice::ServiceNetwork", "Properties": {"Name": "net"}},
            "Joined": {"Type": "AWS::VpcLattice::ServiceNetworkVpcAssociation", "Properties": {**ends, **joined}},
            "Gateway": {"Type": "AWS::VpcLattice::ResourceGateway", "Properties": gateway},
            "First": of_group("first"),
            "Second": of_group("second"),
            "Child": {"Type": "AWS::VpcLattice::ResourceConfiguration", "Properties": child},
        }
        file = tmp_path / "template.json"
        file.write_text(json.dumps({"Resources": resources}))
        cloud.stacks.deploy(file, ACCOUNT, "joined")

    deploy("First", SecurityGroupIds=[admits])
    with pytest.raises(StackFailed, match=r"Joined: SecurityGroupIds: .* keeps at least one; to have none, delete it"):
        deploy("First")
    with pytest.raises(StackFailed, match="Child"):
        deploy("Second", SecurityGroupIds=[admits])
    groups = {one["id"]: one["name"] for one in lattice.list_resource_configurations()["items"]}
    [child] = [one for one in lattice.list_resource_configurations()["items"] if one["name"] == "child"]
    assert groups[child["resourceConfigurationGroupId"]] == "first"
    [joined] = lattice.list_service_network_vpc_associations(vpcIdentifier=vpc)["items"]
    found = lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=joined["id"])
    assert found["securityGroupIds"] == [admits]
