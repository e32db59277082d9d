"""Is the deployment well, is the estate as it should be: findings out of what was read."""

from collections.abc import Callable, Iterable, Set
from typing import Literal, NamedTuple

from onramp.core import denials, versions
from onramp.core.auth_policy import opens, shuts
from onramp.core.fleet import Fleet, RefusalSeen
from onramp.core.model import Value
from onramp.core.policy import MalformedPolicy
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
    """The share of the network, and its principals with their status. `words`: RAM's, of those that it has some of."""

    arn: str
    status: str
    principals: dict[str, str]
    words: dict[str, str] = {}


class Deployed(NamedTuple):
    """What was read of the network account; None where it could not be read, which `unread` tells.

    `rules`: rule of the bus -> its state. `letters`: queue -> messages in it. `alarms`: those that ring. `version`:
    of the network's functions, '' where unread; `versions`: account -> its member stack's. `log_destinations`: of the
    network's access log. `policy`: the network's own auth policy as JSON, '' where it has none. `joined`: ARN -> name
    of the services associated with it; `guards`: ARN -> auth policy of those, None where nobody is asked who calls,
    as far as there are sessions of their accounts. `listed`: MemberAccounts, empty where an organisation decides.
    `others`: principal -> the share, made by somebody else's tool, that gives it the network.
    """

    network: str
    arn: str
    functions: dict[str, str] | None
    rules: dict[str, str] | None
    admits: bool | None
    archive: str | None
    letters: dict[str, int] | None
    alarms: tuple[str, ...] | None
    version: str
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
    guards: dict[str, str | None]
    listed: frozenset[str]
    unread: dict[str, str]
    others: dict[str, str] = {}


class Document(Value, frozen=True, omit_defaults=False):
    """What `onramp doctor --json` prints. `unread`: what could not be read, and why: nothing is said of it."""

    network: str
    findings: tuple[Finding, ...]
    unread: dict[str, str]


def examine(seen: Deployed, fleet: Fleet | None) -> Document:
    """All findings, the worst first, then in a fixed order. `fleet`: None where the network's table is gone: who is
    joined is unknown then, and nobody is taken for a stranger or for absent.
    """
    found = [*_machinery(seen), *_quotas(seen), *_posture(seen)]
    if fleet is None:
        found += [*_versions(seen, frozenset()), _error("table-missing", f"onramp-{seen.network}", *_TABLE)]
    else:
        asked = [*_asked(fleet)]
        told = {(it.code, it.resource) for it in asked}
        found = [it for it in found if (it.code, it.resource) not in told]
        found += [*_members(seen, fleet), *_strangers(seen, fleet), *asked]
    rank = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(found, key=lambda it: (rank[it.severity], it.code, it.resource))
    return Document(network=seen.network, findings=tuple(ordered), unread=seen.unread)


# --- the deployment

_TABLE = (
    "the table is gone: no run can go on, and who is joined, refused or held is not known",
    "restore it from the backup that DynamoDB keeps of it, or revert the drift of the network's stack"
    " (docs/troubleshooting.md)",
)


def _machinery(seen: Deployed) -> Iterable[Finding]:
    name = f"onramp-{seen.network}"
    deploy = (
        "revert the drift of the network's stack, by a change set with --deployment-mode REVERT_DRIFT"
        " (docs/troubleshooting.md): the same template deployed again brings nothing back"
    )
    for function, state in (seen.functions or {}).items():
        if state != "Active":
            yield _error("function-missing", function, f"the function is {state}: runs cannot go on", deploy)
    rules = seen.rules or {}
    if seen.rules is not None and not rules:
        yield _error("bus-deaf", name, "no rule of the bus leads to the queue: no event becomes a run", deploy)
    for rule, state in rules.items():
        if state != "ENABLED":
            enable = f"switch it on: aws events enable-rule --event-bus-name {name} --name {rule}"
            yield _error("bus-deaf", rule, f"the rule is {state}: events end at the bus", enable)
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
        remedy = "set ArchiveDays, if it is to be replayed; where it is set, revert the drift of the network's stack"
        yield _note("archive-off", name, "nothing of what members forward is archived", remedy)
    elif seen.archive not in (None, "ENABLED"):
        yield _warning("archive-off", name, f"the archive is {seen.archive}", deploy)
    if seen.share is not None and seen.share.status != "ACTIVE":
        yield _error("sharing-off", seen.share.arn or name, f"the network's share is {seen.share.status}", deploy)
    for principal, status in seen.share.principals.items() if seen.share else ():
        if status == "FAILED" and principal.isdecimal():
            why = seen.share.words.get(principal, "RAM gives no reason") if seen.share else ""
            remedy = (
                "mend what RAM says; within an organisation sharing has to be switched on, then:"
                f" onramp look --account {principal}"
            )
            yield _error("sharing-failed", principal, f"the network could not be shared with it: {why}", remedy)


_SAME_VERSION = "deploy member.yaml of the network's version to it"


def _members(seen: Deployed, fleet: Fleet) -> Iterable[Finding]:
    remedies = {
        SILENT: "put its member stack back, switch its schedule on, or admit it again",
        ABSENT: "deploy member.yaml to it, or take it off MemberAccounts",
        NOT_LISTED: "add it to MemberAccounts, or delete its member stack",
        BLIND: "see its refusal or its last runs: often a role or a function is missing, or a policy above denies",
        VERSION: _SAME_VERSION,
        denials.STACK_DIFFERS: "update its member stack with the TagPrefix of the network's stack",
    }
    for one in fleet.accounts:
        code = one.state
        if code in remedies:
            yield _error(code, one.account, one.message, remedies[code])
    for account in sorted(seen.listed - {one.account for one in fleet.accounts}):
        text = "it is in MemberAccounts and has never sent an event"
        yield _warning(ABSENT, account, text, remedies[ABSENT])
    yield from _versions(seen, {one.account for one in fleet.accounts if one.state == VERSION})


def _versions(seen: Deployed, told: Set[str]) -> Iterable[Finding]:
    ours = seen.version
    for account, version in seen.versions.items():
        if account in told or version == ours or not (version and ours):
            continue
        text = f"its member stack is version {version}, the network's {ours}"
        if versions.fit(ours, version):
            text += ": what is connected stays, and what is new may fail there"
            yield _note("version-apart", account, text, _SAME_VERSION)
        else:
            yield _warning("version-apart", account, text, _SAME_VERSION)


MORE_AT_ONCE = (
    "have it raised: aws service-quotas request-service-quota-increase"
    " --service-code lambda --quota-code L-B99A9384 --desired-value 1000"
)


def _quotas(seen: Deployed) -> Iterable[Finding]:
    counts = (
        ("services", "L-75D4A19E", seen.services, seen.quotas[0]),
        ("VPCs", "L-EF6E2D62", seen.vpcs, seen.quotas[1]),
    )
    for what, quota, number, most in counts:
        if number >= HEADROOM * most:
            text = f"{number} of {most} {what} that the network may have are there"
            remedy = (
                "have it raised before it is met: aws service-quotas request-service-quota-increase"
                f" --service-code vpc-lattice --quota-code {quota} --desired-value {2 * most}"
            )
            yield _warning("quota-near", seen.arn, text, remedy)
    if seen.concurrency is not None and seen.concurrency < CONCURRENCY_AT_LEAST:
        text = f"Lambda runs {seen.concurrency} functions of this account at once: runs wait for each other"
        yield _warning("quota-near", f"onramp-{seen.network}", text, MORE_AT_ONCE)


# --- the estate


def _posture(seen: Deployed) -> Iterable[Finding]:
    if seen.auth == "NONE":
        text = (
            "whoever is in a joined VPC may call each service that has no auth policy of its own: the network has none"
        )
        yield _warning("network-open", seen.arn, text, "set AuthPreset, or give the network a policy of your own")
    if seen.policy and _judged(opens, seen.policy):
        text = "its auth policy allows everybody, on no condition"
        yield _warning("principal-anyone", seen.arn, text, "name principals, or put a condition on the statement")
    yield from _shut(seen)
    yield from _unguarded(seen)
    if seen.log_destinations == 0:
        text = "nobody can tell who called what: the network has no access log"
        yield _warning("access-log-off", seen.arn, text, "subscribe an access log to the network")
    for principal in seen.share.principals if seen.share else ():
        if not principal.isdecimal():
            text = "the network is shared with more than one account at once, which no run does"
            yield _warning("shared-with-stranger", principal, text, "take it off the share, if it is not meant")


def _strangers(seen: Deployed, fleet: Fleet) -> Iterable[Finding]:
    """Who and what is on the network that nobody knows of."""
    known = {one.account for one in fleet.accounts} | seen.listed
    for principal in seen.share.principals if seen.share else ():
        if len(principal) == 12 and principal.isdecimal() and principal not in known:
            text = "the network is shared with an account that never sent an event and is not listed"
            yield _warning("shared-with-stranger", principal, text, "take it off the share, if it is not meant")
    for principal, share in seen.others.items():
        if principal not in known:
            text = f"share {share}, which is not the stack's own, gives the network to it: no run looks after that"
            yield _warning("shared-with-stranger", principal, text, "take it off the share, if it is not meant")
    ours = {it.arn for it in fleet.services}
    for arn, name in seen.joined.items():
        if arn not in ours:
            text = f"service {name} is on the network, and no tag that this network looks after asks for it"
            yield _note("associated-by-hand", arn, text, "leave it if it is meant; else remove its association")


def _shut(seen: Deployed) -> Iterable[Finding]:
    """Auth policies that let nobody in. Runs tell it of those that a tag puts, and of no other."""
    network = seen.policy if seen.auth == "AWS_IAM" else None
    of_owner = ":".join(seen.arn.split(":")[:5])
    why, remedy = _why_shut(network, f"{of_owner}:service/whichever")
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


def _unguarded(seen: Deployed) -> Iterable[Finding]:
    """Services that anybody in a joined VPC may call: neither they nor the network ask who it is. Worth knowing and no
    more, for the network was warned of: whoever opens one by its own auth says so on purpose.
    """
    if seen.auth != "NONE" and not (seen.policy and _judged(opens, seen.policy)):
        return
    for arn, policy in seen.guards.items():
        if policy is None or (policy and _judged(opens, policy)):
            name = seen.joined[arn]
            text = f"whoever is in a joined VPC may call service {name}: it asks nobody, nor does its network"
            remedy = "tag its load balancer lattice:auth, give it an auth policy of its own, or close the network's"
            yield _note("service-open", arn, text, remedy)


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
    if it.resource == it.account:
        return "runs cannot do all there that is asked for"
    return "a step of a run failed" if it.code in denials.OF_STEPS else "it is refused"


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
