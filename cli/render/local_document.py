"""What the commands `onramp local …` print with `--json`: what a served cloud answers, and what happens in it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a document, whose shape is the command's interface (docs/schemas/local-….json)."""


class Status(_Value, frozen=True):
    """Of `local status`. `story`: '' of an empty cloud; `speed`: simulated seconds a second; `executions`: that run."""

    url: str
    story: str
    seed: int
    speed: float
    pid: int
    time: str
    up_seconds: int
    calls: int
    executions: int
    invocations: int


class Hop(_Value, frozen=True):
    hop: str
    because: str


class Request(_Value, frozen=True, rename={"from_": "from"}):
    """Of `local request`. `status` null where nobody answered, `stopped_at` null where no hop stopped it."""

    from_: str
    url: str
    status: int | None
    server: str
    stopped_at: str | None
    hops: list[Hop]
    body: str


class Quota(_Value, frozen=True):
    code: str
    limit: int


type Quotas = dict[str, Quota]
"""Of `local quota`, by name."""

type World = dict[str, str]
"""Of `local world`: what stands there, by a name like a sentence, with its state or what it holds."""


class Delivery(_Value, frozen=True):
    """Of `local deliver`: chances of an event, and seconds of each delivery."""

    duplicate: float
    delay: float
    reorder: bool
    drop: float


class CallFault(_Value, frozen=True):
    """`times` null: for ever; `struck`: so often until now."""

    kind: Literal["throttle", "refuse", "500", "lost", "delay"]
    service: str
    operation: str
    account: str
    role: str
    skip: int
    times: int | None
    chance: float
    seconds: float
    struck: int


class FunctionFault(_Value, frozen=True):
    function: str
    kind: Literal["die", "timeout"]
    at_call: int
    times: int | None
    struck: int


class Failure(_Value, frozen=True):
    of: str
    phase: str
    code: str
    message: str
    entity: str


class Faults(_Value, frozen=True):
    """Of `local faults`: all that is set."""

    seed: int
    calls: list[CallFault]
    functions: list[FunctionFault]
    failures: list[Failure]
    delivery: Delivery


# --- of `local up`: one of these a line


class _Line(_Value, frozen=True, tag_field="kind"):
    at: str


class Serving(_Line, frozen=True, tag="serving"):
    url: str
    story: str
    seed: int
    speed: float
    pid: int


class Stopped(_Line, frozen=True, tag="stopped"):
    pass


class Call(_Line, frozen=True, tag="call"):
    """`by`: a client over HTTP, a function of a stack, or AWS itself; `outcome`: ok, or the error's code."""

    by: Literal["client", "function", "aws"]
    account: str
    role: str
    function: str
    service: str
    operation: str
    resource: str
    outcome: str
    message: str


class Problem(_Line, frozen=True, tag="problem"):
    reason: str


class Event(_Line, frozen=True, tag="event"):
    """`announced`: by the product; `ignored`: why nothing comes of it, or ''; `event`: as EventBridge has it."""

    announced: bool
    ignored: str
    event: dict[str, Any]


class Asked(_Line, frozen=True, tag="request", rename={"from_": "from"}):
    from_: str
    url: str
    status: int | None
    server: str
    stopped_at: str | None
    hops: list[Hop]


class Refusal(_Value, frozen=True):
    code: str
    resource: str
    message: str


class Round(_Line, frozen=True, tag="round"):
    run: int
    round: int
    account: str
    trigger: dict[str, Any]
    next: str
    wait_seconds: float
    refusals: list[Refusal]
    warnings: list[Any]


class StepTaken(_Value, frozen=True):
    account: str
    kind: str
    name: str
    because: str
    outcome: str
    detail: str
    put: dict[str, str]
    remove: list[str]


class Step(_Line, frozen=True, tag="step"):
    run: int
    round: int
    step: StepTaken


type Line = Serving | Stopped | Call | Problem | Event | Asked | Round | Step
