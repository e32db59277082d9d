"""Listeners of a service, and the rules on them."""

from typing import Any

from onramp.aws import matching
from onramp.aws.apply.scene import Scene, check, removed
from onramp.core.errors import NotYet
from onramp.core.model import Forward
from onramp.core.plan.default_action import NOTHING_TAKES
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
    where = {"serviceIdentifier": step.service, "listenerIdentifier": step.listener}
    if step.seen is not None:
        _as_seen(step.seen, scene.lattice.get_listener(**where)["defaultAction"])
    scene.lattice.update_listener(**where, defaultAction=_action(step.forwards))
    return ""


def _as_seen(seen: tuple[Forward, ...], action: dict[str, Any]) -> None:
    """A tool that shifts shares between our look and this step fails when they are put back (facts R25), and an update
    takes no condition: where it did, the next look plans by what is there. Raises NotYet.
    """
    if set(matching.forwards(action)) != set(seen):
        raise NotYet("a tool has changed the shares since they were looked at")


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
    where = {"serviceIdentifier": step.service, "listenerIdentifier": step.listener}
    for change in step.changes:
        if change.seen is not None:
            _as_seen(change.seen, scene.lattice.get_rule(**where, ruleIdentifier=change.rule)["action"])
    answer = scene.lattice.batch_update_rule(
        **where,
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
