"""VPCs and their place in private hosted zones, which may be another account's."""

from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.apply.scene import Scene, Taken, removed
from onramp.aws.errors import translate
from onramp.core.steps import AssociateZone, DisassociateZone


def associate_zone(scene: Scene, step: AssociateZone) -> str:
    """By the word of the zone's account where that is another one, which is taken back once it was used."""
    own, given = scene.client("route53"), _given(scene, step)
    if step.owner == step.account:
        own.associate_vpc_with_hosted_zone(**given)
        return step.name
    owners = scene.client_of(step.owner, "route53")
    owners.create_vpc_association_authorization(**given)
    try:
        own.associate_vpc_with_hosted_zone(**given)
    except ClientError:
        _take_back(owners, given)
        raise
    try:
        _take_back(owners, given)
    except ClientError as error:  # what was made is ours all the same; the word goes with it at the latest
        raise Taken(str(translate(error)), step.name) from error
    return step.name


def disassociate_zone(scene: Scene, step: DisassociateZone) -> str:
    given = _given(scene, step)
    removed(lambda: scene.client("route53").disassociate_vpc_from_hosted_zone(**given))
    if step.owner and step.owner != step.account:
        _take_back(scene.client_of(step.owner, "route53"), given)
    return ""


def _take_back(owners: Any, given: dict[str, Any]) -> None:
    """The word by which the VPC could be associated once more. It is one, whoever gave it."""
    removed(lambda: owners.delete_vpc_association_authorization(**given))


def _given(scene: Scene, step: AssociateZone | DisassociateZone) -> dict[str, Any]:
    return {"HostedZoneId": step.zone, "VPC": {"VPCId": step.vpc, "VPCRegion": scene.network.region}}
