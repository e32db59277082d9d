"""A storm of one account beside a single tag of another, and a crowd that tags within one minute, played on the
deployed product and counted.

`python tests/stories/storm.py --events 10000` plays the first under both readings of EventBridge's MessageGroupId, at
one instant and spread over `--seconds`, `--accounts 200` the second, and prints what came of it; time is simulated, so
only counts and simulated seconds are told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import ExecutionRecord, InvocationRecord
from replay.stage import deploy
from replay.story import Network

OWN = "111111111111"
MEMBERS = tuple(f"{number:012}" for number in range(222222222201, 222222222211))
NOISY, QUIET = MEMBERS[:2]
NAME = "net"

AS_A_PATH, AS_WRITTEN = "$.account", "everybody"
"""What a MessageGroupId of `$.account` is to EventBridge: a path into the event, or a text like any other."""

WITHIN, RUNS = 60.0, 3
"""Seconds until another account's single tag is looked at, and runs of the noisy one, at most (issue 8)."""

NOISE = "vpc-0123456789abcdef0"
"""Whose tags change and change: it is not there."""

BATCH = 0.5
"""Simulated seconds of an invocation of a function; the intake's batch of one account is one write and one question."""


@contextmanager
def deployed(*members: str, **parameters: str) -> Iterator[LocalCloud]:
    """The product for these members, each with an internal load balancer that nobody has tagged."""
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    balancer = worlds.LoadBalancer(
        name="orders", vpc="main", listeners=(worlds.BalancerListener(port=80, protocol="HTTP"),)
    )
    accounts = [worlds.Account(id=member, vpcs=(vpc,), load_balancers=(balancer,)) for member in members]
    with LocalCloud() as cloud:
        worlds.build(cloud, worlds.World(accounts=(worlds.Account(id=OWN), *accounts)))
        given = {"NetworkName": NAME, "MemberAccounts": ",".join(members), **parameters}
        deploy(cloud, Network(account=OWN, name=NAME, parameters=given), members)
        cloud.settle()
        yield cloud


def tag(cloud: LocalCloud, account: str) -> None:
    elb = cloud.client("elbv2", account)
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    tags = {"lattice:network": NAME, "lattice:listen": "HTTP:80"}
    elb.add_tags(
        ResourceArns=[balancer["LoadBalancerArn"]], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )


def runs(cloud: LocalCloud, account: str = "") -> dict[str, list[str]]:
    """Execution -> what became of it, in order."""
    found: dict[str, list[str]] = {}
    for record in cloud.journal.of(ExecutionRecord):
        if f":{account}" in record.execution:
            found.setdefault(record.execution, []).append(record.status)
    return found


def joined(cloud: LocalCloud, account: str) -> bool:
    made = cloud.client("vpc-lattice", account).list_services()["items"]
    associated = [
        it["status"]
        for one in made
        for it in cloud.client("vpc-lattice", account).list_service_network_service_associations(
            serviceIdentifier=one["id"]
        )["items"]
    ]
    return associated == ["ACTIVE"]


def noise(cloud: LocalCloud, account: str, events: int) -> None:
    resource = f"arn:aws:ec2:{cloud.region}:{account}:vpc/{NOISE}"
    detail = {"changed-tag-keys": ["lattice:ports"], "service": "ec2", "resource-type": "vpc", "tags": {}}
    for _ in range(events):
        cloud.events.emit(account, "aws.tag", "Tag Change on Resource", detail, [resource])


@dataclass(frozen=True)
class Weathered:
    """What came of a storm: `waited`, seconds until the quiet account's run began; `heard`, the ids of the noisy
    account's events that the intake took; `left`, messages in the queue and the dead letters.
    """

    waited: float
    joined: bool
    runs_of_the_noisy: int
    ended: frozenset[str]
    heard: int
    batches: int
    left: int
    looked_at_last: bool

    def shortcomings(self, events: int) -> list[str]:
        """What a storm of so many events did that none may."""
        found = {
            f"another account's tag waited {self.waited:.0f} s": self.waited > WITHIN,
            "another account did not join": not self.joined,
            f"{self.runs_of_the_noisy} runs of the noisy account": self.runs_of_the_noisy > RUNS,
            f"runs ended {sorted(self.ended)}": self.ended != {"SUCCEEDED"},
            f"{events - self.heard} events were lost": self.heard < events,
            f"{self.left} messages are left": self.left > 0,
            "what rang last was not looked at": not self.looked_at_last,
        }
        return [what for what, so in found.items() if so]


def weather(events: int, group: str = AS_A_PATH, seconds: int = 0) -> Weathered:
    """`events` of one account at one instant, then a tag of another; or spread evenly over `seconds`, with the tag in
    the middle of it. `group` is the rule's MessageGroupId.
    """
    with deployed(NOISY, QUIET) as cloud:
        if group != AS_A_PATH:
            _regroup(cloud, group)
        cloud.functions.duration = BATCH
        storm = cloud.clock.now
        _blow(cloud, events, range(seconds // 2), seconds)
        cloud.clock.advance(seconds // 2)
        if not seconds:
            noise(cloud, NOISY, events)
        tag(cloud, QUIET)
        began = cloud.clock.now
        _blow(cloud, events, range(seconds // 2, seconds), seconds)
        cloud.settle()
        first = next(
            record.at
            for record in cloud.journal.of(ExecutionRecord)
            if f":{QUIET}" in record.execution and record.at >= began
        )
        intake = [
            record.payload["Records"]
            for record in cloud.journal.of(InvocationRecord)
            if record.function == f"onramp-{NAME}-intake" and record.at >= storm and not record.error
        ]
        heard = {one["messageId"] for batch in intake for one in batch if NOISE in one["body"]}
        item = cloud.client("dynamodb", OWN).get_item(TableName=f"onramp-{NAME}", Key={"account": {"S": NOISY}})["Item"]
        queues = (f"onramp-{NAME}", f"onramp-{NAME}--dead-letters")
        left = sum(sum(cloud.queues.depth(OWN, name)) for name in queues)
        noisy = runs(cloud, NOISY)
        return Weathered(
            waited=first - began,
            joined=joined(cloud, QUIET),
            runs_of_the_noisy=len(noisy),
            ended=frozenset(statuses[-1] for statuses in runs(cloud).values()),
            heard=len(heard),
            batches=len(intake),
            left=left,
            looked_at_last=float(item["looked_at"]["N"]) >= float(item["rung_at"]["N"]),
        )


def _blow(cloud: LocalCloud, events: int, part: range, seconds: int) -> None:
    """Have the noisy account's events of these seconds come in time: a function that sleeps holds no storm up."""
    for second in part:
        many = events * (second + 1) // seconds - events * second // seconds
        cloud.clock.after(second - part.start, partial(noise, cloud, NOISY, many), "the storm")


MINUTE, QUARTER = 60.0, 900.0
"""Seconds in which a crowd tags, and in which all of it is connected (issue 9)."""

TAKES = 2.0
"""Seconds of each function, the intake's among them, for a crowd."""


@dataclass(frozen=True)
class Crowded:
    """What came of a crowd: seconds from the first tag to the end of the last run; who is not joined; `left`, messages
    in the queue and the dead letters.
    """

    accounts: int
    seconds: float
    not_joined: tuple[str, ...]
    ended: frozenset[str]
    left: int

    def shortcomings(self) -> list[str]:
        """What none may come to."""
        found = {
            f"the last was connected after {self.seconds:.0f} s": self.seconds > QUARTER,
            f"{len(self.not_joined)} did not join": bool(self.not_joined),
            f"runs ended {sorted(self.ended)}": self.ended != {"SUCCEEDED"},
            f"{self.left} messages are left": self.left > 0,
            "there was room for all": self.seconds < 2 * MINUTE + TAKES,
        }
        return [what for what, so in found.items() if so]


def crowd(accounts: int, places: int) -> Crowded:
    """So many accounts tag one load balancer each within a minute, where so many functions may run at once. Nobody's
    sweep comes to do what was missed.
    """
    members = tuple(f"{number:012}" for number in range(222222222201, 222222222201 + accounts))
    with deployed(*members) as cloud:
        cloud.functions.duration, cloud.functions.places = TAKES, places
        for member in members:
            schedules = cloud.client("scheduler", member)
            for one in schedules.list_schedules()["Schedules"]:
                schedules.delete_schedule(Name=one["Name"], GroupName=one["GroupName"])
        began = cloud.clock.now
        for member in members:
            tag(cloud, member)
            cloud.clock.advance(MINUTE / accounts)
        cloud.settle()
        return Crowded(
            accounts=accounts,
            seconds=max(record.at for record in cloud.journal.of(ExecutionRecord)) - began,
            not_joined=tuple(member for member in members if not joined(cloud, member)),
            ended=frozenset(statuses[-1] for statuses in runs(cloud).values()),
            left=sum(sum(cloud.queues.depth(OWN, name)) for name in (f"onramp-{NAME}", f"onramp-{NAME}--dead-letters")),
        )


def _regroup(cloud: LocalCloud, group: str) -> None:
    """The rule's target as it stands, but for the group of its messages."""
    events, bus = cloud.client("events", OWN), f"onramp-{NAME}"
    for rule in events.list_rules(EventBusName=bus)["Rules"]:
        for target in events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]:
            if "SqsParameters" in target:
                changed = {**target, "SqsParameters": {"MessageGroupId": group}}
                events.put_targets(Rule=rule["Name"], EventBusName=bus, Targets=[changed])


def main(arguments: Sequence[str]) -> int:
    """Play and print; 1 when something came out that may not."""
    parser = argparse.ArgumentParser(description="A storm of one account beside a single tag of another; or a crowd.")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=300, help="how long the second storm lasts, which is steady")
    parser.add_argument("--accounts", type=int, default=0, help="a crowd of so many, in place of the storm")
    parser.add_argument("--places", type=int, default=10, help="functions that may run at once, for a crowd")
    given = parser.parse_args(arguments)
    if given.accounts:
        came = crowd(given.accounts, given.places)
        told = [
            f"{came.accounts} accounts tag within a minute on {given.places} places: all runs ended after"
            f" {came.seconds:.0f} s",
            *(f"  {short}" for short in came.shortcomings()),
        ]
        sys.stdout.write("\n".join(told) + "\n")
        return int(len(told) > 1)
    events, bad = given.events, False
    storms = [(AS_A_PATH, 0), (AS_WRITTEN, 0), (AS_A_PATH, given.seconds), (AS_WRITTEN, given.seconds)]
    for group, seconds in storms:
        found = weather(events, group, seconds)
        how = "by account" if group == AS_A_PATH else "all in one group"
        long = f"within {seconds} s" if seconds else "at once"
        told = [
            f"{events:,} events {long}, {how}: {found.batches} batches, the other account's run began after"
            f" {found.waited:.1f} s, {found.runs_of_the_noisy} runs of the noisy one (at most {RUNS}),"
            f" {events - found.heard} lost",
            *(f"  {short}" for short in found.shortcomings(events)),
        ]
        bad |= len(told) > 1
        sys.stdout.write("\n".join(told) + "\n")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
