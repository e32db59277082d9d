"""Do the steps of one batch: one verb per step. A step that fails becomes an outcome and stops no other.

VERBS, at the foot, is the table of them all; a file a noun holds what they do.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from onramp.aws.apply import (
    adopting,
    answers,
    listeners,
    records,
    security_groups,
    services,
    settings,
    sharing,
    target_groups,
    vpcs,
    zones,
)
from onramp.aws.apply.scene import Scene, Taken
from onramp.aws.errors import Denied, Unclear, translated
from onramp.core import denials
from onramp.core.errors import NotYet, Refused
from onramp.core.steps import (
    AcceptShare,
    Adopt,
    AnyStep,
    AssociateService,
    AssociateVpc,
    AssociateZone,
    Batch,
    ClearStatus,
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
    DisassociateZone,
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
from onramp.core.text import within

__all__ = ["VERBS", "Scene", "apply", "refuse"]


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


def _outcome(scene: Scene, step: AnyStep) -> Outcome:
    try:
        with translated():
            return _ended(step, "done", arn=VERBS[type(step)](scene, step))
    except Taken as taken:
        return _ended(step, "done", taken.detail, taken.arn)
    except Unclear as unclear:
        return _ended(step, "failed", unclear.detail)
    except NotYet as later:
        return _ended(step, "not_yet", later.detail)
    except Denied as no:
        stack = denials.differing(no.said, step.account, extra(step))
        return _ended(step, "refused", f"{stack}: {no.said}" if stack else no.message)
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
        detail=within(detail, DETAIL_BYTES),
        arn=arn,
    )


DETAIL_BYTES = 600
"""Of what AWS says of one step: a round's steps and outcomes lie side by side in a state of 256 KiB (facts 20). What to
do about it comes first, and an answer on a tag has 255 characters.
"""

VERBS: dict[type[Step], Callable[[Scene, Any], str]] = {
    ShareNetwork: sharing.share,
    UnshareNetwork: sharing.unshare,
    AcceptShare: sharing.accept,
    Adopt: adopting.adopt,
    Release: adopting.release,
    CreateTargetGroup: target_groups.create_target_group,
    RegisterTarget: target_groups.register_target,
    CreateService: services.create_service,
    CreateListener: listeners.create_listener,
    UpdateListener: listeners.update_listener,
    DeleteListener: listeners.delete_listener,
    CreateRule: listeners.create_rule,
    UpdateRules: listeners.update_rules,
    DeleteRule: listeners.delete_rule,
    SetIdleTimeout: settings.set_idle_timeout,
    SetCertificate: settings.set_certificate,
    CreateRecords: records.create_records,
    DeleteRecords: records.delete_records,
    PutAuthPolicy: settings.put_auth_policy,
    SetAuthType: settings.set_auth_type,
    DeleteAuthPolicy: settings.delete_auth_policy,
    CreateAccessLog: settings.create_access_log,
    UpdateAccessLog: settings.update_access_log,
    DeleteAccessLog: settings.delete_access_log,
    AssociateService: services.associate_service,
    DisassociateService: services.disassociate_service,
    DeleteService: services.delete_service,
    DeleteTargetGroup: target_groups.delete_target_group,
    CreateSecurityGroup: security_groups.create_security_group,
    UpdateSecurityGroup: security_groups.update_security_group,
    DeleteSecurityGroup: security_groups.delete_security_group,
    AssociateVpc: vpcs.associate_vpc,
    UpdateVpcAssociation: vpcs.update_vpc_association,
    DisassociateVpc: vpcs.disassociate_vpc,
    AssociateZone: zones.associate_zone,
    DisassociateZone: zones.disassociate_zone,
    WriteStatus: answers.write_status,
    ClearStatus: answers.clear_status,
}
"""One verb per step; each answers the ARN of what it made, or ''."""
