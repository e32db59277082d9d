"""Listeners: a port of a service. Each is born with a default rule, which only it can change."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice.actions import Place, resolved, switch, use
from localcloud.services.lattice.answers import moment, page
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.model import Listener, Rule, Service, Wire
from localcloud.services.lattice.refusals import invalid, not_found, taken, unsettled

DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443, "TLS_PASSTHROUGH": 443}


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service = estate.owned(estate.services, params["serviceIdentifier"], caller, "CreateListener")
    name, protocol = params["name"], params["protocol"]
    if service.status != "ACTIVE":
        raise unsettled(service)
    port = params.get("port", DEFAULT_PORTS[protocol])
    for other in service.listeners.values():
        if other.name == name:
            raise taken(f"Listener with name {name}", other.id, Listener.resource_type)
        if other.port == port:
            raise taken(f"Listener with port {port}", other.id, Listener.resource_type)
    if protocol == "TLS_PASSTHROUGH" and not service.custom_domain:
        raise invalid("A TLS_PASSTHROUGH listener needs a service with a custom domain name", "protocol")
    estate.demand_room("listeners_per_service", len(service.listeners), Listener.resource_type, service.id)
    action = resolved(estate, params["defaultAction"], Place(service, protocol), caller, "CreateListener")
    listener = Listener(
        **estate.birth("listener", caller, params.get("tags")),
        service_id=service.id,
        name=name,
        protocol=protocol,
        port=port,
    )
    rule = Rule(
        **estate.birth("rule", caller),
        service_id=service.id,
        listener_id=listener.id,
        name="default",
        action=action,
    )
    listener.rules[rule.id] = rule
    service.listeners[listener.id] = listener
    estate.add(listener)
    estate.add(rule)
    use(estate, rule)
    return _described(service, listener)


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only the default action can change (facts 7)."""
    service, listener = find(estate, params, caller, "UpdateListener")
    rule = listener.default
    place = Place(service, listener.protocol, rule)
    switch(estate, rule, resolved(estate, params["defaultAction"], place, caller, "UpdateListener"))
    rule.updated = listener.updated = estate.now
    return _described(service, listener)


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service, listener = find(estate, params, caller, "GetListener")
    return {**_described(service, listener), **_times(listener)}


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service = estate.owned(estate.services, params["serviceIdentifier"], caller, "ListListeners")

    def render(listener: Listener) -> Wire:
        return {
            "arn": listener.arn,
            "id": listener.id,
            "name": listener.name,
            "protocol": listener.protocol,
            "port": listener.port,
            **_times(listener),
        }

    return page(service.listeners.values(), params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Takes its rules along."""
    service, listener = find(estate, params, caller, "DeleteListener")
    forget(estate, service, listener)
    return {}


def find(estate: Estate, params: Wire, caller: Caller, operation: str) -> tuple[Service, Listener]:
    """The listener that the two identifiers name, each an id or an ARN."""
    service = estate.owned(estate.services, params["serviceIdentifier"], caller, operation)
    identifier = params["listenerIdentifier"]
    listener = service.listeners.get(id_of(identifier))
    if listener is None or (identifier.startswith("arn:") and identifier != listener.arn):
        raise not_found(Listener.resource_type, identifier)
    return service, listener


def forget(estate: Estate, service: Service, listener: Listener) -> None:
    """Remove a listener with its rules."""
    for rule in listener.rules.values():
        switch(estate, rule, {})
        estate.remove(rule)
    del service.listeners[listener.id]
    estate.remove(listener)


def _described(service: Service, listener: Listener) -> Wire:
    return {
        "arn": listener.arn,
        "id": listener.id,
        "name": listener.name,
        "protocol": listener.protocol,
        "port": listener.port,
        "serviceArn": service.arn,
        "serviceId": service.id,
        "defaultAction": listener.default.action,
    }


def _times(listener: Listener) -> Wire:
    return {"createdAt": moment(listener.created), "lastUpdatedAt": moment(listener.updated)}


OPERATIONS: Operations[Estate] = {
    "CreateListener": create,
    "UpdateListener": update,
    "GetListener": get,
    "ListListeners": list_all,
    "DeleteListener": delete,
}
