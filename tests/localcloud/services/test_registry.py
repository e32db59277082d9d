"""The types of VPC Lattice and RAM are those of CloudFormation's registry, whose schemas come with cfn-lint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from localcloud import cloud as cloud_module
from localcloud.cloud import LocalCloud
from localcloud.ground.kinds import KINDS
from localcloud.services.cloudformation.model import StackFailed

ACCOUNT = "111111111111"
REGION = "us-east-1"
WHOLE = ("AWS::VpcLattice::", "AWS::RAM::")

REPLACED_ALTHOUGH = {
    # The API cannot change these, and the registry does not say so: changed in place they would stay as they were.
    "AWS::VpcLattice::AccessLogSubscription": {"ServiceNetworkLogType"},
    "AWS::VpcLattice::ResourceConfiguration": {"Name"},
    "AWS::VpcLattice::ResourceGateway": {"Ipv4AddressesPerEni"},
}
NOT_KEPT = {
    # Written and never read again: no call has it.
    "AWS::VpcLattice::ResourceConfiguration": {"ResourceConfigurationAuthType"},
}


def schema(type_name: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_name).schema
    return found


def paths(type_name: str, key: str) -> set[str]:
    """Properties that a schema lists, `Config.Port` for one in another."""
    listed: list[str] = schema(type_name).get(key) or []
    return {path.removeprefix("/properties/").replace("/", ".") for path in listed}


REGISTERED = sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION))
OURS = [name for name in REGISTERED if name.startswith(WHOLE)]


def test_the_registry_has_what_is_compared() -> None:
    assert len(OURS) >= 20
    assert cloud_module.KINDS is KINDS


def test_no_type_of_lattice_and_ram_is_lacking() -> None:
    assert [name for name in OURS if name not in KINDS] == []


@pytest.mark.parametrize("type_name", OURS)
def test_what_replaces_a_resource_is_what_the_registry_says(type_name: str) -> None:
    known = paths(type_name, "createOnlyProperties") - NOT_KEPT.get(type_name, set())
    assert KINDS[type_name].replaces == known | REPLACED_ALTHOUGH.get(type_name, set())


@pytest.mark.parametrize("type_name", OURS)
def test_what_getatt_answers_is_what_the_registry_says(type_name: str) -> None:
    told = {path.partition(".")[0] for path in KINDS[type_name].attributes}
    assert told == {path.partition(".")[0] for path in paths(type_name, "readOnlyProperties")}


@pytest.mark.parametrize("type_name", [name for name in REGISTERED if name in KINDS])
def test_what_must_be_given_is_what_the_registry_says(type_name: str) -> None:
    assert set(KINDS[type_name].requires) == set(schema(type_name).get("required") or [])


def test_a_resource_without_what_its_type_requires_is_told_as_cloudformation_does(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String"}}
    file.write_text(json.dumps({"Resources": {"Bare": parameter}}))
    said = "Properties validation failed for resource Bare with message: #: required key [Value] not found"
    with pytest.raises(StackFailed) as refused:
        cloud.stacks.deploy(file, ACCOUNT, "bare")
    assert str(refused.value).endswith(said)
