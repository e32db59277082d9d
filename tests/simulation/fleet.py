"""Play a fleet's runs by the product's own core, with simpy for time, queues and whoever waits in them.

Each account is a world of its own in which steps have their effect; the core plans it as it plans AWS. Models stand for
the rest: a function takes a fixed time and one of Lambda's places, a rate is a bucket, and the queue is polled as the
template says.
"""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import simpy
from msgspec.structs import replace
from onramp.core import backoff
from onramp.core.report import report
from onramp.core.rounds import learn, look, may_rest_on, rest, rests_on
from onramp.core.run import Run

from tests.core.model_world import World, carry_out, network, tagged
from tests.simulation.limits import Limits, Quotas, Rate

type Process = Iterator[simpy.Event]

INVOCATION = 2.0
"""Seconds of a function, its reads included."""

STEP = 0.3
"""Seconds of a step besides."""

CALL = 0.05
"""Seconds of one of the intake's calls: one to ring an account, one more to start its run."""

AGAIN, AGAIN_AT_MOST = 1.0, 20.0
"""Seconds after which Lambda's poller invokes a throttled function again, twice as long each time: it goes on until the
batch's visibility ends, which counts as one receive (docs.aws.amazon.com/lambda/latest/operatorguide/sqs-retries.html;
how long it waits is not published).
"""

ASSOCIATION = 30.0
"""Seconds until what Lattice begins has come about."""

BEGUN = 1_000_000.0
"""Epoch seconds at which a simulation begins."""


class Scene(msgspec.Struct, frozen=True):
    """A fleet, and what befalls it. storm: all services are tagged within a minute. rest: `hours` of sweeps, all
    accounts' schedules begun at once, as a StackSet might begin them.
    """

    kind: Literal["storm", "rest"]
    accounts: int
    services: int = 10
    concurrency: int = 1000
    hours: int = 2
    seed: int = 0


class Came(msgspec.Struct, frozen=True):
    """What came of a scene; times in simulated seconds. `took`: from tag to connected, the median, the 95th percentile
    and the longest; 0.0 where nothing was asked for. `waited`: how often for something that had no room, by its name.
    `oldest`: the longest that a message waited in the queue. `busiest`: invocations at once.
    """

    scene: Scene
    asked: int
    connected: int
    took: tuple[float, float, float]
    runs: int
    failed: int
    transitions: int
    invocations: int
    oldest: float
    lost: int
    busiest: int
    waited: dict[str, int]

    def broken(self, own: Limits) -> list[str]:
        """What people would be told of, in words: what is lost before what rings, and what rings before what waits."""
        said = {
            "events in the dead letters": self.lost > 0,
            "runs that failed": self.failed > 0,
            "services that are not connected": self.connected < self.asked,
            "alarm `queue-age`": self.oldest > own.queue_age,
            "alarm `slow-to-connect`": self.took[1] > own.slow,
            "Lambda throttles": self.waited.get("concurrency", 0) > 0,
        }
        return [what for what, so in said.items() if so]


class _Bucket:
    """A rate of AWS: whoever finds it empty waits until there is enough."""

    def __init__(self, env: simpy.Environment, rate: Rate) -> None:
        self._env, self._rate = env, rate
        self._left, self._at = rate.burst, 0.0
        self.waited = 0

    def take(self) -> Process:
        now = self._env.now
        self._left = min(self._rate.burst, self._left + (now - self._at) * self._rate.rate)
        self._at = now
        self._left -= 1
        if self._left < 0:
            self.waited += 1
            yield self._env.timeout(-self._left / self._rate.rate)


class _Account:
    """One member: its world, its lease, and how many runs followed each other."""

    def __init__(self, number: int, services: int) -> None:
        self.world = World(network(), f"{200000000000 + number}", "organisation")
        self.services = services
        self.tagged: dict[str, float] = {}
        self.told: set[str] = set()
        self.acted = -ASSOCIATION
        self.held = False
        self.rung = 0.0
        self.looks = 0.0
        self.looked = 0.0
        self.rang = 1


class _Message(msgspec.Struct):
    account: _Account
    at: float
    receives: int = 0


class Fleet:
    """One scene, once; `run` plays it."""

    def __init__(self, scene: Scene, known: Quotas, own: Limits) -> None:
        self._scene, self._own = scene, own
        self._random = random.Random(scene.seed)  # noqa: S311 - a simulation that is the same each time
        self._env = simpy.Environment()
        self._buckets = {name: _Bucket(self._env, rate) for name, rate in known.rate.items() if name != "concurrency"}
        self._queue = simpy.Store(self._env)
        self._busy = self._busiest = self._invocations = self._transitions = self._runs = self._failed = self._lost = 0
        self._oldest = 0.0
        self._waited: Counter[str] = Counter()
        self._took: list[float] = []
        self._accounts = [_Account(number, scene.services) for number in range(scene.accounts)]

    def run(self) -> Came:
        for _ in range(self._own.pollers):
            self._env.process(self._poll())
        if self._scene.kind == "storm":
            for account in self._accounts:
                self._env.process(self._tags(account, 60.0))
            self._env.run(until=2 * self._own.run_at_most)
        else:
            for account in self._accounts:
                self._settled(account)
                self._env.process(self._sweeps(account))
            self._env.run(until=self._own.sweep_every * self._scene.hours + self._own.sweep_within + 600)
        took = sorted(self._took)
        asked = sum(len(account.tagged) for account in self._accounts)
        self._waited += Counter({name: bucket.waited for name, bucket in self._buckets.items() if bucket.waited})
        return Came(
            scene=self._scene,
            asked=asked,
            connected=len(took),
            took=(_percentile(took, 0.5), _percentile(took, 0.95), took[-1]) if took else (0.0, 0.0, 0.0),
            runs=self._runs,
            failed=self._failed,
            transitions=self._transitions,
            invocations=self._invocations,
            oldest=self._oldest,
            lost=self._lost,
            busiest=self._busiest,
            waited=dict(self._waited),
        )

    # --- people, and time

    def _tags(self, account: _Account, within: float) -> Process:
        """Each service is tagged at a time of its own; its event is in the queue a second later."""
        for at, number in sorted((self._random.uniform(0, within), number) for number in range(account.services)):
            yield self._env.timeout(max(0.0, at - self._env.now))
            name = f"service-{number}"
            account.world.tag(tagged(name, "HTTP:80", listen="HTTP:80"))
            account.tagged[name] = self._env.now
            self._env.process(self._ring(account))

    def _settled(self, account: _Account) -> None:
        """An account whose services are all connected, before anything is counted."""
        for number in range(account.services):
            account.world.tag(tagged(f"service-{number}", "HTTP:80", listen="HTTP:80"))
        carried = Run(account=account.world.account, trigger={})
        for _ in range(20):
            carried = self._look(account, carried)
            outcomes = carry_out(account.world, carried.plan)  # type: ignore[arg-type]
            account.world.settle()
            if carried.plan is not None and carried.plan.next in ("finish", "done"):
                account.world.memory = report(account.world.network, replace(carried, finished=outcomes)).memory
                return
            carried = replace(carried, outcomes=outcomes)
        raise AssertionError(f"no end after 20 rounds: {carried.plan}")

    def _sweeps(self, account: _Account) -> Process:
        for hour in range(self._scene.hours):
            at = self._own.sweep_every * hour + self._random.uniform(0, self._own.sweep_within)
            yield self._env.timeout(at - self._env.now)
            self._env.process(self._ring(account))

    # --- from event to run

    def _ring(self, account: _Account) -> Process:
        yield self._env.timeout(1)
        yield from self._buckets["delivered"].take()
        self._queue.put(_Message(account, self._env.now))

    def _poll(self) -> Process:
        while True:
            first = yield self._queue.get()
            if len(self._queue.items) < self._own.batch - 1:  # a full batch does not wait for more
                yield self._env.timeout(self._own.window)
            batch = [first, *self._queue.items[: self._own.batch - 1]]
            del self._queue.items[: self._own.batch - 1]
            self._oldest = max(self._oldest, *(self._env.now - one.at for one in batch))
            if not (yield from self._finds_a_place()):
                self._back(batch)
                continue
            rung = list(dict.fromkeys(one.account for one in batch))
            free = [account for account in rung if not account.held]
            rang = Counter(id(one.account) for one in batch)
            for account in free:
                account.rang = rang[id(account)]
            for account in rung:
                account.rung, account.held = self._env.now, True
            yield from self._work(INVOCATION + CALL * (len(rung) + len(free)))
            for account in free:
                yield from self._buckets["starts"].take()
                self._env.process(self._execution(account))

    def _finds_a_place(self) -> Any:
        """Whether Lambda runs the intake before the batch's visibility ends; who polls has it in hand until then."""
        ends, wait = self._env.now + self._own.visibility, AGAIN
        while self._busy >= self._scene.concurrency:
            self._waited["concurrency"] += 1
            if self._env.now >= ends:
                return False
            yield self._env.timeout(min(wait, ends - self._env.now))
            wait = min(2 * wait, AGAIN_AT_MOST)
        return True

    def _back(self, batch: list[_Message]) -> None:
        """A batch that was throttled to the end is to be seen again, some times."""
        for one in batch:
            one.receives += 1
            if one.receives >= self._own.receives:
                self._lost += 1
            else:
                self._queue.put(one)

    # --- a run

    def _execution(self, account: _Account) -> Process:
        self._runs += 1
        began = self._env.now
        looks = backoff.follows(account.looks, began - account.looked)
        run = Run(
            account=account.world.account,
            trigger={},
            memory=account.world.memory,
            pause=backoff.rest(looks),
            looks=looks,
            rang=account.rang,
        )
        looked = began
        if run.pause:
            run = yield from self._rests(account, run)
        while True:
            if self._env.now - began > self._own.run_at_most or not (yield from self._task("Plan", INVOCATION)):
                self._ends(account, failed=True)
                return
            looked = self._env.now
            run = self._look(account, run)
            planned = run.plan
            yield from self._moves(1)
            if planned is None or planned.next == "done":
                break
            if planned.next == "wait":
                run = replace(run, outcomes=())
                yield from self._waits(run)
                continue
            steps = sum(len(batch.steps) for batch in planned.batches)
            state = "Finish" if planned.next == "finish" else "Apply"
            if not (yield from self._task(state, INVOCATION + STEP * steps)):
                self._ends(account, failed=True)
                return
            outcomes = carry_out(account.world, planned)
            account.acted = self._env.now
            if planned.next == "finish":
                run = replace(run, finished=outcomes)
                break
            run = replace(run, outcomes=outcomes)
            yield from self._waits(run)
        if not (yield from self._task("Report", INVOCATION)):
            self._ends(account, failed=True)
            return
        account.world.memory = report(account.world.network, run).memory
        for state in account.world.memory.services:
            if state.answers and state.name in account.tagged and state.name not in account.told:
                account.told.add(state.name)
                self._took.append(self._env.now - account.tagged[state.name])
        owed = account.rung > looked
        account.looks, account.looked = backoff.followed(looks, account.rang, owed=owed), looked
        self._ends(account, owed=owed)

    def _rests(self, account: _Account, run: Run) -> Any:
        """The run when its account has been left alone for as long as it has to be."""
        while run.pause:
            run = rest(run, BEGUN + self._env.now)
            yield from self._waits(run)
            if may_rest_on(run, BEGUN + self._env.now):
                run = rests_on(run, BEGUN + account.rung, BEGUN + self._env.now)
        return run

    def _look(self, account: _Account, run: Run) -> Run:
        """What has come about since the last steps is seen, and what is new in the tags."""
        world = account.world
        world.now = BEGUN + self._env.now
        if self._env.now - account.acted >= ASSOCIATION:
            world.settle()
        else:
            world.settle_share()
        seen = world.observe()
        return look(world.network, seen, learn(run), observed_at=world.now, findings=world.findings(seen))

    def _ends(self, account: _Account, *, owed: bool = False, failed: bool = False) -> None:
        """A run that failed is followed by the next, and so is one during which somebody rang."""
        account.held = False
        self._failed += failed
        if owed or failed:
            self._env.process(self._ring(account))

    def _waits(self, run: Run) -> Process:
        yield from self._moves(1)
        yield self._env.timeout(run.plan.wait_seconds if run.plan else 0)

    def _moves(self, states: int) -> Process:
        for _ in range(states):
            self._transitions += 1
            yield from self._buckets["transitions"].take()

    def _task(self, state: str, seconds: float) -> Any:
        """Whether the state's function ran: Lambda has so many places, and the state comes back as its Retry says."""
        yield from self._moves(1)
        retry = self._own.retries[state]
        for attempt in range(retry.attempts):
            if self._busy < self._scene.concurrency:
                if state != "Report":
                    yield from self._buckets["assumed"].take()
                yield from self._work(seconds)
                return True
            self._waited["concurrency"] += 1
            longest = min(retry.longest, retry.interval * retry.backoff**attempt)
            yield self._env.timeout(self._random.uniform(0, longest))
        return False

    def _work(self, seconds: float) -> Process:
        self._busy += 1
        self._busiest = max(self._busiest, self._busy)
        self._invocations += 1
        yield self._env.timeout(seconds)
        self._busy -= 1


def _percentile(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
