"""What is joined to what: networks, clients, services, load balancers, their state, and who may call whom."""

from collections.abc import Iterable
from typing import get_args

from onramp.core import tags
from onramp.core.inventory import Status
from onramp.core.model import Value
from onramp.core.text import plain


class Network(Value, frozen=True):
    """`auth`: its auth type, '' when it could not be read. Under AWS_IAM its policy decides besides who may call."""

    id: str
    arn: str
    account: str
    name: str
    auth: str = ""


class Client(Value, frozen=True):
    """A VPC that is joined, or asks to be. `network` is an id, '' while it is in none."""

    id: str
    account: str
    vpc: str
    network: str
    state: str
    code: str = ""
    message: str = ""
    name: str = ""


class Service(Value, frozen=True):
    """A service that is joined, or is asked for. `networks` are ids; `domain` is '' while there is none."""

    id: str
    account: str
    name: str
    domain: str
    networks: tuple[str, ...]
    state: str
    code: str = ""
    message: str = ""


class Balancer(Value, frozen=True):
    """A tagged load balancer; `service` is the id of the service that it is behind."""

    id: str
    account: str
    name: str
    service: str
    state: str
    code: str = ""
    message: str = ""


class Unread(Value, frozen=True):
    """An account whose tags could not be read: what it asks for, is refused or waits for is not known."""

    account: str
    why: str


class Topology(Value, frozen=True, omit_defaults=False):
    """All that could be seen, in a fixed order."""

    networks: tuple[Network, ...] = ()
    clients: tuple[Client, ...] = ()
    services: tuple[Service, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    unread: tuple[Unread, ...] = ()


# --- what was read


class JoinedService(Value, frozen=True):
    """A service's association as a network lists it."""

    account: str
    arn: str
    name: str
    domain: str
    network: str
    status: str


class JoinedVpc(Value, frozen=True):
    """A VPC's association as a network lists it; `account` is whoever made it."""

    account: str
    vpc: str
    network: str
    status: str


class Tagged(Value, frozen=True):
    """A load balancer, VPC or service with all its tags."""

    account: str
    arn: str
    tags: dict[str, str]


class Reported(Value, frozen=True):
    """One service, client or refusal of an account's last report; `resources` are ARNs and VPC ids."""

    resources: tuple[str, ...]
    status: str
    name: str = ""
    domain: str = ""
    message: str = ""


def reported(
    account: str, network: str, reports: Iterable[Reported], prefix: str = tags.DEFAULT_PREFIX
) -> list[Tagged]:
    """What a report says, as the tags of what it is about would say it; the later one of a resource wins."""
    found: dict[str, Tagged] = {}
    for item in reports:
        for resource in item.resources:
            if resource.startswith("vpc-") or any(kind in resource for kind in _TAGGED):
                arn = f"arn:aws:ec2:::vpc/{resource}" if resource.startswith("vpc-") else resource
                given = {
                    f"{prefix}{tags.NETWORK}": network,
                    f"{prefix}{tags.SERVICE}": item.name,
                    tags.STATUS: item.status,
                    tags.DOMAIN: item.domain,
                    tags.MESSAGE: item.message,
                }
                before = found[arn].tags if arn in found else {}
                told = {**before, **{key: value for key, value in given.items() if value}}
                found[arn] = Tagged(account=account, arn=arn, tags=told)
    return list(found.values())


# --- what it means

_OWN_SERVICE = ":service/svc-"
"""Of the ARN of a service that people made themselves and tagged."""

_TAGGED = (":loadbalancer/", ":vpc/", _OWN_SERVICE)

_STATES = {
    "ACTIVE": "connected",
    "UPDATE_IN_PROGRESS": "connected",
    "UPDATE_FAILED": "connected",
    "CREATE_IN_PROGRESS": "connecting",
    "DELETE_IN_PROGRESS": "disconnecting",
}

_OF_THE_WHOLE = frozenset({"unreachable", "held", "disconnecting"})
"""Answers that say more of what is joined than that it is."""


def topology(
    networks: Iterable[Network],
    services: Iterable[JoinedService],
    vpcs: Iterable[JoinedVpc],
    tagged: Iterable[Tagged],
    unread: Iterable[Unread] = (),
    *,
    prefix: str = tags.DEFAULT_PREFIX,
) -> Topology:
    """Put together what networks list and what tags ask for and were answered."""
    known = tuple(sorted(networks, key=lambda it: (it.name, it.id)))
    things = sorted(tagged, key=lambda it: it.arn)
    joined = tuple(services)
    names = {it.name: it.id for it in known}
    balancers = [_balancer(it, joined, prefix) for it in things if _is_balancer(it)]
    found = _services(joined, things, balancers, names, prefix)
    return Topology(
        networks=known,
        clients=_clients(tuple(vpcs), things, names, prefix),
        services=found,
        balancers=tuple(sorted(balancers, key=lambda it: (it.account, it.name))),
        unread=tuple(Unread(account=it.account, why=plain(it.why)) for it in sorted(unread, key=lambda it: it.account)),
    )


def callers(seen: Topology, service: Service) -> tuple[Client, ...]:
    """The clients that may call it, as far as being in one network goes."""
    return tuple(it for it in seen.clients if it.network in service.networks and it.state in _CALLS)


def callable_by(seen: Topology, client: Client) -> tuple[Service, ...]:
    """The services that it may call, as far as being in one network goes."""
    return tuple(it for it in seen.services if it.domain and client.network in it.networks and client.state in _CALLS)


_CALLS = frozenset({"connected", "held", "disconnecting"})


def _is_balancer(thing: Tagged) -> bool:
    return ":loadbalancer/" in thing.arn


def _balancer(thing: Tagged, joined: tuple[JoinedService, ...], prefix: str) -> Balancer:
    own = [it for it in joined if it.account == thing.account]
    domain, name = thing.tags.get(tags.DOMAIN, ""), _service_name(thing, prefix)
    behind = next((it.arn for it in own if domain and it.domain == domain), "")
    behind = behind or next((it.arn for it in own if it.name == name), f"{thing.account}/{name}")
    state, code, message = _answer(thing)
    return Balancer(
        id=thing.arn,
        account=thing.account,
        name=thing.arn.split("/")[-2],
        service=behind,
        state=state or "connecting",
        code=code,
        message=message,
    )


def _service_name(thing: Tagged, prefix: str) -> str:
    given = plain(thing.tags.get(f"{prefix}{tags.SERVICE}", ""), NAME_LENGTH)
    return given or thing.arn.split("/")[-2 if _is_balancer(thing) else -1].lower()


def _answer(thing: Tagged) -> tuple[str, str, str]:
    """State, code and sentence of the answer on its tags: the message begins with its code (`code: sentence`).

    Whoever may tag may have written them: a state that no answer has is none.
    """
    state, message = thing.tags.get(tags.STATUS, ""), plain(thing.tags.get(tags.MESSAGE, ""))
    state = state if state in _ANSWERS else ""
    code, colon, rest = message.partition(": ")
    return (state, code, rest) if colon and code and " " not in code else (state, "", message)


_ANSWERS = frozenset(get_args(Status.__value__))

NAME_LENGTH = 256  # what a tag's value holds (facts 6)


def _services(
    joined: tuple[JoinedService, ...],
    things: list[Tagged],
    balancers: list[Balancer],
    names: dict[str, str],
    prefix: str,
) -> tuple[Service, ...]:
    found: dict[str, Service] = {}
    for item in joined:
        told = [(it.state, it.code, it.message) for it in balancers if it.service == item.arn]
        told += [_answer(it) for it in things if it.arn == item.arn]
        state = _STATES.get(item.status, "failed")
        # A load balancer that is refused takes nothing away from a service that answers.
        whole = next((it for it in told if state == "connected" and it[0] in _OF_THE_WHOLE), None)
        state, code, message = whole or (state, "", "")
        before = found.get(item.arn)
        found[item.arn] = Service(
            id=item.arn,
            account=item.account,
            name=item.name,
            domain=item.domain,
            networks=(*(before.networks if before else ()), item.network),
            state=state,
            code=code,
            message=message,
        )
    for thing, balancer in zip((it for it in things if _is_balancer(it)), balancers, strict=True):
        if balancer.service not in found:
            asked = names.get(thing.tags.get(f"{prefix}{tags.NETWORK}", ""), "")
            found[balancer.service] = Service(
                id=balancer.service,
                account=thing.account,
                name=_service_name(thing, prefix),
                domain=plain(thing.tags.get(tags.DOMAIN, ""), NAME_LENGTH),
                networks=(asked,) if asked else (),
                state=balancer.state,
                code=balancer.code,
                message=balancer.message,
            )
    for thing in things:
        # What runs made asks by its load balancers, whatever tags it carries.
        if _OWN_SERVICE in thing.arn and thing.arn not in found and tags.OWNER not in thing.tags:
            asked = names.get(thing.tags.get(f"{prefix}{tags.NETWORK}", ""), "")
            state, code, message = _answer(thing)
            found[thing.arn] = Service(
                id=thing.arn,
                account=thing.account,
                name=_service_name(thing, prefix),
                domain=plain(thing.tags.get(tags.DOMAIN, ""), NAME_LENGTH),
                networks=(asked,) if asked else (),
                state=state or "connecting",
                code=code,
                message=message,
            )
    return tuple(sorted(found.values(), key=lambda it: (it.account, it.name, it.id)))


def _clients(
    joined: tuple[JoinedVpc, ...], things: list[Tagged], names: dict[str, str], prefix: str
) -> tuple[Client, ...]:
    tagged = {it.arn.rpartition("/")[2]: it for it in things if ":vpc/" in it.arn}
    found: dict[str, Client] = {}
    for item in joined:
        thing = tagged.get(item.vpc)
        said, code, message = _answer(thing) if thing is not None else ("", "", "")
        state = _STATES.get(item.status, "failed")
        if state == "connected" and said in _OF_THE_WHOLE:
            state = said
        found[item.vpc] = Client(
            id=item.vpc,
            account=item.account,
            vpc=item.vpc,
            network=item.network,
            state=state,
            code=code,
            message=message,
            name=plain(thing.tags.get("Name", ""), NAME_LENGTH) if thing is not None else "",
        )
    for vpc, thing in tagged.items():
        if vpc not in found:
            state, code, message = _answer(thing)
            found[vpc] = Client(
                id=vpc,
                account=thing.account,
                vpc=vpc,
                network=names.get(thing.tags.get(f"{prefix}{tags.NETWORK}", ""), ""),
                state=state or "connecting",
                code=code,
                message=message,
                name=plain(thing.tags.get("Name", ""), NAME_LENGTH),
            )
    return tuple(sorted(found.values(), key=lambda it: (it.account, it.vpc)))
