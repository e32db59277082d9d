"""Take over what people made and hand to us, and let it go again."""

from onramp.aws.apply.scene import Scene, removed, spelled
from onramp.core import tags
from onramp.core.steps import Adopt, Release


def adopt(scene: Scene, step: Adopt) -> str:
    if step.remove:  # first: once it is ours nobody looks for it
        removed(lambda: scene.lattice.untag_resource(resourceArn=step.resource, tagKeys=list(step.remove)))
    if step.resource.startswith("sg-"):
        scene.client("ec2").create_tags(Resources=[step.resource], Tags=spelled(scene.tags(step)))
    else:
        scene.lattice.tag_resource(resourceArn=step.resource, tags=scene.tags(step))
    return step.resource


_LET_GO = [tags.OWNER, tags.NAME, tags.ADOPT]
"""What goes with our mark: the word that handed it over, too, which is to be said anew."""


def release(scene: Scene, step: Release) -> str:
    if step.resource.startswith("sg-"):
        gone = [{"Key": key} for key in _LET_GO]
        removed(lambda: scene.client("ec2").delete_tags(Resources=[step.resource], Tags=gone))
    else:
        removed(lambda: scene.lattice.untag_resource(resourceArn=step.resource, tagKeys=_LET_GO))
    return step.resource
