"""What a rule does with a request: which target groups it may forward to, and the use that this makes of them."""

from dataclasses import dataclass

from localcloud.ground.caller import Caller
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import ONLY_WEIGHT, Rule, Service, TargetGroup, Wire, forwards_to
from localcloud.services.lattice.refusals import in_use, invalid, unsettled

FIXED_RESPONSES = (404, 500)


@dataclass(frozen=True)
class Place:
    """Where an action is wanted: `rule` is the one that it changes, None for a new one."""

    service: Service
    protocol: str
    rule: Rule | None = None


def resolved(estate: Estate, action: Wire, place: Place, caller: Caller, operation: str) -> Wire:
    """The action with target group ids, however they were given, and weights filled in (facts 5).

    ValidationException, ResourceNotFoundException, ConflictException or ServiceQuotaExceededException when it
    cannot be taken.
    """
    if "fixedResponse" in action:
        return _fixed(action, place.protocol)
    groups = [estate.owned(estate.target_groups, identifier, caller, operation) for identifier in forwards_to(action)]
    given = action["forward"]["targetGroups"]
    if len({group.id for group in groups}) != len(given):
        raise invalid("A target group may be named once in an action", "targetGroups")
    if len(given) > 1 and any("weight" not in entry for entry in given):
        raise invalid("Each of several target groups needs a weight", "weight")
    _demand_fit(estate, groups, place)
    weighted = [
        {"targetGroupIdentifier": group.id, "weight": entry.get("weight", ONLY_WEIGHT)}
        for group, entry in zip(groups, given, strict=True)
    ]
    return {"forward": {"targetGroups": weighted}}


def use(estate: Estate, rule: Rule) -> None:
    """Record that the rule's target groups serve its service."""
    for group in filter(None, map(estate.target_groups.get, rule.target_groups)):
        group.used_by[rule.id] = rule.service_id


def switch(estate: Estate, rule: Rule, action: Wire) -> None:
    """Give the rule another action (a resolved one; an empty one when the rule goes)."""
    before = set(rule.target_groups)
    rule.action = action
    use(estate, rule)
    for group in filter(None, map(estate.target_groups.get, before - set(rule.target_groups))):
        group.used_by.pop(rule.id, None)
        if not group.used_by:
            # Nothing sends requests to it any more, so nothing is left to drain (facts 9).
            for key in [key for key, target in group.targets.items() if target.draining]:
                drop_target(estate, group, key)


def drop_target(estate: Estate, group: TargetGroup, key: tuple[str, int | None]) -> None:
    group.targets.pop(key, None)
    if group.type == "ALB" and not any(other == key[0] for other, _ in group.targets):
        using = estate.groups_of_balancer.get(key[0], set())
        using.discard(group.id)
        if not using:
            estate.groups_of_balancer.pop(key[0], None)


def _fixed(action: Wire, protocol: str) -> Wire:
    if protocol == "TLS_PASSTHROUGH":
        raise invalid("A TLS_PASSTHROUGH listener must forward to a TCP target group", "fixedResponse")
    if action["fixedResponse"]["statusCode"] not in FIXED_RESPONSES:
        raise invalid("Only the status codes 404 and 500 are supported in a fixed response", "statusCode")
    return {"fixedResponse": {"statusCode": action["fixedResponse"]["statusCode"]}}


def _demand_fit(estate: Estate, groups: list[TargetGroup], place: Place) -> None:
    service, protocol = place.service, place.protocol
    serving = {
        identifier
        for listener in service.listeners.values()
        for rule in listener.rules.values()
        if rule is not place.rule
        for identifier in rule.target_groups
    }
    for group in groups:
        if group.status != "ACTIVE":
            raise unsettled(group)
        if (group.protocol == "TCP") != (protocol == "TLS_PASSTHROUGH"):
            raise invalid(f"A {protocol} listener cannot forward to a target group of {group.protocol}")
        others = set(group.used_by.values()) - {service.id}
        if others:
            raise in_use(group, f"Target group {group.id} is in use by another service")
    count = len(serving | {group.id for group in groups})
    if count > estate.quotas.target_groups_per_service:
        estate.demand_room("target_groups_per_service", count - 1, TargetGroup.resource_type, service.id)
