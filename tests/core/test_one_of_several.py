"""Several load balancers of one service: what one of them says or lacks costs the others nothing."""

from typing import Any

import pytest
from histories import Act, History, played
from model_world import TEAM, World, balancer, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.looks import narrows
from onramp.core.model import Target, TargetGroup
from onramp.core.plan import plan
from onramp.core.plan.ground import id_of
from onramp.core.reach import Finding
from onramp.core.run import Run
from onramp.core.steps import WriteStatus

DAY = 86400
SETTINGS = {"PutAuthPolicy", "SetAuthType", "DeleteAuthPolicy", "SetIdleTimeout", "CreateAccessLog", "DeleteAccessLog"}


def together(**tags: dict[str, str]) -> World:
    """Load balancers that serve `shop` with these tags."""
    world = World(network(quiet_seconds=60, keep_seconds=DAY))
    world.tag(*(tagged(name, service="shop", listen="HTTP:80", **given) for name, given in tags.items()), vpc())
    run(world)
    assert {world.answers(balancer(name).arn)["status"] for name in tags} == {"connected"}
    return world


def said(world: World, name: str) -> tuple[str, str]:
    answer = world.answers(balancer(name).arn)
    begins, colon, _ = answer.get("message", "").partition(":")
    return answer["status"], begins if colon else ""


SIGN = "callers sign with SigV4 for vpc-lattice-svcs and their own policies let them Invoke it"
BY_PRESET = f"{SIGN}. Where the network asks who calls it has to admit them too"
BY_NETWORK = f"{SIGN}: the network asks who calls"


@pytest.mark.parametrize(
    ("given", "told", "told_on_a_network_that_asks"),
    [
        ({"auth": "iam"}, BY_PRESET, BY_PRESET),
        ({"auth": "accounts 333333333333"}, BY_PRESET, BY_PRESET),
        ({"auth": "vpcs vpc-0123abcd"}, "", BY_NETWORK),
        ({"auth": "none"}, "", BY_NETWORK),
        ({"auth-policy": "/lattice-onramp/open"}, "", BY_NETWORK),
        ({}, "", BY_NETWORK),
    ],
)
def test_where_a_preset_or_the_network_has_callers_sign_the_answer_says_what_they_need(
    given: dict[str, str], told: str, told_on_a_network_that_asks: str
) -> None:
    world = together(a=given)
    assert world.answers(balancer("a").arn).get("message", "") == told
    world.network = replace(world.network, signed=True)
    run(world)
    assert world.answers(balancer("a").arn)["message"] == told_on_a_network_that_asks


def test_where_the_network_asks_who_calls_nothing_is_made_that_passes_tls_through() -> None:
    world = World(network(signed=True))
    world.tag(tagged("a", "HTTPS:443", listen="TLS_PASSTHROUGH:443", domain="api.shop.example.jp"))
    run(world)
    assert world.answers(balancer("a").arn)["message"] == (
        "passthrough-invalid: listen for HTTPS in tag lattice:listen or ask infra: the network asks who calls and with"
        " TLS_PASSTHROUGH no caller can sign"
    )
    assert not world.services


def changed(world: World) -> set[str]:
    """Kinds of the steps that a run does about the service's settings."""
    before = len(world.done)
    run(world)
    return {step.kind for step in world.done[before:]} & SETTINGS


def occupied(world: World, name: str) -> None:
    for number in (1, 2):
        arn = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:targetgroup/tg-theirs-{number}"
        target = Target(id=balancer(name).arn, port=80, status="UNAVAILABLE")
        there = TargetGroup(arn=arn, name=f"theirs-{number}", status="ACTIVE", owned=False, targets=(target,))
        world.groups[arn] = there


@pytest.mark.parametrize(
    "given", [{"auth": "iam"}, {"log": "/orders"}, {"idle_timeout": "300"}, {"auth_policy": "/lattice-onramp/open"}]
)
def test_who_joins_those_that_serve_changes_nothing_of_what_their_clients_meet(given: dict[str, str]) -> None:
    world = together(a={})
    world.tag(tagged("b", service="shop", listen="HTTP:80", **given))
    assert changed(world) == set()
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("refused", "setting-conflict"))


@pytest.mark.parametrize(
    "given", [{}, {"auth": "none"}, {"idle_timeout": "60"}, {"auth": "none", "idle_timeout": "60"}]
)
def test_lattices_own_values_may_be_said_beside_silence(given: dict[str, str]) -> None:
    world = together(a={})
    world.tag(tagged("b", service="shop", listen="HTTP:80", **given))
    assert changed(world) == set()
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("connected", ""))


def test_who_serves_already_may_speak_for_all() -> None:
    world = together(a={}, b={})
    world.tag(tagged("b", service="shop", listen="HTTP:80", auth="iam"))
    assert changed(world) == {"PutAuthPolicy", "SetAuthType"}
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("connected", ""))


def test_who_says_the_same_or_nothing_joins() -> None:
    world = together(a={"auth": "iam", "log": "/orders"})
    more = [tagged("b", service="shop", listen="HTTP:80", auth="iam"), tagged("c", service="shop", listen="HTTP:80")]
    world.tag(*more)
    assert changed(world) == set()
    assert {said(world, name) for name in "abc"} == {("connected", "")}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"log": "/missing"}, "log-group-missing"),
        ({"auth_policy": "/lattice-onramp/missing"}, "auth-policy-missing"),
        ({"auth_policy": "/lattice-onramp/wrong"}, "auth-policy-invalid"),
    ],
)
def test_what_one_asks_for_and_cannot_have_is_told_to_that_one(given: dict[str, str], code: str) -> None:
    world = together(a={}, b={})
    world.tag(tagged("b", service="shop", listen="HTTP:80", **given))
    assert changed(world) == set()
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("refused", code))
    [service] = world.services.values()
    assert [len(found.forwards) for found in service.listeners] == [2]
    # The others' own tags go on being heard.
    world.tag(tagged("a", service="shop", listen="HTTP:80", weight="7"))
    run(world)
    [service] = world.services.values()
    assert sorted(to.weight for found in service.listeners for to in found.forwards) == [7, 100]
    world.tag(tagged("b", service="shop", listen="HTTP:80"))
    run(world)
    assert said(world, "b") == ("connected", "")


def test_a_new_service_is_made_for_those_who_can_have_what_they_ask_for() -> None:
    world = World(network())
    world.tag(tagged("a", service="shop", log="/orders"), tagged("b", service="shop", auth_policy="/lattice-onramp/no"))
    run(world)
    # Its word would be one against who serves by now, whether there is such a parameter or not.
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("refused", "setting-conflict"))
    assert [one.auth for one in world.settings.values()] == ["NONE"]


@pytest.mark.parametrize("wrong", [{"listen": "bogus"}, {"wieght": "7"}, {"auth_policy": "/lattice-onramp/missing"}])
def test_a_service_turns_away_who_may_not_call_also_while_the_tags_of_who_said_so_are_wrong(
    wrong: dict[str, str],
) -> None:
    world = together(a={"auth": "iam", "idle_timeout": "120"}, b={})
    world.tag(tagged("a", **{"service": "shop", "listen": "HTTP:80", "idle_timeout": "120", **wrong}))
    assert changed(world) == set()
    assert said(world, "a")[0] == "refused"
    assert said(world, "b") == ("connected", "")
    [seen] = world.settings.values()
    assert (seen.auth, seen.idle_timeout) == ("AWS_IAM", 120)


@pytest.mark.parametrize(
    ("state", "more"), [("provisioning", {}), ("active", {"weight": "much"}), ("active", {"auth": "everybody"})]
)
def test_who_comes_in_place_of_one_that_asks_who_calls_is_heard_before_the_service_opens(
    state: str, more: dict[str, str]
) -> None:
    world = together(a={"auth": "iam"}, b={})
    asks = tagged("new", **{"service": "shop", "listen": "HTTP:80", "auth": "iam", **more})
    del world.load_balancers[balancer("a").arn]
    world.load_balancers[asks.arn] = replace(asks, state=state)
    assert changed(world) == set()
    assert said(world, "b") == ("connected", "")
    world.tag(tagged("new", service="shop", listen="HTTP:80", auth="iam"))
    assert changed(world) == set()
    assert [one.auth for one in world.settings.values()] == ["AWS_IAM"]


def test_what_another_asks_for_meanwhile_waits_and_is_told_so() -> None:
    world = together(a={"auth": "iam"}, b={})
    world.tag(
        tagged("a", service="shop", listen="bogus"), tagged("b", service="shop", listen="HTTP:80", idle_timeout="300")
    )
    assert changed(world) == set()
    answer = world.answers(balancer("b").arn)
    assert answer["status"] == "waiting"
    assert answer["message"] == "mend the tags of load balancer a: service shop keeps its settings until then"
    world.tag(tagged("a", service="shop", listen="HTTP:80", auth="iam"))
    assert changed(world) == {"SetIdleTimeout"}
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("connected", ""))


def test_a_tag_that_is_taken_off_and_put_back_opens_nothing_meanwhile() -> None:
    world = together(a={"auth": "iam"}, b={})
    opened: list[float] = []
    start = world.now
    world.load_balancers[balancer("a").arn] = replace(tagged("a"), tags={})
    world.every_step = lambda step: opened.append(world.now - start) if step.kind == "SetAuthType" else None
    run(world)
    assert len(opened) == 1
    assert opened[0] >= 60


def test_a_word_of_who_turns_out_to_be_in_two_groups_does_not_count() -> None:
    world = together(a={})
    occupied(world, "b")
    world.tag(tagged("b", service="shop", listen="HTTP:80", auth="iam"))
    assert changed(world) == set()
    assert said(world, "a") == ("connected", "")


def test_the_word_of_who_left_for_another_service_counts_until_that_serves() -> None:
    world = together(a={})
    world.tag(tagged("a", service="bank", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80", auth="iam"))
    order: list[str] = []
    world.every_step = lambda step: order.append(f"{step.kind} {step.name}")
    run(world)
    shop_closes = order.index("SetAuthType shop")
    assert order.index("AssociateService bank") < shop_closes
    assert {said(world, name) for name in "ab"} == {("connected", "")}


# --- what decides no request keeps nobody from his place


def replaced(world: World, **given: str) -> None:
    """Load balancer `a` is made again as `b`: first the new one comes, then the old one goes."""
    world.tag(tagged("b", service="shop", listen="HTTP:80", **given))
    run(world)
    del world.load_balancers[balancer("a").arn]
    for key, group in world.groups.items():
        world.groups[key] = replace(group, targets=tuple(to for to in group.targets if to.id != balancer("a").arn))
    run(world)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"log": "/orders"}, "log-group-missing"),
        ({"auth_policy": "/lattice-onramp/open"}, "auth-policy-missing"),
    ],
)
def test_who_takes_anothers_place_serves_though_what_the_tags_name_is_gone(given: dict[str, str], code: str) -> None:
    world = World(network())
    world.tag(tagged("a", service="shop", listen="HTTP:80", **given), vpc())
    run(world)
    [service] = world.services
    before = dict(world.settings)
    world.lost = frozenset(given.values())
    replaced(world, **given)
    assert list(world.services) == [service]
    assert serving(world) == {balancer("b").arn}
    answer = world.answers(balancer("b").arn)
    assert (answer["status"], answer["domain"]) == ("refused", world.services[service].domain)
    assert answer["message"].startswith(f"{code}: ")
    assert world.settings == before
    world.lost = frozenset()
    run(world)
    assert said(world, "b") == ("connected", "")


def test_who_asks_who_calls_and_cannot_does_not_come_to_a_service_that_asks_nobody() -> None:
    world = together(a={})
    world.lost = frozenset({"/lattice-onramp/open"})
    replaced(world, auth_policy="/lattice-onramp/open")
    assert serving(world) == set()
    assert said(world, "b") == ("refused", "auth-policy-missing")
    world.lost = frozenset()
    run(world)
    assert serving(world) == {balancer("b").arn}
    assert [one.auth for one in world.settings.values()] == ["AWS_IAM"]


def test_a_new_service_is_not_made_for_what_cannot_be_had() -> None:
    world = World(network())
    world.lost = frozenset({"/orders"})
    world.tag(tagged("a", service="shop", listen="HTTP:80", log="/orders"))
    run(world)
    assert not world.services
    assert not world.groups
    assert said(world, "a") == ("refused", "log-group-missing")


def serving(world: World) -> set[str]:
    """Load balancers that requests come to."""
    sent = {to.target_group for one in world.services.values() for found in one.listeners for to in found.forwards}
    groups = [group for group in world.groups.values() if group.arn.rpartition("/")[2] in sent]
    return {target.id for group in groups for target in group.targets if target.status == "UNAVAILABLE"}


# --- what is on its way, or does not come


def test_who_asks_who_calls_is_told_while_that_is_not_so_yet() -> None:
    world = together(a={})
    told = set()
    world.tag(tagged("a", service="shop", listen="HTTP:80", auth="iam"))
    run(world, every_look=lambda there: told.add((*(one.auth for one in there.settings.values()), *said(there, "a"))))
    assert ("NONE", "connected", "who calls is not asked yet") in told
    assert said(world, "a") == ("connected", "")
    told.clear()
    world.tag(tagged("a", service="shop", listen="HTTP:80", auth="accounts 333333333333"))
    run(world, every_look=lambda there: told.add((*(one.auth for one in there.settings.values()), *said(there, "a"))))
    assert told == {("AWS_IAM", "connected", "")}


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("PutAuthPolicy", {"auth": "iam"}),
        ("SetAuthType", {"auth": "iam"}),
        ("SetIdleTimeout", {"idle_timeout": "300"}),
        ("CreateAccessLog", {"log": "/orders"}),
    ],
)
def test_a_setting_that_does_not_come_is_told_within_the_hour(kind: str, given: dict[str, str]) -> None:
    world = together(a={})
    world.fate = lambda step: "not_yet" if step.kind == kind else "done"
    world.tag(tagged("a", service="shop", listen="HTTP:80", **given))
    start = world.now
    run(world, rounds=120)
    assert world.now - start < 1800
    answer = world.answers(balancer("a").arn)
    [service] = world.services.values()
    assert (answer["status"], answer["domain"]) == ("failed", service.domain)
    assert answer["message"].startswith("not-settling: ")


@pytest.mark.parametrize("group", [{"status": "CREATE_IN_PROGRESS"}, {"targets": ()}], ids=["on its way", "a step"])
def test_who_has_no_share_is_told_of_that_only_when_nothing_of_the_service_is_to_come(group: dict[str, Any]) -> None:
    world = together(a={}, b={"weight": "0"})
    seen = world.observe()
    mine = [one.arn for one in seen.target_groups if any(to.id == balancer("b").arn for to in one.targets)]
    groups = tuple(replace(one, **group) if one.arn in mine else one for one in seen.target_groups)
    found = {balancer("a").arn: Finding(code="no-healthy-target", message="mend")}
    told = plan(world.network, replace(seen, target_groups=groups), findings=found)
    written = {step.name: step.put for step in steps(told) if isinstance(step, WriteStatus)}
    assert written["b"][tags.STATUS] == "connecting"


def test_who_has_no_share_and_is_the_only_one_left_is_told_how_to_get_one() -> None:
    world = together(a={}, b={"weight": "0"})
    seen = world.observe()
    found = {balancer("a").arn: Finding(code="no-healthy-target", message="mend")}
    told = plan(world.network, seen, findings=found)
    written = {step.name: step.put for step in steps(told) if isinstance(step, WriteStatus)}
    assert written["a"][tags.STATUS] == "unreachable"
    assert written["b"][tags.MESSAGE].startswith("weights-zero: give lattice:weight above 0 here")
    assert written["b"][tags.STATUS] == "unreachable"
    assert {one.status for one in told.services} == {"unreachable"}


# --- together from the beginning


@pytest.mark.parametrize("slow", [0, 3])
@pytest.mark.parametrize("first", [True, False])
def test_all_who_ask_before_anybody_is_served_are_heard(first: bool, slow: int) -> None:
    world = World(network())
    world.slow_registration = slow
    open_to_all = []

    def look(there: World) -> None:
        joined = [one for one in there.services.values() if one.associations]
        open_to_all.extend(one.name for one in joined if there.settings[one.arn].auth == "NONE")

    says, silent = tagged("a", service="shop", auth="iam"), tagged("b", service="shop")
    world.tag(silent, says) if first else world.tag(silent)
    rounds = [0]

    def meanwhile(there: World) -> None:
        rounds[0] += 1
        if rounds[0] == 1:
            there.tag(says)
        look(there)

    run(world, every_look=look if first else meanwhile)
    run(world, every_look=look)
    assert open_to_all == []
    assert {said(world, name) for name in "ab"} == {("connected", "")}
    assert [one.auth for one in world.settings.values()] == ["AWS_IAM"]


def test_a_service_that_a_tag_guards_is_not_joined_before_its_settings_were_read() -> None:
    asks = tagged("a", service="shop", listen="HTTP:80", auth="iam")
    world = World(network(), sharing="organisation").tag(asks)
    run(world)
    seen = world.observe()
    [service] = seen.services
    apart = replace(seen, services=(replace(service, associations=()),), settings={})
    told = plan(world.network, apart)
    assert not [step for step in steps(told) if step.kind == "AssociateService"]
    assert told.pending == ("what service shop has of its settings is not known yet",)
    waits = Run(account=TEAM, trigger={}, plan=replace(told, next="wait", batches=()), seen=apart)
    assert not narrows(world.network, waits, 0.0)
    assert narrows(world.network, replace(waits, seen=replace(apart, settings=seen.settings)), 0.0)


def test_the_old_name_serves_until_the_new_one_can_be_reached() -> None:
    old = together(a={})
    wish = tagged("a", "HTTP:80", "HTTP:8080", service="bank", listen="HTTP:80", target="HTTP:8080")
    old.tag(wish)
    found = {wish.arn: Finding(code="security-group", message="admit it")}
    old.found = found
    run(old)
    assert {one.name for one in old.services.values() if one.associations} == {"shop", "bank"}
    answer = old.answers(wish.arn)
    shop = next(one for one in old.services.values() if one.name == "shop")
    assert (answer["status"], answer["domain"]) == ("refused", shop.domain)
    assert answer["message"].startswith("security-group: ")
    old.found = {}
    old.now += 2 * DAY
    run(old)
    old.now += 2 * DAY
    run(old)
    assert [one.name for one in old.services.values() if one.associations] == ["bank"]
    assert said(old, "a") == ("connected", "")


def test_whom_a_hand_took_out_of_his_target_group_has_his_say_as_before() -> None:
    world = together(a={}, b={})
    world.slow_registration = 2
    world.tag(tagged("b", service="shop", listen="HTTPS:80"))
    for key, group in world.groups.items():
        world.groups[key] = replace(group, targets=tuple(to for to in group.targets if to.id != balancer("a").arn))
    listens: set[str] = set()

    def look(there: World) -> None:
        [service] = there.services.values()
        listens.update(found.name for found in service.listeners)

    run(world, every_look=look)
    assert listens == {"http-80"}
    assert (said(world, "a"), said(world, "b")) == (("connected", ""), ("refused", "listen-conflict"))


CLOSED = Finding(code="security-group", message="admit the prefix list")
TAKES_AWAY = {"UpdateListener", "UpdateRules", "DeleteListener", "DeleteRule", "DeleteTargetGroup"}


@pytest.mark.parametrize(
    ("had", "asks"),
    [
        ({}, {"path-prefix": "/"}),
        ({}, {"path-prefix": "/api"}),
        ({"path-prefix": "/api"}, {"path-prefix": "/"}),
        ({"path": "/api"}, {"path-prefix": "/api", "method": "GET"}),
    ],
)
def test_who_left_goes_on_until_who_asks_for_his_requests_by_a_rule_can_answer_them(
    had: dict[str, str], asks: dict[str, str]
) -> None:
    world = together(a=had)
    world.found = {balancer("b").arn: CLOSED}
    world.tag(replace(balancer("a"), tags={}), tagged("b", service="shop", listen="HTTP:80", **asks))
    for _ in range(2):
        before = len(world.done)
        run(world)
        assert {step.kind for step in world.done[before:]}.isdisjoint(TAKES_AWAY)
        assert (said(world, "a")[0], said(world, "b")) == ("disconnecting", ("unreachable", CLOSED.code))
        assert world.answers(balancer("a").arn)["domain"]
        world.now += DAY
    world.found = {}
    run(world)
    assert (world.answers(balancer("a").arn), said(world, "b")[0]) == ({}, "connected")


def test_who_answers_for_those_who_cannot_does_so_until_he_needs_the_place_elsewhere() -> None:
    """A load balancer is in two target groups at most: it waited for good for a third."""
    world = together(a={}, b={})
    world.found = {balancer("b").arn: CLOSED}
    for name in ("bank", "cafe"):
        world.tag(tagged("a", service=name, listen="HTTP:80"))
        for _ in range(2):
            run(world)
            world.now += DAY
        assert (said(world, "a"), said(world, "b")[0]) == (("connected", ""), "unreachable")
        behind = [one.name for one in world.groups.values() if any("/a/" in to.id for to in one.targets)]
        assert len(behind) == (2 if name == "bank" else 1)


@pytest.mark.parametrize("had", [{}, {"network": "net", "domain": "api.shop.example.jp", "target": "HTTP:80"}])
def test_whose_listener_has_the_port_of_who_cannot_answer_yet_keeps_it_until_he_needs_the_place_elsewhere(
    had: dict[str, str],
) -> None:
    """Alone, or beside him who cannot answer where his tags ask for, and does where he was."""
    asks = {"network": "net", "domain": "api.shop.example.jp"}
    acts: list[Act] = [("create", "alb-a", ("HTTP:80", "HTTPS:443"), had, "active")]
    acts += [("create", "alb-b", ("HTTP:80", "HTTPS:443"), asks, "active"), ("show", "alb-a", 443), ("ring",)]
    acts += [("retag", "alb-a", asks | {"listen": "TLS_PASSTHROUGH"})]
    acts += [("retag", "alb-b", {"network": "net", "domain": "web.shop.example.jp"}), ("ring",)]
    acts += [("retag", "alb-b", {"network": "net"}), ("ring",)]
    player = played(History(seed=0, acts=tuple(acts), quiet=0, keep=0))
    assert not player.problems
    assert {there.name: there.status for there in player.world.memory.services} == {
        "alb-b": "connected",
        "api-shop-example-jp-9a10c6e5": "refused" if had else "unreachable",
    }


def test_who_left_waits_for_nobody_who_asks_for_no_requests_or_for_others_than_he_had() -> None:
    world = together(a={"path-prefix": "/api"})
    world.found = {balancer("b").arn: CLOSED}
    world.tag(
        replace(balancer("a"), tags={}),
        tagged("b", **{"service": "shop", "listen": "HTTP:80", "path-prefix": "/v2"}),
        tagged("c", **{"service": "shop", "listen": "HTTP:80", "path-prefix": "/api/x", "weight": "0"}),
    )
    run(world)
    assert world.answers(balancer("a").arn) == {}


@pytest.mark.parametrize(("failed", "answers", "to"), [("a", True, {"b"}), ("ab", False, {"a", "b"})])
def test_who_has_failed_takes_no_requests_and_none_is_sent_to_him_where_another_takes_them(
    failed: str, to: set[str], *, answers: bool
) -> None:
    world = together(a={}, b={})
    for name in failed:
        found = world.load_balancers[balancer(name).arn]
        world.load_balancers[found.arn] = replace(found, state="failed")
    run(world)
    [state] = world.memory.services
    assert state.answers is answers
    [service] = world.observe().services
    sends = {one.target_group for listener in service.listeners for one in listener.sends}
    groups = {one.arn.rpartition("/")[2]: one for one in world.observe().target_groups}
    behind = {target.id for group in sends for target in groups[group].targets}
    assert behind == {balancer(name).arn for name in to}


GOES: dict[str, Act] = {
    "is destroyed": ("destroy", "alb-a"),
    "leaves": ("retag", "alb-a", {}),
    "moves to a sibling": ("retag", "alb-a", {"network": "sibling", "service": "other"}),
    "asks for another": ("retag", "alb-a", {"network": "net", "service": "other"}),
}


@pytest.mark.parametrize("goes", GOES)
@pytest.mark.parametrize(
    ("theirs", "mine"), [({}, {}), ({"path-prefix": "/"}, {"method": "GET PUT"}), ({}, {"path": "/api"})]
)
@pytest.mark.parametrize(
    "refused",
    [{"log": "/orders/3"}, {"service": "mall", "listen": "GOPHER:1"}, {"service": "shop", "log": "/orders/3"}],
)
def test_who_is_refused_what_he_asks_for_now_goes_on_alone_when_the_other_goes(
    refused: dict[str, str], theirs: dict[str, str], mine: dict[str, str], goes: str
) -> None:
    """Seed 600,427 of the histories: what led to the other stayed for good, and had its share of the requests."""
    asks = {"network": "net", "service": "shop", "listen": "HTTP:80", "target": "HTTP:80"}
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), asks | theirs, "active")]
    acts += [("create", "alb-b", ("HTTP:80",), asks | mine, "active"), ("ring",)]
    acts += [("retag", "alb-b", {"network": "net"} | refused), GOES[goes], ("ring",), ("ring",)]
    player = played(History(seed=0, acts=tuple(acts), quiet=60, keep=0))
    assert not player.problems
    [shop] = [one for one in player.world.services.values() if one.name == "shop"]
    sent = {to.target_group for one in shop.listeners for to in one.sends}
    there = {to.id for one in player.world.groups.values() if id_of(one.arn) in sent for to in one.targets}
    assert [one.partition("app/")[2][:5] for one in there] == ["alb-b"]


@pytest.mark.parametrize(
    ("theirs", "mine"), [({}, {}), ({"path-prefix": "/"}, {"method": "GET PUT"}), ({}, {"path": "/api"})]
)
@pytest.mark.parametrize("both", [False, True])
def test_who_moves_and_is_refused_there_goes_on_alone_when_the_other_is_gone(
    theirs: dict[str, str], mine: dict[str, str], both: bool
) -> None:
    asks = {"network": "net", "service": "shop", "listen": "HTTP:80", "target": "HTTP:80"}
    moved = {"network": "sibling", "service": "bank", "listen": "GOPHER:1"}
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), asks | theirs, "active")]
    acts += [("create", "alb-b", ("HTTP:80",), asks | mine, "active"), ("ring",)]
    acts += [("retag", "alb-b", moved), ("destroy", "alb-a"), ("ring",)]
    acts += [("destroy", "alb-b"), ("ring",)] if both else []
    assert not played(History(seed=0, acts=tuple(acts), quiet=60, keep=0)).problems


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        ({"auth": "accounts 222222222222"}, "waiting"),
        ({"auth-policy": "/lattice-onramp/signed"}, "connected"),
        ({"auth": "none"}, "connected"),
    ],
)
def test_nothing_passes_through_beside_who_is_refused_where_his_policy_lets_nobody_connect(
    auth: dict[str, str], status: str
) -> None:
    """Seed 982,276 of the histories: it was told connected, and nobody could sign."""
    domain = "api.shop.example.jp"
    asks = {"network": "net", "listen": "HTTP:80", "target": "HTTP:80", "domain": domain} | auth
    passes = {"network": "net", "listen": "TLS_PASSTHROUGH", "domain": domain}
    acts: list[Act] = [("create", "alb-a", ("HTTP:80", "HTTPS:443"), asks, "active"), ("ring",)]
    acts += [
        ("create", "alb-b", ("HTTPS:443",), passes, "active"),
        ("retag", "alb-a", {"network": "net", "target": "no"}),
    ]
    player = played(History(seed=0, acts=(*acts, ("ring",)), quiet=60, keep=0))
    told = next(player.world.answers(arn) for arn in player.world.load_balancers if "alb-b" in arn)
    assert (player.problems, told["status"]) == ([], status)
    if status == "waiting":
        [service] = player.world.services.values()
        assert told["message"].startswith("mend the tags of load balancer alb-a")
        assert [one.protocol for one in service.listeners] == ["HTTP"]
    player.act(("destroy", "alb-a"))
    player.act(("ring",))
    player.act(("ring",))
    told = next(player.world.answers(arn) for arn in player.world.load_balancers)
    assert (player.problems, told["status"]) == ([], "connected")


def test_a_policy_that_cannot_be_judged_keeps_nothing_from_passing_through() -> None:
    domain = "api.shop.example.jp"
    world = World(network(), TEAM).tag(tagged("a", listen="HTTP:80", auth="iam", domain=domain))
    run(world)
    [service] = world.services.values()
    world.settings[service.arn] = replace(world.settings[service.arn], policy='{"Statement": 1}')
    world.tag(tagged("a", target="no"), tagged("b", "HTTPS:443", listen="TLS_PASSTHROUGH", domain=domain))
    run(world)
    assert world.answers(tagged("b").arn)["status"] == "connected"
