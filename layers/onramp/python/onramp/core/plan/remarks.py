"""What is told without having been asked for: what cannot be read, and what other hands did to what is ours."""

from msgspec.structs import replace

from onramp.core import names, tags
from onramp.core.desired.load_balancers import service_name_or_none
from onramp.core.inventory import UNREAD_CODE, Refusal
from onramp.core.model import LISTS, LOAD_BALANCERS, OF_THE_NETWORK, VPCS, Service
from onramp.core.plan.ground import Ground, id_of, mark_missing

UNREAD_AT_MOST = 3
"""Things that cannot be read for one cause, and are told of one by one; of more than that one sentence tells."""


def unread(ground: Ground) -> tuple[Refusal, ...]:
    """What could not be read: it stays as it is, and whoever can mend that is told, of many things in one sentence."""
    hidden = dict(sorted(ground.observed.unread.items()))
    if {LOAD_BALANCERS, VPCS} <= hidden.keys():  # by two services, and each denies by its own name
        of_network = {key: why for key, why in hidden.items() if key in OF_THE_NETWORK}
        lists_first = sorted(hidden.keys() - of_network.keys(), key=lambda key: (key not in LISTS, key))
        return (_nothing(ground, lists_first, hidden[lists_first[0]]), *_by_cause(ground, of_network))
    return _by_cause(ground, hidden)


def _nothing(ground: Ground, keys: list[str], why: str) -> Refusal:
    """The member's role reads hardly anything: it is gone while a session of it lives, or a policy above it denies."""
    role = names.role(ground.network.name, "reader")
    account = ground.observed.account
    remedy = f"deploy the newest member.yaml to account {account}, or lift what denies its role {role}"
    if who := ground.readers.get(account):  # somebody's own session: no role of ours lacks anything
        remedy = f"name a profile that may read it, which {who} may not"
    message = f"{remedy}: {_shown(keys)} cannot be read, and what depends on it stays as it is: {why}"
    return Refusal(code=UNREAD_CODE, resource=account, message=message)


def _shown(keys: list[str]) -> str:
    more = f" and {len(keys) - UNREAD_AT_MOST} more" if len(keys) > UNREAD_AT_MOST else ""
    return ", ".join(id_of(key) for key in keys[:UNREAD_AT_MOST]) + more


def _by_cause(ground: Ground, hidden: dict[str, str]) -> tuple[Refusal, ...]:
    by_cause: dict[str, list[str]] = {}
    for key, why in hidden.items():
        by_cause.setdefault(why, []).append(key)
    found = []
    for why, keys in by_cause.items():
        own = OF_THE_NETWORK.issuperset(keys)
        role = names.role(ground.network.name, "plan" if own else "reader")
        remedy = f"deploy the newest {'template.yaml' if own else 'member.yaml'}, or lift what denies role {role}"
        if who := ground.readers.get(ground.network.account if own else ground.observed.account):
            remedy = f"name a profile that may read it, which {who} may not"
        stays = f"cannot be read, and what depends on it stays as it is: {why}"
        if len(keys) > UNREAD_AT_MOST:
            message = f"{remedy}: {_shown(keys)} {stays}"
            found.append(Refusal(code=UNREAD_CODE, resource=ground.observed.account, message=message))
            continue
        for key in keys:
            resource = ground.observed.account if key in LISTS else key
            found.append(Refusal(code=UNREAD_CODE, resource=resource, message=f"{remedy}: {id_of(key)} {stays}"))
    return tuple(found)


def named(ground: Ground, *refusals: Refusal) -> tuple[Refusal, ...]:
    """With the service that each load balancer asks for, served or not: by that it is looked for."""
    asked = {it.arn: service_name_or_none(ground.network, it) or "" for it in ground.observed.load_balancers}
    return tuple(replace(one, name=asked.get(one.resource, "")) for one in refusals)


def left_alone(ground: Ground) -> tuple[Refusal, ...]:
    """What carries our mark and is not known to be ours: a right to tag is no right to have something deleted."""
    message = (
        "remove our tag from it, if it is not meant to be ours: nothing shows that we made it, so it is left alone"
    )
    told_so = {found.arn for found in ground.observed.existing}
    return tuple(
        Refusal(code="mark-unproven", resource=arn, message=f"{message} ({name})")
        for arn, name in sorted(ground.observed.unproven.items())
        if arn not in told_so
    )


def unmarked(ground: Ground) -> tuple[Refusal, ...]:
    """What we know that we made, and somebody took our mark off: it goes on as it is."""
    return tuple(
        Refusal(code="mark-missing", resource=key, message=f"{mark_missing(ground.network, key)} ({name})")
        for key, name in sorted(ground.observed.unmarked.items())
    )


def by_hand(ground: Ground) -> tuple[Refusal, ...]:
    """What somebody changed on what is ours, where it may be meant: told, and left."""
    ours = [service for service in ground.observed.services if service.owned]
    auth = "remove this auth type if it is not meant: somebody set {} on service {}, which turns unsigned callers away"
    made = "remove the rule if it is not meant: somebody made {} on listener {} of service {}, and it takes requests"
    return (
        *(
            Refusal(code="auth-by-others", resource=service.arn, message=auth.format(service.auth, service.name))
            for service in ours
            if service.auth not in {"", "NONE"} and not _guards(ground, service)
        ),
        *(
            Refusal(code="rule-by-others", resource=found.arn, message=made.format(rule, found.name, service.name))
            for service in ours
            for found in service.listeners
            for rule in found.rules
        ),
    )


def _guards(ground: Ground, service: Service) -> bool:
    """Is it by a tag that the service asks who calls?"""
    seen = ground.observed.settings.get(service.name)
    asked = any(tags.AUTH in wanted.said.names for wanted in ground.want.services if wanted.name == service.name)
    return asked or (seen is not None and tags.AUTH in seen.had)
