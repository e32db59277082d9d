"""Shares: made, changed, deleted, listed by owner and by consumer."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.associations import add_sources, join_all
from localcloud.services.ram.entities import attach_permissions, checked
from localcloud.services.ram.estate import Estate, is_inside
from localcloud.services.ram.lifecycle import part
from localcloud.services.ram.model import ASSOCIATION, KEPT, Share, Wire
from localcloud.services.ram.seen import consumed
from localcloud.services.ram.tags import checked_tags


def create_share(estate: Estate, params: Wire, caller: Caller) -> Wire:
    live = [s for s in estate.shares.owned(caller.account, caller.region) if s.status != "DELETED"]
    if len(live) >= estate.quotas.shares:
        raise refusals.limit(f"{estate.quotas.shares} resource shares per account")
    configuration = params.get("resourceShareConfiguration", {})
    now = estate.cloud.clock.now
    share = Share(
        serial=estate.shares.serial(),
        arn=estate.arn(caller, "resource-share"),
        name=params["name"],
        owner=caller.account,
        region=caller.region,
        external=params.get("allowExternalPrincipals", True),
        retain=configuration.get("retainSharingOnAccountLeaveOrganization", False),
        created=now,
        updated=now,
        tags=checked_tags(estate, {}, params.get("tags", [])),
    )
    resources, principals = checked(estate, share, params)
    attach_permissions(estate, share, resources, params.get("permissionArns", []), caller)
    add_sources(estate, share, params)
    estate.shares.add(share)
    join_all(estate, share, resources, principals)
    return {"resourceShare": share.wire()}


def delete_share(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own(params["resourceShareArn"], caller)
    if share.status != "ACTIVE":
        raise refusals.transition(f"The resource share is {share.status}")
    share.status, share.updated = "DELETING", estate.cloud.clock.now
    for association in share.associations.values():
        if association.alive:
            part(estate, association)

    def gone() -> None:
        share.status, share.updated = "DELETED", estate.cloud.clock.now

    estate.cloud.clock.after(ASSOCIATION, gone, "a share to be deleted")
    estate.cloud.clock.after(KEPT, lambda: estate.shares.drop(share), "a share to be forgotten", background=True)
    return {"returnValue": True}


def enable_sharing(estate: Estate, _: Wire, caller: Caller) -> Wire:
    organization = estate.cloud.organization
    if not organization.id or organization.management != caller.account:
        raise refusals.not_permitted("Only the management account of an organization can enable sharing in it")
    organization.ram_sharing = True
    return {"returnValue": True}


def update_share(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(params["resourceShareArn"], caller)
    if "name" not in params and "allowExternalPrincipals" not in params:
        raise refusals.missing("name or allowExternalPrincipals")
    external = params.get("allowExternalPrincipals", share.external)
    if not external and share.external:
        for principal in share.of("PRINCIPAL"):
            if principal.alive and not is_inside(estate, share.owner, principal.entity):
                raise refusals.organisation_only(principal.entity)
    share.external = external
    share.name = params.get("name", share.name)
    share.updated = estate.cloud.clock.now
    return {"resourceShare": share.wire()}


def promote(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only for what RAM made out of a resource policy, which here makes no share of its own."""
    share = estate.own_active(params["resourceShareArn"], caller)
    raise refusals.transition(f"The resource share {share.arn} is a STANDARD one already")


def get_shares(estate: Estate, params: Wire, caller: Caller) -> Wire:
    named = [estate.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    own = params["resourceOwner"] == "SELF"
    if own:
        seen = [(share, share.status) for share in estate.shares.owned(caller.account, caller.region)]
    else:
        seen = list(consumed(estate, caller).values())
    rows = [
        (share.serial, share.wire(status, own=own))
        for share, status in seen
        if (not named or share.arn in named)
        and params.get("name") in (None, share.name)
        and params.get("resourceShareStatus") in (None, status)
        and _tags_match(share, params.get("tagFilters", []), own=own)
        and _permission_matches(share, params)
    ]
    return page(estate, "resourceShares", rows, params, caller)


def _tags_match(share: Share, filters: list[Wire], *, own: bool) -> bool:
    # The tags of a share are its owner's: to a consumer no filter on them finds anything.
    return all(
        own
        and wanted.get("tagKey") in share.tags
        and (not wanted.get("tagValues") or share.tags[wanted["tagKey"]] in wanted["tagValues"])
        for wanted in filters
    )


def _permission_matches(share: Share, params: Wire) -> bool:
    arn, version = params.get("permissionArn"), params.get("permissionVersion")
    return arn is None or any(
        permission.arn == arn and version in (None, permission.version) for permission in share.permissions.values()
    )


OPERATIONS: Operations[Estate] = {
    "CreateResourceShare": create_share,
    "DeleteResourceShare": delete_share,
    "EnableSharingWithAwsOrganization": enable_sharing,
    "GetResourceShares": get_shares,
    "PromoteResourceShareCreatedFromPolicy": promote,
    "UpdateResourceShare": update_share,
}
