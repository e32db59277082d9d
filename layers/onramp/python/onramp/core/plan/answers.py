"""What people are told: on their own resources, and in the inventory. What is, not what was wished or made."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from onramp.core import language, offers, tags
from onramp.core.desired import key_of, moves_to, speaks
from onramp.core.inventory import ClientState, Refusal, ServiceState, Status
from onramp.core.model import UNREAD, VPCS, Existing, LoadBalancer, Network, Observation, Resource, Service, Vpc
from onramp.core.plan import existing, settings
from onramp.core.plan.clients import SERVES
from onramp.core.plan.ground import (
    Ground,
    Part,
    Stage,
    Verdict,
    answers,
    behind,
    blurred,
    coded,
    join,
    may_be_behind,
    of_vpc,
    sent_to,
)
from onramp.core.reach import Finding
from onramp.core.same import Same
from onramp.core.settings import Said, lasting
from onramp.core.steps import ClearStatus, WriteStatus

NO_ROOM = "no-room-for-answer"

_WORST_FIRST: tuple[Status, ...] = (
    "failed",
    "unreachable",
    "refused",
    "held",
    "waiting",
    "connecting",
    "disconnecting",
)


class Told(NamedTuple):
    """`verdicts`: resource -> what it is told; `domains`: resource -> the name under which it answers; `serving`:
    service -> the load balancers by way of which it answers.
    """

    verdicts: dict[str, Verdict]
    domains: dict[str, str]
    serving: dict[str, frozenset[str]]


def serving(ground: Ground) -> dict[str, frozenset[str]]:
    """Service -> the load balancers behind it, of those that answer.

    Answers: it is on the network, its auth policy lets somebody in, and a listener sends some of its requests to a
    target seen in a group, whose load balancer stands and listens there, and nothing that could be read stops the
    request behind it. What cannot be read answers as it did.
    """
    found = {
        service.name: behind(ground.observed, service)
        for service in ground.observed.services
        if service.owned and answers(ground.network, service) and _open(ground, service)
    }
    was = {
        service.name: frozenset(state.serving)
        for service in ground.observed.services
        if service.owned
        and (state := ground.before.services.get(service.name)) is not None
        and state.answers
        and blurred(ground, service)
    }
    return found | {name: served | found.get(name, frozenset()) for name, served in was.items()}


def domains(ground: Ground, serving: dict[str, frozenset[str]]) -> dict[str, str]:
    """Load balancer -> the name of the service that answers through it; of two, the one that its tags ask for."""
    named_by = {found: service.name for service in ground.want.services for found in service.load_balancers}
    named_by = ground.want.named | named_by
    found: dict[str, str] = {}
    # Those that nobody asks for come first, so that the one that is asked for has the last word.
    for service in sorted(ground.observed.services, key=lambda one: one.name in named_by.values()):
        for balancer in serving.get(service.name, ()) if service.owned else ():
            if balancer not in found or named_by.get(balancer) == service.name:
                found[balancer] = _domain(ground, service)
    return found


def existing_domains(ground: Ground) -> dict[str, str]:
    """ARN -> the name under which it answers, of the services that people made themselves: each is on the network, and
    nothing that could be read keeps all requests out.
    """
    return {
        found.arn: found.domain
        for found in ground.observed.existing
        if answers(ground.network, found) and existing.finding(ground.network, found) is None
    }


def _domain(ground: Ground, service: Service) -> str:
    was = ground.before.services.get(service.name)
    return service.domain or (was.domain if was else "")


def _open(ground: Ground, service: Service) -> bool:
    """Does it let anybody in, and one of its listeners send requests to a load balancer that nothing known keeps them
    from?
    """
    if settings.shut(ground, service) is not None:
        return False
    forwards = (to for listener in service.listeners for to in listener.reached)
    return any(ground.takes(target) for target in sent_to(ground.observed, forwards))


# --- verdicts


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
        if found[balancer].status == "connecting" and rests and _is_hidden(ground, balancer):
            message = "mend the load balancer whose rule takes all that would come here, or take its rule tags off"
            found[balancer] = Verdict("unreachable", f"rule-takes-all: {message}: nothing answers there")
    return found


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


def _answers_elsewhere(ground: Ground, balancer: str) -> bool:
    """Does a service on the network send to it where nothing known keeps requests out?"""
    return any(
        target.id == balancer and ground.takes(target)
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


# --- the inventory


def service_states(
    ground: Ground,
    told: Told,
    leaving: Iterable[ServiceState],
) -> tuple[ServiceState, ...]:
    """Every service that is asked for or still there. One that several ask for is what the best of them is told."""
    verdicts = told.verdicts
    said = {wanted.name: wanted.said for wanted in ground.want.services}
    gone = {state.name: _as_it_answers(state, told) for state in leaving}
    asking: dict[str, set[str]] = {}
    for wanted in ground.want.services:
        asking.setdefault(wanted.name, set()).update(wanted.load_balancers)
    for balancer, name in ground.want.named.items():
        asking.setdefault(name, set()).add(balancer)
    ours = {service.name: service for service in ground.observed.services if service.owned}
    for name, service in ours.items():
        asking.setdefault(name, set()).update(may_be_behind(ground, service))
    states = list(gone.values())
    for name, balancers in asking.items():
        there = ours.get(name)
        refused = all(verdicts[found].status == "refused" for found in balancers & verdicts.keys())
        if name in gone or (there is None and refused):
            continue  # a wish that is refused has made nothing: the refusal tells of it
        # One that serves under another name says nothing of this one.
        says = [verdicts[found] for found in sorted(balancers) if found in verdicts]
        was = ground.before.services.get(name)
        hidden = was is not None and not says and bool(ground.observed.unread)
        best = (
            Verdict(was.status, was.message)
            if was and hidden
            else _best([one for one in says if one.status != "connected" or name in told.serving])
        )
        state = ServiceState(
            account=ground.observed.account,
            name=name,
            network=ground.network.name,
            status=best.status,
            message=best.message,
            domain=_domain(ground, there) if there else "",
            arn=there.arn if there else "",
            load_balancers=tuple(sorted(balancers)) or (was.load_balancers if was else ()),
            settings=lasting(said.get(name, Said()), ground.observed.settings.get(name)),
            custom_domain=there.custom_domain if there else "",
        )
        state = replace(state, until=was.until) if was and hidden else state
        states.append(_as_it_answers(state, told))
    return tuple(sorted(states, key=lambda state: state.name))


def _as_it_answers(state: ServiceState, told: Told) -> ServiceState:
    return replace(state, answers=state.name in told.serving, serving=tuple(sorted(told.serving.get(state.name, ()))))


def _best(told: list[Verdict]) -> Verdict:
    connected = [one for one in told if one.status == "connected"]
    ranked = sorted(told, key=lambda one: _WORST_FIRST.index(one.status) if one.status in _WORST_FIRST else -1)
    return (connected or ranked or [Verdict("connecting")])[0]


def existing_states(ground: Ground, told: Told, leaving: dict[str, Verdict]) -> tuple[ServiceState, ...]:
    """Every service that people made themselves and that asks and is not refused, or is on the network by our hand. It
    asks for itself: where a load balancer's ARN stands there is its own.
    """
    states = []
    asking = {found.arn for found in ground.want.existing} | leaving.keys() | ground.want.awaiting.keys()
    asking |= ground.want.settling.keys()
    was = {state.arn: state for state in ground.before.services.values()}
    for found in ground.observed.existing:
        ours = any(one.owned and ground.network.is_named(one.network) for one in found.associations)
        before = was.get(found.arn) if found.status == UNREAD else None
        if not (found.arn in asking or ours or before):
            continue
        says = told.verdicts.get(found.arn, Verdict(before.status, before.message) if before else Verdict("connecting"))
        if before is not None:
            # What could not be read is as it was.
            states.append(replace(before, status=says.status, message=says.message))
            continue
        serves = found.arn in told.domains
        state = ServiceState(
            account=ground.observed.account,
            name=found.name,
            network=ground.network.name,
            status=says.status,
            message=says.message,
            domain=found.domain,
            arn=found.arn,
            load_balancers=(found.arn,),
            answers=serves,
            serving=(found.arn,) if serves else (),
            custom_domain=found.custom_domain,
        )
        states.append(state)
    return tuple(states)


def client_states(
    ground: Ground, parts: dict[str, Part], verdicts: dict[str, Verdict], leaving: Iterable[ClientState]
) -> tuple[ClientState, ...]:
    """Every VPC that asks and is not refused, that is joined, or that leaves."""
    gone = {state.vpc: state for state in leaving}
    refused = {refusal.resource for refusal in ground.want.refusals}
    joined = {found.vpc for found in ground.observed.vpc_associations if found.owned}
    states = list(gone.values())
    awaiting = ground.want.awaiting.keys() & {found.id for found in ground.observed.vpcs}
    unclear = {found.vpc for found in ground.observed.vpc_associations if found.owned and found.status == UNREAD}
    hidden = joined if VPCS in ground.observed.unread else unclear
    for vpc in sorted((parts.keys() | awaiting | (refused & joined) | hidden) - gone.keys()):
        part, association = parts.get(vpc, Part()), of_vpc(ground.observed, vpc)
        ours = association is not None and association.owned
        if part.refusals and not ours:
            continue
        was = ground.before.clients.get(vpc)
        told = verdicts.get(vpc, Verdict(was.status, was.message) if was and vpc in hidden else Verdict("connecting"))
        serves = part.stage is Stage.SERVING or (vpc in refused | awaiting and ours)
        if was and vpc in hidden:
            serves = was.answers
        states.append(
            ClientState(
                account=ground.observed.account,
                vpc=vpc,
                network=ground.network.name,
                status=told.status,
                message=told.message,
                arn=association.arn if association and ours else "",
                answers=serves and told.status != "unreachable",
            )
        )
    return tuple(sorted(states, key=lambda state: state.vpc))


# --- on people's own resources


def answer(ground: Ground, told: Told) -> tuple[list[WriteStatus | ClearStatus], list[Refusal]]:
    """The steps that put the answers where they differ, and a refusal for each that has no room. Where infra has
    switched them off, those that stand go: nobody would take them away when they are not so any more.
    """
    network = ground.network
    said = told if network.status_tags else Told({}, {}, {})
    steps: list[WriteStatus | ClearStatus] = []
    refusals: list[Refusal] = []
    for resource in ground.observed.resources:
        if isinstance(resource, Existing) and resource.account != ground.observed.account:
            continue  # another account's, which nobody here may tag
        key = key_of(resource)
        if moves_to(network, resource) and not network.offboarding:
            gone = _left_behind(ground, resource, told)
            steps += [gone] if gone else []
            continue  # the sibling answers there
        named = resource.tags.get(network.prefix + tags.NETWORK, "").strip() == network.name
        if not network.status_tags and network.siblings and speaks(network, resource) and not named:
            continue  # and on a typing error it may
        if key in ground.observed.elsewhere and key not in said.verdicts:
            continue  # and until it has let it go, too
        step, left_out = _answer(ground, resource, said)
        steps += [step] if step else []
        refusals += [left_out] if left_out else []
    return steps, refusals


def _left_behind(ground: Ground, resource: Resource, told: Told) -> WriteStatus | ClearStatus | None:
    """Of who asks for a sibling's network, which answers it: the domain of a service of ours is there as long as it
    answers by that, and no longer. While a run of that network may be about to put its own there it is left: that run
    looks, too.
    """
    key, domain = key_of(resource), resource.tags.get(tags.DOMAIN, "")
    if not isinstance(resource, LoadBalancer) or resource.tags.get(tags.STATUS) in {"connecting", "connected"}:
        return None
    account, answers_by = ground.observed.account, told.domains.get(key, "")
    if answers_by and not domain and tags.STATUS in resource.tags and ground.network.status_tags:
        full = sum(not name.startswith("aws:") for name in resource.tags) >= tags.TAGS_PER_RESOURCE
        because = "it answers under it still"
        put = {tags.DOMAIN: answers_by}
        step = WriteStatus(account=account, name=resource.name, because=because, resource=key, put=put)
        return None if full else step
    ours = {_domain(ground, service) for service in ground.observed.services if service.owned}
    if domain not in ours - {"", answers_by}:
        return None
    because = "nothing answers under it any more"
    return ClearStatus(account=account, name=resource.name, because=because, resource=key, remove=(tags.DOMAIN,))


def _answer(ground: Ground, resource: Resource, told: Told) -> tuple[WriteStatus | ClearStatus | None, Refusal | None]:
    key = key_of(resource)
    says = told.verdicts.get(key)
    given: dict[str, str] = {}
    if says is not None and (speaks(ground.network, resource) or says.status in {"disconnecting", "held"}):
        given = {
            tags.STATUS: says.status,
            tags.MESSAGE: says.message,
            tags.DOMAIN: told.domains.get(key) or ground.observed.domains_elsewhere.get(key, ""),
        }
        given |= {tags.SERVICES: _services(ground, resource, says)}
    wanted = {name: tags.answer(text) for name, text in given.items() if text}
    fits, left_out = _fitting(resource, wanted)
    there = {name: resource.tags[name] for name in _keys(ground, resource, wanted) if name in resource.tags}
    put, instead = _spoken(ground, given, fits, there)
    remove = tuple(sorted(there.keys() - fits.keys()))
    refusal = None
    if left_out:
        message = f"free a tag: of {tags.TAGS_PER_RESOURCE} none is left for {' and '.join(left_out)}"
        refusal = Refusal(code=NO_ROOM, resource=key, message=message)
    if not put and not remove:
        return None, refusal
    untrue = _untrue(put, remove, there, leaves=bool(wanted) and not speaks(ground.network, resource))
    because = f"the answer is {wanted[tags.STATUS]}" if wanted else "it asks for nothing any more"
    because = because if ground.network.status_tags else "infra has switched answers off"
    # By its ARN a service that people made is found again where nothing but this step tells of it.
    name = resource.name if isinstance(resource, LoadBalancer) else key
    step = WriteStatus(
        account=ground.observed.account,
        name=name,
        because=because,
        resource=key,
        put=put,
        remove=remove,
        instead=instead,
        untrue=untrue,
    )
    if step.key not in ground.failures:
        return step, refusal
    # It could not be written in this run: what has become untrue since goes by a step of its own.
    clears = ClearStatus(account=step.account, name=name, because=because, resource=key, remove=untrue)
    return clears if untrue else None, refusal


def _keys(ground: Ground, resource: Resource, wanted: dict[str, str]) -> tuple[str, ...]:
    """Those that count. One that a release before the present may not touch goes with the last of the others, for
    whichever release the account's member stack is said to be; alone it is not worth a call that may be refused.
    """
    known = tuple(name for name in tags.STATUS_KEYS if name != tags.SERVICES)
    leaves = not wanted and any(name in resource.tags for name in known)
    return tags.STATUS_KEYS if leaves or ground.offered is not None else known


def _untrue(put: dict[str, str], remove: tuple[str, ...], there: dict[str, str], *, leaves: bool) -> tuple[str, ...]:
    """Keys of what stands there and is not so, but for the status of who leaves: its absence would say that all is
    gone. A message says more of a status, and nothing without it.
    """
    gone = {name for name, text in there.items() if text and (name in put or name in remove)}
    gone |= {tags.MESSAGE} & there.keys() if tags.STATUS in gone else set()
    return tuple(sorted(gone - {tags.STATUS} if leaves else gone))


_ANSWERED_BY_SEVERAL = frozenset({"tag-unknown", "network-missing", "network-unknown"})
"""Stacks that serve the same members all tell these, on the same tag."""


def _spoken(
    ground: Ground, given: dict[str, str], fits: dict[str, str], there: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is not there as it is to be said; and of that, in English, what AWS may not take in another language.

    `given`: what is to be said; `fits`: as a tag says it in English. What AWS once took in English only stays so as
    long as it says the same: the tag itself tells, so that no run tries in vain.
    """
    put: dict[str, str] = {}
    instead: dict[str, str] = {}
    for name, english in fits.items():
        spoken = _in_language(ground, name, given[name]) or english
        if spoken == english:
            put |= {name: english} if there.get(name) != english else {}
        elif there.get(name) not in (spoken, tags.answer_in_english(given[name])):
            put[name] = spoken
            instead[name] = tags.answer_in_english(given[name])
    return put, instead


def _in_language(ground: Ground, name: str, text: str) -> str:
    """The answer as a tag says it in the network's language; '' where it is told in English."""
    # Stacks that spoke different languages on one tag would correct each other for ever.
    several = bool(ground.network.siblings) and text.partition(":")[0] in _ANSWERED_BY_SEVERAL
    if ground.network.language == "en" or name not in _SENTENCES or several:
        return ""
    return tags.answer_in_any_script(language.told(text, ground.network.language))


_SENTENCES = frozenset({tags.MESSAGE, tags.SERVICES})
"""The answers that are sentences."""


def _services(ground: Ground, resource: Resource, says: Verdict) -> str:
    """What a client that is joined can call, as far as the table knew when the run began; else what is said already."""
    if ground.offered is None or not isinstance(resource, Vpc) or not _calls(ground, resource, says):
        return ""
    return offers.told(ground.offered, resource.id) if ground.offered else resource.tags.get(tags.SERVICES, "")


def _calls(ground: Ground, vpc: Vpc, says: Verdict) -> bool:
    """Can it call? Who leaves, is kept from that or from what it asks for can until its association was seen to go."""
    there = of_vpc(ground.observed, vpc.id)
    joined = there is not None and there.owned and there.status in SERVES
    return says.status == "connected" or (joined and says.status != "unreachable")


def _fitting(resource: Resource, wanted: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """What there is room for, in the order given, status first; and the keys that found none."""
    others = sum(not key.startswith("aws:") and key not in tags.STATUS_KEYS for key in resource.tags)
    room = max(tags.TAGS_PER_RESOURCE - others, 0)
    queue = list(wanted)
    return {key: wanted[key] for key in queue[:room]}, [key for key in queue[room:] if key != tags.SERVICES]
