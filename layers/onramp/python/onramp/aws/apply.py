"""Do the steps of one batch: one verb per step. A step that fails becomes an outcome and stops no other."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from onramp.aws import matching
from onramp.aws.account import Account
from onramp.aws.errors import Unclear, code, denied, full, missing, translated, unacceptable
from onramp.core import names, tags
from onramp.core.errors import NotYet, Refused
from onramp.core.model import Forward, Ingress, Network, Record
from onramp.core.plan.rules import NOTHING_TAKES
from onramp.core.steps import (
    AcceptShare,
    Adopt,
    AnyStep,
    AssociateService,
    AssociateVpc,
    Batch,
    CreateAccessLog,
    CreateListener,
    CreateRecords,
    CreateRule,
    CreateSecurityGroup,
    CreateService,
    CreateTargetGroup,
    DeleteAccessLog,
    DeleteAuthPolicy,
    DeleteListener,
    DeleteRecords,
    DeleteRule,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    Outcome,
    PutAuthPolicy,
    RegisterTarget,
    Release,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    ShareNetwork,
    Step,
    UnshareNetwork,
    UpdateAccessLog,
    UpdateListener,
    UpdateRules,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
    WriteStatus,
    extra,
    needs,
)


class Scene:
    """Where a batch is done: the network, the account's clients, and what makes a repeated call the same call."""

    def __init__(self, network: Network, account: Account, run: str, round_: int) -> None:
        self.network = network
        self.account = account
        self._run = (run, str(round_))
        self.made: dict[str, str] = {}
        """Key of a step of this batch -> id of what it made, where no ARN says it."""

    def client(self, service: str) -> Any:
        return self.account.client(service)

    @property
    def lattice(self) -> Any:
        return self.account.client("vpc-lattice")

    def token(self, step: Step) -> str:
        """The same step of the same round has the same token: a lost answer makes no second object."""
        return names.token(*self._run, step.key)

    def tags(self, step: Step) -> dict[str, str]:
        """On all that we make, in the call that makes it."""
        return {**extra(step), tags.OWNER: self.network.name, tags.NAME: step.name.rpartition("/")[2]}


def apply(scene: Scene, batch: Batch, before: Iterable[str] = ()) -> tuple[Outcome, ...]:
    """Every step's outcome, in the order of the steps. One that needs a step that was not done is left for later.

    `before`: keys of the steps that were done in this round's batches before this one.
    """
    outcomes: list[Outcome] = []
    done = set(before)
    for step in batch.steps:
        first = needs(step)
        if first and first not in done:
            outcomes.append(_ended(step, "not_yet", f"{first.partition(' ')[0]} has to be done first"))
            continue
        outcomes.append(_outcome(scene, step))
        done |= {step.key} if outcomes[-1].stands else set()
    return tuple(outcomes)


def refuse(batch: Batch, refused: Refused) -> tuple[Outcome, ...]:
    """The outcomes of a batch whose account cannot be entered."""
    return tuple(_ended(step, "refused", refused.message) for step in batch.steps)


class _Taken(NotYet):
    """AWS took it, and does not say that it stands."""


def _outcome(scene: Scene, step: AnyStep) -> Outcome:
    try:
        with translated():
            return _ended(step, "done", arn=VERBS[type(step)](scene, step))
    except _Taken as taken:
        return _ended(step, "done", taken.detail)
    except Unclear as unclear:
        return _ended(step, "failed", unclear.detail)
    except NotYet as later:
        return _ended(step, "not_yet", later.detail)
    except Refused as refused:
        return _ended(step, "refused", refused.message)


def _ended(
    step: AnyStep, status: Literal["done", "not_yet", "refused", "failed"], detail: str = "", arn: str = ""
) -> Outcome:
    return Outcome(
        kind=step.kind,
        account=step.account,
        name=step.name,
        because=step.because,
        status=status,
        detail=detail,
        arn=arn,
    )


def _gone(delete: Callable[[], Any]) -> str:
    """A delete; what is missing already is done."""
    try:
        delete()
    except ClientError as error:
        if not missing(error):
            raise
    return ""


def _check(answer: dict[str, Any], *harmless: str, code: str) -> None:
    """A 200 may hold failures (facts 9)."""
    bad = [item for item in answer.get("unsuccessful", ()) if item.get("failureCode") not in harmless]
    if bad:
        raise Refused(code, f"{bad[0].get('failureCode')}: {bad[0].get('failureMessage')}")


# --- sharing, in the network account


def _share(scene: Scene, step: ShareNetwork) -> str:
    scene.client("ram").associate_resource_share(
        resourceShareArn=scene.network.share, principals=[step.name], clientToken=scene.token(step)
    )
    return ""


def _unshare(scene: Scene, step: UnshareNetwork) -> str:
    scene.client("ram").disassociate_resource_share(
        resourceShareArn=scene.network.share, principals=[step.name], clientToken=scene.token(step)
    )
    return ""


INVITED_WITHIN = 6
"""Seconds to wait for an invitation that was just sent: half a dozen cost less than one more round of the machine."""


def _invitation(scene: Scene) -> str:
    """The invitation of the network's share that waits for an answer; NotYet when none comes within seconds."""
    for _ in range(INVITED_WITHIN // 3):
        time.sleep(3)
        try:
            answer = scene.client("ram").get_resource_share_invitations(resourceShareArns=[scene.network.share])
        except ClientError as error:
            if denied(error):  # a member stack of release 0.1.0: its reader may list them, so the next look finds it
                raise NotYet("the invitation is looked for by the next look") from error
            raise
        for found in answer["resourceShareInvitations"]:
            if found["status"] == "PENDING" and found["senderAccountId"] == scene.network.account:
                return str(found["resourceShareInvitationArn"])
    raise NotYet("the invitation has not come yet")


def _accept(scene: Scene, step: AcceptShare) -> str:
    invitation = step.invitation or _invitation(scene)
    try:
        scene.client("ram").accept_resource_share_invitation(
            resourceShareInvitationArn=invitation, clientToken=scene.token(step)
        )
    except ClientError as error:
        if code(error) != "ResourceShareInvitationAlreadyAcceptedException":
            raise
    return ""


# --- what people made, and hand over


def _adopt(scene: Scene, step: Adopt) -> str:
    if step.resource.startswith("sg-"):
        scene.client("ec2").create_tags(Resources=[step.resource], Tags=_spelled(scene.tags(step)))
    else:
        scene.lattice.tag_resource(resourceArn=step.resource, tags=scene.tags(step))
    return step.resource


_LET_GO = [tags.OWNER, tags.NAME, tags.ADOPT]
"""What goes with our mark: the word that handed it over, too, which is to be said anew."""


def _release(scene: Scene, step: Release) -> str:
    if step.resource.startswith("sg-"):
        gone = [{"Key": key} for key in _LET_GO]
        _gone(lambda: scene.client("ec2").delete_tags(Resources=[step.resource], Tags=gone))
    else:
        _gone(lambda: scene.lattice.untag_resource(resourceArn=step.resource, tagKeys=_LET_GO))
    return step.resource


# --- services


def _create_target_group(scene: Scene, step: CreateTargetGroup) -> str:
    # No health check and no version: both are refused or fixed for type ALB (facts 11).
    return str(
        scene.lattice.create_target_group(
            name=step.name,
            type="ALB",
            config={"protocol": step.protocol, "port": step.port, "vpcIdentifier": step.vpc},
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _register_target(scene: Scene, step: RegisterTarget) -> str:
    answer = scene.lattice.register_targets(
        targetGroupIdentifier=step.target_group, targets=[{"id": step.load_balancer, "port": step.port}]
    )
    _check(answer, code="target-refused")
    if step.load_balancer not in {target["id"] for target in answer.get("successful", ())}:
        raise _Taken("the answer does not list it as registered")
    return ""


def _create_service(scene: Scene, step: CreateService) -> str:
    given = {"customDomainName": step.domain, "certificateArn": step.certificate}
    return str(
        scene.lattice.create_service(
            name=step.name,
            **{key: value for key, value in given.items() if value},
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _action(forwards: tuple[Forward, ...]) -> dict[str, Any]:
    """Of a default action that sends to nobody: what no rule takes is answered."""
    if not forwards:
        return {"fixedResponse": {"statusCode": NOTHING_TAKES}}
    return {
        "forward": {
            "targetGroups": [{"targetGroupIdentifier": to.target_group, "weight": to.weight} for to in forwards]
        }
    }


def _create_listener(scene: Scene, step: CreateListener) -> str:
    return str(
        scene.lattice.create_listener(
            serviceIdentifier=step.service,
            name=step.listener,
            protocol=step.protocol,
            port=step.port,
            defaultAction=_action(step.forwards),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _update_listener(scene: Scene, step: UpdateListener) -> str:
    scene.lattice.update_listener(
        serviceIdentifier=step.service, listenerIdentifier=step.listener, defaultAction=_action(step.forwards)
    )
    return ""


def _delete_listener(scene: Scene, step: DeleteListener) -> str:
    return _gone(
        lambda: scene.lattice.delete_listener(serviceIdentifier=step.service, listenerIdentifier=step.listener)
    )


def _create_rule(scene: Scene, step: CreateRule) -> str:
    return str(
        scene.lattice.create_rule(
            serviceIdentifier=step.service,
            listenerIdentifier=step.listener,
            name=step.rule,
            match=matching.spelled(step.match),
            priority=step.priority,
            action=_action(step.forwards),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _update_rules(scene: Scene, step: UpdateRules) -> str:
    answer = scene.lattice.batch_update_rule(
        serviceIdentifier=step.service,
        listenerIdentifier=step.listener,
        rules=[
            {
                "ruleIdentifier": change.rule,
                "match": matching.spelled(change.match),
                "priority": change.priority,
                **({"action": _action(change.forwards)} if change.forwards else {}),
            }
            for change in step.changes
        ],
    )
    _check(answer, code="rule-refused")
    return ""


def _delete_rule(scene: Scene, step: DeleteRule) -> str:
    return _gone(
        lambda: scene.lattice.delete_rule(
            serviceIdentifier=step.service, listenerIdentifier=step.listener, ruleIdentifier=step.rule
        )
    )


def _set_idle_timeout(scene: Scene, step: SetIdleTimeout) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, idleTimeoutSeconds=step.seconds)
    return ""


def _set_certificate(scene: Scene, step: SetCertificate) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, certificateArn=step.certificate)
    return ""


def _create_records(scene: Scene, step: CreateRecords) -> str:
    # In one change, which is done as a whole or not at all: CREATE never takes the place of what is there (facts R23).
    changes = [_record("DELETE", one) for one in step.gone] + [_record("CREATE", one) for one in step.make]
    scene.client("route53").change_resource_record_sets(HostedZoneId=step.zone, ChangeBatch={"Changes": changes})
    return ""


def _delete_records(scene: Scene, step: DeleteRecords) -> str:
    # DELETE has to repeat what is there: what a hand has changed since it was read stays, and the next look tells.
    changes = [_record("DELETE", one) for one in step.gone]
    return _gone(
        lambda: scene.client("route53").change_resource_record_sets(
            HostedZoneId=step.zone, ChangeBatch={"Changes": changes}
        )
    )


def _record(action: str, record: Record) -> dict[str, Any]:
    if record.to:
        alias = {"HostedZoneId": record.zone, "DNSName": record.to, "EvaluateTargetHealth": record.healthy}
        leads: dict[str, Any] = {"AliasTarget": alias}
    else:
        leads = {"TTL": record.ttl, "ResourceRecords": [{"Value": value} for value in record.values]}
    return {"Action": action, "ResourceRecordSet": {"Name": record.name, "Type": record.type, **leads}}


def _put_auth_policy(scene: Scene, step: PutAuthPolicy) -> str:
    scene.lattice.put_auth_policy(resourceIdentifier=step.service, policy=step.policy)
    return ""


def _set_auth_type(scene: Scene, step: SetAuthType) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, authType=step.auth)
    return ""


def _delete_auth_policy(scene: Scene, step: DeleteAuthPolicy) -> str:
    return _gone(lambda: scene.lattice.delete_auth_policy(resourceIdentifier=step.service))


def _create_access_log(scene: Scene, step: CreateAccessLog) -> str:
    scene.lattice.create_access_log_subscription(
        resourceIdentifier=step.service,
        destinationArn=step.destination,
        clientToken=scene.token(step),
        tags=scene.tags(step),
    )
    return ""


def _update_access_log(scene: Scene, step: UpdateAccessLog) -> str:
    scene.lattice.update_access_log_subscription(
        accessLogSubscriptionIdentifier=step.subscription, destinationArn=step.destination
    )
    return ""


def _delete_access_log(scene: Scene, step: DeleteAccessLog) -> str:
    return _gone(
        lambda: scene.lattice.delete_access_log_subscription(accessLogSubscriptionIdentifier=step.subscription)
    )


def _associate_service(scene: Scene, step: AssociateService) -> str:
    return str(
        scene.lattice.create_service_network_service_association(
            serviceIdentifier=step.service,
            serviceNetworkIdentifier=scene.network.arn,
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _disassociate_service(scene: Scene, step: DisassociateService) -> str:
    return _gone(
        lambda: scene.lattice.delete_service_network_service_association(
            serviceNetworkServiceAssociationIdentifier=step.association
        )
    )


def _delete_service(scene: Scene, step: DeleteService) -> str:
    # Its listeners and rules go with it (facts 9).
    return _gone(lambda: scene.lattice.delete_service(serviceIdentifier=step.service))


def _delete_target_group(scene: Scene, step: DeleteTargetGroup) -> str:
    def delete() -> None:
        if step.targets:
            # Out of use, targets go at once; still draining ones make the delete a conflict, tried again later.
            _check(
                scene.lattice.deregister_targets(
                    targetGroupIdentifier=step.target_group,
                    targets=[{"id": target, "port": port} for target, port in step.targets],
                ),
                "TargetNotFound",
                code="target-refused",
            )
        scene.lattice.delete_target_group(targetGroupIdentifier=step.target_group)

    return _gone(delete)


# --- clients


def _permissions(rules: tuple[Ingress, ...]) -> list[dict[str, Any]]:
    return [_permission(rule) for rule in rules]


def _permission(rule: Ingress) -> dict[str, Any]:
    ports = {} if rule.protocol == "-1" else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    if rule.source.startswith("sg-"):
        source: dict[str, Any] = {"UserIdGroupPairs": [{"GroupId": rule.source}]}
    elif rule.source.startswith("pl-"):
        source = {"PrefixListIds": [{"PrefixListId": rule.source}]}
    elif ":" in rule.source:
        source = {"Ipv6Ranges": [{"CidrIpv6": rule.source}]}
    else:
        source = {"IpRanges": [{"CidrIp": rule.source}]}
    return {"IpProtocol": rule.protocol, **ports, **source}


def _create_security_group(scene: Scene, step: CreateSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    given = [{"Key": key, "Value": value} for key, value in scene.tags(step).items()]
    try:
        group = ec2.create_security_group(
            GroupName=step.name,
            Description=f"Clients of this VPC that may call services on {scene.network.name}"[:255],
            VpcId=step.vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": given}],
        )["GroupId"]
    except ClientError as error:
        if code(error) != "InvalidGroup.Duplicate" or not _is_made(scene, step):
            raise
        raise NotYet("it is there, with our mark: the next look has it") from error
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=_permissions(step.admits))
    scene.made[step.key] = group
    return ""


def _is_made(scene: Scene, step: CreateSecurityGroup) -> bool:
    """Is the group of this name ours, so that an earlier run made it, or this one whose answer was lost?"""
    filters = {"group-name": step.name, "vpc-id": step.vpc, f"tag:{tags.OWNER}": scene.network.name}
    asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    return bool(scene.client("ec2").describe_security_groups(Filters=asked)["SecurityGroups"])


def _update_security_group(scene: Scene, step: UpdateSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    # Who may call is admitted first, so that nobody is shut out in between; but where the group is full, the rules that
    # nobody asks for make room before that: else neither would ever be done.
    first = step.revoke[: max(len(step.allow) - step.room, 0)]
    rest = step.revoke[len(first) :]

    def change(call: Callable[..., Any], rules: tuple[Ingress, ...]) -> None:
        if rules:
            call(GroupId=step.security_group, IpPermissions=_permissions(rules))

    change(ec2.revoke_security_group_ingress, first)
    try:
        change(ec2.authorize_security_group_ingress, step.allow)
    except ClientError as error:
        if not (full(error) and rest):
            raise
        # It holds fewer than EC2's default, or a prefix list takes the place of many rules: all the room there is.
        change(ec2.revoke_security_group_ingress, rest)
        change(ec2.authorize_security_group_ingress, step.allow)
        return ""
    change(ec2.revoke_security_group_ingress, rest)
    return ""


def _associate_vpc(scene: Scene, step: AssociateVpc) -> str:
    return str(
        scene.lattice.create_service_network_vpc_association(
            serviceNetworkIdentifier=scene.network.arn,
            vpcIdentifier=step.vpc,
            securityGroupIds=list(step.security_groups or (scene.made[step.needs],)),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def _update_vpc_association(scene: Scene, step: UpdateVpcAssociation) -> str:
    scene.lattice.update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=step.association, securityGroupIds=list(step.security_groups)
    )
    return ""


def _disassociate_vpc(scene: Scene, step: DisassociateVpc) -> str:
    return _gone(
        lambda: scene.lattice.delete_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=step.association
        )
    )


def _delete_security_group(scene: Scene, step: DeleteSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    try:
        return _gone(lambda: ec2.delete_security_group(GroupId=step.security_group))
    except ClientError as error:
        # EC2 says that something depends on it, and not what. A rule is a person's matter; else time may help.
        naming = _groups_naming(ec2, step.security_group) if code(error) == "DependencyViolation" else []
        if not naming:
            raise
        message = f"{' '.join(naming)} refers to security group {step.security_group}, take it out of its rules"
        raise Refused("step-failed", message) from error


def _groups_naming(ec2: Any, group: str) -> list[str]:
    """Ids of the security groups whose rules speak of `group`; none where EC2 does not answer that, too."""
    found: set[str] = set()
    with suppress(ClientError, BotoCoreError):  # what it said first is what is told then
        for direction in ("", "egress."):
            asked = [{"Name": f"{direction}ip-permission.group-id", "Values": [group]}]
            pages = ec2.get_paginator("describe_security_groups").paginate(Filters=asked)
            found |= {one["GroupId"] for page in pages for one in page["SecurityGroups"]}
    return sorted(found - {group})


# --- answers


def _write_status(scene: Scene, step: WriteStatus) -> str:
    if ":vpc-lattice:" in step.resource:
        lattice, about = scene.lattice, {"resourceArn": step.resource}
        if step.put:
            _put(step, lambda given: lattice.tag_resource(**about, tags={one["Key"]: one["Value"] for one in given}))
        if step.remove:
            _gone(lambda: lattice.untag_resource(**about, tagKeys=list(step.remove)))
        return ""
    if step.resource.startswith("arn:"):
        elb = scene.client("elbv2")
        if step.put:
            _put(step, lambda given: elb.add_tags(ResourceArns=[step.resource], Tags=given))
        if step.remove:
            elb.remove_tags(ResourceArns=[step.resource], TagKeys=list(step.remove))
        return ""
    ec2 = scene.client("ec2")
    if step.put:
        _put(step, lambda given: _known(lambda known: ec2.create_tags(Resources=[step.resource], Tags=known), given))
    if step.remove:
        gone = [{"Key": key} for key in step.remove]
        _known(lambda known: ec2.delete_tags(Resources=[step.resource], Tags=known), gone)
    return ""


type _Tags = list[dict[str, str]]


def _put(step: WriteStatus, put: Callable[[_Tags], object]) -> None:
    try:
        put(_spelled(step.put))
    except ClientError as error:
        # Whether a tag takes letters of every script AWS's documents do not say alike: rather in English than not.
        if not step.instead or not unacceptable(error):
            raise
        put(_spelled(step.put | step.instead))


def _spelled(given: dict[str, str]) -> _Tags:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def _known(change: Callable[[_Tags], object], given: _Tags) -> None:
    """The change, without the tag that a release before may not touch where this one is denied."""
    try:
        change(given)
    except ClientError as error:
        # A member stack that was taken back to a release without this tag may say so only by its next sweep.
        known = [tag for tag in given if tag["Key"] != tags.SERVICES]
        if not denied(error) or known == given:
            raise
        if known:
            change(known)


VERBS: dict[type[Step], Callable[[Scene, Any], str]] = {
    ShareNetwork: _share,
    UnshareNetwork: _unshare,
    AcceptShare: _accept,
    Adopt: _adopt,
    Release: _release,
    CreateTargetGroup: _create_target_group,
    RegisterTarget: _register_target,
    CreateService: _create_service,
    CreateListener: _create_listener,
    UpdateListener: _update_listener,
    DeleteListener: _delete_listener,
    CreateRule: _create_rule,
    UpdateRules: _update_rules,
    DeleteRule: _delete_rule,
    SetIdleTimeout: _set_idle_timeout,
    SetCertificate: _set_certificate,
    CreateRecords: _create_records,
    DeleteRecords: _delete_records,
    PutAuthPolicy: _put_auth_policy,
    SetAuthType: _set_auth_type,
    DeleteAuthPolicy: _delete_auth_policy,
    CreateAccessLog: _create_access_log,
    UpdateAccessLog: _update_access_log,
    DeleteAccessLog: _delete_access_log,
    AssociateService: _associate_service,
    DisassociateService: _disassociate_service,
    DeleteService: _delete_service,
    DeleteTargetGroup: _delete_target_group,
    CreateSecurityGroup: _create_security_group,
    UpdateSecurityGroup: _update_security_group,
    DeleteSecurityGroup: _delete_security_group,
    AssociateVpc: _associate_vpc,
    UpdateVpcAssociation: _update_vpc_association,
    DisassociateVpc: _disassociate_vpc,
    WriteStatus: _write_status,
}
"""One verb per step; each answers the ARN of what it made, or ''."""
