"""Tell people, by tags on what they asked with.

One call puts the whole answer, and blanks what does not belong to it any more: at no moment do half of the old one and
half of the new one stand. Where the one or the other call is refused, the other still takes away what is not so.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from onramp.aws.apply.scene import Scene, Tags, removed, spelled
from onramp.aws.errors import crowded, denied, unacceptable
from onramp.core import tags
from onramp.core.steps import ClearStatus, WriteStatus

UNHEARD = (ClientError, BotoCoreError)
"""What the second call comes to, where the first was refused: that one is told."""


class _Hand(NamedTuple):
    """How tags are put on this kind of resource, and taken off it."""

    put: Callable[[dict[str, str]], object]
    take: Callable[[tuple[str, ...]], object]


def write_status(scene: Scene, step: WriteStatus) -> str:
    hand = _hand(scene, step.resource)
    if not step.put:
        _clear(hand, step.remove, step.untrue)
        return ""
    try:
        left = _put_with_room(hand, step)
    except ClientError:
        with suppress(*UNHEARD):
            _take(hand, step.untrue)
        raise
    _take(hand, left)
    return ""


def _put_with_room(hand: _Hand, step: WriteStatus) -> tuple[str, ...]:
    """Keys that are blank now and still to be taken off; none where they had to go first to leave room."""
    try:
        _put(hand, step, dict.fromkeys(step.remove, ""))
    except ClientError as error:
        if not (crowded(error) and step.remove):
            raise
        hand.take(step.remove)
        _put(hand, step, {})
        return ()
    return step.remove


def clear_status(scene: Scene, step: ClearStatus) -> str:
    _clear(_hand(scene, step.resource), step.remove, step.remove)
    return ""


def _clear(hand: _Hand, keys: tuple[str, ...], untrue: tuple[str, ...]) -> None:
    """What goes, and is put blank where it may not be taken off."""
    try:
        _take(hand, keys)
    except ClientError:
        with suppress(*UNHEARD):
            if untrue:
                hand.put(dict.fromkeys(untrue, ""))
        raise


def _hand(scene: Scene, resource: str) -> _Hand:
    if ":vpc-lattice:" in resource:
        lattice = scene.lattice
        return _Hand(
            lambda given: lattice.tag_resource(resourceArn=resource, tags=given),
            lambda keys: removed(lambda: lattice.untag_resource(resourceArn=resource, tagKeys=list(keys))),
        )
    if resource.startswith("arn:"):
        elb = scene.client("elbv2")
        return _Hand(
            lambda given: elb.add_tags(ResourceArns=[resource], Tags=spelled(given)),
            lambda keys: elb.remove_tags(ResourceArns=[resource], TagKeys=list(keys)),
        )
    ec2 = scene.client("ec2")
    return _Hand(
        lambda given: _known(lambda known: ec2.create_tags(Resources=[resource], Tags=known), spelled(given)),
        lambda keys: _known(
            lambda known: ec2.delete_tags(Resources=[resource], Tags=known), [{"Key": key} for key in keys]
        ),
    )


def _take(hand: _Hand, keys: tuple[str, ...]) -> None:
    if keys:
        hand.take(keys)


def _put(hand: _Hand, step: WriteStatus, blank: dict[str, str]) -> None:
    try:
        hand.put(step.put | blank)
    except ClientError as error:
        # Whether a tag takes letters of every script AWS's documents do not say alike: rather in English than not.
        if not step.instead or not unacceptable(error):
            raise
        hand.put(step.put | step.instead | blank)


def _known(change: Callable[[Tags], object], given: Tags) -> None:
    """The change, without the tag that a release before may not touch where this one is denied."""
    try:
        change(given)
    except ClientError as error:
        # A member stack that was taken back to a release without this tag may say so only by its next sweep.
        known = [tag for tag in given if tag["Key"] != tags.SERVICES]
        if not denied(error) or known == given:
            raise
        if known:
            change(known)
