"""Tell people, by tags on what they asked with."""

from collections.abc import Callable

from botocore.exceptions import ClientError

from onramp.aws.apply.scene import Scene, Tags, removed, spelled
from onramp.aws.errors import denied, unacceptable
from onramp.core import tags
from onramp.core.steps import WriteStatus


def write_status(scene: Scene, step: WriteStatus) -> str:
    if ":vpc-lattice:" in step.resource:
        lattice, about = scene.lattice, {"resourceArn": step.resource}
        if step.put:
            _put(step, lambda given: lattice.tag_resource(**about, tags={one["Key"]: one["Value"] for one in given}))
        if step.remove:
            removed(lambda: lattice.untag_resource(**about, tagKeys=list(step.remove)))
        return ""
    if step.resource.startswith("arn:"):
        elb = scene.client("elbv2")
        if step.put:
            _put(step, lambda given: elb.add_tags(ResourceArns=[step.resource], Tags=given))
        if step.remove:
            elb.remove_tags(ResourceArns=[step.resource], TagKeys=list(step.remove))
        return ""
    ec2 = scene.client("ec2")
    if step.put:
        _put(step, lambda given: _known(lambda known: ec2.create_tags(Resources=[step.resource], Tags=known), given))
    if step.remove:
        gone = [{"Key": key} for key in step.remove]
        _known(lambda known: ec2.delete_tags(Resources=[step.resource], Tags=known), gone)
    return ""


def _put(step: WriteStatus, put: Callable[[Tags], object]) -> None:
    try:
        put(spelled(step.put))
    except ClientError as error:
        # Whether a tag takes letters of every script AWS's documents do not say alike: rather in English than not.
        if not step.instead or not unacceptable(error):
            raise
        put(spelled(step.put | step.instead))


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
