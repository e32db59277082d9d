"""Is the deployment well, is the estate as it should be, why did a tag do nothing: findings out of what was read."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from onramp.core import tags, versions
from onramp.core.fleet import Fleet, RefusalSeen
from onramp.core.model import Value
from onramp.core.policy import MalformedPolicy, opens, shuts
from onramp.core.steps import Refusal
from onramp.core.text import counted, plain
from onramp.core.watch import ABSENT, BLIND, NOT_LISTED, SILENT, VERSION

type Severity = Literal["error", "warning", "note"]
"""As SARIF has them. error: something does not work; warning: it may not tomorrow, or is open; note: worth knowing."""

HEADROOM = 0.8
"""Of a quota: above it a warning comes before the wall does."""

SERVICES_PER_NETWORK, VPCS_PER_NETWORK = 500, 500  # L-75D4A19E, L-EF6E2D62, where Service Quotas cannot be asked
CONCURRENCY_AT_LEAST = 20
"""Concurrent executions of an account below which five functions wait for each other: new accounts have 10."""


class Finding(Value, frozen=True, omit_defaults=False):
    """`resource` is an ARN where the thing has one, else its name; `remedy` says what to do about it."""

    code: str
    severity: Severity
    resource: str
    message: str
    remedy: str


class Share(NamedTuple):
    """The share of the network, and its principals with their status."""

    arn: str
    status: str
    principals: dict[str, str]


class Deployed(NamedTuple):
    """What was read of the network account; None where it could not be read, which `unread` tells.

    `rules`: rule of the bus -> its state. `letters`: queue -> messages in it. `alarms`: those that ring. `versions`:
    what is deployed where, by account. `log_destinations`: of the network's access log. `policy`: the network's own
    auth policy as JSON, '' where it has none. `joined`: ARN -> name of the services associated with it; `guards`: ARN
    -> auth policy of those that ask who calls, as far as there are sessions of their accounts. `listed`:
    MemberAccounts, empty where an organisation decides.
    """

    network: str
    arn: str
    functions: dict[str, str] | None
    rules: dict[str, str] | None
    admits: bool | None
    archive: str | None
    letters: dict[str, int] | None
    alarms: tuple[str, ...] | None
    versions: dict[str, str]
    share: Share | None
    auth: str
    policy: str | None
    log_destinations: int | None
    services: int
    vpcs: int
    quotas: tuple[int, int]
    concurrency: int | None
    joined: dict[str, str]
    guards: dict[str, str]
    listed: frozenset[str]
    unread: dict[str, str]


class Document(Value, frozen=True, omit_defaults=False):
    """What `onramp doctor --json` prints. `unread`: what could not be read, and why: nothing is said of it."""

    network: str
    findings: tuple[Finding, ...]
    unread: dict[str, str]


def examine(seen: Deployed, fleet: Fleet) -> Document:
    """All findings, the worst first, then in a fixed order."""
    found = [*_machinery(seen), *_members(seen, fleet), *_quotas(seen), *_posture(seen, fleet), *_asked(fleet)]
    rank = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(found, key=lambda it: (rank[it.severity], it.code, it.resource))
    return Document(network=seen.network, findings=tuple(ordered), unread=seen.unread)


# --- the deployment


def _machinery(seen: Deployed) -> Iterable[Finding]:
    name = f"onramp-{seen.network}"
    deploy = "deploy template.yaml anew: what somebody took away or switched off comes back"
    for function, state in (seen.functions or {}).items():
        if state != "Active":
            yield _error("function-missing", function, f"the function is {state}: runs cannot go on", deploy)
    rules = seen.rules or {}
    if seen.rules is not None and not rules:
        yield _error("bus-deaf", name, "no rule of the bus leads to the queue: no event becomes a run", deploy)
    for rule, state in rules.items():
        if state != "ENABLED":
            yield _error("bus-deaf", rule, f"the rule is {state}: events end at the bus", f"enable it, or {deploy}")
    if seen.admits is False:
        yield _error("bus-closed", name, "the bus has no policy: no member may send it events", deploy)
    for queue, messages in (seen.letters or {}).items():
        if messages:
            yield _error(
                "dead-letters",
                queue,
                f"{counted(messages, 'event')} could not be turned into runs",
                "read ERROR_CODE and body of one, mend the cause, then start a redrive of the queue",
            )
    yield from _keeping(seen, name, deploy)


def _keeping(seen: Deployed, name: str, deploy: str) -> Iterable[Finding]:
    for alarm in seen.alarms or ():
        yield _error(
            "alarm", alarm, "the alarm is in state ALARM", "see docs/runbook.md for what it means and what to do"
        )
    if seen.archive == "":
        yield _note("archive-off", name, "nothing of what members forward is archived", "set ArchiveDays to replay it")
    elif seen.archive not in (None, "ENABLED"):
        yield _warning("archive-off", name, f"the archive is {seen.archive}", deploy)
    if seen.share is not None and seen.share.status != "ACTIVE":
        yield _error("sharing-off", seen.share.arn or name, f"the network's share is {seen.share.status}", deploy)
    for principal, status in seen.share.principals.items() if seen.share else ():
        if status == "FAILED":
            remedy = "see what RAM says of the association; sharing within an organisation has to be switched on"
            yield _error("sharing-failed", principal, "the network could not be shared with it", remedy)


def _members(seen: Deployed, fleet: Fleet) -> Iterable[Finding]:
    remedies = {
        SILENT: "put its member stack back, switch its schedule on, or admit it again",
        ABSENT: "deploy member.yaml to it, or take it off MemberAccounts",
        NOT_LISTED: "add it to MemberAccounts, or delete its member stack",
        BLIND: "see its refusal: often the role is missing, or a policy above it denies",
        VERSION: "deploy member.yaml of the network's version to it",
    }
    for one in fleet.accounts:
        code = one.state
        if code in remedies:
            yield _error(code, one.account, one.message, remedies[code])
    for account in sorted(seen.listed - {one.account for one in fleet.accounts}):
        text = "it is in MemberAccounts and has never sent an event"
        yield _warning(ABSENT, account, text, remedies[ABSENT])
    own = seen.arn.split(":")[4]
    ours = seen.versions.get(own, "")
    for account, version in seen.versions.items():
        known = any(one.account == account and one.state == VERSION for one in fleet.accounts)
        if account != own and not versions.fit(ours, version) and not known:
            text = f"its member stack is version {version}, the network's {ours}"
            yield _warning("version-apart", account, text, "deploy member.yaml of the network's version to it")


def _quotas(seen: Deployed) -> Iterable[Finding]:
    counts = (
        ("services", "L-75D4A19E", seen.services, seen.quotas[0]),
        ("VPCs", "L-EF6E2D62", seen.vpcs, seen.quotas[1]),
    )
    for what, quota, number, most in counts:
        if number >= HEADROOM * most:
            text = f"{number} of {most} {what} that the network may have are there"
            remedy = f"raise quota {quota} in this account before it is met"
            yield _warning("quota-near", seen.arn, text, remedy)
    if seen.concurrency is not None and seen.concurrency < CONCURRENCY_AT_LEAST:
        text = f"Lambda runs {seen.concurrency} functions of this account at once: runs wait for each other"
        yield _warning("quota-near", f"onramp-{seen.network}", text, "ask Lambda for more concurrent executions")


# --- the estate


def _posture(seen: Deployed, fleet: Fleet) -> Iterable[Finding]:
    if seen.auth == "NONE":
        text = (
            "whoever is in a joined VPC may call each service that has no auth policy of its own: the network has none"
        )
        yield _warning("network-open", seen.arn, text, "set AuthPreset, or give the network a policy of your own")
    if seen.policy and _judged(opens, seen.policy):
        text = "its auth policy allows everybody, on no condition"
        yield _warning("principal-anyone", seen.arn, text, "name principals, or put a condition on the statement")
    yield from _shut(seen)
    if seen.log_destinations == 0:
        text = "nobody can tell who called what: the network has no access log"
        yield _warning("access-log-off", seen.arn, text, "subscribe an access log to the network")
    known = {one.account for one in fleet.accounts} | seen.listed
    for principal in seen.share.principals if seen.share else ():
        if len(principal) == 12 and principal.isdecimal() and principal not in known:
            text = "the network is shared with an account that never sent an event and is not listed"
            yield _warning("shared-with-stranger", principal, text, "take it off the share, if it is not meant")
        elif not principal.isdecimal():
            text = "the network is shared with more than one account at once, which no run does"
            yield _warning("shared-with-stranger", principal, text, "take it off the share, if it is not meant")
    ours = {it.arn for it in fleet.services}
    for arn, name in seen.joined.items():
        if arn not in ours:
            text = f"service {name} is on the network, and no tag that this network looks after asks for it"
            yield _note("associated-by-hand", arn, text, "leave it if it is meant; else remove its association")


def _shut(seen: Deployed) -> Iterable[Finding]:
    """Auth policies that let nobody in, which no tag tells: a run does not ask who calls."""
    network = seen.policy if seen.auth == "AWS_IAM" else None
    region, owner = seen.arn.split(":")[3:5]
    why, remedy = _why_shut(network, f"arn:aws:vpc-lattice:{region}:{owner}:service/whichever")
    if why:
        yield _error("nobody-admitted", seen.arn, f"nobody may call any service of the network: {why}", remedy)
        return
    for arn, name in seen.joined.items():
        why, remedy = _why_shut(network, arn)
        if why:
            text = f"nobody may call service {name}, by the network's auth policy: {why}"
            yield _warning("nobody-admitted", arn, text, remedy)
        why, remedy = _why_shut(seen.guards.get(arn), arn)
        if why:
            text = f"nobody may call service {name}, by its own auth policy: {why}"
            yield _warning("nobody-admitted", arn, text, remedy)


def _why_shut(policy: str | None, arn: str) -> tuple[str, str]:
    """Why nobody gets in, with the remedy; empty where somebody may, or nobody asks."""
    if policy == "":
        return "AWS_IAM is on and there is no policy", "give it an auth policy, or set its auth type to NONE"
    why = _judged(shuts, policy, arn) if policy else None
    if not why:
        return "", ""
    if why.startswith("no "):
        return why, "let a statement allow those who are meant to call"
    return why, "mend the statement, or take it out, if requests are meant to get through"


def _judged[**P, T](judge: Callable[P, T], *policy: P.args, **more: P.kwargs) -> T | None:
    """None of a policy that cannot be judged here: AWS stored it, so what is not known is not nothing."""
    try:
        return judge(*policy, **more)
    except MalformedPolicy:
        return None


def _asked(fleet: Fleet) -> Iterable[Finding]:
    """What is tagged and not served, in the words in which its team was told."""
    for it in fleet.refusals:
        yield _warning(it.code, it.resource, _told_of(it), plain(it.message))
    for service in fleet.services:
        if service.status in ("unreachable", "failed", "waiting"):
            code, remedy = _coded(service.status, service.message)
            yield _warning(code, service.arn or service.name, f"service {service.name} is {service.status}", remedy)
    for client in fleet.clients:
        if client.status in ("unreachable", "failed", "waiting"):
            code, remedy = _coded(client.status, client.message)
            yield _warning(code, client.vpc, f"it is {client.status}", remedy)


def _told_of(it: RefusalSeen) -> str:
    if it.code == "unread":
        return "a read was denied: what is told of it is as it was last seen"
    return "runs cannot do all there that is asked for" if it.resource == it.account else "it is refused"


def _coded(status: str, message: str) -> tuple[str, str]:
    """The code that begins a message, else the status, and the rest."""
    code, colon, remedy = message.partition(": ")
    return (code, plain(remedy)) if colon and " " not in code else (status, plain(message))


def _error(code: str, resource: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity="error", resource=resource, message=message, remedy=remedy)


def _warning(code: str, resource: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity="warning", resource=resource, message=message, remedy=remedy)


def _note(code: str, resource: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity="note", resource=resource, message=message, remedy=remedy)


# --- why a tag did nothing


class Asker(NamedTuple):
    """A tagged resource and its way to the network; None where it could not be read, and why stands in `unread`.

    `key` is a load balancer's or Lattice service's ARN, or a VPC's id. `region`: the network's, '' where it cannot be
    seen. `rules`: forwarding rule -> state, in the member account; `roles`: which of the roles are there; `letters`:
    messages in its dead-letter queue. `listed`: may the account join, as the stack's list says; an organisation's is
    None. `known`: has the table an item of it, with `heard_at`; `running`: the run that holds it; `failed`: how its
    last runs ended; `waiting`: messages in the queue.
    """

    key: str
    kind: Literal["load balancer", "VPC", "Lattice service"]
    account: str
    at: str
    region: str
    network: str
    siblings: frozenset[str]
    prefix: str
    tags: dict[str, str] | None
    rules: dict[str, str] | None
    roles: frozenset[str] | None
    letters: int | None
    listed: bool | None
    known: bool | None
    heard_at: float
    looked_at: float
    running: str
    failed: int
    waiting: int | None
    refusals: tuple[Refusal, ...]
    status_tags: bool
    unread: dict[str, str]


class Check(Value, frozen=True, omit_defaults=False):
    """One place on the way from a tag to its answer; `code` and `remedy` are there where it stops."""

    place: str
    verdict: Literal["ok", "stopped", "unknown"]
    because: str
    code: str = ""
    remedy: str = ""


class Walk(Value, frozen=True, omit_defaults=False):
    """What `onramp doctor RESOURCE --json` prints. `verdict`: the worst of the checks."""

    resource: str
    account: str
    network: str
    verdict: Literal["ok", "stopped", "unknown"]
    checks: tuple[Check, ...]


def walk(asker: Asker) -> Walk:
    """Place by place; all are told, since a later one may be wrong as well."""
    checks = (
        _region(asker),
        _tag(asker),
        _value(asker),
        _member_stack(asker),
        _rule(asker),
        _list(asker),
        _forwarding(asker),
        _ring(asker),
        _queue(asker),
        _run(asker),
        _report(asker),
    )
    verdicts = {it.verdict for it in checks}
    worst: Literal["ok", "stopped", "unknown"] = (
        "stopped" if "stopped" in verdicts else "unknown" if "unknown" in verdicts else "ok"
    )
    return Walk(resource=asker.key, account=asker.account, network=asker.network, verdict=worst, checks=tuple(checks))


def _ok(place: str, because: str) -> Check:
    return Check(place=place, verdict="ok", because=because)


def _stop(place: str, because: str, code: str, remedy: str) -> Check:
    return Check(place=place, verdict="stopped", because=because, code=code, remedy=remedy)


def _unknown(asker: Asker, place: str, what: str) -> Check:
    return Check(place=place, verdict="unknown", because=asker.unread.get(what, "it could not be read"))


def _region(asker: Asker) -> Check:
    if not asker.region:
        text = (
            f"network {asker.network} cannot be seen in {asker.at}: it may not be shared yet, or be in another region"
        )
        return Check(place="region", verdict="unknown", because=text)
    if asker.at and asker.at != asker.region:
        text = f"it is in {asker.at}, and network {asker.network} in {asker.region}"
        remedy = f"tag a {asker.kind} in {asker.region}, or ask infra for a deployment in {asker.at}"
        return _stop("region", text, "wrong-region", remedy)
    return _ok("region", f"both are in {asker.region}")


_NOT_THERE = re.compile(r"LoadBalancerNotFound|InvalidVpcID\.NotFound|ResourceNotFoundException")
"""How ELB, EC2 and VPC Lattice answer for what is not there."""


def _tag(asker: Asker) -> Check:
    if asker.tags is None and (lost := _NOT_THERE.search(asker.unread.get("tags", ""))):
        text = f"there is none: {lost[0]}"
        return _stop("tag", text, "resource-missing", f"name a {asker.kind} that is there, of this account and region")
    if asker.tags is None:
        return _unknown(asker, "tag", "tags")
    wanted = asker.prefix + tags.NETWORK
    if wanted in asker.tags:
        return _ok("tag", f"{wanted} = {plain(asker.tags[wanted])}")
    theirs = [key for key in asker.tags if not key.startswith(("lattice-onramp:", "aws:"))]
    close = difflib.get_close_matches(wanted, theirs, cutoff=0.7)
    folded = [key for key in theirs if key.lower().endswith(tags.NETWORK) and key != wanted]
    meant = close or folded
    if meant:
        text = f"it has {plain(meant[0])}, which nothing here reads"
        return _stop("tag", text, "tag-unknown", f"write {wanted} instead")
    text = f"it carries no {wanted}"
    return _stop("tag", text, "network-missing", f"add tag {wanted} = {asker.network}, if it is to join")


def _value(asker: Asker) -> Check:
    asked = (asker.tags or {}).get(asker.prefix + tags.NETWORK)
    if asker.tags is None:
        return Check(place="network", verdict="unknown", because="its tags were not read")
    if asked is None:
        return Check(place="network", verdict="unknown", because="no network is asked for")
    if asked.strip() == asker.network:
        return _ok("network", "the tag names this network")
    if asked.strip() in asker.siblings:
        remedy = f"ask by --network {asked.strip()}, whose stack answers"
        return _stop("network", f"the tag names sibling {asked.strip()}", "network-unknown", remedy)
    text = f"the tag names {plain(asked) or 'nothing'}, and this is {asker.network}"
    return _stop("network", text, "network-unknown", f"write {asker.prefix}{tags.NETWORK} = {asker.network}")


def _member_stack(asker: Asker) -> Check:
    deploy = f"deploy member.yaml of network {asker.network} to account {asker.account}"
    if asker.roles is None:
        return _unknown(asker, "member stack", "roles")
    missing = sorted({"reader", "writer"} - asker.roles)
    if missing:
        text = f"account {asker.account} lacks role {' and '.join(f'onramp-{asker.network}-{it}' for it in missing)}"
        return _stop("member stack", text, "member-role-missing", deploy)
    return _ok("member stack", "its roles are there")


def _rule(asker: Asker) -> Check:
    if asker.rules is None:
        return _unknown(asker, "rule", "rules")
    deploy = f"deploy member.yaml of network {asker.network} to account {asker.account} anew"
    if not asker.rules:
        text = f"no rule of account {asker.account} forwards to the bus onramp-{asker.network}"
        return _stop("rule", text, "rule-missing", deploy)
    off = sorted(rule for rule, state in asker.rules.items() if state != "ENABLED")
    if off:
        every = f"all {len(off)} rules that forward to the network's bus are switched off"
        text = every if len(off) == len(asker.rules) > 1 else f"switched off: {', '.join(off)}"
        return _stop("rule", text, "rule-off", f"enable what is off, or {deploy}")
    forward = "forwards" if len(asker.rules) == 1 else "forward"
    return _ok("rule", f"{counted(len(asker.rules), 'rule')} {forward} to the network's bus")


def _list(asker: Asker) -> Check:
    if asker.listed is False:
        text = f"account {asker.account} is not in MemberAccounts: the bus takes nothing from it"
        return _stop("list", text, NOT_LISTED, "add it to MemberAccounts and deploy template.yaml")
    if asker.listed is None:
        return Check(place="list", verdict="unknown", because=asker.unread.get("list", "an organisation decides it"))
    return _ok("list", "the account may join")


def _forwarding(asker: Asker) -> Check:
    if asker.letters is None:
        return _unknown(asker, "forwarding", "letters")
    if asker.letters:
        text = f"{counted(asker.letters, 'event')} of account {asker.account} did not reach the network account"
        remedy = "read ERROR_CODE of one: NO_PERMISSIONS means that the account may not join"
        return _stop("forwarding", text, "member-dead-letters", remedy)
    return _ok("forwarding", "nothing waits in its dead letters")


def _ring(asker: Asker) -> Check:
    if asker.known is None:
        return _unknown(asker, "event", "table")
    if not asker.heard_at:
        text = f"account {asker.account} has never sent an event"
        remedy = "see the places above; then touch the tag, or have infra type onramp look"
        return _stop("event", text, ABSENT, remedy)
    return _ok("event", "the account has sent an event")


def _queue(asker: Asker) -> Check:
    if asker.waiting is None:
        return _unknown(asker, "queue", "queue")
    if asker.waiting:
        wait = "waits" if asker.waiting == 1 else "wait"
        text = f"{counted(asker.waiting, 'event')} {wait} in the queue onramp-{asker.network}"
        return Check(place="queue", verdict="unknown", because=f"{text}: look again in a minute")
    return _ok("queue", "nothing waits in it")


def _run(asker: Asker) -> Check:
    if asker.known is None:
        return _unknown(asker, "run", "table")
    if asker.failed:
        last = "last run" if asker.failed == 1 else f"last {asker.failed} runs"
        text = f"the {last} of the account ended badly"
        return _stop("run", text, "runs-failed", f"see the runs: onramp status {asker.account}")
    if asker.running:
        return Check(place="run", verdict="unknown", because=f"{asker.running} goes on: look again in a minute")
    if not asker.looked_at:
        remedy = f"have it looked at: onramp look --account {asker.account}"
        return _stop("run", "no run has looked at the account", "never-looked", remedy)
    return _ok("run", "a run has looked at the account, and ended well")


def _report(asker: Asker) -> Check:
    said = (asker.tags or {}).get(tags.STATUS, "")
    message = plain((asker.tags or {}).get(tags.MESSAGE, ""))
    mine = [it for it in asker.refusals if it.resource in (asker.key, asker.account)]
    if mine:
        own = "the last run refused what its tags ask for"
        text = own if mine[0].resource == asker.key else "the last run said this of its whole account"
        return _stop("report", text, mine[0].code, plain(mine[0].message))
    if said in ("unreachable", "failed", "refused", "held", "waiting"):
        code, colon, remedy = message.partition(": ")
        told = code if colon and " " not in code else said
        return _stop("report", f"the answer is {said}", told, remedy if told == code else message)
    if said == "connected":
        return _ok("report", "the answer on it is connected")
    if said:
        return Check(place="report", verdict="unknown", because=f"the answer is {said}: look again in a minute")
    if not asker.status_tags:
        return _ok("report", "the stack writes no answers (StatusTags is off): onramp status has them")
    if asker.tags is None:
        return _unknown(asker, "report", "tags")
    return Check(place="report", verdict="unknown", because="no answer is on it yet")
