"""What a replay tells while it plays, and all that it came to."""

from typing import Any

import msgspec

from replay import chronicle
from replay.standing import Standing
from replay.story import Do, Recorded, World


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`twice`: every event is delivered twice. `shuffle`: a seed by which they come in another order."""

    seed: int = 0
    twice: bool = False
    shuffle: int | None = None

    @property
    def disturbed(self) -> bool:
        """Deliveries do not go as they mostly do."""
        return self.twice or self.shuffle is not None


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    title: str


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A person's call; `error` is the code that it met, or ''."""

    at: float
    account: str
    call: Do
    given: dict[str, Any]
    error: str = ""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded event was put on its account's bus; `made` says what was changed for it beforehand."""

    at: float
    recorded: Recorded
    made: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    event: chronicle.Heard


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A round of a run is over."""

    run: chronicle.Run
    round: chronicle.Round


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what came of it. `hops` are (name, sentence), the stopping one last.

    `status` is 0 where nobody answered. `foretold`: it came to just what the story expects of it.
    """

    at: float
    from_: str
    url: str
    status: int
    server: str
    stopped_at: str
    hops: tuple[tuple[str, str], ...]
    foretold: bool = False


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """`since` and `at` in epoch seconds."""

    since: float
    at: float
    what: str


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    caption: str
    standing: Standing


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """Something is not as the story says: `where` is FILE:LINE."""

    where: str
    reason: str


type Telling = Chapter | Deed | Delivered | Heard | Looked | Asked | Waited | Pictured | Unmet


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All that a replay came to; `unmet` is empty when everything was as the story says.

    `scripted`: a story said what must come out; else only events were played. `pictured`: the last picture on the way
    in which somebody could call something.
    """

    name: str
    title: str
    world: World
    seed: int
    disturbed: bool
    events: list[chronicle.Heard]
    delivered: dict[str, str]
    runs: list[chronicle.Run]
    requests: list[Asked]
    counts: chronicle.Counts
    chapters: dict[str, chronicle.Counts]
    services: list[chronicle.Service]
    clients: list[chronicle.Client]
    refusals: list[chronicle.Refusal]
    start: Standing
    end: Standing
    leftovers: list[str]
    unmet: list[Unmet]
    scripted: bool = False
    pictured: Pictured | None = None
