"""Associations: resources and principals put into a share and taken out."""

from __future__ import annotations

from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.entities import attach_permissions, checked
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.lifecycle import join, part
from localcloud.services.ram.model import Association, Kind, Share, Wire


def _one_entity(params: dict[str, Any]) -> None:
    if not params.get("resourceArns") and not params.get("principals"):
        raise refusals.invalid("resourceArns or principals is required")


def associate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    refuse_sources("AssociateResourceShare", params)
    share = estate.own_active(params["resourceShareArn"], caller)
    _one_entity(params)
    resources, principals = checked(estate, share, params)
    for there in share.associations.values():
        if there.status == "DISASSOCIATING" and there.entity in (*resources, *principals):
            raise refusals.transition(f"{there.entity} is in DISASSOCIATING status")
    attach_permissions(share, resources, [])
    joined = join_all(estate, share, resources, principals)
    share.updated = estate.cloud.clock.now
    return {"resourceShareAssociations": [association.wire() for association in joined]}


def disassociate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    refuse_sources("DisassociateResourceShare", params)
    share = estate.own_active(params["resourceShareArn"], caller)
    _one_entity(params)
    parting = [
        *(live(share, "RESOURCE", arn) for arn in params.get("resourceArns", [])),
        *(live(share, "PRINCIPAL", principal) for principal in params.get("principals", [])),
    ]
    if any(a.settling and a.status == "ASSOCIATING" for a in share.associations.values()):
        raise refusals.transition("At least one association of the resource share is in ASSOCIATING status")
    for association in parting:
        part(estate, association)
    share.updated = estate.cloud.clock.now
    return {"resourceShareAssociations": [association.wire() for association in parting]}


def join_all(estate: Estate, share: Share, resources: list[str], principals: list[str]) -> list[Association]:
    return [
        *(join(estate, share, "RESOURCE", resource) for resource in resources),
        *(join(estate, share, "PRINCIPAL", principal) for principal in principals),
    ]


def live(share: Share, kind: Kind, entity: str) -> Association:
    association = share.associations.get((kind, entity))
    if association is None or association.status == "DISASSOCIATED":
        raise refusals.unknown(f"{entity} is not associated with the resource share {share.arn}")
    return association


def refuse_sources(operation: str, params: Wire) -> None:
    if params.get("sources"):
        raise NotEmulated("ram", f"{operation} with sources")


def get_associations(estate: Estate, params: Wire, caller: Caller) -> Wire:
    kind = params["associationType"]
    if kind == "PRINCIPAL" and params.get("resourceArn"):
        raise refusals.invalid("resourceArn cannot be given for principals")
    if kind == "RESOURCE" and params.get("principal"):
        raise refusals.invalid("principal cannot be given for resources")
    named = [estate.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    entity = params.get("resourceArn") or params.get("principal")
    rows = [
        (association.serial, association.wire())
        for share in estate.shares.owned(caller.account, caller.region)
        if not named or share.arn in named
        for association in share.of(kind)
        if entity in (None, association.entity) and params.get("associationStatus") in (None, association.status)
    ]
    return page(estate, "resourceShareAssociations", rows, params, caller)


OPERATIONS: Operations[Estate] = {
    "AssociateResourceShare": associate,
    "DisassociateResourceShare": disassociate,
    "GetResourceShareAssociations": get_associations,
}
