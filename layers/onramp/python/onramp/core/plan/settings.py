"""A service's settings: put right in place, and who may call in an order that turns nobody away in between."""

from onramp.core import settings, tags
from onramp.core.auth_policy import shuts
from onramp.core.desired import PASSTHROUGH, WantedService
from onramp.core.errors import Refused
from onramp.core.model import Service, Settings
from onramp.core.plan.ground import Ground, Part, Stage, behind, join, named, refuse, unread, wait
from onramp.core.policy import CONNECT, INVOKE, MalformedPolicy
from onramp.core.reach import Finding
from onramp.core.steps import (
    CreateAccessLog,
    DeleteAccessLog,
    DeleteAuthPolicy,
    PutAuthPolicy,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    UpdateAccessLog,
)

IAM, NONE = "AWS_IAM", "NONE"

BESIDE = frozenset({"log-group-missing", "access-log-taken"})
"""Codes of what cannot be had and decides no request."""

OF_AUTH = frozenset({"auth-policy-missing", "auth-policy-invalid"})
"""Codes of what cannot be had and says who may call."""


def guards(ground: Ground, there: Service) -> bool:
    """Was it seen to turn away whom a policy of it does not let in?"""
    seen = ground.observed.settings.get(there.name)
    return seen is not None and seen.known and seen.auth == IAM


def shut(ground: Ground, there: Service) -> Finding | None:
    """Why nobody gets in by the service's auth policy, as it was seen: one that the team wrote, for no preset does it,
    or that came by hand. What a policy means that cannot be judged here is left to AWS.
    """
    seen = ground.observed.settings.get(there.name, Settings())
    policy = (seen.policy if guards(ground, there) else "") or (there.policy if there.auth == IAM else None)
    if policy is None:
        return None
    actions = [CONNECT if found.protocol == PASSTHROUGH else INVOKE for found in there.listeners]
    try:
        why = shuts(policy, there.arn, actions) if policy else "AWS_IAM is on and there is no policy"
    except MalformedPolicy:
        return None
    if not why:
        return None
    parameter = next((one.said.parameter for one in ground.want.services if one.name == there.name), "")
    mend = f"mend SSM parameter {parameter} if requests are meant to get through"
    if not parameter:
        mend = f"mend the auth policy of service {there.name} or set its auth type to NONE"
    return Finding(code="nobody-admitted", message=f"{mend}: {why}")


def no_log(ground: Ground, wanted: WantedService) -> Part | None:
    """Why the log group that the tags name cannot be had: nothing is made for such a wish, and what is there stays."""
    group, seen = wanted.said.log, ground.observed.settings.get(wanted.name, Settings())
    if not group:
        return None
    if group in ground.observed.unread:
        return unread(ground, group, f"log group {group}")
    if group not in ground.observed.log_groups:
        message = f"make log group {group} in the account of the load balancer, or name one that is there"
        return refuse("log-group-missing", message, *wanted.load_balancers)
    if seen.foreign_log:
        message = (
            f"remove the access log of service {wanted.name} that somebody else made, or this tag: it has one only"
        )
        return refuse("access-log-taken", message, *wanted.load_balancers)
    return None


def no_policy(ground: Ground, wanted: WantedService) -> Part | None:
    """The same of the policy of a parameter."""
    parameter = wanted.said.parameter
    if not parameter:
        return None
    if parameter in ground.observed.unread:
        return unread(ground, parameter, f"parameter {parameter}")
    text = ground.observed.parameters.get(parameter)
    kind = ground.observed.parameter_types.get(parameter, "")
    if kind:
        message = f"delete SSM parameter {parameter} and put your policy there anew as a String: it is a {kind}"
        return refuse("auth-policy-missing", message, *wanted.load_balancers)
    if text is None:
        message = (
            f"put your policy into SSM parameter {parameter} as a String: there is none in this account and region"
        )
        return refuse("auth-policy-missing", message, *wanted.load_balancers)
    try:
        settings.own_policy(text)
    except Refused as wrong:
        return refuse(wrong.code, f"{wrong.message}: SSM parameter {parameter}", *wanted.load_balancers)
    return None


def no_way_through(ground: Ground, wanted: WantedService) -> Part | None:
    """The same of TLS that is to pass through a service whose policy asks who calls, and goes on for somebody whose
    tags are refused: with it no caller can sign.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None or not guards(ground, there) or all(protocol != PASSTHROUGH for protocol, _ in wanted.listens):
        return None
    others = behind(ground.observed, there) - set(wanted.load_balancers)
    refused = sorted(others & {refusal.resource for refusal in ground.want.refusals})
    try:
        closed = refused and shuts(ground.observed.settings[there.name].policy, there.arn, [CONNECT])
    except MalformedPolicy:
        return None
    return Part(person=_mend_first(refused[0], there.name)) if closed else None


def service_settings(
    ground: Ground, wanted: WantedService, there: Service, *, others: frozenset[str], unheard: bool
) -> Part:
    """`stage` is SERVING where nobody comes in who may not: then it may join the network. `others`: load balancers that
    it serves by and whose own word on it is not to be had now: as long as they are not let go, it stays as it is.
    `unheard`: one that asks for it may say who may call: it is not opened before that is known.
    """
    seen = ground.observed.settings.get(there.name)
    if seen is None and tags.AUTH in wanted.said.names:
        return wait(f"what service {there.name} has of its settings is not known yet")._replace(stage=Stage.MADE)
    if seen is None:
        return Part(stage=Stage.SERVING)
    if not seen.known:
        return unread(ground, there.arn, f"the settings of service {there.name}")._replace(stage=Stage.MADE)
    lacks = {refusal.code for refusal in wanted.unmet}
    parts = {
        tags.IDLE_TIMEOUT: _idle_timeout(ground, wanted, there, seen),
        tags.LOG: Part() if lacks & BESIDE else _log(ground, wanted, there, seen),
        # It goes on only where it turns away by the policy that it has.
        tags.AUTH: Part(stage=Stage.SERVING)
        if lacks & OF_AUTH
        else _auth(ground, wanted, there, seen, unheard=unheard),
    }
    stage = parts[tags.AUTH].stage
    if not others:
        return join(parts.values())._replace(stage=stage)
    refused = sorted(others & {refusal.resource for refusal in ground.want.refusals})
    unmet = any(part.steps for name, part in parts.items() if name in wanted.said.names)
    return Part(person=_mend_first(refused[0], there.name) if refused and unmet else "", stage=stage)


_OF_CALLERS = PutAuthPolicy | SetAuthType
_ALL = (
    _OF_CALLERS
    | DeleteAuthPolicy
    | SetIdleTimeout
    | SetCertificate
    | CreateAccessLog
    | UpdateAccessLog
    | DeleteAccessLog
)


def to_come(part: Part) -> bool:
    """Is a setting of the service not yet what the tags ask for?"""
    return any(isinstance(step, _ALL) for step in part.steps)


def told(ground: Ground, wanted: WantedService, part: Part) -> str:
    """What is said beside `connected` while anybody may still call who is to be asked."""
    there = named(ground.observed.services, wanted.name)
    if there is None or guards(ground, there) or tags.AUTH not in wanted.said.names:
        return ""
    on_way = any(isinstance(step, _OF_CALLERS) for step in part.steps)
    return "who calls is not asked yet: the auth policy is on its way" if on_way else ""


def callers(ground: Ground, wanted: WantedService) -> str:
    """What callers have to do where a preset asks who calls, or else the network: both levels and their own account
    have to admit them.
    """
    there = named(ground.observed.services, wanted.name)
    if there is not None and wanted.said.signed and guards(ground, there):
        return (
            "callers sign with SigV4 for vpc-lattice-svcs and their own policies let them Invoke it. Where the network"
            " asks who calls it has to admit them too"
        )
    return network_asks(ground)


def network_asks(ground: Ground) -> str:
    """What callers have to do as the network's stack has made its policy."""
    if not ground.network.signed:
        return ""
    return (
        "callers sign with SigV4 for vpc-lattice-svcs and their own policies let them Invoke it: the network asks who"
        " calls"
    )


def _mend_first(balancer: str, service: str) -> str:
    return f"mend the tags of load balancer {balancer.split('/')[-2]}: service {service} keeps its settings until then"


def _idle_timeout(ground: Ground, wanted: WantedService, there: Service, seen: Settings) -> Part:
    seconds = wanted.said.idle_timeout
    if not seconds and tags.IDLE_TIMEOUT not in seen.had:
        return Part()  # whoever set it, it was not we
    seconds = seconds or settings.IDLE_TIMEOUT
    if seen.idle_timeout == seconds:
        return Part()
    because = f"connections may idle for {seen.idle_timeout} s, and {seconds} s is what the tags ask for"
    return ground.do(SetIdleTimeout, there.name, because, service=there.arn, seconds=seconds)


def _log(ground: Ground, wanted: WantedService, there: Service, seen: Settings) -> Part:
    group = wanted.said.log
    if seen.log == group:
        return Part()
    if not group:
        because = "no tag asks for its access log any more"
        return ground.do(DeleteAccessLog, there.name, because, subscription=seen.subscription)
    partition, region, account = (there.arn.split(":")[place] for place in (1, 3, 4))
    destination = f"arn:{partition}:logs:{region}:{account}:log-group:{group}:*"
    because = f"its access log is to go to log group {group}"
    if seen.subscription:
        return ground.do(UpdateAccessLog, there.name, because, subscription=seen.subscription, destination=destination)
    extra = ground.tags_for(*wanted.load_balancers)
    return ground.do(CreateAccessLog, there.name, because, service=there.arn, destination=destination, extra=extra)


def _auth(ground: Ground, wanted: WantedService, there: Service, seen: Settings, *, unheard: bool) -> Part:
    """The policy is there before it counts, and counts no more when it goes: else all are turned away meanwhile."""
    text = ground.observed.parameters.get(wanted.said.parameter, "")
    policy = settings.own_policy(text) if text else wanted.said.policy
    if not policy:
        return Part(stage=Stage.SERVING) if unheard else _open(ground, there, seen)
    if not settings.same(seen.policy, policy):
        because = "it says who may call, as the tags ask for"
        put = ground.do(PutAuthPolicy, there.name, because, service=there.arn, policy=policy)
        return put._replace(stage=Stage.SERVING if seen.auth == IAM and there.associations else Stage.MADE)
    if seen.auth != IAM:
        because = "its policy is there, and is to count"
        counts = ground.do(SetAuthType, there.name, because, service=there.arn, auth=IAM)
        because = "since when it is there is not known, and it counts only after minutes"
        again = ground.do(PutAuthPolicy, there.name, because, service=there.arn, policy=policy)
        return _in_turn(ground, again, counts)
    return Part(stage=Stage.SERVING)


def _open(ground: Ground, there: Service, seen: Settings) -> Part:
    """Nobody is asked who he is any more. What somebody else put is left to him."""
    if tags.AUTH not in seen.had:
        return Part(stage=Stage.SERVING)
    if seen.auth != NONE:
        because = "no tag asks any more who may call: its policy is not to count"
        return ground.do(SetAuthType, there.name, because, service=there.arn, auth=NONE)
    if seen.policy:
        gone = ground.do(DeleteAuthPolicy, there.name, "it does not count any more", service=there.arn)
        because = "since when its policy is not to count is not known, and it does for minutes"
        again = ground.do(SetAuthType, there.name, because, service=there.arn, auth=NONE)
        return _in_turn(ground, again, gone._replace(stage=Stage.SERVING))
    return Part(stage=Stage.SERVING)


def _in_turn(ground: Ground, first: Part, then: Part) -> Part:
    """`then`, minutes after `first`: the run waits them. What another run did is done once more, since that one may
    have died before its wait was over; not where the last one waited, and `then` was refused it, nor where `first` is
    refused, which is done already.
    """
    waited = any(step.key in ground.taken for step in first.steps)
    refused = bool(first.failed) or any(step.key in ground.doubts for step in then.steps)
    return then if waited or refused else first
