"""Why did a tag do nothing: its way to the network and back, place by place."""

import difflib
import re
from typing import Literal, NamedTuple

from onramp.core import tags, versions
from onramp.core.inventory import Refusal
from onramp.core.model import Value
from onramp.core.text import counted, plain
from onramp.core.watch import ABSENT, NOT_LISTED, SILENT, SILENT_AFTER


class Asker(NamedTuple):
    """A tagged resource and its way to the network; None where it could not be read, and why stands in `unread`.

    `key` is a load balancer's or Lattice service's ARN, or a VPC's id. `region`: the network's, '' where it cannot be
    seen. `rules`: forwarding rule -> state, in the member account; `roles`: which of the roles are there; `letters`:
    messages in its dead-letter queue. `listed`: may the account join, as the stack's list says; an organisation's is
    None. `known`: has the table an item of it, with `heard_at`, in epoch seconds as `now` is; `running`: the run that
    holds it, and whether it has `ended` all the same; `failed`: how its last runs ended; `answer`: status and message
    that the last run had for it, both '' if none; `waiting`: messages in the queue.
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
    now: float
    looked_at: float
    running: str
    failed: int
    answer: tuple[str, str]
    waiting: int | None
    refusals: tuple[Refusal, ...]
    status_tags: bool
    unread: dict[str, str]
    ended: bool = False


class Check(Value, frozen=True, omit_defaults=False):
    """One place on the way from a tag to its answer; `code` and `remedy` are there where it stops, or is warned of."""

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
    if asker.kind == "Lattice service" and tags.OWNER in asker.tags:
        name = plain(asker.tags.get(tags.NAME, "")) or "NAME"
        text = "a run made it or took it over for load balancers, and it asks by no tag of its own"
        return _stop("tag", text, "network-missing", f"name a load balancer that asks for it: `onramp status {name}`")
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


def _deploy(asker: Asker) -> str:
    deploy = f"deploy member.yaml of network {asker.network} to account {asker.account}"
    return f"{deploy}, or revert the drift of its stack, if there is one"


def _member_stack(asker: Asker) -> Check:
    if asker.roles is None:
        return _unknown(asker, "member stack", "roles")
    missing = sorted({"reader", "writer"} - asker.roles)
    if missing:
        text = f"account {asker.account} lacks role {' and '.join(f'onramp-{asker.network}-{it}' for it in missing)}"
        return _stop("member stack", text, "member-role-missing", _deploy(asker))
    return _ok("member stack", "its roles are there")


def _rule(asker: Asker) -> Check:
    if asker.rules is None:
        return _unknown(asker, "rule", "rules")
    if not asker.rules:
        text = f"no rule of account {asker.account} forwards to the bus onramp-{asker.network}"
        return _stop("rule", text, "rule-missing", _deploy(asker))
    off = sorted(rule for rule, state in asker.rules.items() if state != "ENABLED")
    if off:
        every = f"all {len(off)} rules that forward to the network's bus are switched off"
        text = every if len(off) == len(asker.rules) > 1 else f"switched off: {', '.join(off)}"
        which = off[0] if len(off) == 1 else "NAME, for each"
        remedy = f"switch on what is off in account {asker.account}: aws events enable-rule --name {which}"
        return _stop("rule", text, "rule-off", remedy)
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
    if asker.letters is None and "NonExistentQueue" in asker.unread.get("letters", ""):
        queue = f"onramp-{asker.network}--member-dead-letters"
        text = f"account {asker.account} has no queue {queue}: its member stack is gone, or of version {versions.FIRST}"
        return Check(place="forwarding", verdict="unknown", because=text)
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
    if asker.now - asker.heard_at >= SILENT_AFTER:
        hours = int((asker.now - asker.heard_at) // 3600)
        text = f"account {asker.account} has sent no event for {hours} hours, and its schedule sends one every hour"
        return _stop("event", text, SILENT, "put its member stack back, switch its schedule on, or admit it again")
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
    if asker.running and asker.ended:
        text = f"{asker.running} has ended, and still holds the account: within ten minutes it is looked at anew"
        return Check(place="run", verdict="unknown", because=text)
    if asker.running:
        return Check(place="run", verdict="unknown", because=f"{asker.running} goes on: look again in a minute")
    if not asker.looked_at:
        remedy = f"have it looked at: onramp look --account {asker.account}"
        return _stop("run", "no run has looked at the account", "never-looked", remedy)
    return _ok("run", "a run has looked at the account, and ended well")


_UNWELL = ("unreachable", "failed", "refused", "held", "waiting")


def _stop_told(text: str, status: str, message: str) -> Check:
    """By the code that the message begins with, where it begins with one."""
    code, colon, remedy = plain(message).partition(": ")
    told = code if colon and " " not in code else status
    return _stop("report", text, told, remedy if told == code else plain(message))


def _connected(message: str) -> Check:
    """With what it says beside: a warning of what will bite later has a code, other things have none."""
    told = _stop_told("the answer on it is connected, with a warning", "", message)
    if told.code:
        return Check(place="report", verdict="ok", because=told.because, code=told.code, remedy=told.remedy)
    return _ok("report", f"the answer on it is connected: {message}" if message else "the answer on it is connected")


def _report(asker: Asker) -> Check:
    said = (asker.tags or {}).get(tags.STATUS, "")
    message = plain((asker.tags or {}).get(tags.MESSAGE, ""))
    mine = [it for it in asker.refusals if it.resource in (asker.key, asker.account)]
    if mine:
        own = "the last run refused what its tags ask for"
        text = own if mine[0].resource == asker.key else "the last run said this of its whole account"
        return _stop("report", text, mine[0].code, plain(mine[0].message))
    last, why = asker.answer
    if last in _UNWELL and last != said and not asker.running:
        # What could not be written on the resource itself: it says still what it said before.
        text = f"the last run's answer is {last}"
        return _stop_told(f"{text}, and the one on it says {said}" if said else text, last, why)
    if said in _UNWELL:
        return _stop_told(f"the answer is {said}", said, message)
    if said == "connected":
        return _connected(message)
    if said:
        return Check(place="report", verdict="unknown", because=f"the answer is {said}: look again in a minute")
    if not asker.status_tags:
        return _ok("report", "the stack writes no answers (StatusTags is off): onramp status has them")
    if asker.tags is None:
        return _unknown(asker, "report", "tags")
    return Check(place="report", verdict="unknown", because="no answer is on it yet")
