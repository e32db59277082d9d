"""Listeners of a service, and the rules on them."""

from typing import Any

from onramp.aws import matching
from onramp.aws.apply.scene import Scene, check, removed
from onramp.core.model import Forward
from onramp.core.plan.rules import NOTHING_TAKES
from onramp.core.steps import CreateListener, CreateRule, DeleteListener, DeleteRule, UpdateListener, UpdateRules


def _action(forwards: tuple[Forward, ...]) -> dict[str, Any]:
    """Of a default action that sends to nobody: what no rule takes is answered."""
    if not forwards:
        return {"fixedResponse": {"statusCode": NOTHING_TAKES}}
    return {
        "forward": {
            "targetGroups": [{"targetGroupIdentifier": to.target_group, "weight": to.weight} for to in forwards]
        }
    }


def create_listener(scene: Scene, step: CreateListener) -> str:
    return str(
        scene.lattice.create_listener(
            serviceIdentifier=step.service,
            name=step.listener,
            protocol=step.protocol,
            port=step.port,
            defaultAction=_action(step.forwards),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def update_listener(scene: Scene, step: UpdateListener) -> str:
    scene.lattice.update_listener(
        serviceIdentifier=step.service, listenerIdentifier=step.listener, defaultAction=_action(step.forwards)
    )
    return ""


def delete_listener(scene: Scene, step: DeleteListener) -> str:
    return removed(
        lambda: scene.lattice.delete_listener(serviceIdentifier=step.service, listenerIdentifier=step.listener)
    )


def create_rule(scene: Scene, step: CreateRule) -> str:
    return str(
        scene.lattice.create_rule(
            serviceIdentifier=step.service,
            listenerIdentifier=step.listener,
            name=step.rule,
            match=matching.spelled(step.match),
            priority=step.priority,
            action=_action(step.forwards),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def update_rules(scene: Scene, step: UpdateRules) -> str:
    answer = scene.lattice.batch_update_rule(
        serviceIdentifier=step.service,
        listenerIdentifier=step.listener,
        rules=[
            {
                "ruleIdentifier": change.rule,
                "match": matching.spelled(change.match),
                "priority": change.priority,
                **({"action": _action(change.forwards)} if change.forwards else {}),
            }
            for change in step.changes
        ],
    )
    check(answer, code="rule-refused")
    return ""


def delete_rule(scene: Scene, step: DeleteRule) -> str:
    return removed(
        lambda: scene.lattice.delete_rule(
            serviceIdentifier=step.service, listenerIdentifier=step.listener, ruleIdentifier=step.rule
        )
    )
