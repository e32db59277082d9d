"""Target groups, each with one load balancer in it."""

from onramp.aws.apply.scene import Scene, Taken, check, removed
from onramp.core.steps import CreateTargetGroup, DeleteTargetGroup, RegisterTarget


def create_target_group(scene: Scene, step: CreateTargetGroup) -> str:
    # No health check and no version: both are refused or fixed for type ALB (facts 11).
    return str(
        scene.lattice.create_target_group(
            name=step.name,
            type="ALB",
            config={"protocol": step.protocol, "port": step.port, "vpcIdentifier": step.vpc},
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def register_target(scene: Scene, step: RegisterTarget) -> str:
    answer = scene.lattice.register_targets(
        targetGroupIdentifier=step.target_group, targets=[{"id": step.load_balancer, "port": step.port}]
    )
    check(answer, code="target-refused")
    if step.load_balancer not in {target["id"] for target in answer.get("successful", ())}:
        raise Taken("the answer does not list it as registered")
    return ""


def delete_target_group(scene: Scene, step: DeleteTargetGroup) -> str:
    def delete() -> None:
        if step.targets:
            # Out of use, targets go at once; still draining ones make the delete a conflict, tried again later.
            check(
                scene.lattice.deregister_targets(
                    targetGroupIdentifier=step.target_group,
                    targets=[{"id": target, "port": port} for target, port in step.targets],
                ),
                "TargetNotFound",
                code="target-refused",
            )
        scene.lattice.delete_target_group(targetGroupIdentifier=step.target_group)

    return removed(delete)
