"""A new kind of target comes by one door: a function beside load balancers, which no line of theirs knows."""

from __future__ import annotations

from typing import Any

import pytest
from model_world import TEAM, arn, kinds, network, steps, tagged, wish
from onramp.core import names
from onramp.core.desired import KINDS, Backend, Kind, Wish, desired
from onramp.core.desired.rules import asked
from onramp.core.errors import Refused
from onramp.core.model import (
    Access,
    Association,
    Forward,
    Listener,
    LoadBalancer,
    Observation,
    Service,
    Target,
    TargetGroup,
    Value,
)
from onramp.core.network import Network
from onramp.core.plan import plan
from onramp.core.steps import CreateTargetGroup, RegisterTarget, UpdateListener

NET = network(siblings=frozenset({"sibling"}))


class Function(Value, frozen=True):
    """As it would be observed."""

    arn: str
    name: str
    state: str = "Active"
    tags: dict[str, str] = {}


def check(_: Network, __: Observation, function: Function) -> None:
    if "lattice:target" in function.tags:
        raise Refused("tag-invalid", "remove tag lattice:target: a function has no listener")


def not_yet(_: Observation, function: Function) -> str | None:
    return None if function.state == "Active" else "the function is being made"


def wish_of(net: Network, _: Observation, function: Function) -> Wish:
    given = {key.removeprefix(net.prefix): value for key, value in function.tags.items()}
    service = given.get("service", function.name)
    group = names.target_group(net.name, service, function.arn, "LAMBDA", 0, "")
    backend = Backend(
        load_balancer=function.arn,
        target_group=group,
        protocol="LAMBDA",
        port=0,
        vpc="",
        weight=int(given.get("weight", "100")),
        rules=asked(given, net.prefix),
    )
    return Wish(service, (("HTTP", 80),), backend)


FUNCTIONS: Kind[Function] = Kind(
    name=lambda _, function: function.tags.get("lattice:service", function.name),
    check=check,
    not_yet=not_yet,
    wish=wish_of,
    behind=True,
)


@pytest.fixture(autouse=True)
def a_new_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, Function, FUNCTIONS)


def function(name: str = "pay", state: str = "Active", **given: str) -> Any:
    made = f"arn:aws:lambda:ap-northeast-1:{TEAM}:function:{name}"
    return Function(arn=made, name=name, state=state, tags=wish(**given))


class Seen(Observation, frozen=True):
    """An account that has functions, too."""

    functions: tuple[Any, ...] = ()

    @property
    def resources(self) -> tuple[Any, ...]:
        return (*super().resources, *self.functions)


def seen(*functions: Any, balancers: tuple[LoadBalancer, ...] = (), **given: Any) -> Seen:
    reach = Access(known=True, visible=True)
    return Seen(account=TEAM, functions=functions, load_balancers=balancers, access=reach, **given)


def test_its_wish_stands_beside_a_load_balancers_in_one_service() -> None:
    shop = tagged("orders", service="shop", listen="HTTP:80")
    want = desired(NET, seen(function(service="shop", path_prefix="/pay", weight="7"), balancers=(shop,)))
    [service] = want.services
    assert {(one.load_balancer.split(":")[2], one.protocol, one.weight) for one in service.backends} == {
        ("elasticloadbalancing", "HTTP", 100),
        ("lambda", "LAMBDA", 7),
    }
    assert service.has_default
    assert len(service.rules) == 2
    assert set(want.named.values()) == {"shop"}


def test_it_is_refused_waited_for_kept_out_and_moved_as_all_others_are() -> None:
    wrong, young, away = function("wrong", target="HTTP:80"), function("young", "Pending"), function("away")
    moving = function("moving", network="sibling")
    net = network(siblings=frozenset({"sibling"}), kept_out=frozenset({"away"}))
    want = desired(net, seen(wrong, young, away, moving))
    assert [(one.code, one.resource) for one in want.refusals] == [("tag-invalid", wrong.arn)]
    assert want.settling == {young.arn: "the function is being made"}
    assert set(want.kept_out) == {away.arn}
    assert (want.moving, want.theirs) == ({moving.arn: "sibling"}, {"sibling": {"moving": frozenset({moving.arn})}})
    # What serves is kept for whoever is refused: the service is named by him still.
    assert want.named[wrong.arn] == "wrong"
    assert want.services == ()


def test_its_parts_are_planned_by_what_plans_load_balancers() -> None:
    asks = function()
    first = plan(NET, seen(asks))
    assert kinds(first)[:2] == ["CreateTargetGroup", "CreateService"]
    [group] = [step for step in steps(first) if isinstance(step, CreateTargetGroup)]
    assert (group.protocol, group.port, group.vpc) == ("LAMBDA", 0, "")

    made = TargetGroup(arn=arn("targetgroup", "tg-1"), name=group.name, status="ACTIVE", owned=True)
    on = Association(arn="arn:snsa", network=NET.arn, status="ACTIVE", owned=True)
    old = (Forward(target_group="tg-0"),)
    listener = Listener(
        arn="arn:listener", name=names.listener("HTTP", 80), protocol="HTTP", port=80, owned=True, forwards=old
    )
    service = Service(
        arn=arn("service", "svc-1"),
        name="pay",
        status="ACTIVE",
        owned=True,
        domain="pay.at.lattice",
        listeners=(listener,),
        associations=(on,),
    )
    second = plan(NET, seen(asks, target_groups=(made,), services=(service,)))
    [register] = [step for step in steps(second) if isinstance(step, RegisterTarget)]
    assert (register.load_balancer, register.port) == (asks.arn, 0)

    filled = TargetGroup(
        arn=made.arn,
        name=made.name,
        status="ACTIVE",
        owned=True,
        targets=(Target(id=asks.arn, port=0, status="UNAVAILABLE"),),
    )
    third = plan(NET, seen(asks, target_groups=(filled,), services=(service,)))
    [update] = [step for step in steps(third) if isinstance(step, UpdateListener)]
    assert update.forwards == (Forward(target_group="tg-1"),)


def test_without_its_row_nothing_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(KINDS, Function)
    with pytest.raises(KeyError):
        desired(NET, seen(function()))
