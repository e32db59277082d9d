"""Associations: resources and principals put into a share and taken out."""

from __future__ import annotations

import re
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.entities import attach_permissions, checked
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.lifecycle import join, part
from localcloud.services.ram.model import Association, Kind, Share, Wire, moment

_ACCOUNT = re.compile(r"\d{12}")


def _one_entity(params: dict[str, Any]) -> None:
    if not any(params.get(name) for name in ("resourceArns", "principals", "sources")):
        raise refusals.invalid("resourceArns, principals or sources is required")


def associate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(params["resourceShareArn"], caller)
    _one_entity(params)
    add_sources(estate, share, params)
    resources, principals = checked(estate, share, params)
    for there in share.associations.values():
        if there.status == "DISASSOCIATING" and there.entity in (*resources, *principals):
            raise refusals.transition(f"{there.entity} is in DISASSOCIATING status")
    attach_permissions(estate, share, resources, [], caller)
    joined = join_all(estate, share, resources, principals)
    share.updated = estate.cloud.clock.now
    return {"resourceShareAssociations": [association.wire() for association in joined]}


def disassociate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(params["resourceShareArn"], caller)
    _one_entity(params)
    for source in params.get("sources", []):
        if source not in share.sources:
            raise refusals.unknown(f"{source} is not associated with the resource share {share.arn}")
        del share.sources[source]
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


def add_sources(estate: Estate, share: Share, params: Wire) -> None:
    """Whom service principals may act for; nothing that is shared here is shared with one."""
    for source in params.get("sources", []):
        if not _ACCOUNT.fullmatch(source):
            raise refusals.invalid(f"The source {source} is not an account ID")
        share.sources.setdefault(source, estate.cloud.clock.now)


def list_sources(estate: Estate, params: Wire, caller: Caller) -> Wire:
    named = [estate.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    rows = [
        (
            share.serial * 1_000 + number,
            {
                "resourceShareArn": share.arn,
                "sourceId": source,
                "sourceType": "ACCOUNT",
                "status": "ASSOCIATED",
                "creationTime": moment(since),
                "lastUpdatedTime": moment(since),
            },
        )
        for share in estate.shares.owned(caller.account, caller.region)
        if not named or share.arn in named
        for number, (source, since) in enumerate(share.sources.items())
        if params.get("sourceId") in (None, source)
        and params.get("sourceType") in (None, "ACCOUNT")
        and params.get("associationStatus") in (None, "ASSOCIATED")
    ]
    return page(estate, "sourceAssociations", rows, params, caller)


def get_associations(estate: Estate, params: Wire, caller: Caller) -> Wire:
    kind = params["associationType"]
    if kind == "PRINCIPAL" and params.get("resourceArn"):
        raise refusals.invalid("resourceArn cannot be given for principals")
    if kind == "RESOURCE" and params.get("principal"):
        raise refusals.invalid("principal cannot be given for resources")
    named = [estate.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    entity = params.get("resourceArn") or params.get("principal")
    rows = [
        (serial, told)
        for share in estate.shares.owned(caller.account, caller.region)
        if not named or share.arn in named
        for serial, told in (_of_sources(share) if kind == "SOURCE" else _of(share, kind))
        if entity in (None, told["associatedEntity"]) and params.get("associationStatus") in (None, told["status"])
    ]
    return page(estate, "resourceShareAssociations", rows, params, caller)


def _of(share: Share, kind: Kind) -> list[tuple[int, Wire]]:
    return [(association.serial, association.wire()) for association in share.of(kind)]


def _of_sources(share: Share) -> list[tuple[int, Wire]]:
    return [
        (
            share.serial * 1_000 + number,
            {
                "resourceShareArn": share.arn,
                "resourceShareName": share.name,
                "associatedEntity": source,
                "associationType": "SOURCE",
                "status": "ASSOCIATED",
                "creationTime": moment(since),
                "lastUpdatedTime": moment(since),
            },
        )
        for number, (source, since) in enumerate(share.sources.items())
    ]


OPERATIONS: Operations[Estate] = {
    "AssociateResourceShare": associate,
    "DisassociateResourceShare": disassociate,
    "GetResourceShareAssociations": get_associations,
    "ListSourceAssociations": list_sources,
}
