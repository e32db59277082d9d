"""Resources and principals: which a share may have, and which somebody sees."""

from __future__ import annotations

import re

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import Row, page
from localcloud.services.ram.estate import ARN, Estate, is_inside, needs_invitation, owner_of
from localcloud.services.ram.model import Association, Share, Wire, moment, permission_for
from localcloud.services.ram.seen import is_of, shares_seen, type_asked

_ACCOUNT = re.compile(r"\d{12}")
_UNIT = re.compile(r"arn:aws:organizations::\d{12}:(organization/o-[a-z0-9]+|ou/o-[a-z0-9]+/ou-[a-z0-9-]+)")


def attach_permissions(estate: Estate, share: Share, resources: list[str], asked: list[str], caller: Caller) -> None:
    found = [estate.permission(arn, caller) for arn in asked]
    for one in found:
        if one.status != "ATTACHABLE":
            raise refusals.invalid(f"The permission {one.current.arn} is {one.status}")
    given = {one.current.resource_type for one in found}
    needed = {p.resource_type for p in map(permission_for, resources) if p}
    # A share that is made empty, as Terraform makes it, may name permissions for what will come into it.
    if len(given) != len(asked) or (resources and given - needed):
        raise refusals.invalid("One permission may be given for each resource type in the resource share")
    share.permissions |= {one.current.kind: one.current for one in found}
    for resource in resources:
        default = permission_for(resource)
        if default:
            # What is in a share already keeps its version, until somebody replaces it.
            share.permissions.setdefault(default.kind, default)


def check_principal(estate: Estate, share: Share, principal: str) -> None:
    organization = estate.cloud.organization
    if _UNIT.fullmatch(principal):
        # Whether the organisation exists is not told to an account that RAM does not trust with it.
        if not organization.ram_sharing or not organization.id_of(share.owner):
            raise refusals.not_permitted("Sharing with the AWS Organization is not enabled")
        if not organization.knows(principal):
            raise refusals.unknown(f"{principal} could not be found")
        return
    if principal.startswith("arn:aws:iam::"):
        raise refusals.invalid(f"Resources of this type cannot be shared with {principal}")
    if not _ACCOUNT.fullmatch(principal):
        raise refusals.invalid(f"Principal ID {principal} is malformed. Verify the ID and try again.")
    if principal == share.owner:
        raise refusals.invalid(f"The resource share cannot be shared with its own account {principal}")
    if not share.external and not is_inside(estate, share.owner, principal):
        raise refusals.organisation_only(principal)


def check_resource(estate: Estate, share: Share, arn: str) -> None:
    if not ARN.fullmatch(arn):
        raise refusals.malformed(arn)
    if permission_for(arn) is None and arn.split(":")[2] == "vpc-lattice":
        raise refusals.not_shareable()
    if permission_for(arn) is None:
        raise NotEmulated("ram", f"sharing of {arn.split(':', 5)[2]} resources such as {arn}")
    if owner_of(arn) != share.owner:
        raise refusals.not_permitted(f"The resource {arn} is not owned by the account {share.owner}")
    if arn.split(":")[3] != share.region:
        raise refusals.invalid(f"The resource {arn} is in another Region than the resource share")
    if not estate.cloud.lattice.exists(arn):
        raise refusals.unknown(f"The resource {arn} could not be found")
    if not estate.cloud.lattice.shareable(arn):
        raise refusals.not_permitted(f"The resource {arn} was created without sharing enabled")


def checked(estate: Estate, share: Share, params: Wire) -> tuple[list[str], list[str]]:
    """The resources and principals of a request, each once, all of them acceptable."""
    resources = list(dict.fromkeys(params.get("resourceArns", [])))
    principals = list(dict.fromkeys(params.get("principals", [])))
    quotas = estate.quotas
    if len(resources) > quotas.resources_per_call:
        raise refusals.limit(f"{quotas.resources_per_call} resources per call")
    for resource in resources:
        check_resource(estate, share, resource)
    for principal in principals:
        check_principal(estate, share, principal)
    for kind, new, most in (
        ("RESOURCE", resources, quotas.resources),
        ("PRINCIPAL", principals, quotas.principals),
    ):
        there = {a.entity for a in share.associations.values() if a.kind == kind and a.alive}
        if len(there | set(new)) > most:
            raise refusals.limit(f"{most} {kind.lower()}s per resource share")
    invited = [p for p in principals if needs_invitation(estate, share, p)]
    if invited and estate.shares.pending(share.owner) + len(invited) > quotas.pending_invitations:
        raise refusals.limit(f"{quotas.pending_invitations} pending invitations")
    return resources, principals


def shown_resource(association: Association) -> Wire:
    permission = permission_for(association.entity)
    return {
        "arn": association.entity,
        "type": permission.resource_type if permission else "",
        "resourceShareArn": association.share.arn,
        "status": "AVAILABLE" if association.status == "ASSOCIATED" else "PENDING",
        "creationTime": moment(association.created),
        "lastUpdatedTime": moment(association.updated),
        "resourceRegionScope": "REGIONAL",
    }


def list_resources(estate: Estate, params: Wire, caller: Caller) -> Wire:
    wanted, own = type_asked(params), params["resourceOwner"] == "SELF"
    arns, principal = params.get("resourceArns"), params.get("principal")
    rows = [
        (resource.serial, shown_resource(resource))
        for share in shares_seen(estate, params, caller)
        if principal is None or _has_principal(share, principal, own=own)
        for resource in share.of("RESOURCE")
        if resource.alive
        and (own or resource.visible)
        and (not arns or resource.entity in arns)
        and is_of(resource, wanted)
        and estate.cloud.lattice.exists(resource.entity)
        and params.get("resourceRegionScope") != "GLOBAL"
    ]
    return page(estate, "resources", rows, params, caller)


def _has_principal(share: Share, principal: str, *, own: bool) -> bool:
    if not own:
        return share.owner == principal
    association = share.associations.get(("PRINCIPAL", principal))
    return association is not None and association.alive


def list_principals(estate: Estate, params: Wire, caller: Caller) -> Wire:
    wanted, own = type_asked(params), params["resourceOwner"] == "SELF"
    arn, names = params.get("resourceArn"), params.get("principals")
    rows: list[Row] = []
    for share in shares_seen(estate, params, caller):
        resources = [r for r in share.of("RESOURCE") if r.alive and is_of(r, wanted)]
        if (wanted and not resources) or (arn and arn not in [r.entity for r in resources]):
            continue
        # A consumer is shown who shares with it: the owners, not its fellows.
        listed = [a for a in share.of("PRINCIPAL") if a.alive] if own else [None]
        for association in listed:
            name = association.entity if association else share.owner
            if names and name not in names:
                continue
            at = association or share
            shown: Wire = {
                "id": name,
                "resourceShareArn": share.arn,
                "creationTime": moment(at.created),
                "lastUpdatedTime": moment(at.updated),
            }
            if association:
                shown["external"] = association.external
            rows.append((at.serial, shown))
    return page(estate, "principals", rows, params, caller)


OPERATIONS: Operations[Estate] = {
    "ListPrincipals": list_principals,
    "ListResources": list_resources,
}
