"""What every resource is told, of all that a plan says of it."""

from onramp.core.inventory import UNREAD_CODE, Refusal
from onramp.core.model import UNREAD
from onramp.core.plan import (
    clients,
    default_action,
    domains,
    existing,
    leaving,
    records,
    services,
    serving,
    settings,
    verdicts,
)
from onramp.core.plan.ground import Ground, Part, Stage, Verdict, coded, hidden, join, named, unread
from onramp.core.plan.verdicts import Told
from onramp.core.reach import Finding
from onramp.core.steps import CreateService


def told_of(
    ground: Ground,
    offered: dict[str, services.ServicePlan],
    joining: dict[str, Part],
    standing: dict[str, Part],
    leading: dict[str, Part],
    access: Part,
    back: leaving.Leaving,
    lingering: dict[str, float],
    opted_out: dict[str, float],
    findings: dict[str, Finding],
    refusals: tuple[Refusal, ...],
    gave_up: str,
    of_zones: dict[str, str],
) -> Told:
    """What every resource is told. The later has the last word: a refusal is nearer to its asker than the rest.
    `of_zones`: VPC -> what keeps it from finding services by their own domains.
    """
    served = serving.of_services(ground)
    answering = serving.domains(ground, served) | serving.existing_domains(ground)
    silent = opted_out.keys() | ground.observed.elsewhere  # by whose services it stands, he has the word on it
    strays = (one for one in ground.want.strays if one.resource not in silent)
    told = {one.resource: Verdict("refused", f"{one.code}: {one.message}") for one in strays}
    told |= {found: Verdict("held", part.failed[0]) for found, part in _unclear(ground).items()} | back.told
    told |= _lingering(ground, offered, lingering)
    told |= {resource: Verdict("connecting", why) for resource, why in ground.want.settling.items()}
    told |= {resource: Verdict("waiting", why) for resource, why in ground.want.awaiting.items()}
    for wanted in ground.want.services:
        # What was abandoned is told why: it could not be made, or the network could not be brought within reach.
        why = ground.do(CreateService, wanted.name, "").failed
        one = offered.get(wanted.name, services.ServicePlan(Part(failed=why, reach=True), {}))
        part = join([one.part, access]) if one.part.reach else one.part
        told |= verdicts.of_service(
            ground,
            part,
            one.own,
            wanted.load_balancers,
            met=frozenset() if settings.to_come(one.part) else services.placed(ground, wanted),
            gave_up=gave_up,
            domains=answering,
            findings=ground.of(wanted.name).findings,
            shut=settings.shut(ground, there) if (there := named(ground.observed.services, wanted.name)) else None,
        )
        for balancer in wanted.load_balancers:
            if told[balancer] == Verdict("connecting"):
                told[balancer] = Verdict("connecting", records.to_come(ground, wanted))
            if told[balancer] == Verdict("connected"):
                beside = settings.told(ground, wanted, one.part) or default_action.told(ground, wanted)
                beside = beside or domains.warns(ground, wanted)
                beside = beside or records.told(ground, wanted, leading.get(wanted.name, Part()), answering[balancer])
                beside = beside or domains.told(ground, wanted, answering[balancer])
                told[balancer] = Verdict("connected", beside or settings.callers(ground, wanted))
    told |= _clients(ground, joining, access, findings, gave_up, of_zones)
    for entering in ground.want.existing:
        joined = standing[entering.arn].stage is Stage.SERVING
        part = join([standing[entering.arn], access]) if standing[entering.arn].reach else standing[entering.arn]
        verdict = verdicts.verdict(
            part._replace(failed=ground.failing(part)),
            gave_up=gave_up,
            serves=entering.arn in answering,
            finding=existing.finding(ground.network, entering) if joined else None,
        )
        if verdict == Verdict("connected"):
            beside = existing.told(ground, entering) or settings.network_asks(ground)
            verdict = Verdict("connected", beside)
        told[entering.arn] = verdict
    for resource, reason in ground.want.settling.items():
        says = f"{UNREAD_CODE}: {reason}" if resource in ground.observed.unread else reason
        if resource in answering:
            told[resource] = Verdict("connected", says)
        elif resource in ground.observed.unread:
            told[resource] = Verdict("failed", says)
            if resource in findings:
                told[resource] = Verdict("unreachable", f"{findings[resource].code}: {findings[resource].message}")
    for refusal in refusals:
        told[refusal.resource] = Verdict("refused", f"{refusal.code}: {refusal.message}")
    told |= {resource: Verdict("held", f"kept-out: {why}") for resource, why in ground.want.kept_out.items()}
    return Told(told, answering, served)


def _clients(
    ground: Ground,
    joining: dict[str, Part],
    access: Part,
    findings: dict[str, Finding],
    gave_up: str,
    of_zones: dict[str, str],
) -> dict[str, Verdict]:
    told: dict[str, Verdict] = {}
    for vpc, part in joining.items():
        joined = part.stage is Stage.SERVING
        part = join([part, access]) if part.reach else part
        verdict = verdicts.verdict(
            part._replace(failed=ground.failing(part)),
            gave_up=gave_up,
            serves=joined,
            finding=findings.get(vpc) if joined else None,
        )
        beside = of_zones.get(vpc, "") or clients.told(ground, vpc)
        told[vpc] = Verdict("connected", beside) if verdict == Verdict("connected") else verdict
    return told


def _lingering(
    ground: Ground, offered: dict[str, services.ServicePlan], lingering: dict[str, float]
) -> dict[str, Verdict]:
    """What those are told who leave a service that others ask for."""
    told: dict[str, Verdict] = {}
    for balancer, at in lingering.items():
        quiet = ground.now < at + ground.quiet_seconds
        when = f"{ground.quiet_seconds} s after the tag went" if quiet else "when another one of its service can serve"
        told[balancer] = Verdict("disconnecting", f"put the tag back to stay: it leaves {when}")
        if whys := [why for one in offered.values() for why in ground.failing(one.own.get(balancer, Part()))]:
            told[balancer] = Verdict("held", coded(whys[0]))
    return told


def _unclear(ground: Ground) -> dict[str, Part]:
    """Load balancers and VPCs behind what cannot be read: whether and how that leaves is not known."""
    found: dict[str, Part] = {}
    for service in ground.observed.services:
        if service.owned and (arn := hidden(ground.observed, service)) and service.name in ground.before.services:
            found |= dict.fromkeys(ground.before.services[service.name].serving, unread(ground, arn))
    for joined in ground.observed.vpc_associations:
        if joined.owned and joined.status == UNREAD:
            found[joined.vpc] = unread(ground, joined.arn)
    return found
