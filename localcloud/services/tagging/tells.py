"""The event that a changed tag set raises, whichever service changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.ground.caller import Caller
from localcloud.services.tagging.arns import made_by, named_by, resource_type
from localcloud.services.tagging.estate import Estate, Tags

if TYPE_CHECKING:
    from localcloud.door.call import Done

DETAIL_TYPE = "Tag Change on Resource"

# The services whose tag changes are known to ring (facts 2.1), by botocore's name.
_RINGING = {"elbv2", "ec2", "vpc-lattice", "resourcegroupstaggingapi"}
_VANISHING_LIMIT = 600.0
"""Seconds after which a deletion that did not come to pass is no longer looked after."""


def tags_before(estate: Estate, service: str, _: str, params: dict[str, Any], caller: Caller) -> dict[str, Tags]:
    """The tags, as they are, of what the call names."""
    if service not in _RINGING or estate.written:
        return {}
    return {arn: estate.tags_of(arn) for arn in named_by(service, params, caller)}


def tell(estate: Estate, done: Done, before: dict[str, Tags] | None) -> None:
    if done.service not in _RINGING or done.error or estate.written:
        return
    before = before or {}
    now = estate.cloud.clock.now
    if done.operation.startswith("Delete") and not done.operation.endswith(("Tags", "Policy")):
        for arn, tags in before.items():
            vanish(estate, arn, tags)
        return
    touched = dict.fromkeys(before)
    if done.operation.startswith(("Create", "Run", "Allocate")) and done.operation != "CreateTags":
        for arn in made_by(done):
            if arn in estate.known:
                continue  # the same request once more: it made nothing
            touched[arn] = None
            if not done.quiet:
                estate.know(arn).created_at = now
    for arn in touched:
        compare(estate, arn, before.get(arn, {}), announced=not done.quiet)


def compare(estate: Estate, arn: str, before: Tags, *, announced: bool) -> None:
    after = estate.tags_of(arn)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    known = estate.know(arn)
    known.ever_tagged = known.ever_tagged or bool(before or after)
    if not changed:
        return
    known.version += 1
    if not announced:
        return
    _, _, service, region, account, _ = arn.split(":", 5)
    estate.cloud.events.emit(
        account=account,
        source="aws.tag",
        detail_type=DETAIL_TYPE,
        resources=[arn],
        region=region,
        detail={
            "changed-tag-keys": changed,
            "tags": after,
            "service": service,
            "resource-type": resource_type(arn),
            "version": known.version,
        },
    )


def vanish(estate: Estate, arn: str, tags: Tags) -> None:
    """A deleted resource is still listed for the lag; Lattice's deletions are over only when it is gone."""
    until = estate.cloud.clock.now + _VANISHING_LIMIT

    def look() -> None:
        if not estate.exists(arn):
            estate.known.pop(arn, None)
            if tags:
                lasting = (tags, estate.cloud.clock.now + estate.cloud.tagging_lag)
                estate.ghosts.setdefault(arn.split(":")[4], {})[arn] = lasting
        elif ":vpc-lattice:" in arn and estate.cloud.clock.now < until:
            estate.cloud.clock.after(1.0, look, f"deletion of {arn}", background=True)

    look()
