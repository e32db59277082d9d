"""Rules: which requests of a listener go elsewhere than its default action says."""

from dataclasses import dataclass

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.lattice.actions import Place, resolved, switch, use
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.listeners import find as find_listener
from localcloud.services.lattice.model import Listener, Rule, Service, Wire
from localcloud.services.lattice.refusals import invalid, not_found, taken


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service, listener = find_listener(estate, params, caller, "CreateRule")
    name, priority = params["name"], params["priority"]
    if listener.protocol == "TLS_PASSTHROUGH":
        raise invalid("A TLS_PASSTHROUGH listener has only its default rule", "listenerIdentifier")
    for other in listener.rules.values():
        if other.name == name:
            raise taken(f"Rule with name {name}", other.id, Rule.resource_type)
        if other.priority == priority:
            raise taken(f"Rule with priority {priority}", other.id, Rule.resource_type)
    # The default rule does not count.
    estate.demand_room("rules_per_listener", len(listener.rules) - 1, Rule.resource_type, listener.id)
    match = _matching(params["match"])
    action = resolved(estate, params["action"], Place(service, listener.protocol), caller, "CreateRule")
    rule = Rule(
        **estate.birth("rule", caller, params.get("tags")),
        service_id=service.id,
        listener_id=listener.id,
        name=name,
        action=action,
        priority=priority,
        match=match,
    )
    listener.rules[rule.id] = rule
    estate.add(rule)
    use(estate, rule)
    described = _described(rule)
    del described["isDefault"]
    return described


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service, listener, rule = _find(estate, params, caller, "UpdateRule")
    change = _change(estate, params, (service, listener, rule), caller, "UpdateRule")
    for other in listener.rules.values():
        if other is not rule and other.priority == change.priority:
            raise taken(f"Rule with priority {change.priority}", other.id, Rule.resource_type)
    _apply(estate, change)
    return _described(rule)


def batch_update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Changes up to ten rules as one, so that priorities may be swapped; what cannot be is `unsuccessful`."""
    service, listener = find_listener(estate, params, caller, "BatchUpdateRule")
    changes: dict[str, _Change] = {}
    refused: list[Wire] = []
    named = [id_of(entry["ruleIdentifier"]) for entry in params["rules"]]
    if len(set(named)) != len(named):
        raise invalid("A rule may be named once in a batch", "rules")
    for entry in params["rules"]:
        try:
            _, _, rule = _find(estate, {**params, **entry}, caller, "BatchUpdateRule")
            changes[rule.id] = _change(estate, entry, (service, listener, rule), caller, "BatchUpdateRule")
        except AwsError as error:
            refused.append(_refusal(entry["ruleIdentifier"], error))
    for change in _clashing(listener, changes):
        clash = taken(f"Rule with priority {change.priority}", change.rule.id, Rule.resource_type)
        refused.append(_refusal(change.rule.id, clash))
        del changes[change.rule.id]
    for change in changes.values():
        _apply(estate, change)
    return {
        "successful": [_described(change.rule) for change in changes.values()],
        "unsuccessful": refused,
    }


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    *_, rule = _find(estate, params, caller, "GetRule")
    return {**_described(rule), **_times(rule)}


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    _, listener = find_listener(estate, params, caller, "ListRules")

    def render(rule: Rule) -> Wire:
        brief = present(arn=rule.arn, id=rule.id, name=rule.name, isDefault=rule.is_default, priority=rule.priority)
        return {**brief, **_times(rule)}

    return page(listener.rules.values(), params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    _, listener, rule = _find(estate, params, caller, "DeleteRule")
    _demand_own_rule(rule)
    switch(estate, rule, {})
    del listener.rules[rule.id]
    estate.remove(rule)
    return {}


@dataclass(frozen=True)
class _Change:
    rule: Rule
    priority: int | None
    match: Wire | None
    action: Wire


def _find(estate: Estate, params: Wire, caller: Caller, operation: str) -> tuple[Service, Listener, Rule]:
    service, listener = find_listener(estate, params, caller, operation)
    identifier = params["ruleIdentifier"]
    rule = listener.rules.get(id_of(identifier))
    if rule is None or (identifier.startswith("arn:") and identifier != rule.arn):
        raise not_found(Rule.resource_type, identifier)
    return service, listener, rule


def _demand_own_rule(rule: Rule) -> None:
    if rule.is_default:
        raise invalid("The default rule can be changed by UpdateListener only", "ruleIdentifier")


def _change(
    estate: Estate, wanted: Wire, where: tuple[Service, Listener, Rule], caller: Caller, operation: str
) -> _Change:
    service, listener, rule = where
    _demand_own_rule(rule)
    action = rule.action
    if "action" in wanted:
        place = Place(service, listener.protocol, rule)
        action = resolved(estate, wanted["action"], place, caller, operation)
    match = _matching(wanted["match"]) if "match" in wanted else rule.match
    return _Change(rule, wanted.get("priority", rule.priority), match, action)


def _apply(estate: Estate, change: _Change) -> None:
    rule = change.rule
    rule.priority, rule.match = change.priority, change.match
    switch(estate, rule, change.action)
    rule.updated = estate.now


def _clashing(listener: Listener, changes: dict[str, _Change]) -> list[_Change]:
    """The changes that would leave two rules with one priority.

    A refused change leaves its rule where it was, which may be in the way of another: so until none is left.
    """
    going = dict(changes)
    while True:
        holders: dict[int | None, list[str]] = {}
        for rule in listener.rules.values():
            if not rule.is_default:
                final = going[rule.id].priority if rule.id in going else rule.priority
                holders.setdefault(final, []).append(rule.id)
        clash = [
            identifier
            for holding in holders.values()
            if len(holding) > 1
            for identifier in holding
            if identifier in going and going[identifier].priority != going[identifier].rule.priority
        ]
        if not clash:
            return [change for identifier, change in changes.items() if identifier not in going]
        for identifier in clash:
            del going[identifier]


def _refusal(identifier: str, error: AwsError) -> Wire:
    return {"ruleIdentifier": identifier, "failureCode": error.code, "failureMessage": error.message}


def _matching(match: Wire) -> Wire:
    """The match with its defaults; it must ask for something."""
    http = match["httpMatch"]
    if not http:
        raise invalid("A rule needs at least one condition", "match")
    filled: Wire = {}
    if "method" in http:
        filled["method"] = http["method"]
    if "pathMatch" in http:
        filled["pathMatch"] = {"caseSensitive": True, **http["pathMatch"]}
    if "headerMatches" in http:
        filled["headerMatches"] = [{"caseSensitive": False, **header} for header in http["headerMatches"]]
    return {"httpMatch": filled}


def _described(rule: Rule) -> Wire:
    return present(
        arn=rule.arn,
        id=rule.id,
        name=rule.name,
        isDefault=rule.is_default,
        match=rule.match,
        priority=rule.priority,
        action=rule.action,
    )


def _times(rule: Rule) -> Wire:
    return {"createdAt": moment(rule.created), "lastUpdatedAt": moment(rule.updated)}


OPERATIONS: Operations[Estate] = {
    "CreateRule": create,
    "UpdateRule": update,
    "BatchUpdateRule": batch_update,
    "GetRule": get,
    "ListRules": list_all,
    "DeleteRule": delete,
}
