"""What the keeper of a served cloud may ask of it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.door.http import Server
from localcloud.ground.journal import CallRecord, ExecutionRecord, InvocationRecord
from localcloud.services.lattice.model import QUOTA_CODES
from replay import faults
from replay.standing import stand
from replay.story import World
from replay.telling import Asked
from replay.watch import Watch, iso


def request_as_json(asked: Asked) -> dict[str, Any]:
    return {
        "from": asked.from_,
        "url": asked.url,
        "status": asked.status or None,
        "server": asked.server,
        "stopped_at": asked.stopped_at or None,
        "hops": [{"hop": name, "because": because} for name, because in asked.hops],
    }


LONGEST_ADVANCE = 31 * 86_400.0
"""Seconds that may pass at one word: everything else waits for it."""


class Advance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let so many seconds pass; without a number, until nothing is due but background things."""

    seconds: float | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A request through the network. `vpc` decides where several VPCs have the address."""

    from_: str
    url: str
    vpc: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set a quota of Lattice, by its name or its code; without a name, only tell them."""

    name: str = ""
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter."""


type Stopping = queue.SimpleQueue[None]
"""Whoever serves ends with the first word in it."""


class Keeper:
    """Answers the words of whoever keeps a served cloud (localcloud.door.http.Control)."""

    def __init__(
        self, server: Server[LocalCloud], world: World, watch: Watch, about: dict[str, Any], stopping: Stopping
    ) -> None:
        self.cloud: LocalCloud = server.cloud
        self.world = world
        self.watch = watch
        self.about = about
        self.stopping = stopping
        self._began = time.monotonic()
        self._since = len(self.cloud.journal)

    def __call__(self, word: str, given: dict[str, Any]) -> dict[str, Any]:
        if word not in _WORDS:
            raise LookupError(f"no word {word!r}; there are {', '.join(_WORDS)}")
        shape, act = _WORDS[word]
        return act(self, msgspec.convert(given, shape))

    def status(self, _: Nothing) -> dict[str, Any]:
        journal, since = self.cloud.journal, self._since
        return {
            **self.about,
            "time": iso(self.cloud.clock.now),
            "up_seconds": round(time.monotonic() - self._began),
            "calls": len(journal.of(CallRecord, since)),
            "executions": sum(record.status == "RUNNING" for record in journal.of(ExecutionRecord, since)),
            "invocations": len(journal.of(InvocationRecord, since)),
        }

    def stop(self, _: Nothing) -> dict[str, Any]:
        self.stopping.put(None)
        return {}

    def advance(self, given: Advance) -> dict[str, Any]:
        if given.seconds is None:
            try:
                self.cloud.settle()
            except RuntimeError as stuck:
                raise ValueError(str(stuck)) from stuck
        elif given.seconds < 0:
            raise ValueError("time does not go back")
        elif given.seconds > LONGEST_ADVANCE:
            raise ValueError(f"at most {LONGEST_ADVANCE / 3600:.0f}h may pass at once")
        else:
            self.cloud.clock.advance(given.seconds)
        self.watch.catch_up()
        return {"time": iso(self.cloud.clock.now)}

    def quota(self, given: Quota) -> dict[str, Any]:
        quotas = self.cloud.lattice.quotas
        if given.name:
            field = next((field for field, code in QUOTA_CODES.items() if given.name in (_hyphened(field), code)), "")
            if not field:
                raise ValueError(
                    f"there is no quota {given.name!r}; there are {', '.join(map(_hyphened, QUOTA_CODES))}"
                )
            setattr(quotas, field, given.limit)
        limits = {_hyphened(field): (code, getattr(quotas, field)) for field, code in QUOTA_CODES.items()}
        return {"quotas": {name: {"code": code, "limit": limit} for name, (code, limit) in limits.items()}}

    def request(self, given: Request) -> dict[str, Any]:
        answer = network.request(
            self.cloud, given.from_, given.url, from_vpc=given.vpc, method=given.method, headers=given.headers
        )
        asked = Asked(
            at=self.cloud.clock.now,
            from_=given.from_,
            url=given.url,
            status=answer.status,
            server=answer.server,
            stopped_at=answer.stopped_at,
            hops=tuple((hop.name, hop.because) for hop in answer.hops),
        )
        self.watch.catch_up()
        self.watch.teller.tell(asked)
        return {**request_as_json(asked), "body": answer.body}

    def world_now(self, _: Nothing) -> dict[str, Any]:
        accounts = {account.id for account in self.world.accounts}
        accounts |= {record.account for record in self.cloud.journal.of(CallRecord)}
        return {"things": stand(self.cloud, sorted(accounts)).things}


def _hyphened(field: str) -> str:
    return field.replace("_", "-")


_WORDS: dict[str, tuple[type[Any], Callable[[Keeper, Any], dict[str, Any]]]] = {
    "status": (Nothing, Keeper.status),
    "stop": (Nothing, Keeper.stop),
    "advance": (Advance, Keeper.advance),
    "quota": (Quota, Keeper.quota),
    "request": (Request, Keeper.request),
    "world": (Nothing, Keeper.world_now),
    "fault": (faults.OfCalls, lambda keeper, given: faults.break_calls(keeper.cloud, given)),
    "function-fault": (faults.OfFunctions, lambda keeper, given: faults.break_function(keeper.cloud, given)),
    "failure": (faults.OfStates, lambda keeper, given: faults.break_state(keeper.cloud, given)),
    "deliver": (faults.Deliveries, lambda keeper, given: faults.deliver(keeper.cloud, given)),
    "faults": (Nothing, lambda keeper, _: faults.standing(keeper.cloud)),
    "clear": (Nothing, lambda keeper, _: faults.clear(keeper.cloud)),
}
