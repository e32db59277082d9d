"""How one account is read: page by page, one thing at a time, and what bears our mark."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.at_once import each
from onramp.aws.errors import code, denied, missing, outdated, throttled
from onramp.core import tags
from onramp.core.model import MARKED
from onramp.core.network import Network
from onramp.core.run import Run

INDEX_PAGE = 100
"""The most that the tagging API gives at once, twice what it gives unasked: its pages follow each other."""


class Reader:
    """One look's view of one account. `home`: the network account by its reader, which it may refuse.
    `known`: ARN -> name of what the last report and this run know as made by us.

    `unread` grows while the look goes on: ARN or id of what could not be read, and AWS's words; so do `described` and
    `listeners`: load balancer -> what DescribeLoadBalancers and DescribeListeners answered. `unmarked`: ARN or id ->
    name of what we know that we made and that bears our mark no more. `given`: ARN -> the tags of what was asked whose
    it is. `let_go`: ARN or id of what is ours and its owner takes back; `released`: what was let go and is still to be
    known.
    """

    def __init__(self, network: Network, member: Account, run: Run, home: Callable[[], Account] | None = None) -> None:
        self.network = network
        self.member = member
        self.home = home
        self.run = run
        known = {**run.memory.arns, **run.adopted, **run.made}
        self.known = {arn: name for arn, name in known.items() if arn not in run.released}
        self.unread: dict[str, str] = {}
        self.unmarked: dict[str, str] = {}
        self.given: dict[str, dict[str, str]] = {}
        self.let_go: set[str] = set()
        self.released: tuple[str, ...] = ()
        self.described: dict[str, dict[str, Any]] = {}
        self.listeners: dict[str, list[dict[str, Any]]] = {}

    def client(self, service: str) -> Any:
        return self.member.client(service)

    @property
    def lattice(self) -> Any:
        return self.member.client("vpc-lattice")

    def pages(self, service: str, operation: str, key: str, **given: Any) -> list[dict[str, Any]]:
        """Every item of every page."""
        return [item for page in self.client(service).get_paginator(operation).paginate(**given) for item in page[key]]

    def one[T](self, key: str, read: Callable[[], T]) -> T | None:
        """What `read` answers; None when it is not there, or could not be read, which `unread` then says."""
        try:
            return read()
        except ClientError as error:
            if missing(error):
                return None
            if throttled(error) or outdated(error) or not _about_one(error):
                raise
            self.unread[key] = f"{error.operation_name} {code(error)}"
            return None

    def patiently[T](self, key: str, read: Callable[[], T]) -> T | None:
        """As `one`, of what many of are asked one by one: what is throttled is asked once more, and is unread then."""
        for _ in range(2):
            try:
                return self.one(key, read)
            except ClientError as error:
                if not throttled(error):
                    raise
                slowed = f"{error.operation_name} {code(error)}"
        self.unread[key] = slowed
        return None

    def listed(self, key: str, service: str, operation: str, items: str, **given: Any) -> list[dict[str, Any]]:
        """As `pages`; none where the list is denied, which `unread` then says under `key`."""
        try:
            return self.pages(service, operation, items, **given)
        except ClientError as error:
            if not denied(error):
                raise
            self.unread[key] = f"{error.operation_name} {code(error)}"
            return []

    def mark(self, arn: str) -> str:
        """Whose mark a Lattice object bears: a network's name, or ''.

        Of what stands in the way and may not be asked, nothing is known: it is a stranger's.
        """
        try:
            return self.mark_or_missing(arn) or ""
        except ClientError as error:
            if denied(error):
                return ""
            raise

    def mark_or_missing(self, arn: str) -> str | None:
        """As `mark`; None when it is not there. Raises where the tags may not be read."""
        if arn.split(":")[4] != self.member.account:
            return ""  # tags of a foreign object are not ours to read (facts 10)
        try:
            self.given[arn] = self.lattice.list_tags_for_resource(resourceArn=arn)["tags"]
        except ClientError as error:
            if missing(error):
                return None
            raise
        return self.given[arn].get(tags.OWNER, "")

    def handed(self, arn: str) -> bool:
        """Does its owner hand over what we do not have? Its `mark` was asked before."""
        return is_handed(self.network, self.given.get(arn, {}))

    def marked(self) -> frozenset[str]:
        """ARNs of what bears our mark, Lattice's and EC2's alone: other services have things called service, too. And
        the account's own: what is shared with it is for its owner to mark.
        """
        found = {
            item["ResourceARN"]: tag_dict(item.get("Tags", ()))
            for item in self.listed(
                MARKED,
                "resourcegroupstaggingapi",
                "get_resources",
                "ResourceTagMappingList",
                TagFilters=[{"Key": tags.OWNER, "Values": [self.network.name]}],
                ResourcesPerPage=INDEX_PAGE,
            )
            if _is_of(item["ResourceARN"], self.member.account)
        }
        # The index lags behind; this run's own creations carried our mark in the very call that made them.
        ours = {arn for arn in self.run.made.keys() | self.run.adopted.keys() if arn.startswith("arn:")}
        left = self._let_go_before(found)
        asked = sorted({arn for arn in self.known if arn.startswith("arn:")} - ours - found.keys() - left)
        still = {arn for arn, there in zip(asked, each(self._still_ours, asked), strict=True) if there}
        marked = frozenset((found.keys() | still | ours) - left)
        self._taken_back(marked, found)
        return marked

    def _let_go_before(self, found: Mapping[str, object]) -> set[str]:
        """What was let go and does not bear our mark, though the index may list it still. An association stays known,
        which is on the network by our share; all else as long as it is listed.
        """
        before = {arn for arn in (*self.run.memory.released, *self.run.released) if arn.startswith("arn:")}
        asked = sorted(arn for arn in before if arn in found or "association/" in arn)
        marks = dict(zip(asked, each(self._mark_now, asked), strict=True))
        self.released = tuple(arn for arn, mark in marks.items() if mark not in {None, self.network.name})
        return {arn for arn, mark in marks.items() if mark != self.network.name}

    def _mark_now(self, arn: str) -> str | None:
        """As `mark`; None when it is not there."""
        try:
            return self.mark_or_missing(arn)
        except ClientError as error:
            if denied(error):
                return ""
            raise

    def _taken_back(self, marked: frozenset[str], found: Mapping[str, dict[str, str]]) -> None:
        """Its owner's word on what is ours: of what the index lists with it, and of what rang. Read anew."""
        said = {arn for arn, given in found.items() if given.get(tags.RELEASE) == tags.YES}
        for arn in sorted((said | {one.resource for one in self.run.asks}) & marked):
            given = self.one(arn, partial(self.lattice.list_tags_for_resource, resourceArn=arn))
            there = given["tags"] if given else {}
            if (there.get(tags.OWNER), there.get(tags.RELEASE)) == (self.network.name, tags.YES):
                self.let_go.add(arn)

    def _still_ours(self, arn: str) -> bool:
        """Is what the last report knew as ours there, and not another network's by its mark?

        Whoever takes our mark off takes nothing away: what we know that we made is ours, and told as `unmarked`. Tags
        that may not be read leave it as it was: unknown is not absent, and whether it is there its own read tells.
        """
        try:
            mark = self.mark_or_missing(arn)
        except ClientError as error:
            if denied(error):
                return True
            raise
        if mark is None or mark in self.network.siblings:
            return False
        if not mark and self.given.get(arn, {}).get(tags.RELEASE) == tags.YES:
            return False
        if mark != self.network.name:
            self.unmarked[arn] = self.known[arn]
        return True


def _is_of(arn: str, account: str) -> bool:
    parts = arn.split(":")
    return parts[2] in {"vpc-lattice", "ec2"} and parts[4] == account


def _about_one(error: ClientError) -> bool:
    """An answer about the thing that was asked for, not about AWS's own state."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return 400 <= status < 500


def is_handed(network: Network, given: dict[str, str]) -> bool:
    """Do its tags hand it over to this network? What bears another one's mark has to be let go there first."""
    taken_back = given.get(tags.RELEASE) == tags.YES
    return given.get(tags.ADOPT) == tags.YES and not taken_back and given.get(tags.OWNER) in {None, network.name}


def tag_dict(pairs: Iterable[dict[str, str]]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}


def id_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def tail(arn: str) -> str:
    """What an ARN says after its account: `service/svc-1`."""
    return arn.split(":", 5)[5] if arn.startswith("arn:") else ""
