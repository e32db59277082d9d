"""What is said of each resource: its verdict, and in which order one cause comes before another."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from onramp.core.desired import Backend
from onramp.core.inventory import Refusal
from onramp.core.model import EVERYTHING, Match, Observation
from onramp.core.network import Network
from onramp.core.plan.ground import Ground, Part, Stage, Verdict, answers, behind, coded, join, sent_to
from onramp.core.reach import Finding
from onramp.core.same import Same


class Told(NamedTuple):
    """`verdicts`: resource -> what it is told; `domains`: resource -> the name under which it answers; `serving`:
    service -> the load balancers by way of which it answers.
    """

    verdicts: dict[str, Verdict]
    domains: dict[str, str]
    serving: dict[str, frozenset[str]]


def of_service(
    ground: Ground,
    part: Part,
    own: dict[str, Part],
    balancers: Iterable[str],
    *,
    met: frozenset[str],
    gave_up: str,
    domains: dict[str, str],
    findings: dict[str, Finding],
    shut: Finding | None,
) -> dict[str, Verdict]:
    """What each load balancer of a wanted service is told. `part`: the service's, with the access that it needs. `met`:
    those that serve as their tags ask. `shut`: its auth policy lets nobody in.
    """
    common = join([part._replace(refusals=(), failed=())])
    found = {}
    for balancer in balancers:
        mine = own.get(balancer, Part())
        others = [one for key, one in own.items() if key != balancer]
        refusals = [one for one in part.refusals if one.resource == balancer]
        theirs = {why for one in others for why in one.failed}
        failed = [why for why in part.failed if why in mine.failed or why not in theirs]
        # Of what several share it is known only when it has failed whom that concerns.
        failed += ground.failing(mine if others else part)
        about = findings.get(balancer) if mine.stage is Stage.FILLED or _joined(ground, balancer) else None
        if about is not None and about.code != "weights-zero" and _answers_elsewhere(ground, balancer):
            # What its tags ask for now could not answer; what they asked for before does, and goes on.
            refusals += [] if about.settling else [Refusal(code=about.code, resource=balancer, message=about.message)]
            about = None
        if shut is not None and _joined(ground, balancer):
            about = shut
        found[balancer] = verdict(
            common._replace(refusals=tuple(refusals), failed=tuple(failed)),
            gave_up="" if balancer in met else gave_up,
            serves=balancer in domains,
            finding=about,
        )
        rests = not (part.steps or part.pending or part.reach)
        if found[balancer].status == "connecting" and rests and _has_no_share(ground, balancer):
            message = (
                f"give {ground.network.prefix}weight above 0 here, or mend the others of the service: none answers"
            )
            found[balancer] = Verdict("unreachable", f"weights-zero: {message}")
        if found[balancer].status == "connecting" and rests and _is_by_tool(ground, balancer):
            message = "have the tool shift requests here or mend what it shifted them to: nothing answers there"
            found[balancer] = Verdict("unreachable", f"weights-zero: {message}")
        by_hand = _hidden_by_hand(Same(ground.network), Same(ground.observed)).get(balancer)
        if by_hand is not None and found[balancer].status in {"connecting", "connected"}:
            rule, listener, name = by_hand
            message = (
                f"remove rule {rule} of listener {listener} of service {name}: somebody made it, and it takes all that"
                " would come here"
            )
            found[balancer] = Verdict("unreachable", f"rule-takes-all: {message}")
        if found[balancer].status == "connecting" and rests and _is_hidden(ground, balancer):
            message = "mend the load balancer whose rule takes all that would come here, or take its rule tags off"
            found[balancer] = Verdict("unreachable", f"rule-takes-all: {message}: nothing answers there")
    return found


@lru_cache(maxsize=2)
def _hidden_by_hand(network: Same[Network], observed: Same[Observation]) -> dict[str, tuple[str, str, str]]:
    """Load balancer that services send to and no request comes to -> the rule of somebody else that takes them all, its
    listener and service.
    """
    seen = observed.value
    found: dict[str, tuple[str, str, str]] = {}
    reached: set[str] = set()
    for service in seen.services:
        for listener in service.listeners if service.owned and answers(network.value, service) else ():
            there = {target.id for target in sent_to(seen, listener.reached)}
            reached |= there
            alone = replace(listener, found_rules=listener.own_rules)
            kept_out = {target.id for target in sent_to(seen, alone.reached)} - there
            matches = (EVERYTHING, *(rule.match for rule in listener.own_rules if rule.match))
            for rule in sorted(listener.others_rules, key=lambda one: -one.priority):
                if rule.match is not None and any(rule.match.covers(one) for one in matches):
                    found |= dict.fromkeys(kept_out, (rule.name, listener.name, service.name))
    return {balancer: by for balancer, by in found.items() if balancer not in reached}


def _is_hidden(ground: Ground, balancer: str) -> bool:
    """Does a service send to it, and no request come to it, since a rule takes them all?"""
    listeners = (
        found
        for service in ground.observed.services
        if service.owned and answers(ground.network, service)
        for found in service.listeners
    )
    return any(
        target.id == balancer and target not in sent_to(ground.observed, found.reached)
        for found in listeners
        for target in sent_to(ground.observed, found.sends)
    )


def _has_no_share(ground: Ground, balancer: str) -> bool:
    """Does it ask for no requests as long as others answer?"""
    backends = (one for wanted in ground.want.services for one in wanted.backends)
    return any(one.load_balancer == balancer and one.weight == 0 for one in backends)


def _is_by_tool(ground: Ground, balancer: str) -> bool:
    """Does a tool say which share of the requests it gets; by the tag of another one that takes the same, too?"""
    return any(
        one.by_tool and any(one.takes(match) for match in _asked_for(mine))
        for wanted in ground.want.services
        for mine in wanted.backends
        if mine.load_balancer == balancer
        for one in wanted.backends
    )


def _asked_for(backend: Backend) -> list[Match | None]:
    """None: what no rule takes."""
    return [one.match for one in backend.rules] or [None]


def _answers_elsewhere(ground: Ground, balancer: str) -> bool:
    """Does a service on the network send to it where nothing known keeps requests out?"""
    return any(
        target.id == balancer and ground.of(service.name).takes(target)
        for service in ground.observed.services
        if service.owned and answers(ground.network, service)
        for listener in service.listeners
        for target in sent_to(ground.observed, listener.sends)
    )


def _joined(ground: Ground, balancer: str) -> bool:
    """Does a service on the network send to it?"""
    return balancer in _all_joined(Same(ground.network), Same(ground.observed))


@lru_cache(maxsize=2)
def _all_joined(network: Same[Network], observed: Same[Observation]) -> frozenset[str]:
    """The load balancers that services on the network send to."""
    return frozenset(
        found
        for service in observed.value.services
        if service.owned and answers(network.value, service)
        for found in behind(observed.value, service)
    )


def verdict(part: Part, *, gave_up: str, serves: bool, finding: Finding | None) -> Verdict:
    """In this order: what a person must mend, what AWS refused or did not do, what keeps requests out, what is."""
    if part.refusals:
        return Verdict("refused", f"{part.refusals[0].code}: {part.refusals[0].message}")
    if part.failed:
        return Verdict("failed", coded(part.failed[0]))
    if part.person:
        return Verdict("waiting", part.person)
    if finding is not None:
        return Verdict("unreachable", f"{finding.code}: {finding.message}")
    if gave_up and (part.steps or part.pending):
        return Verdict("failed", f"not-settling: {gave_up}")
    if serves:
        return Verdict("connected")
    return Verdict("connecting")
