"""Services that people made themselves, and that a tag speaks of. Looked for where something told of them: an account
that has none is asked by its sweeps alone, in one call, and by none that looks for more than others already.
"""

import re
from collections.abc import Iterable

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.at_once import each
from onramp.aws.errors import denied, missing
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader, id_of, tag_dict
from onramp.core import tags
from onramp.core.desired import PASSTHROUGH, speaks, wishes
from onramp.core.model import MARKED, UNREAD, Existing, Service
from onramp.core.run import Run
from onramp.core.tagged_by import MISSING
from onramp.core.triggers import LOOK, SWEEP

_SERVICE = re.compile(r"arn:[a-z-]+:vpc-lattice:[a-z0-9-]+:[0-9]{12}:service/svc-[0-9a-z]+")


SELDOM = 7200
"""Seconds between two looks for hands below which every sweep may be one."""


def existing(
    reader: Reader, lattice: Lattice, ours: Iterable[Service], *, for_hands: bool = False
) -> tuple[Existing, ...]:
    """Those that ask, that asked, and that still carry an answer. `ours`: what runs made, which asks by no tag of its
    own, whatever it carries. `for_hands`: this look reads more than others already; the next sweep seeks.
    """
    spared = for_hands and reader.network.hands_seconds >= SELDOM
    indexed = _indexed(reader) if _seeks(reader.run) and not spared else {}
    known = {service.arn for service in ours} | reader.known.keys()
    told_of = {arn for arn in _told_of(reader.run) | indexed.keys() if _SERVICE.fullmatch(arn)}
    found = each(lambda arn: read(reader, lattice, arn, indexed.get(arn)), sorted(told_of - known))
    return tuple(one for one in found if one is not None)


def let_go(found: Iterable[Existing]) -> frozenset[str]:
    """What of ours goes with a service that its owner takes back: nothing but its association."""
    back = (one for one in found if one.tags.get(tags.RELEASE) == tags.YES)
    return frozenset(joined.arn for one in back for joined in one.associations if joined.owned)


def _seeks(run: Run) -> bool:
    """Is nobody to be trusted with telling of all: at a sweep, and where more rang than could be kept?"""
    return run.trigger.get("detail_type") in {SWEEP, LOOK} or MISSING in run.asks


def _told_of(run: Run) -> set[str]:
    """ARNs of which the last look, the last report, or whoever rang has told, and on which an answer was left that
    could not be written or taken off: nothing else tells of a service that asks for nothing any more.
    """
    last = run.plan or run.memory
    steps = [outcome.key for batch in run.outcomes for outcome in batch if not outcome.stands]
    failed = (*steps, *run.failures, *run.memory.ended, *(refusal.resource for refusal in run.memory.refusals))
    return {
        *(state.arn for state in last.services if state.arn in state.load_balancers),
        *(refusal.resource for refusal in last.refusals),
        *(request.resource for request in last.approvals or ()),
        *(one.resource for one in run.asks),
        *(key.rpartition(" ")[2] for key in failed),  # a step's key ends with what it was for
    }


def _indexed(reader: Reader) -> dict[str, dict[str, str]]:
    """By the tagging API, which lags: what it lists is confirmed by reading it."""
    items = reader.listed(
        MARKED,
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        TagFilters=[{"Key": reader.network.prefix + tags.NETWORK}],
        ResourceTypeFilters=["vpc-lattice:service"],
    )
    return {item["ResourceARN"]: tag_dict(item["Tags"]) for item in items}


def read(reader: Reader, lattice: Lattice, arn: str, indexed: dict[str, str] | None = None) -> Existing | None:
    """The service as it is; None where it is gone, or asks for nothing and never did. `indexed`: its tags as the
    tagging API lists them; one of another account, whose tags are not ours to read, is known by those alone.
    """
    network = reader.network
    last = reader.run.plan or reader.run.memory
    name = next((state.name for state in last.services if state.arn == arn and arn in state.load_balancers), "")
    if arn.split(":")[4] != reader.member.account:
        return Existing(arn=arn, name=id_of(arn), status="ACTIVE", tags=indexed) if indexed else None
    given = reader.one(arn, lambda: reader.lattice.list_tags_for_resource(resourceArn=arn)["tags"])
    plain = Existing(arn=arn, name=name or id_of(arn), status=UNREAD, tags=given or {})
    if given is None:
        return plain if arn in reader.unread else None
    if not (name or speaks(network, plain) or not given.keys().isdisjoint(tags.STATUS_KEYS)):
        return None
    found = lattice.service(arn)
    if found is None or found.status == UNREAD:
        return plain if found is not None else None
    # As of a VPC's association: our mark on it counts where we remember to have made it, or the service asks for it.
    wishing = wishes(network, plain)
    associations = tuple(
        replace(one, owned=one.owned and (wishing or one.arn in reader.known)) for one in found.associations
    )
    if given.get(tags.OWNER) in network.siblings and not any(one.owned for one in associations):
        return None  # a sibling's run made it, with tags of what asked
    listens = _listens(reader, arn)
    return replace(
        plain,
        name=found.name,
        status=found.status,
        domain=found.domain,
        custom_domain=found.custom_domain.lower(),
        failure=found.failure,
        associations=associations,
        listens=None if listens is None else bool(listens),
        passes=listens == {PASSTHROUGH},
    )


def _listens(reader: Reader, arn: str) -> set[str] | None:
    """Its listeners' protocols; None where they may not be read: that keeps nothing from the network."""
    try:
        items = reader.pages("vpc-lattice", "list_listeners", "items", serviceIdentifier=arn)
        return {one.get("protocol", "") for one in items}
    except ClientError as error:
        if not (denied(error) or missing(error)):
            raise
        return None
