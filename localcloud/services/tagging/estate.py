"""What only the views across services know: versions of tag sets, who was tagged once, what is still listed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from moto.core.resource_tagging import iter_taggable_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from localcloud.door.gate import Gated
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksEvents, AsksOrganization, Clients, Ground, Tagged, TaggedShares
from localcloud.services.tagging.arns import resource_type

type Tags = dict[str, str]


TOKEN_SECONDS = 900.0
"""For which a page's token is good (API reference, PaginationTokenExpiredException)."""


@dataclass
class Page:
    """What is left of a listing, for the token that was given out for it."""

    rest: list[Any]
    asked: tuple[Any, ...]
    until: float


@dataclass
class Known:
    """What is known of one resource besides its tags: epoch seconds, and the version of its tag set."""

    version: int = 0
    created_at: float | None = None
    ever_tagged: bool = False


class Around(Ground, AsksEvents, AsksOrganization, Clients, Gated, Protocol):
    """What the tagging API asks of its surroundings."""

    @property
    def lattice(self) -> Tagged: ...

    @property
    def ram(self) -> TaggedShares: ...

    @property
    def tagging_lag(self) -> float: ...


@dataclass
class Estate:
    """What only the views across services know: how often tags changed, who was tagged once, what is still listed."""

    cloud: Around
    known: dict[str, Known] = field(default_factory=dict)
    ghosts: dict[str, dict[str, tuple[Tags, float]]] = field(default_factory=dict)
    """By account: what was deleted and is still listed, with the time until which."""
    pages: dict[str, Page] = field(default_factory=dict)
    reports: dict[str, Any] = field(default_factory=dict)
    """By management account: the latest report of tag policies."""

    written: bool = False
    """Whether a service is being asked to take tags right now; what changes is told once, when all is done."""

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Calls in this block are the tagging API's own."""
        self.written = True
        try:
            with self.cloud.gate.quiet():
                yield
        finally:
            self.written = False

    # --- events ---

    def know(self, arn: str) -> Known:
        return self.known.setdefault(arn, Known())

    # --- tags, wherever they are ---

    def tags_of(self, arn: str) -> Tags:
        """The tags of a load balancer, EC2 or Lattice resource; {} for what does not exist."""
        _, _, service, region, account, tail = arn.split(":", 5)
        if service == "ec2":
            return dict(ec2_backends[account][region].tags.get(tail.rsplit("/", 1)[-1], {}))
        if service == "elasticloadbalancing":
            found: Tags = elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn)
            return dict(found)
        if service == "ram":
            return dict(self.cloud.ram.tags_of(arn))
        if service == "vpc-lattice":
            try:
                return dict(self.cloud.lattice.tags_of(arn))
            except AwsError:
                return {}
        return {}

    def exists(self, arn: str) -> bool:
        _, _, service, region, account, _ = arn.split(":", 5)
        if service == "vpc-lattice":
            return bool(self.cloud.lattice.exists(arn))
        if service == "ram":
            return arn in self.cloud.ram.owned_tags(account)
        return any(one.arn == arn for one in self.moto_resources(account, region))

    def moto_resources(self, account: str, region: str) -> Iterator[Any]:
        for backend in iter_taggable_backends(account, region):
            if backend.SERVICE_NAMESPACE != "vpc-lattice":
                yield from backend.iter_tagged_resources()

    def tagged(self, account: str, region: str) -> Iterator[tuple[str, str, Tags]]:
        """Everything that is or ever was tagged and is visible by now: ARN, `service:type`, tags."""
        now = self.cloud.clock.now
        for resource in self.moto_resources(account, region):
            if self.is_listed(resource.arn, resource.tags):
                yield resource.arn, resource.resource_type, dict(resource.tags)
        for arn, tags in self.cloud.lattice.owned_tags(account, region).items():
            if self.is_listed(arn, tags):
                yield arn, f"vpc-lattice:{resource_type(arn)}", dict(tags)
        for arn, tags in self.cloud.ram.owned_tags(account).items():
            if arn.split(":")[3] == region and self.is_listed(arn, tags):
                yield arn, f"ram:{resource_type(arn)}", dict(tags)
        ghosts = self.ghosts.get(account, {})
        for arn, (tags, until) in list(ghosts.items()):
            if until <= now or self.exists(arn):
                del ghosts[arn]
            elif arn.split(":")[3] in (region, ""):
                yield arn, f"{arn.split(':')[2]}:{resource_type(arn)}", tags

    def is_listed(self, arn: str, tags: Tags) -> bool:
        known = self.known.get(arn)
        if known and known.created_at is not None and self.cloud.clock.now < known.created_at + self.cloud.tagging_lag:
            return False
        return bool(tags) or bool(known and known.ever_tagged)
