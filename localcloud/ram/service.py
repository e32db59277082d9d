"""RAM's operations that change something, its lapses of time, and what others ask of it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.caller import Caller
from localcloud.errors import NotEmulated
from localcloud.permissions import request_tags, resource_tags
from localcloud.ram import reading, refusals
from localcloud.ram.model import (
    ASSOCIATION,
    BY_ARN,
    CONSUMER_LAG,
    INVITATION,
    INVITATION_LIFE,
    JOINING,
    KEPT,
    PERMISSIONS,
    Association,
    Invitation,
    Kind,
    Quotas,
    Share,
    Wire,
    permission_for,
)
from localcloud.ram.shares import Shares, members, together

if TYPE_CHECKING:
    from onramp.core.policy import Values

    from localcloud.cloud import LocalCloud

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{12}:\S+")
_UNIT = re.compile(r"arn:aws:organizations::\d{12}:(organization/o-[a-z0-9]+|ou/o-[a-z0-9]+/ou-[a-z0-9-]+)")


class Ram:
    """RAM of one local cloud, in all its accounts and regions.

    Events say what is documented or seen of them (facts 2.2): associations and invitations. Whether the share
    itself announces anything is unverified, so nothing here may be woken by that.

    `quotas` may be replaced. `sparse_pages` begins every listing with an empty page, as AWS may. `failing`
    maps an entity to the message with which its next association fails.
    """

    name: ClassVar[str] = "ram"

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.quotas = Quotas()
        self.sparse_pages = False
        self.failing: dict[str, str] = {}
        self.shares = Shares()
        self._answered: dict[tuple[str, str, str, str], tuple[str, Wire]] = {}
        self._expiries: dict[str, Callable[[], None]] = {}
        self._changes: dict[str, Callable[[Wire, Caller], Wire]] = {
            "AcceptResourceShareInvitation": self._accept,
            "AssociateResourceShare": self._associate,
            "CreateResourceShare": self._create,
            "DeleteResourceShare": self._delete,
            "DisassociateResourceShare": self._disassociate,
            "RejectResourceShareInvitation": self._reject,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "UpdateResourceShare": self._update,
        }

    # --- what others ask -----------------------------------------------------------------------------------

    def shared_with(self, account: str) -> list[str]:
        """ARNs of the resources of others that `account` can see now, by shares that are accepted."""
        admissions = self.shares.admissions(account, self.cloud.organization)
        shares = {a.share.arn: a.share for a in admissions if _is_open(a)}
        arns = {r.entity for share in shares.values() for r in share.of("RESOURCE") if r.alive and r.visible}
        return sorted(arn for arn in arns if self.cloud.lattice.exists(arn))

    def may_use(self, account: str, resource_arn: str) -> bool:
        """Whether `account` owns the resource or has it shared to it and accepted."""
        return owner_of(resource_arn) == account or bool(self._ways(account, resource_arn))

    def permission_actions(self, resource_arn: str, account: str) -> set[str]:
        """The IAM actions that RAM grants `account` on a resource of another; empty when nothing is shared."""
        kind = resource_arn.split(":", 5)[-1].split("/")[0]
        granted = [share.permissions[kind] for share in self._ways(account, resource_arn)]
        return {action for permission in granted for action in permission.actions}

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a share; empty for what is not there."""
        share = self.shares.all.get(arn)
        return dict(share.tags) if share else {}

    def owned_tags(self, account: str) -> dict[str, dict[str, str]]:
        """ARN and tags of every share that `account` owns and that is not deleted."""
        owned = self.shares.owned(account)
        return {share.arn: dict(share.tags) for share in owned if share.status == "ACTIVE"}

    def _ways(self, account: str, resource_arn: str) -> list[Share]:
        if not self.cloud.lattice.exists(resource_arn):
            return []
        admissions = self.shares.admissions_to(resource_arn, account, self.cloud.organization)
        return [a.share for a in admissions if _is_open(a)]

    # --- the door ------------------------------------------------------------------------------------------

    def handle(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer one call; customer-managed permissions and promotion of policies are not emulated."""
        if operation == "EnableSharingWithAwsOrganization":
            return self._enable(caller)
        if operation in reading.OPERATIONS:
            return reading.OPERATIONS[operation](self, params, caller)
        if operation not in self._changes:
            raise NotEmulated(self.name, operation)
        return self._once(operation, params, caller)

    def authorisation(self, operation: str, params: Wire, _: Caller) -> list[tuple[str, str, dict[str, Values]]]:
        """What IAM must allow (facts 24): a creation on `*`, a change on the share, an answer on the invitation.

        Sharing and unsharing a Lattice resource writes its resource policy in the caller's name.
        """
        action = f"ram:{operation}"
        asked = request_tags(params.get("tags"), params.get("tagKeys"))
        if operation == "CreateResourceShare":
            external = "true" if params.get("allowExternalPrincipals", True) else "false"
            context = asked | _requested(params) | {"ram:RequestedAllowsExternalPrincipals": external}
            return [(action, "*", context), *_resource_policies(params, "PutResourcePolicy")]
        invitation = params.get("resourceShareInvitationArn")
        if invitation:
            found = self.shares.invitations.get(invitation)
            sender = found.share.owner if found else owner_of(invitation)
            return [(action, invitation, {"ram:ShareOwnerAccountId": sender})]
        arn = params.get("resourceShareArn") or params.get("resourceArn")
        if not arn or operation.startswith(("Get", "List")):
            return [(action, params.get("permissionArn") or "*", {})]
        context = asked | _requested(params) | resource_tags(arn, self.cloud)
        share = self.shares.all.get(arn)
        if share:
            context["ram:ResourceShareName"] = share.name
            context["ram:AllowsExternalPrincipals"] = "true" if share.external else "false"
        if "allowExternalPrincipals" in params:
            external = "true" if params["allowExternalPrincipals"] else "false"
            context["ram:RequestedAllowsExternalPrincipals"] = external
        policy = "PutResourcePolicy" if operation == "AssociateResourceShare" else "DeleteResourcePolicy"
        return [(action, arn, context), *_resource_policies(params, policy)]

    def _once(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer a repeated client token as the first time; other parameters with it are an error."""
        token = params.get("clientToken")
        if token is None:
            return self._changes[operation](params, caller)
        if not token:
            raise refusals.invalid_token()
        key = (caller.account, caller.region, operation, token)
        given = json.dumps(params, sort_keys=True, default=str)
        if key in self._answered:
            before, answer = self._answered[key]
            if before != given:
                raise refusals.mismatch(token)
            return answer
        answer = self._changes[operation](params, caller)
        if operation not in ("TagResource", "UntagResource"):
            answer = answer | {"clientToken": token}
        self._answered[key] = (given, answer)
        return answer

    # --- shares --------------------------------------------------------------------------------------------

    def _create(self, params: Wire, caller: Caller) -> Wire:
        self._no_sources("CreateResourceShare", params)
        live = [s for s in self.shares.owned(caller.account, caller.region) if s.status != "DELETED"]
        if len(live) >= self.quotas.shares:
            raise refusals.limit(f"{self.quotas.shares} resource shares per account")
        configuration = params.get("resourceShareConfiguration", {})
        now = self.cloud.clock.now
        share = Share(
            serial=self.shares.serial(),
            arn=self._arn(caller, "resource-share"),
            name=params["name"],
            owner=caller.account,
            region=caller.region,
            external=params.get("allowExternalPrincipals", True),
            retain=configuration.get("retainSharingOnAccountLeaveOrganization", False),
            created=now,
            updated=now,
            tags=self._checked_tags({}, params.get("tags", [])),
        )
        resources, principals = self._checked(share, params)
        self._attach_permissions(share, resources, params.get("permissionArns", []))
        self.shares.add(share)
        self._join_all(share, resources, principals)
        return {"resourceShare": share.wire()}

    def _update(self, params: Wire, caller: Caller) -> Wire:
        share = self._own_active(params["resourceShareArn"], caller)
        if "name" not in params and "allowExternalPrincipals" not in params:
            raise refusals.missing("name or allowExternalPrincipals")
        external = params.get("allowExternalPrincipals", share.external)
        if not external and share.external:
            for principal in share.of("PRINCIPAL"):
                if principal.alive and not self._is_inside(share.owner, principal.entity):
                    raise refusals.organisation_only(principal.entity)
        share.external = external
        share.name = params.get("name", share.name)
        share.updated = self.cloud.clock.now
        return {"resourceShare": share.wire()}

    def _delete(self, params: Wire, caller: Caller) -> Wire:
        share = self._own(params["resourceShareArn"], caller)
        if share.status != "ACTIVE":
            raise refusals.transition(f"The resource share is {share.status}")
        share.status, share.updated = "DELETING", self.cloud.clock.now
        for association in share.associations.values():
            if association.alive:
                self._part(association)

        def gone() -> None:
            share.status, share.updated = "DELETED", self.cloud.clock.now

        self.cloud.clock.after(ASSOCIATION, gone, "a share to be deleted")
        self.cloud.clock.after(KEPT, lambda: self.shares.drop(share), "a share to be forgotten", background=True)
        return {"returnValue": True}

    def _tag(self, params: Wire, caller: Caller) -> Wire:
        share = self._own_active(self._tagged(params), caller)
        share.tags = self._checked_tags(share.tags, params["tags"])
        share.updated = self.cloud.clock.now
        return {}

    def _untag(self, params: Wire, caller: Caller) -> Wire:
        share = self._own_active(self._tagged(params), caller)
        share.tags = {key: value for key, value in share.tags.items() if key not in params["tagKeys"]}
        share.updated = self.cloud.clock.now
        return {}

    # --- associations --------------------------------------------------------------------------------------

    def _associate(self, params: Wire, caller: Caller) -> Wire:
        self._no_sources("AssociateResourceShare", params)
        share = self._own_active(params["resourceShareArn"], caller)
        _one_entity(params)
        resources, principals = self._checked(share, params)
        for there in share.associations.values():
            if there.status == "DISASSOCIATING" and there.entity in (*resources, *principals):
                raise refusals.transition(f"{there.entity} is in DISASSOCIATING status")
        self._attach_permissions(share, resources, [])
        joined = self._join_all(share, resources, principals)
        share.updated = self.cloud.clock.now
        return {"resourceShareAssociations": [association.wire() for association in joined]}

    def _disassociate(self, params: Wire, caller: Caller) -> Wire:
        self._no_sources("DisassociateResourceShare", params)
        share = self._own_active(params["resourceShareArn"], caller)
        _one_entity(params)
        parting = [
            *(self._live(share, "RESOURCE", arn) for arn in params.get("resourceArns", [])),
            *(self._live(share, "PRINCIPAL", principal) for principal in params.get("principals", [])),
        ]
        if any(a.settling and a.status == "ASSOCIATING" for a in share.associations.values()):
            raise refusals.transition("At least one association of the resource share is in ASSOCIATING status")
        for association in parting:
            self._part(association)
        share.updated = self.cloud.clock.now
        return {"resourceShareAssociations": [association.wire() for association in parting]}

    def _live(self, share: Share, kind: Kind, entity: str) -> Association:
        association = share.associations.get((kind, entity))
        if association is None or association.status == "DISASSOCIATED":
            raise refusals.unknown(f"{entity} is not associated with the resource share {share.arn}")
        return association

    def _checked(self, share: Share, params: Wire) -> tuple[list[str], list[str]]:
        """The resources and principals of a request, each once, all of them acceptable."""
        resources = list(dict.fromkeys(params.get("resourceArns", [])))
        principals = list(dict.fromkeys(params.get("principals", [])))
        quotas = self.quotas
        if len(resources) > quotas.resources_per_call:
            raise refusals.limit(f"{quotas.resources_per_call} resources per call")
        for resource in resources:
            self._check_resource(share, resource)
        for principal in principals:
            self._check_principal(share, principal)
        for kind, new, most in (
            ("RESOURCE", resources, quotas.resources),
            ("PRINCIPAL", principals, quotas.principals),
        ):
            there = {a.entity for a in share.associations.values() if a.kind == kind and a.alive}
            if len(there | set(new)) > most:
                raise refusals.limit(f"{most} {kind.lower()}s per resource share")
        invited = [p for p in principals if self._needs_invitation(share, p)]
        if invited and self.shares.pending(share.owner) + len(invited) > quotas.pending_invitations:
            raise refusals.limit(f"{quotas.pending_invitations} pending invitations")
        return resources, principals

    def _check_resource(self, share: Share, arn: str) -> None:
        if not _ARN.fullmatch(arn):
            raise refusals.malformed(arn)
        if permission_for(arn) is None and arn.split(":")[2] == "vpc-lattice":
            raise refusals.not_shareable()
        if permission_for(arn) is None:
            raise NotEmulated(self.name, f"sharing of {arn.split(':', 5)[2]} resources such as {arn}")
        if owner_of(arn) != share.owner:
            raise refusals.not_permitted(f"The resource {arn} is not owned by the account {share.owner}")
        if arn.split(":")[3] != share.region:
            raise refusals.invalid(f"The resource {arn} is in another Region than the resource share")
        if not self.cloud.lattice.exists(arn):
            raise refusals.unknown(f"The resource {arn} could not be found")
        if not self.cloud.lattice.shareable(arn):
            raise refusals.not_permitted(f"The resource {arn} was created without sharing enabled")

    def _check_principal(self, share: Share, principal: str) -> None:
        organization = self.cloud.organization
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
        if not share.external and not self._is_inside(share.owner, principal):
            raise refusals.organisation_only(principal)

    def _is_inside(self, owner: str, principal: str) -> bool:
        organization = self.cloud.organization
        return principal.startswith("arn:") or together(organization, owner, principal)

    def _needs_invitation(self, share: Share, principal: str) -> bool:
        if principal.startswith("arn:"):
            return False
        there = share.associations.get(("PRINCIPAL", principal))
        if there is not None and there.alive:
            return False
        return share.retain or not together(self.cloud.organization, share.owner, principal)

    def _attach_permissions(self, share: Share, resources: list[str], asked: list[str]) -> None:
        for arn in asked:
            if not arn.startswith("arn:"):
                raise refusals.malformed(arn)
            if arn not in BY_ARN:
                raise refusals.unknown(f"The permission {arn} could not be found")
        given = {BY_ARN[arn].resource_type for arn in asked}
        needed = {p.resource_type for p in map(permission_for, resources) if p}
        # A share that is made empty, as Terraform makes it, may name permissions for what will come into it.
        if len(given) != len(asked) or (resources and given - needed):
            raise refusals.invalid("One permission may be given for each resource type in the resource share")
        share.permissions |= {kind: permission for kind, permission in PERMISSIONS.items() if permission.arn in asked}
        for resource in resources:
            permission = permission_for(resource)
            if permission:
                share.permissions[resource.split(":", 5)[5].split("/")[0]] = permission

    def _join_all(self, share: Share, resources: list[str], principals: list[str]) -> list[Association]:
        return [
            *(self._join(share, "RESOURCE", resource) for resource in resources),
            *(self._join(share, "PRINCIPAL", principal) for principal in principals),
        ]

    def _join(self, share: Share, kind: Kind, entity: str) -> Association:
        there = share.associations.get((kind, entity))
        if there is not None and there.alive:
            return there
        now = self.cloud.clock.now
        association = Association(self.shares.serial(), share, kind, entity, now, now)
        if kind == "PRINCIPAL":
            association.invited = self._needs_invitation(share, entity)
            association.external = not self._is_inside(share.owner, entity)
        self.shares.join(association)
        if entity in self.failing:
            self._fail_later(association, self.failing.pop(entity))
        elif association.invited:
            self.cloud.clock.after(INVITATION, lambda: self._invite(association), "an invitation to appear")
        else:
            self._complete_later(association, ASSOCIATION)
        return association

    def _complete_later(self, association: Association, seconds: float) -> None:
        clock = self.cloud.clock

        def complete() -> None:
            if association.status != "ASSOCIATING":
                return
            self._set(association, "ASSOCIATED")
            # Accepted shares count their lag from the acceptance, the others from here.
            lag = CONSUMER_LAG - (JOINING if association.invited else 0.0)
            clock.after(lag, appear, "a share to reach its consumers")

        def appear() -> None:
            association.visible = association.status == "ASSOCIATED"

        clock.after(seconds, complete, "a share association")

    def _fail_later(self, association: Association, message: str) -> None:
        def fail() -> None:
            if association.status == "ASSOCIATING":
                association.message = message
                self._set(association, "FAILED")

        self.cloud.clock.after(ASSOCIATION, fail, "a share association to fail")

    def _part(self, association: Association) -> None:
        """Begin to end an association: its effect ends now, RAM's own work a little later."""
        if association.status == "DISASSOCIATING":
            return
        association.status, association.updated = "DISASSOCIATING", self.cloud.clock.now
        association.visible = False
        self._withdraw(association)

        def parted() -> None:
            self._set(association, "DISASSOCIATED")

        clock = self.cloud.clock
        clock.after(ASSOCIATION, parted, "a share association to end")
        clock.after(KEPT, lambda: self.shares.part(association), "an ended association", background=True)

    def _set(self, association: Association, status: str) -> None:
        association.status, association.updated = status, self.cloud.clock.now
        association.settling = False
        self._announce(association, "Resource Share Association", status.lower())

    # --- invitations ---------------------------------------------------------------------------------------

    def _invite(self, association: Association) -> None:
        association.settling = False
        if association.status != "ASSOCIATING":
            return
        share = association.share
        actor = Caller(share.owner, share.region, "")
        arn = self._arn(actor, "resource-share-invitation")
        now = self.cloud.clock.now
        invitation = Invitation(self.shares.serial(), arn, association, association.entity, now)
        self.shares.invite(invitation)

        def expire() -> None:
            self._end_invitation(invitation, "EXPIRED")
            self._part(association)

        life = self.cloud.clock.after(INVITATION_LIFE, expire, "an invitation to expire", background=True)
        self._expiries[arn] = life
        self._announce(association, "Resource Share Invitation", "pending")

    def _end_invitation(self, invitation: Invitation, status: str) -> None:
        invitation.status = status
        self._expiries.pop(invitation.arn, lambda: None)()
        self._announce(invitation.association, "Resource Share Invitation", status.lower())

    def _withdraw(self, association: Association) -> None:
        for invitation in list(self.shares.received(association.entity)):
            if invitation.association is association and invitation.status == "PENDING":
                self._end_invitation(invitation, "EXPIRED")

    def _accept(self, params: Wire, caller: Caller) -> Wire:
        invitation = self._pending(params["resourceShareInvitationArn"], caller)
        invitation.association.settling = True
        self._end_invitation(invitation, "ACCEPTED")
        self._complete_later(invitation.association, JOINING)
        return {"resourceShareInvitation": invitation.wire()}

    def _reject(self, params: Wire, caller: Caller) -> Wire:
        invitation = self._pending(params["resourceShareInvitationArn"], caller)
        self._end_invitation(invitation, "REJECTED")
        self._part(invitation.association)
        return {"resourceShareInvitation": invitation.wire()}

    def invitation(self, arn: str, caller: Caller) -> Invitation:
        """An invitation that the caller received, in whatever status; MalformedArn or ArnNotFound."""
        if not (_ARN.fullmatch(arn) and ":resource-share-invitation/" in arn):
            raise refusals.malformed(arn)
        found = self.shares.invitations.get(arn)
        if found is None or found.receiver != caller.account or found.share.region != caller.region:
            raise refusals.no_invitation(arn)
        return found

    def _pending(self, arn: str, caller: Caller) -> Invitation:
        invitation = self.invitation(arn, caller)
        if invitation.status != "PENDING":
            raise refusals.answered(invitation)
        return invitation

    # --- the rest ------------------------------------------------------------------------------------------

    def _enable(self, caller: Caller) -> Wire:
        organization = self.cloud.organization
        if not organization.id or organization.management != caller.account:
            raise refusals.not_permitted("Only the management account of an organization can enable sharing in it")
        organization.ram_sharing = True
        return {"returnValue": True}

    def share(self, arn: str, caller: Caller) -> Share:
        """A share that the caller owns or sees; MalformedArn or UnknownResource."""
        if not (_ARN.fullmatch(arn) and ":resource-share/" in arn):
            raise refusals.malformed(arn)
        share = self.shares.all.get(arn)
        if share is None or share.region != caller.region or not self._sees(share, caller.account):
            raise refusals.unknown(f"ResourceShare {arn} could not be found")
        return share

    def _sees(self, share: Share, account: str) -> bool:
        if share.owner == account:
            return True
        return any(a.share is share for a in self.shares.admissions(account, self.cloud.organization))

    def _own(self, arn: str, caller: Caller) -> Share:
        share = self.share(arn, caller)
        if share.owner != caller.account:
            # Also the answer to a consumer that wants to leave: Lattice types do not let it (facts 10).
            raise refusals.not_permitted(f"The account {caller.account} does not own the resource share {arn}")
        if share.status == "DELETED":
            raise refusals.unknown(f"ResourceShare {arn} could not be found")
        return share

    def _own_active(self, arn: str, caller: Caller) -> Share:
        share = self._own(arn, caller)
        if share.status != "ACTIVE":
            raise refusals.transition(f"The resource share is {share.status}")
        return share

    def _tagged(self, params: Wire) -> str:
        arn = params.get("resourceShareArn") or params.get("resourceArn")
        if not arn:
            raise refusals.invalid("resourceShareArn or resourceArn is required")
        return str(arn)

    def _checked_tags(self, before: dict[str, str], new: list[dict[str, str]]) -> dict[str, str]:
        tags = dict(before)
        for tag in new:
            key, value = tag.get("key", ""), tag.get("value", "")
            if key.lower().startswith("aws:"):
                raise refusals.reserved_tag(key)
            if not 1 <= len(key) <= 128 or len(value) > 256:
                raise refusals.invalid(f"The tag {key} is too long or has no key")
            tags[key] = value
        if len(tags) > self.quotas.tags:
            raise refusals.tag_limit(self.quotas.tags)
        return tags

    def _no_sources(self, operation: str, params: Wire) -> None:
        if params.get("sources"):
            raise NotEmulated(self.name, f"{operation} with sources")

    def _announce(self, association: Association, event: str, status: str) -> None:
        """Put an event on the default bus of the share's owner and of the principals that it concerns."""
        share, organization = association.share, self.cloud.organization
        concerned = {share.owner}
        if association.kind == "PRINCIPAL":
            concerned |= members(association, organization)
        else:
            accepted = [a for a in share.of("PRINCIPAL") if a.status in ("ASSOCIATED", "DISASSOCIATING")]
            concerned |= {account for a in accepted for account in members(a, organization)}
        events = self.cloud.component("events")
        for account in sorted(concerned) if events else ():
            events.emit(
                account=account,
                source="aws.ram",
                detail_type="Resource Sharing State Change",
                resources=[share.arn],
                detail={"event": event, "status": status},
                region=share.region,
            )

    def _arn(self, caller: Caller, kind: str) -> str:
        id = uuid.UUID(int=self.cloud.random.getrandbits(128), version=4)
        return f"arn:aws:ram:{caller.region}:{caller.account}:{kind}/{id}"


def owner_of(arn: str) -> str:
    """The account in an ARN."""
    return arn.split(":", 5)[4] if arn.count(":") >= 5 else ""


def _is_open(admission: Association) -> bool:
    """Whether what is in the share can be used by those whom this lets in."""
    return admission.visible and admission.status == "ASSOCIATED" and admission.share.status == "ACTIVE"


def _one_entity(params: dict[str, Any]) -> None:
    if not params.get("resourceArns") and not params.get("principals"):
        raise refusals.invalid("resourceArns or principals is required")


def _requested(params: Wire) -> dict[str, Values]:
    context: dict[str, Values] = {}
    resources = params.get("resourceArns", [])
    if resources:
        context["ram:ResourceArn"] = list(resources)
        context["ram:RequestedResourceType"] = [p.resource_type for p in map(permission_for, resources) if p]
    if params.get("principals"):
        context["ram:Principal"] = list(params["principals"])
    return context


def _resource_policies(params: Wire, operation: str) -> list[tuple[str, str, dict[str, Values]]]:
    return [(f"vpc-lattice:{operation}", arn, {}) for arn in params.get("resourceArns", []) if permission_for(arn)]
