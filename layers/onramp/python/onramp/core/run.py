"""A run as a value: its plan, what its account remembers, and what it carries from round to round."""

from typing import Any, Literal

from onramp.core.infra import Word
from onramp.core.inventory import ClientState, Refusal, Request, ServiceState
from onramp.core.model import Listener, Observation, Value
from onramp.core.pace import Pace
from onramp.core.reach import Finding
from onramp.core.steps import Batch, Outcome
from onramp.core.tagged_by import Asks


class Plan(Value, frozen=True, omit_defaults=False):
    """What must change now in one account, and what the run does next.

    apply: do the batches, wait, look again. finish: the only steps left write status tags, or take away at once what
    nobody uses (`ENDS` of core/plan); do them and report. wait: nothing can be done yet. done: report. `wait_seconds`
    is how long to wait before looking again. `pending` says what is waited for. `arns` is all that we made and was
    seen, with names. `broken`: step key -> in which state of failure stands what that step made or should have taken
    away. `since`: service name, VPC or load balancer -> epoch seconds when it was first seen that nobody asks for it
    any more; NAME `off the network` -> when a service was first seen so. `findings`: load balancer or VPC that is
    joined -> what keeps all requests out. `blind`: the account could not be observed, so that nothing but the
    refusals is said of it. `approvals`: a request for each wish that has to be approved; None where none has.
    `records`: domain -> the hosted zones in which it has records of ours, or may have. `private`: such a hosted zone ->
    its name where it is private, '' where it is public. `zones`: VPC -> the private hosted zones in which it is by us.
    `released`: as in the observation.
    """

    account: str
    round: int
    next: Literal["apply", "finish", "wait", "done"]
    wait_seconds: int = 0
    batches: tuple[Batch, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    services: tuple[ServiceState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    pending: tuple[str, ...] = ()
    arns: dict[str, str] = {}
    broken: dict[str, str] = {}
    since: dict[str, float] = {}
    findings: dict[str, Finding] = {}
    released: tuple[str, ...] = ()
    blind: bool = False
    approvals: tuple[Request, ...] | None = None
    records: dict[str, tuple[str, ...]] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[str, ...]] = {}


class Memory(Value, frozen=True):
    """The account's last report, from the table: where to look (never what is there), and what was told.

    `arns`: what we made, and its name. `since`: as in the plan. `failed`: step key -> AWS's words, of what was given up
    after several tries: the next run tries it once. `hands_at`: epoch seconds of the last look for what only a hand can
    have changed. `findings`: as in the plan. `asks`: who changed the tags of what last. `ended`: keys of the steps,
    answers apart, that the last run ended with: nobody has looked since, so that one that is asked for again came to
    nothing. `pace`: kind of step -> when to look first at what it makes. `listeners`: ARN of a service -> its listeners
    as they were seen last, in an account that is read by lists. `records`, `private`, `zones`: as in the plan.
    `released`: as in the observation. `unasked`: id of an approval -> since when nobody asks for what infra answered.
    """

    arns: dict[str, str] = {}
    services: tuple[ServiceState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    since: dict[str, float] = {}
    failed: dict[str, str] = {}
    hands_at: float = 0.0
    findings: dict[str, Finding] = {}
    approvals: tuple[Request, ...] | None = None
    asks: tuple[Asks, ...] = ()
    ended: tuple[str, ...] = ()
    pace: dict[str, Pace] = {}
    listeners: dict[str, tuple[Listener, ...]] = {}
    records: dict[str, tuple[str, ...]] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[str, ...]] = {}
    released: tuple[str, ...] = ()
    unasked: dict[str, float] = {}


class Run(Value, frozen=True, omit_defaults=False):
    """The state of the state machine: what a run carries from round to round.

    `outcomes` are the last round's, batch by batch; `finished` those of the steps that end the run. `pause`: seconds to
    leave the account alone before the first look, and `rests_until`: epoch seconds at which it looks, whoever still
    rings. `looks`: how many runs it follows, and `rang`: events that began it, of which core/ringing makes what the
    next one follows.
    `observed_at`: epoch seconds before the last look began; `now`: the same, and no less than the waits since the look
    before it. `made`: ARN -> name of what this run created; `adopted`: ARN or id -> name of what it took over;
    `released`: ARNs and ids of what it let go.
    `failures`: step key -> why it was refused; such a step is not tried again before somebody rings. `broken`: step
    key -> how often in this run what it made failed. `tries`: step key -> how often AWS took this deletion and it was
    still there. `stalled`: rounds since something last changed. `words`: what infra has said of the account, and
    `aside`: what of that lies outside of the account's item, under the key `aside_at`.
    `hands_at`: as in the memory. `seen`: what the last look saw, for a narrow one after it; None where that is
    not worth its room. `whole_at`: when the last whole look began. `member`: the version of the account's member stack,
    '' unknown. `offered`: what clients can call, as core/offers spells it, '' unknown. `asks`: whose tags were
    changed since the last run was begun. `remembered_at`: the key under which the memory lies where it is large, ''
    where the account's item holds it. `pace`: as in the memory, with what this run has learned. `begun`: kind of step
    -> epoch seconds when this run last did one, of those that Lattice takes time for. `slow`: a service of this run
    took longer than usual. `scouts`: its functions may wait by themselves. `listeners`: as in the memory, of the last
    look. `touched`: names of services, groups and VPCs, and ARNs of load balancers, that steps of this run were about.
    """

    account: str
    trigger: dict[str, Any]
    memory: Memory = Memory()
    pause: int = 0
    rests_until: float = 0.0
    looks: float = 0.0
    rang: int = 1
    round: int = 0
    observed_at: float = 0.0
    now: float = 0.0
    made: dict[str, str] = {}
    adopted: dict[str, str] = {}
    released: tuple[str, ...] = ()
    failures: dict[str, str] = {}
    broken: dict[str, int] = {}
    tries: dict[str, int] = {}
    stalled: int = 0
    words: tuple[Word, ...] = ()
    aside: tuple[Word, ...] = ()
    aside_at: str = ""
    hands_at: float = 0.0
    seen: Observation | None = None
    whole_at: float = 0.0
    member: str = ""
    offered: str = ""
    asks: tuple[Asks, ...] = ()
    remembered_at: str = ""
    pace: dict[str, Pace] = {}
    begun: dict[str, float] = {}
    slow: bool = False
    scouts: bool = False
    listeners: dict[str, tuple[Listener, ...]] = {}
    touched: tuple[str, ...] = ()
    plan: Plan | None = None
    outcomes: tuple[tuple[Outcome, ...], ...] = ()
    finished: tuple[tuple[Outcome, ...], ...] = ()

    @property
    def said(self) -> tuple[Word, ...]:
        """All that infra has said of the account."""
        return (*self.aside, *self.words)
