"""A service's settings: understood or refused, put right in place, and nobody is turned away while they change."""

import json
import re
from typing import Any

import pytest
from model_world import PARAMETERS, TEAM, World, balancer, carry_out, kinds, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import settings, tags
from onramp.core.desired import desired
from onramp.core.errors import Refused
from onramp.core.model import LoadBalancer, Observation, Settings
from onramp.core.network import Network
from onramp.core.plan import plan
from onramp.core.run import Plan
from onramp.core.settings import POLICY_BYTES, Said, asked, contradicting, join, lasting, own_policy, preset, said, same
from onramp.core.steps import PutAuthPolicy, SetAuthType, SetIdleTimeout

ORG = network(organization="o-a1b2c3d4e5")
OPEN = "/lattice-onramp/open"

# --- what tags say


def test_a_setting_that_no_tag_names_is_left_as_lattice_has_it() -> None:
    assert said(network(), {}) == Said()
    assert Said().names == frozenset()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"idle-timeout": "60"}, set()),
        ({"idle-timeout": "120"}, {"idle-timeout"}),
        ({"auth": "none"}, set()),
        ({"auth": "iam"}, {"auth"}),
        ({"log": "/orders"}, {"log"}),
        ({"auth-policy": "/lattice-onramp/a/b-c_d.1", "idle-timeout": "600"}, {"auth", "idle-timeout"}),
    ],
)
def test_what_is_other_than_lattice_makes_it_has_to_be_read(given: dict[str, str], names: set[str]) -> None:
    assert said(network(), given).names == names


ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
SIGNS = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("iam", {**ANYBODY, "Condition": SIGNS}),
        ("IAM", {**ANYBODY, "Condition": SIGNS}),
        ("org", {**ANYBODY, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, **SIGNS}}),
        (
            "accounts 222222222222 111111111111 222222222222",
            {**ANYBODY, "Principal": {"AWS": ["111111111111", "222222222222"]}},
        ),
        (
            "vpcs vpc-0123abcd",
            {**ANYBODY, "Condition": {"StringEquals": {"vpc-lattice-svcs:SourceVpc": ["vpc-0123abcd"]}}},
        ),
        ("accounts", None),
        ("vpcs", None),
        ("iam org", None),
        ("", None),
        ("everybody", None),
    ],
)
def test_a_preset_is_a_policy_or_refused(text: str, statement: dict[str, Any] | None) -> None:
    if statement is None:
        with pytest.raises(
            Refused, match=r"write none, iam, accounts 111111111111 ..., org, or vpcs .* in tag lattice:a"
        ):
            preset(ORG, text, "lattice:auth")
        return
    policy = preset(ORG, text, "lattice:auth")
    assert json.loads(policy) == {"Version": "2012-10-17", "Statement": [statement]}
    assert own_policy(policy) == policy


@pytest.mark.parametrize(
    ("kind", "good", "bad", "example"),
    [
        ("accounts", "222222222222", "2222", "111111111111"),
        ("accounts", "222222222222", "o-a1b2c3d4e5", "111111111111"),
        ("vpcs", "vpc-0123abcd", "orders", "vpc-0123abcd"),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 17])
def test_of_many_the_one_that_is_no_id_is_named(kind: str, good: str, bad: str, example: str, before: int) -> None:
    with pytest.raises(Refused, match=rf"write ids as {example} in tag lattice:auth: it has {bad}$"):
        preset(ORG, " ".join([kind, *[good] * before, bad]), "lattice:auth")


def test_nobody_is_of_an_organisation_where_accounts_are_listed() -> None:
    with pytest.raises(Refused, match="write accounts and their ids in tag lattice:auth"):
        preset(network(), "org", "lattice:auth")
    assert preset(network(), "none", "lattice:auth") == ""


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"idle_timeout": "59"}, "tag-invalid", "write seconds from 60 to 600 in tag lattice:idle-timeout: it has 59"),
        ({"idle_timeout": "601"}, "tag-invalid", "it has 601"),
        ({"idle_timeout": "1m"}, "tag-invalid", "it has 1m"),
        (
            {"log": "a b"},
            "tag-invalid",
            "name of a log group of this account in tag lattice:log.*has a b",
        ),
        ({"log": "arn:aws:s3:::logs"}, "tag-invalid", "it has arn:aws:s3:::logs"),
        ({"auth": "some"}, "auth-invalid", "in tag lattice:auth: it has some"),
        (
            {"auth": "iam", "auth_policy": OPEN},
            "auth-invalid",
            "remove one of tags lattice:auth and lattice:auth-policy",
        ),
        ({"auth_policy": "orders"}, "auth-invalid", "SSM parameter below /lattice-onramp/ .* it has orders"),
        ({"auth_policy": "/other/orders"}, "auth-invalid", "it has /other/orders"),
        ({"auth_policy": "/lattice-onramp/../x y"}, "auth-invalid", "it has /lattice-onramp/../x y"),
    ],
)
def test_what_cannot_be_understood_is_refused(given: dict[str, str], code: str, says: str) -> None:
    [refusal] = desired(network(), Observation(account=TEAM, load_balancers=(tagged("orders", **given),))).refusals
    assert refusal.code == code
    assert re.search(says, refusal.message)


# --- several load balancers of one service


@pytest.mark.parametrize(
    ("first", "other", "both"),
    [
        (Said(), Said(), Said()),
        (Said(idle_timeout=90), Said(auth=True, policy="p"), Said(idle_timeout=90, auth=True, policy="p")),
        (Said(idle_timeout=90), Said(idle_timeout=90), Said(idle_timeout=90)),
        (Said(idle_timeout=90), Said(idle_timeout=91), None),
        (Said(auth=True), Said(auth=True, policy="p"), None),
        (Said(auth=True, parameter="a"), Said(auth=True, parameter="b"), None),
        (Said(auth=True, parameter="a"), Said(), Said(auth=True, parameter="a")),
        (Said(log="a"), Said(idle_timeout=90), Said(log="a", idle_timeout=90)),
        (Said(log="a"), Said(log="b"), None),
    ],
)
def test_what_several_say_counts_together_unless_they_contradict_each_other(
    first: Said, other: Said, both: Said | None
) -> None:
    assert join(first, other) == both


@pytest.mark.parametrize(
    ("first", "other", "keys"),
    [
        (Said(idle_timeout=120), Said(idle_timeout=60), ("idle-timeout",)),
        (Said(), Said(idle_timeout=60, log="/orders"), ("log",)),
        (Said(log="/a", auth=True, policy="x"), Said(log="/b", auth=True), ("log", "auth")),
        (Said(), Said(auth=True, parameter="/lattice-onramp/open"), ("auth-policy",)),
        (Said(zone="ZSHOP", certificate="1"), Said(zone="ZROOT", certificate="2"), ("certificate", "zone")),
        (Said(zone="ZSHOP"), Said(zone="stack", certificate="2"), ("certificate",)),
        (Said(log="/a", idle_timeout=90), Said(log="/a"), ()),
    ],
)
def test_the_tags_are_named_by_which_one_says_something_else(first: Said, other: Said, keys: tuple[str, ...]) -> None:
    assert contradicting(first, other) == keys


def test_who_contradicts_those_that_serve_is_refused_alone() -> None:
    world = World(network()).tag(tagged("b", service="shop", idle_timeout="120"), vpc())
    run(world)
    world.tag(tagged("a", service="shop", idle_timeout="240"), tagged("c", service="shop"))
    run(world)
    assert [(one.code, one.resource) for one in world.memory.refusals] == [("setting-conflict", balancer("a").arn)]
    says = "setting-conflict: say the same of lattice:idle-timeout as the others of shop or nothing"
    assert world.answers(balancer("a").arn)["message"] == says
    assert [one.idle_timeout for one in world.settings.values()] == [120]
    assert world.answers(balancer("c").arn)["status"] == "connected"


# --- who calls, by a run that dies


class Died(Exception):
    """The run is killed."""


def kill_after(world: World, kind: str) -> None:
    """A run that dies as soon as it has done such a step: nobody waits after that, and nothing is remembered."""

    def watch(planned: Plan) -> None:
        if kind in kinds(planned):
            carry_out(world, planned)
            raise Died

    with pytest.raises(Died):
        run(world, every_plan=watch)


@pytest.mark.parametrize("before", [None, "iam"])
def test_whoever_follows_a_run_that_died_waits_as_long_as_that_one_had_to(before: str | None) -> None:
    """The world itself sees that nobody is turned away: it takes no policy off, and lets none count, too early."""
    says = {"auth": "iam"} if before is None else {}
    world = World(network()).tag(tagged("a", service="shop", **({"auth": before} if before else {})), vpc())
    run(world)
    world.tag(tagged("a", service="shop", **says))
    kill_after(world, "PutAuthPolicy" if says else "SetAuthType")
    done: list[str] = []
    run(world, every_plan=lambda planned: done.extend(kinds(planned)))
    expected = ["PutAuthPolicy", "SetAuthType"] if says else ["SetAuthType", "DeleteAuthPolicy"]
    assert [kind for kind in done if "Auth" in kind] == expected
    [found] = world.settings.values()
    assert (found.auth, bool(found.policy)) == (("AWS_IAM", True) if says else ("NONE", False))


def test_what_was_waited_for_already_is_not_done_once_more() -> None:
    world = World(network()).tag(tagged("a", service="shop"), vpc())
    run(world)
    world.tag(tagged("a", service="shop", auth="iam"))
    world.fate = lambda step: "refused" if step.kind == "SetAuthType" else "done"
    run(world)
    done: list[str] = []
    world.fate = lambda _: "done"
    run(world, every_plan=lambda planned: done.extend(kinds(planned)))
    assert [kind for kind in done if "Auth" in kind] == ["SetAuthType"]


# --- a team's own policy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nobody", "write JSON: it is none"),
        ("[" * 200000, "write JSON: it is none"),
        (
            json.dumps({"Statement": {**ANYBODY, "Condition": {"NumericEquals": {"a": float("inf")}}}}),
            "write JSON: it is none",
        ),
        (json.dumps({"Id": float("nan"), "Statement": ANYBODY}), "write JSON: it is none"),
        ("[]", "write an object with Version and Statement"),
        (f'{{"Id": {"[" * 2000}{"]" * 2000}, "Statement": {json.dumps(ANYBODY)}}}', "write an object with Version"),
        ("{}", "mend it: "),
        ('{"Statement": []}', "mend it: a policy has one statement at least"),
        ('{"Statement": {"Effect": "Allow"}}', "mend it: "),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', "write a Principal in statement #1"),
        (
            json.dumps({"Statement": [{**ANYBODY, "Resource": ["x" * 100] * 110}]}),
            "write 10240 bytes at most: it has 11",
        ),
    ],
)
def test_a_policy_that_lattice_would_not_take_is_refused_before_it_is_put(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        own_policy(text)
    assert refused.value.code == "auth-policy-invalid"


def test_a_policy_of_just_as_many_bytes_as_it_may_have_is_taken() -> None:
    def of(length: int) -> str:
        bare = json.dumps({"Id": "", "Statement": ANYBODY}, separators=(",", ":"))
        return bare.replace('"Id":""', f'"Id":"{"x" * (length - len(bare))}"')

    assert own_policy(of(POLICY_BYTES)) == of(POLICY_BYTES)
    with pytest.raises(Refused, match=f"it has {POLICY_BYTES + 1}"):
        own_policy(of(POLICY_BYTES + 1))


def test_a_policy_is_put_on_one_line_and_known_again_whatever_its_order_and_spaces() -> None:
    text = json.dumps({"Statement": ANYBODY}, indent=2)
    assert "\n" not in own_policy(text)
    assert same(text, json.dumps({"Statement": dict(reversed(ANYBODY.items()))}))
    ours, other = {"Sid": "a", **ANYBODY}, {**ANYBODY, "Sid": "b"}
    turned = [dict(reversed(one.items())) for one in (ours, other)]
    assert same(json.dumps({"Statement": [ours, other]}), json.dumps({"Statement": turned}))
    assert (same("", ""), same(text, ""), same("", text), same("{", "["), same("{", "{")) == (
        *(True, False, False),
        *(False, True),
    )


def test_a_policy_is_known_again_in_the_form_in_which_other_services_keep_one() -> None:
    put = preset(network(), "accounts 222222222222 111111111111", "k")
    roots = [f"arn:aws:iam::{account}:root" for account in ("222222222222", "111111111111")]
    kept = json.loads(put)
    kept["Statement"] = {**kept["Statement"][0], "Principal": {"AWS": roots}}
    assert same(put, json.dumps(kept))
    kept["Statement"]["Principal"] = {"AWS": roots[0]}
    assert not same(put, json.dumps(kept))
    assert same(preset(network(), "accounts 222222222222", "k"), json.dumps(kept))
    for key, alike in (("Principal", True), ("NotPrincipal", True), ("Resource", False)):
        one, other = (json.dumps({"Statement": {key: {"AWS": it}}}) for it in ("222222222222", roots[0]))
        assert same(one, other) is alike
    anybody = json.dumps({"Statement": [ANYBODY]})
    assert same(anybody, json.dumps({"Statement": [{**ANYBODY, "Principal": {"AWS": ["*"]}}]}))
    assert not same(anybody, json.dumps({"Statement": [{**ANYBODY, "Principal": {"AWS": "222222222222"}}]}))
    # An account's root is that account where it is who calls, and nowhere else.
    said = [{"StringEquals": {"aws:PrincipalArn": value}} for value in (roots[0], "222222222222")]
    one, other = (json.dumps({"Statement": [{**ANYBODY, "Condition": condition}]}) for condition in said)
    assert not same(one, other)


def denying(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", **more}


@pytest.mark.parametrize(
    ("statements", "listen", "why"),
    [
        ([ANYBODY, denying()], "HTTP:80", "statement #2 denies everybody"),
        ([denying(Action="vpc-lattice-svcs:Invoke")], "HTTP:80", "statement #1 denies everybody"),
        ([{**ANYBODY, "Action": "vpc-lattice-svcs:Connect"}], "HTTP:80", "no statement allows anybody"),
        ([ANYBODY], "TLS_PASSTHROUGH:443", "no statement allows anybody"),
        ([{**ANYBODY, "Resource": "OTHER/*"}], "HTTP:80", "no statement allows anything of this service"),
        ([ANYBODY, denying(Resource="OTHER/*")], "HTTP:80", ""),
        ([ANYBODY, denying(Action="vpc-lattice-svcs:Connect")], "HTTP:80", ""),
        ([{**ANYBODY, "Action": "*"}, denying(Action="*:Invoke")], "TLS_PASSTHROUGH:443", ""),
    ],
)
def test_a_policy_that_lets_nobody_in_is_told_until_it_is_mended_and_the_service_stays(
    monkeypatch: pytest.MonkeyPatch, statements: list[dict[str, Any]], listen: str, why: str
) -> None:
    open_to_all = PARAMETERS[OPEN]
    ports, own = ("HTTP:80", "HTTPS:443"), {"service": "shop", "listen": listen}
    own |= {"domain": "api.shop.example.jp"} if listen.startswith("TLS") else {}
    world = World(network()).tag(tagged("a", *ports, auth_policy=OPEN, **own), tagged("b", *ports, **own), vpc())
    run(world)
    [there] = world.services.values()
    other = there.arn.rpartition("/")[0] + "/svc-other"
    text = json.dumps({"Statement": statements}).replace("OTHER", other)
    both = [world.answers(balancer(name).arn) for name in "ab"]
    assert [one["status"] for one in both] == ["connected", "connected"]
    monkeypatch.setitem(PARAMETERS, OPEN, text)
    run(world)
    told = [world.answers(balancer(name).arn) for name in "ab"]
    [state] = world.memory.services
    if why:
        says = f"nobody-admitted: mend SSM parameter {OPEN} if requests are meant to get through: {why}"
        assert told == [{"status": "unreachable", "message": tags.answer(says)}] * 2
        assert (state.status, state.answers, state.serving) == ("unreachable", False, ())
    else:
        assert (told, state.answers) == (both, True)
    [kept] = world.services.values()
    assert (kept.arn, kept.domain, kept.associations) == (there.arn, there.domain, there.associations)
    monkeypatch.setitem(PARAMETERS, OPEN, open_to_all)
    run(world)
    assert [world.answers(balancer(name).arn) for name in "ab"] == both


@pytest.mark.parametrize(
    ("zone", "log", "parameter", "code"),
    [
        ("Z0000", "", "/lattice-onramp/wrong", "auth-policy-invalid"),
        ("", "/orders/3", "/lattice-onramp/wrong", "auth-policy-invalid"),
        ("", "/orders/3", "/lattice-onramp/none", "auth-policy-missing"),
        ("Z0000", "/orders/3", "/lattice-onramp/wrong", "auth-policy-invalid"),
    ],
)
@pytest.mark.parametrize("guarded", [True, False])
def test_of_all_that_a_service_lacks_none_hides_another(
    zone: str, log: str, parameter: str, code: str, guarded: bool
) -> None:
    """What decides who may call is told first, the service goes on, and nobody is let in or turned away by it."""
    own = {"service": "shop", "domain": "api.shop.example.jp", "listen": "HTTP:80"}
    world = World(network()).tag(tagged("a", **own, **({"auth": "iam"} if guarded else {})), vpc())
    run(world)
    before, there = world.answers(balancer("a").arn), list(world.settings.values())
    beside = ({"zone": zone} if zone else {}) | ({"log": log} if log else {})
    world.tag(tagged("a", **own, auth_policy=parameter, **beside))
    run(world)
    told = world.answers(balancer("a").arn)
    assert (told["domain"], told["message"].partition(":")[0]) == (before["domain"], code)
    now = list(world.settings.values())
    assert [(one.auth, one.policy, one.log) for one in now] == [(one.auth, one.policy, "") for one in there]


def test_a_policy_that_cannot_be_judged_is_left_to_aws() -> None:
    world = World(network()).tag(tagged("a", service="shop", auth="iam"), vpc())
    run(world)
    [(arn, seen)] = world.settings.items()
    for policy in ('{"Statement": [{"Effect": "Deny", "Principal": "*", "Later": "*"}]}', ""):
        world.settings[arn] = replace(seen, policy=policy)
        planned = plan(world.network, world.observe())
        assert [state.status for state in planned.services] == ["connected"]


# --- what is read, and remembered


def test_settings_are_read_where_a_tag_asks_for_one_or_has_asked() -> None:
    wanted = {"plain": Said(), "slow": Said(idle_timeout=90), "had": Said()}
    remembered: dict[str, tuple[str, ...]] = {"had": ("auth",), "kept": ("idle-timeout",)}
    assert asked(wanted, remembered) == {"slow": {"idle-timeout"}, "had": {"auth"}, "kept": {"idle-timeout"}}


@pytest.mark.parametrize(
    ("wanted", "seen", "names"),
    [
        (Said(), None, ()),
        (Said(idle_timeout=90), None, ("idle-timeout",)),
        (Said(), Settings(idle_timeout=90, had=("idle-timeout",)), ("idle-timeout",)),
        (Said(), Settings(idle_timeout=60, had=("idle-timeout",)), ()),
        (Said(), Settings(auth="AWS_IAM", had=("auth",)), ("auth",)),
        (Said(), Settings(policy="{}", had=("auth",)), ("auth",)),
        (Said(), Settings(had=("auth",)), ()),
        (Said(), Settings(known=False, had=("auth", "idle-timeout")), ("auth", "idle-timeout")),
        (Said(), Settings(auth="AWS_IAM", idle_timeout=90), ()),
        (Said(), Settings(subscription="als", had=("log",)), ("log",)),
        (Said(), Settings(had=("log",)), ()),
    ],
)
def test_a_setting_is_remembered_until_it_is_taken_back(
    wanted: Said, seen: Settings | None, names: tuple[str, ...]
) -> None:
    assert lasting(wanted, seen) == names


# --- what is done


def connected(net: Network | None = None, **tags: str) -> World:
    world = World(net or network(status_tags=False)).tag(tagged("orders", **tags), vpc())
    run(world)
    return world


def changes(world: World, *asking: LoadBalancer) -> list[str]:
    before = len(world.done)
    world.tag(*asking)
    run(world)
    return [step.kind for step in world.done[before:]]


def test_settings_change_in_place_and_go_back_to_lattice_s_own() -> None:
    world = connected()
    assert changes(world, tagged("orders", idle_timeout="120")) == ["SetIdleTimeout"]
    assert changes(world, tagged("orders", idle_timeout="300")) == ["SetIdleTimeout"]
    assert changes(world, tagged("orders")) == ["SetIdleTimeout"]
    assert changes(world, tagged("orders")) == []
    assert [one.idle_timeout for one in world.settings.values()] == [60]
    assert [one.settings for one in world.memory.services] == [()]


def test_who_may_call_is_said_before_it_counts_and_counts_no_more_when_it_goes() -> None:
    world = connected()
    assert changes(world, tagged("orders", auth_policy=OPEN)) == ["PutAuthPolicy", "SetAuthType"]
    assert [one.settings for one in world.memory.services] == [("auth",)]
    assert changes(world, tagged("orders", auth="iam")) == ["PutAuthPolicy"]
    assert changes(world, tagged("orders", auth="none")) == ["SetAuthType", "DeleteAuthPolicy"]
    assert [one.settings for one in world.memory.services] == [()]


def test_a_service_is_not_on_the_network_before_it_turns_away_who_may_not_call() -> None:
    world = connected(auth="iam")
    made = [step.kind for step in world.done]
    assert made.index("PutAuthPolicy") < made.index("SetAuthType") < made.index("AssociateService")


def test_a_name_that_comes_back_without_its_settings_is_opened_before_it_is_on_the_network() -> None:
    world = connected(network(status_tags=False, keep_seconds=86400), auth="iam", idle_timeout="90")
    world.untag()
    run(world)
    [kept] = world.memory.services
    assert (kept.status, kept.settings) == ("kept", ("auth", "idle-timeout"))
    done = changes(world, tagged("orders"))
    assert done.index("SetAuthType") < done.index("AssociateService")
    assert [one.settings for one in world.memory.services] == [()]


def test_an_access_log_goes_where_the_tag_says_and_ends_with_it() -> None:
    world = connected(log="/orders")
    [one] = world.settings.values()
    assert one.log == "/orders"
    assert changes(world, tagged("orders", log="/orders/2")) == ["UpdateAccessLog"]
    assert world.done[-1].because == "its access log is to go to log group /orders/2"
    assert changes(world, tagged("orders")) == ["DeleteAccessLog"]
    assert world.done[-1].because == "no tag asks for its access log any more"
    assert [one.settings for one in world.memory.services] == [()]


@pytest.mark.parametrize(
    ("groups", "unread", "seen", "status", "says"),
    [
        (
            set(),
            {},
            Settings(),
            "refused",
            "log-group-missing: make log group /orders in the account of the load balancer",
        ),
        ({"/orders"}, {}, Settings(foreign_log=True), "refused", "access-log-taken: remove the access log of service"),
        (set(), {"/orders": "DescribeLogGroups x"}, Settings(), "failed", "log group /orders cannot be read: Describe"),
    ],
)
def test_an_access_log_that_cannot_be_had_changes_nothing(
    groups: set[str], unread: dict[str, str], seen: Settings, status: str, says: str
) -> None:
    world = connected()
    world.tag(tagged("orders", log="/orders"))
    told = plan(
        network(status_tags=False),
        replace(world.observe(), log_groups=frozenset(groups), unread=unread, settings={"orders": seen}),
    )
    assert kinds(told) == []
    [state] = told.services
    assert (state.status, state.answers) == (status, True)
    assert says in state.message


SEEN = Settings(auth="AWS_IAM", policy='{"Statement":"theirs"}', idle_timeout=90)


def test_what_somebody_else_set_is_left_to_him() -> None:
    world = connected()
    [service] = world.services.values()
    world.settings[service.arn] = SEEN
    assert changes(world, tagged("orders", idle_timeout="60")) == []
    assert world.settings[service.arn] == SEEN


def test_settings_that_could_not_be_read_are_left_as_they_are_and_told() -> None:
    world = connected(idle_timeout="90")
    seen = replace(world.observe(), settings={"orders": Settings(known=False, had=("idle-timeout",))})
    planned = plan(network(status_tags=False), seen)
    assert kinds(planned) == []
    [state] = planned.services
    assert (state.status, state.settings) == ("failed", ("idle-timeout",))
    assert "the settings of service orders cannot be read" in state.message


OWN = "/lattice-onramp/own"


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (
            {},
            "auth-policy-missing",
            "put your policy into SSM parameter /lattice-onramp/own as a String: there is none in",
        ),
        ({"parameter_types": {OWN: "SecureString"}}, "auth-policy-missing", "anew as a String: it is a SecureString"),
        ({"parameters": {OWN: "nobody"}}, "auth-policy-invalid", "write JSON: it is none: SSM parameter /lattice-on"),
    ],
)
def test_nothing_is_made_for_a_policy_that_is_not_there_or_is_none(given: dict[str, Any], code: str, says: str) -> None:
    wish = tagged("orders", auth_policy=OWN)
    planned = plan(network(status_tags=False), Observation(account=TEAM, load_balancers=(wish,), **given))
    [refusal] = planned.refusals
    assert (steps(planned), refusal.code) == ([], code)
    assert says in refusal.message


def test_a_policy_that_goes_wrong_later_leaves_what_is_there() -> None:
    world = connected(auth_policy=OPEN)
    before = dict(world.settings)
    assert changes(world, tagged("orders", auth_policy="/lattice-onramp/wrong")) == []
    assert world.settings == before
    [state] = world.memory.services
    assert (state.status, state.answers, state.settings) == ("refused", True, ("auth",))


def test_a_parameter_that_may_not_be_read_is_told_as_such() -> None:
    wish = tagged("orders", auth_policy="/lattice-onramp/own")
    unread = {"/lattice-onramp/own": "GetParameter AccessDeniedException"}
    seen = Observation(account=TEAM, load_balancers=(wish,), unread=unread)
    [told] = plan(network(), seen).batches[0].steps
    assert "parameter /lattice-onramp/own cannot be read: GetParameter" in str(told)


def test_an_auth_type_that_a_tag_asks_for_is_nobody_s_hand() -> None:
    world = connected(auth="iam")
    [service] = world.services.values()
    seen = replace(world.observe(), services=(replace(service, auth="AWS_IAM"),))
    assert plan(network(), seen).refusals == ()
    untagged = replace(seen, load_balancers=(tagged("orders"),))
    assert plan(network(), untagged).refusals == ()
    [told] = plan(network(), replace(untagged, settings={})).refusals
    assert told.code == "auth-by-others"


@pytest.mark.parametrize(
    ("auth", "policy", "why"),
    [
        ("", None, ""),
        ("NONE", None, ""),
        ("AWS_IAM", None, ""),
        ("AWS_IAM", json.dumps({"Statement": ANYBODY}), ""),
        ("AWS_IAM", "", "AWS_IAM is on and there is no policy"),
        ("AWS_IAM", json.dumps({"Statement": [denying()]}), "statement #1 denies everybody"),
    ],
)
def test_a_hand_that_shuts_a_service_is_told_on_the_load_balancer(auth: str, policy: str | None, why: str) -> None:
    world = connected(idle_timeout="90")
    [service] = world.services.values()
    seen = replace(world.observe(), services=(replace(service, auth=auth, policy=policy),))
    [state] = plan(network(), seen).services
    says = f"nobody-admitted: mend the auth policy of service orders or set its auth type to NONE: {why}"
    assert (state.status, state.message, state.answers) == (
        ("unreachable", says, False) if why else ("connected", "", True)
    )


def test_steps_say_what_they_change() -> None:
    world = connected(auth="iam", idle_timeout="90")
    done = {type(step): step for step in world.done}
    assert isinstance(done[SetIdleTimeout], SetIdleTimeout)
    assert "connections may idle for 60 s, and 90 s is what the tags ask for" in done[SetIdleTimeout].because
    put = done[PutAuthPolicy]
    assert isinstance(put, PutAuthPolicy)
    assert json.loads(put.policy)["Statement"][0]["Condition"] == SIGNS
    turned = done[SetAuthType]
    assert isinstance(turned, SetAuthType)
    assert turned.auth == "AWS_IAM"
    assert settings.IDLE_TIMEOUT == 60
