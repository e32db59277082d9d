"""What people make by hand in the random histories, as any tags ask for it, hand over, and take back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from model_world import CERTIFICATES, TEAM, World
from msgspec.structs import replace
from onramp.core import names
from onramp.core.certificates import is_good
from onramp.core.desired import PASSTHROUGH, WantedClient, WantedService, desired
from onramp.core.model import (
    Association,
    Forward,
    Listener,
    Match,
    Observation,
    Rule,
    SecurityGroup,
    Service,
    Settings,
    Target,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.rules import numbers

# --- what somebody makes


def asked(world: World, given: dict[str, dict[str, str]]) -> WantedService | None:
    """What load balancers would ask for together if these were their tags; None where that is not one service."""
    there = [
        replace(one, tags=_prefixed(given[one.name])) for one in world.load_balancers.values() if one.name in given
    ]
    wants = desired(world.network, Observation(account=TEAM, load_balancers=tuple(there))).services
    return wants[0] if len(wants) == 1 and len(wants[0].backends) == len(given) else None


def make(world: World, given: dict[str, dict[str, str]]) -> None:
    """The service that these tags of load balancers would ask for, on the network, and all of it is handed over."""
    wanted = asked(world, given)
    if wanted is None or any(one.name == wanted.name for one in world.services.values()):
        return
    inside = [to.id for group in world.groups.values() for to in group.targets]
    if any(inside.count(one.load_balancer) > 1 for one in wanted.backends):
        return
    service = world.new("service", "hand-svc")
    groups = {one.target_group: _group(world, one.load_balancer, one.port, one.protocol) for one in wanted.backends}

    def forwards(match: Match | None) -> tuple[Forward, ...]:
        return tuple(
            Forward(target_group=groups[one.target_group].rpartition("/")[2], weight=one.weight)
            for one in wanted.backends
            if one.takes(match)
        )

    number = numbers({}, wanted.rules, ())
    listeners = []
    for protocol, port in wanted.listens:
        arn = f"{service}/listener/{world.new('listener', 'hand-listener').rpartition('/')[2]}"
        rules = tuple(
            Rule(
                arn=f"{arn}/rule/{world.new('rule', 'hand-rule').rpartition('/')[2]}",
                name=f"by-hand-{number[match]}",
                priority=number[match],
                owned=False,
                match=match,
                forwards=forwards(match),
            )
            for match in wanted.rules
        )
        default = forwards(None)
        listeners.append(
            Listener(
                arn=arn,
                name=f"by-hand-{port}",
                protocol=protocol,
                port=port,
                owned=False,
                forwards=default,
                answers=0 if default else 404,
                found_rules=rules,
            )
        )
    joined = world.new("servicenetworkserviceassociation", "hand-snsa")
    world.services[service] = Service(
        arn=service,
        name=wanted.name,
        status="ACTIVE",
        owned=False,
        domain=f"{wanted.name}-{service.rpartition('-')[2]}.on.aws",
        zone="ZLATTICE",
        custom_domain=wanted.said.domain,
        listeners=tuple(listeners),
        associations=(Association(arn=joined, network=world.network.arn, status="ACTIVE", owned=False),),
    )
    shown = [one.arn for one in CERTIFICATES if wanted.said.domain and is_good(one, wanted.said.domain, world.now)]
    secure = any(protocol == "HTTPS" for protocol, _ in wanted.listens)
    world.settings[service] = Settings(
        certificate=shown[0] if shown and secure else "",
        auth="AWS_IAM" if wanted.said.policy else "NONE",
        policy=wanted.said.policy,
    )
    world.handed |= {service, joined, *groups.values()}


def _group(world: World, balancer: str, port: int, protocol: str) -> str:
    made = world.new("targetgroup", "hand-tg")
    target = Target(id=balancer, port=port, status="UNAVAILABLE")
    name = f"hand-{made.rpartition('-')[2]}"
    world.groups[made] = TargetGroup(arn=made, name=name, status="ACTIVE", owned=False, targets=(target,))
    world.of_tcp |= {made.rpartition("/")[2]} if protocol == "TCP" else set()
    return made


def join(world: World, vpc: str, given: dict[str, str]) -> None:
    """The association with a security group that these tags of a VPC would ask for, handed over."""
    if vpc not in world.vpcs or any(one.vpc == vpc for one in world.vpc_associations.values()):
        return
    there = replace(world.vpcs[vpc], tags=_prefixed(given))
    clients = desired(world.network, Observation(account=TEAM, vpcs=(there,), prefix_lists={"pl-0123abcd": 5})).clients
    if clients and world.visible:
        made = world.new("servicenetworkvpcassociation", "hand-snva")
        groups = _entered_by(world, clients[0])
        world.vpc_associations[made] = VpcAssociation(
            arn=made, vpc=vpc, network=world.network.arn, status="ACTIVE", owned=False, security_groups=groups
        )
        world.handed |= {made, *groups}


def _entered_by(world: World, wanted: WantedClient) -> frozenset[str]:
    if wanted.security_groups:
        return frozenset(wanted.security_groups)
    made = f"sg-{world.new('security-group', 'hand').rpartition('-')[2].zfill(8)}"
    world.security_groups[made] = SecurityGroup(
        id=made, name="theirs", vpc=wanted.vpc, owned=False, admits=wanted.admits
    )
    return frozenset({made})


# --- what their owners say of it


def take_back(world: World, what: str) -> None:
    """The owner takes back what is this network's: a service by its name, the target groups of one load balancer, or of
    a kind all that there is.
    """
    mark = world.network.name
    joined = [to.arn for one in world.services.values() for to in one.associations if to.owned and one.mark == mark]
    groups = [one for one in world.groups.values() if one.owned and one.mark == mark]
    kinds = {
        "services": [one.arn for one in world.services.values() if one.owned and one.mark == mark],
        "associations": joined,
        "clients": [one.arn for one in world.vpc_associations.values() if one.owned and one.mark == mark],
        "target groups": [one.arn for one in groups],
        "groups of alb-a": [one.arn for one in groups if any("/app/alb-a/" in to.id for to in one.targets)],
        "security groups": [
            one.id
            for one in world.security_groups.values()
            if one.owned and one.name == names.security_group(mark, one.vpc)
        ],
    }
    own = [one.arn for one in world.services.values() if (one.name, one.mark) == (what, mark)]
    world.let_go |= {*kinds.get(what, own)}


def hand_over(world: World) -> None:
    """Every owner hands over anew what is nobody's mark: the other word goes."""
    parts = set(_nobodys(world))
    world.let_go -= parts
    world.handed |= parts


def _nobodys(world: World) -> Iterator[str]:
    for service in world.services.values():
        yield from [] if service.owned else [service.arn]
        yield from (to.arn for to in service.associations if not to.owned)
    yield from (one.arn for one in world.groups.values() if not one.owned)
    yield from (one.arn for one in world.vpc_associations.values() if not one.owned)
    yield from (one.id for one in world.security_groups.values() if not one.owned)


def _prefixed(given: dict[str, str]) -> dict[str, str]:
    return {f"lattice:{key}": value for key, value in given.items()}


# --- making histories

LISTENS = ("HTTP:80", "HTTP:80", "HTTP:80 HTTP:81", "HTTPS:443 HTTP:80", PASSTHROUGH)
BACK = ("shop", "bank", "associations", "target groups", *["groups of alb-a"] * 3, "clients", "security groups")


def wish(chance: random.Random, service: str, rules: Any) -> dict[str, str]:
    """What one load balancer of such a service asks for: mostly with more than a name."""
    listen = chance.choice(LISTENS)
    given = {"network": "net", "service": service, "listen": listen}
    if listen == PASSTHROUGH or chance.random() < 0.4:
        given["domain"] = chance.choice(("api.shop.example.jp", "web.shop.example.jp"))
    if listen == PASSTHROUGH:
        return given
    given["target"] = "HTTP:80"
    if chance.random() < 0.4:
        given |= rules(chance)
    if chance.random() < 0.3:
        given["weight"] = chance.choice(("0", "50", "200", "theirs"))
    if chance.random() < 0.3:
        given |= chance.choice(({"auth": "iam"}, {"auth": "none"}, {"auth-policy": "/lattice-onramp/open"}))
    if chance.random() < 0.2:
        given |= chance.choice(({"idle-timeout": "120"}, {"log": "/orders"}))
    if "domain" in given and chance.random() < 0.4:
        given["zone"] = chance.choice(("ZSHOP", "auto"))
    return given


def beside(chance: random.Random, acts: list[Any], balancers: Iterable[str], rules: Any) -> list[Any]:
    """The same, and somebody makes a service or a client by hand and hands it over, or its owner takes one back."""
    found = list(acts)
    for _ in range(chance.randint(1, 4)):
        name, service = chance.choice(tuple(balancers)), chance.choice(("shop", "bank", "bank"))
        kind = chance.random()
        act: list[Any] = [("take_back", chance.choice(BACK))]
        if kind < 0.55:
            given = wish(chance, service, rules)
            act = [("by_hand", name, service, given), ("retag", name, _almost(chance, given))]
        elif kind < 0.7:
            client = chance.choice(({}, {"ports": "80 81 443"}, {"security-groups": "sg-0123abcd"}))
            client = {"network": "net", **client}
            act = [("vpc", "vpc-2", {}), ("join_by_hand", "vpc-2", client), ("vpc", "vpc-2", client)]
        elif kind < 0.8:
            act = [("hand_over",)]
        found[(at := chance.randint(1, len(found))) : at] = [*act, ("ring",)]
    return found


def _almost(chance: random.Random, given: dict[str, str]) -> dict[str, str]:
    """Mostly the same; or with one tag less, which asks for something else than what is there."""
    less = chance.choice([None, None, None, *(key for key in given if key != "network")])
    return {key: value for key, value in given.items() if key != less}
