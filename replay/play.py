"""Play a story, or recorded events, on a local cloud that begins empty; say what is not as it should be."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord, Record
from localcloud.services.cloudformation.model import StackFailed, TemplateError
from localcloud.services.lattice.model import Service
from localcloud.world import Unbuildable
from replay.expected import differences, not_as, shortcomings
from replay.source import Malformed, Source
from replay.stage import NotThere, Stage, Versions, make_true
from replay.standing import stand
from replay.story import Do, Entry, Recorded, Request, Story, Until, UntilWait
from replay.telling import Asked, Chapter, Deed, Options, Pictured, Result, Telling, Unmet, Waited

RINGS_WITHIN = 120.0
"""Simulated seconds in which an event that a call is to ring must have come."""


class Unplayable(Exception):
    """This entry of the script could not be played."""


def play_story(
    story: Story,
    options: Options,
    tell: Callable[[Telling], None],
    hear: Callable[[Record, LocalCloud], None] | None = None,
) -> Result:
    """Play all of `story`; `tell` gets each telling as it happens, `hear` each record of the journal."""
    with LocalCloud(seed=options.seed) as cloud:
        stage = Stage(cloud, story.script.world, options, tell, hear)
        _begin(stage, story)
        player = _Player(stage, story)
        player.play()
        return stage.result(story.name, story.script.title, player.check)


def play_events(
    name: str,
    recorded: list[Recorded],
    story: Story,
    options: Options,
    tell: Callable[[Telling], None],
    hear: Callable[[Record, LocalCloud], None] | None = None,
) -> Result:
    """Deliver recorded events in the world of `story`, each after the tags are what it reports.

    A tag event older than one that was seen already changes no tag (facts 2.1: `version` tells the order),
    so neither order nor repetition matters.
    """
    with LocalCloud(seed=options.seed) as cloud:
        stage = Stage(cloud, story.script.world, options, tell, hear)
        _begin(stage, story)
        order = list(recorded)
        if options.shuffle is not None:
            Random(options.shuffle).shuffle(order)  # noqa: S311 - an order, not a secret
        if options.twice:
            order = [event for event in order for _ in range(2)]
        versions: Versions = {}
        for event in order:
            _deliver(stage, event, versions)
            try:
                cloud.settle()
            except RuntimeError as stuck:  # the clock's: nothing comes to rest
                stage.tell(Unmet(where=event.file.name, reason=str(stuck)))
                break
            stage.catch_up()
        return stage.result(name, name)


def _deliver(stage: Stage, event: Recorded, versions: Versions) -> None:
    """Deliver it, and say so where nothing can come of it because the world lacks what it is about."""
    account = event.event.account
    lacking = ""
    made = ""
    if account not in stage.accounts:
        lacking = f"account {account} is not in the world that it is played in"
    elif account not in stage.world.audience.members:
        lacking = f"account {account} is no member in the world that it is played in: nothing forwards its events"
    else:
        try:
            made = make_true(stage.cloud, event, versions)
        except NotThere as missing:
            lacking = str(missing)
    stage.deliver(event, made)
    if lacking:
        remedy = "choose a story.yaml whose world has it by --world"
        stage.tell(Unmet(where=event.file.name, reason=f"nothing can come of it: {lacking}; {remedy}"))


def _begin(stage: Stage, story: Story) -> None:
    """Raise the curtain; Malformed when the story's world cannot be built, or its parameters do not fit."""
    source = story.source
    try:
        stage.raise_curtain()
    except (Unbuildable, ClientError) as wrong:
        raise Malformed(source.file, source.line("world"), str(wrong)) from wrong
    except (TemplateError, StackFailed) as wrong:
        raise Malformed(source.file, source.line("world", "network"), str(wrong)) from wrong


class _Player:
    """Goes through a story's script on a stage."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage = stage
        self.cloud = stage.cloud
        self.story = story
        self.known: dict[str, str] = {}

    def play(self) -> None:
        for number, entry in enumerate(self.story.script.script):
            try:
                self._entry(number, entry)
            except Unplayable as failed:
                self._unmet(str(failed), "script", number)
            except RuntimeError as stuck:  # the clock's: nothing comes to rest
                self._unmet(str(stuck), "script", number)
                break
            self.stage.catch_up()

    def _entry(self, number: int, entry: Entry) -> None:
        stage = self.stage
        match entry:
            case _ if entry.chapter is not None:
                stage.tell(Chapter(title=entry.chapter))
            case _ if entry.do is not None:
                self._do(entry.do, number)
            case _ if entry.event is not None:
                stage.deliver(self.story.events[entry.event])
            case _ if entry.request is not None:
                self._request(entry.request, number)
            case _ if entry.wait is not None:
                self._wait(entry.wait)
            case _ if entry.sweep is not None:
                sweep(self.cloud, entry.sweep)
            case _ if entry.remember is not None:
                stage.baseline = stand(self.cloud, stage.accounts)
            case _ if entry.picture is not None:
                stage.catch_up()
                standing = stand(self.cloud, stage.accounts)
                stage.tell(Pictured(at=stage.now, caption=entry.picture, standing=standing))

    # --- entries

    def _do(self, do: Do, number: int) -> None:
        given = self._filled(do.with_, do.account)
        service, _, method = do.call.partition(".")
        before = len(self.cloud.journal)
        error = ""
        try:
            getattr(self.cloud.client(service, do.account), method)(**given)
        except ClientError as refused:
            error = refused.response["Error"]["Code"]
            message = refused.response["Error"]["Message"]
            if not do.fails:
                raise Unplayable(f"{do.call} met {error}: {message}") from refused
        except BotoCoreError as wrong:
            raise Unplayable(f"{do.call}: {wrong}") from wrong
        self.stage.tell(Deed(at=self.stage.now, account=do.account, call=do, given=given, error=error))
        if do.fails and error != do.fails:
            raise Unplayable(f"{do.call} was to meet {do.fails} and met {error or 'no error'}")
        if do.rings:
            self._rung(self.story.events[do.rings], before, number)

    def _rung(self, recorded: Recorded, before: int, number: int) -> None:
        """Let time pass until an event like the recorded one has come."""
        wanted = recorded.document
        end = self.stage.now + RINGS_WITHIN
        while True:
            came = [
                record.event
                for record in self.cloud.journal.of(EventRecord, before)
                if (record.event.get("source"), record.event.get("account")) == (wanted["source"], wanted["account"])
            ]
            unlike = [list(differences(wanted, event)) for event in came]
            if not all(unlike):
                return
            due = self.cloud.clock.next_due()
            if due is None or due.at > end:
                break
            self.cloud.clock.step()
        closest = min(unlike, key=len, default=["no event of that source came"])
        self._unmet(f"it led to no event like {recorded.file.name}: {'; '.join(closest)}", "script", number)

    def _request(self, request: Request, number: int) -> None:
        url = self._url(request.to)
        try:
            answer = network.request(
                self.cloud,
                request.from_,
                url,
                from_vpc=request.vpc,
                method=request.method,
                headers=request.headers,
            )
        except ValueError as wrong:
            raise Unplayable(f"the request cannot be made: {wrong}") from wrong
        misses = list(not_as(request.expect, answer)) if request.expect is not None else []
        asked = Asked(
            at=self.stage.now,
            from_=request.from_,
            url=url,
            status=answer.status,
            server=answer.server,
            stopped_at=answer.stopped_at,
            hops=tuple((hop.name, hop.because) for hop in answer.hops),
            foretold=request.expect is not None and not misses,
        )
        self.stage.catch_up()
        self.stage.requests.append(asked)
        self.stage.tell(asked)
        for reason in misses:
            self._unmet(reason, "script", number, "request", "expect")

    def _wait(self, wait: str | UntilWait) -> None:
        since = self.stage.now
        what = ""
        if isinstance(wait, UntilWait):
            what = self._until(wait.until)
        elif wait == "settled":
            self.stage.rest()
        else:
            self.cloud.clock.advance(seconds(wait))
        self.stage.catch_up()
        self.stage.tell(Waited(since=since, at=self.stage.now, what=what))

    def _until(self, until: Until) -> str:
        what = (
            f"service {until.service} is {until.status} and listens"
            if until.service
            else f"account {until.invitation} has an invitation"
        )
        end = self.stage.now + seconds(until.within)
        while not self._holds(until):
            due = self.cloud.clock.next_due()
            if due is None or due.at > end:
                raise Unplayable(f"it did not come about within {until.within} that {what}")
            self.cloud.clock.step()
        return what

    def _holds(self, until: Until) -> bool:
        if until.invitation:
            return bool(_invitations(self.cloud, until.invitation))
        return any(
            service.name == until.service and service.status == until.status and service.listeners
            for service in self.cloud.lattice.estate.services
        )

    # --- names to values

    def _filled(self, value: Any, account: str) -> Any:
        """`value` with every `${…}` in its texts filled in, as `account` sees it."""
        if isinstance(value, str):
            return _REFERENCE.sub(lambda match: self._refer(match[1], match[2], account), value)
        if isinstance(value, dict):
            return {key: self._filled(item, account) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item, account) for item in value]
        return value

    def _refer(self, kind: str, name: str, account: str) -> str:
        if kind == "service":
            found = [it.domain for it in self.cloud.lattice.estate.services if it.name == name]
        elif kind == "invitation":
            found = _invitations(self.cloud, account)
        elif (of_lattice := _arns(self.cloud, kind, name)) is not None:
            found = of_lattice
        else:
            with self.cloud.gate.quiet():
                found = _ids(self.cloud, kind, name, account)
        if len(found) != 1:
            raise Unplayable(f"${{{kind} {name}}}: account {account} has {len(found)} of it".replace(" }", "}"))
        return found[0]

    def _url(self, to: str) -> str:
        """A URL as it stands, or that of the service of that name, by its first listener."""
        if "://" in to:
            return str(self._filled(to, ""))
        service = next((it for it in self.cloud.lattice.estate.services if it.name == to), None)
        if service is None:
            # Whoever calls a service that is gone knows it by the name that it had.
            return self.known.get(to, f"http://{to}/")
        self.known[to] = url = self._url_of(service)
        return url

    @staticmethod
    def _url_of(service: Service) -> str:
        listeners = sorted(service.listeners.values(), key=lambda it: it.port)
        if not listeners:
            return f"http://{service.domain}/"
        scheme = "http" if listeners[0].protocol == "HTTP" else "https"
        usual = {"http": 80, "https": 443}[scheme]
        port = "" if listeners[0].port == usual else f":{listeners[0].port}"
        return f"{scheme}://{service.domain}{port}/"

    # --- what must come out

    def _unmet(self, reason: str, *path: str | int) -> None:
        source = self.story.source
        self.stage.tell(Unmet(where=f"{_shown(source)}:{source.line(*path)}", reason=reason))

    def check(self, result: Result) -> None:
        """Compare the end with the story's `expect`."""
        expect = self.story.script.expect
        for path, reason in shortcomings(expect, result, self.stage.baseline):
            self._unmet(reason, "expect", *path)
        for number, wanted in enumerate(expect.tags):
            tags = _tags_of(self.cloud, wanted.account, self._filled(wanted.resource, wanted.account))
            for key, value in wanted.tags.items():
                got = tags.get(key)
                if got != value and not (value == "*" and got):
                    self._unmet(f"{wanted.resource} has {key} = {got}, not {value}", "expect", "tags", number)


_REFERENCE = re.compile(
    r"\$\{(service arn|association of service|association of vpc|target group|network|security group"
    r"|service|invitation|load balancer|vpc|instance)(?: ([^}]+))?\}"
)


def seconds(text: str) -> float:
    """`90s`, `5m`, `1h` in seconds."""
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


def sweep(cloud: LocalCloud, account: str) -> None:
    """Let the account's own schedules fire now, whatever their hour."""
    with cloud.gate.quiet():
        pages = cloud.client("scheduler", account).get_paginator("list_schedules").paginate()
        schedules = [schedule for page in pages for schedule in page["Schedules"]]
    if not schedules:
        raise Unplayable(f"account {account} has no schedule that could sweep")
    for schedule in schedules:
        cloud.schedules.fire(account, schedule["Name"], schedule["GroupName"])


def _invitations(cloud: LocalCloud, account: str) -> list[str]:
    with cloud.gate.quiet():
        pages = cloud.client("ram", account).get_paginator("get_resource_share_invitations").paginate()
        return [
            invitation["resourceShareInvitationArn"]
            for page in pages
            for invitation in page["resourceShareInvitations"]
            if invitation["status"] == "PENDING"
        ]


def _arns(cloud: LocalCloud, kind: str, name: str) -> list[str] | None:
    """Of what is Lattice's; None of any other kind."""
    estate = cloud.lattice.estate
    match kind:
        case "service arn":
            return [one.arn for one in estate.services if one.name == name]
        case "target group":
            return [one.arn for one in estate.target_groups if one.name == name]
        case "network":
            return [one.arn for one in estate.networks if one.name == name]
        case "association of service":
            ids = {one.id for one in estate.services if one.name == name}
            return [one.arn for one in estate.service_associations if one.service_id in ids]
        case "association of vpc":
            return [one.arn for one in estate.vpc_associations if one.vpc_id == name]
        case _:
            return None


def _ids(cloud: LocalCloud, kind: str, name: str, account: str) -> list[str]:
    if kind == "load balancer":
        pages = cloud.client("elbv2", account).get_paginator("describe_load_balancers").paginate()
        return [
            balancer["LoadBalancerArn"]
            for page in pages
            for balancer in page["LoadBalancers"]
            if balancer["LoadBalancerName"] == name
        ]
    ec2 = cloud.client("ec2", account)
    if kind == "security group":
        groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
        return [group["GroupId"] for group in groups]
    named = [{"Name": "tag:Name", "Values": [name]}]
    if kind == "vpc":
        return [vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=named)["Vpcs"]]
    answer = ec2.describe_instances(Filters=named)
    return [it["InstanceId"] for reservation in answer["Reservations"] for it in reservation["Instances"]]


def _tags_of(cloud: LocalCloud, account: str, resource: str) -> dict[str, str]:
    with cloud.gate.quiet():
        if ":vpc-lattice:" in resource:
            return dict(cloud.client("vpc-lattice", account).list_tags_for_resource(resourceArn=resource)["tags"])
        if resource.startswith("arn:"):
            described = cloud.client("elbv2", account).describe_tags(ResourceArns=[resource])
            return {tag["Key"]: tag["Value"] for it in described["TagDescriptions"] for tag in it["Tags"]}
        filters = [{"Name": "resource-id", "Values": [resource]}]
        found = cloud.client("ec2", account).describe_tags(Filters=filters)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}


def _shown(source: Source) -> str:
    """The file as people would name it from where they are."""
    try:
        return str(source.file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(source.file)
