"""A service's settings and teams' own policies: read of whom something is asked, or was, and never guessed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from onramp.aws.observe import settings as dressed
from onramp.aws.observe.reader import Reader
from onramp.core import tags
from onramp.core.desired import Desired, WantedService
from onramp.core.inventory import ServiceState
from onramp.core.model import UNREAD, Service, Settings
from onramp.core.network import Network
from onramp.core.run import Memory, Plan, Run
from onramp.core.settings import Said

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"
NET = Network(name="net", arn=f"arn:aws:vpc-lattice:x:{INFRA}:servicenetwork/sn-1", account=INFRA, share="")
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-"
MISSING, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)
THROTTLED = error("ThrottlingException", 429)
TIMEOUT, AUTH = "idle-timeout", "auth"


def service(name: str, **given: Any) -> Service:
    return Service(
        **{"arn": f"{LATTICE}{name}", "name": name, "status": "ACTIVE", "owned": True, "mark": "net", **given}
    )


def want(**said: Said) -> Desired:
    services = tuple(WantedService(name=name, listens=(), backends=(), said=one) for name, one in said.items())
    return Desired(services, (), (), {}, {}, {}, {}, (), {})


def state(name: str, *settings: str) -> ServiceState:
    return ServiceState(account=TEAM, name=name, network="net", status="connected", settings=settings)


def reader(account: Canned, **run: Any) -> Reader:
    return Reader(NET, account, Run(account=TEAM, trigger={}, **run))


SLOW, GUARDED = Said(idle_timeout=120), Said(auth=True, policy="{}")


@pytest.mark.parametrize(
    ("said", "answer", "policy", "found"),
    [
        (SLOW, {"idleTimeoutSeconds": 120, "authType": "AWS_IAM"}, None, Settings(idle_timeout=120, auth="AWS_IAM")),
        (SLOW, {}, None, Settings(idle_timeout=60, auth="NONE")),
        (GUARDED, {}, {"policy": "{}"}, Settings(policy="{}")),
        (GUARDED, {}, {"policy": None}, Settings(policy="")),
        (GUARDED, {}, {}, Settings(policy="")),
        (GUARDED, {}, MISSING, Settings(policy="")),
        (GUARDED, {}, DENIED, Settings(known=False)),
        (GUARDED, DENIED, None, Settings(known=False)),
        (SLOW, MISSING, None, Settings(known=False)),
        (Said(domain="a.jp"), {"certificateArn": "arn:c"}, None, Settings(certificate="arn:c")),
    ],
)
def test_what_a_service_is_set_to(said: Said, answer: Answer, policy: Answer | None, found: Settings) -> None:
    answers: dict[str, Answer] = {"get_service": answer, **({} if policy is None else {"get_auth_policy": policy})}
    account = Canned(TEAM, **answers)
    looking = reader(account)
    assert dressed.settings(looking, want(orders=said), [service("orders")]) == {"orders": found}
    asked: list[tuple[str, Given]] = [("get_service", {"serviceIdentifier": f"{LATTICE}orders"})]
    asked += [] if policy is None else [("get_auth_policy", {"resourceIdentifier": f"{LATTICE}orders"})]
    assert account.calls == asked
    unread = {} if found.known or answer is MISSING else {f"{LATTICE}orders": "Operation AccessDeniedException"}
    assert looking.unread == unread


def test_of_whom_nothing_is_asked_nothing_is_read() -> None:
    nobody = Canned(TEAM)
    those = [
        service("plain"),
        service("theirs", owned=False),
        service("new", status="CREATE_IN_PROGRESS"),
        service("unread", status=UNREAD),
    ]
    asked = want(plain=Said(), theirs=SLOW, new=SLOW, unread=SLOW)
    assert dressed.settings(reader(nobody), asked, those) == {}
    assert nobody.calls == []


def test_what_was_asked_once_is_read_until_it_is_taken_back() -> None:
    account = Canned(TEAM, get_service={"authType": "AWS_IAM"}, get_auth_policy={"policy": "{}"})
    remembered = reader(account, memory=Memory(services=(state("orders", AUTH), state("plain"))))
    had = Settings(auth="AWS_IAM", policy="{}", had=(AUTH,))
    those = [service("plain"), service("orders")]
    assert dressed.settings(remembered, want(orders=Said()), those) == {"orders": had}
    assert dressed.settings(remembered, want(), those) == {"orders": had}
    # A run goes by its last look, and not by what was remembered before it.
    plan = Plan(account=TEAM, round=1, next="wait", services=(state("plain", TIMEOUT),))
    later = reader(account, plan=plan, memory=remembered.run.memory)
    assert dressed.settings(later, want(), those) == {"plain": Settings(auth="AWS_IAM", had=(TIMEOUT,))}


@pytest.mark.parametrize("answers", [{"get_service": DENIED}, {"get_service": {}, "get_auth_policy": DENIED}])
def test_what_cannot_be_read_is_not_forgotten(answers: dict[str, Answer]) -> None:
    looking = reader(Canned(TEAM, **answers), memory=Memory(services=(state("orders", AUTH),)))
    assert dressed.settings(looking, want(), [service("orders")]) == {"orders": Settings(known=False, had=(AUTH,))}


@pytest.mark.parametrize("method", ["get_service", "get_auth_policy"])
def test_being_asked_to_slow_down_stops_the_look(method: str) -> None:
    answers: dict[str, Answer] = {"get_service": {}, method: THROTTLED}
    account = Canned(TEAM, **answers)
    with pytest.raises(ClientError):
        dressed.settings(reader(account), want(orders=GUARDED), [service("orders")])


# --- parameters

OWN = Said(auth=True, parameter="/lattice-onramp/orders")


def test_where_a_service_s_access_log_goes_and_whose_it_is() -> None:
    def look(*items: Given) -> Settings:
        account = Canned(
            TEAM, get_service={}, list_access_log_subscriptions={"items": list(items)}, list_tags_for_resource=_marks
        )
        return dressed.settings(reader(account), want(orders=Said(log="/orders")), [service("orders")])["orders"]

    bucket = {"arn": f"{LATTICE}b", "destinationArn": "arn:aws:s3:::logs"}
    ours, theirs = (
        {"arn": f"{LATTICE}{name}", "destinationArn": f"arn:aws:logs:x:{TEAM}:log-group:/{name}:*"}
        for name in ("ours", "theirs")
    )
    assert look() == Settings()
    assert look(bucket, ours) == Settings(log="/ours", subscription=f"{LATTICE}ours")
    assert look(theirs) == Settings(foreign_log=True)


def _marks(given: Given) -> Given:
    return {"tags": {"lattice-onramp:network": "net"} if given["resourceArn"].endswith("ours") else {}}


def test_a_log_group_is_there_whose_whole_name_is_answered() -> None:
    account = Canned(TEAM, describe_log_groups={"logGroups": [{"logGroupName": "/orders-of-others"}]})
    assert dressed.log_groups(reader(account), want(orders=Said(log="/orders"))) == frozenset()
    account = Canned(TEAM, describe_log_groups={"logGroups": [{"logGroupName": "/orders"}]})
    assert dressed.log_groups(reader(account), want(orders=Said(log="/orders"))) == {"/orders"}
    assert account.calls == [("describe_log_groups", {"logGroupNamePrefix": "/orders"})]


def parameter(text: str, kind: str = "String") -> Given:
    return {"Parameter": {"Value": text, "Type": kind}}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (parameter("{}"), ("{}", None)),
        (parameter(""), ("", None)),
        (parameter("AQ...", "SecureString"), (None, "SecureString")),
        (parameter("a,b", "StringList"), (None, "StringList")),
        (error("ParameterNotFound"), (None, None)),
        (DENIED, (None, None)),
    ],
)
def test_what_a_parameter_holds_if_it_is_there_and_plain(answer: Answer, found: tuple[str | None, str | None]) -> None:
    account = Canned(TEAM, get_parameter=answer)
    looking = reader(account)
    seen = dressed.parameters(looking, want(orders=OWN, bills=OWN, cards=GUARDED, plain=Said()))
    assert (seen.held.get("/lattice-onramp/orders"), seen.others.get("/lattice-onramp/orders")) == found
    assert account.calls == [("get_parameter", {"Name": "/lattice-onramp/orders"})]
    assert looking.unread == ({OWN.parameter: "Operation AccessDeniedException"} if answer is DENIED else {})


# --- access logs

LOGGED = Said(log="/team/orders")
ARN = f"arn:aws:logs:ap-northeast-1:{TEAM}:log-group:/team/orders:*"
OURS, THEIRS = (f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:accesslogsubscription/als-{who}" for who in "12")


def subscription(arn: str, destination: str = ARN) -> Given:
    return {"arn": arn, "destinationArn": destination}


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([], Settings()),
        ([subscription(OURS)], Settings(log="/team/orders", subscription=OURS)),
        ([subscription(OURS, ARN.removesuffix(":*"))], Settings(log="/team/orders", subscription=OURS)),
        ([subscription(THEIRS)], Settings(foreign_log=True)),
        ([subscription(THEIRS, "arn:aws:s3:::bucket")], Settings()),
        (
            [subscription(THEIRS, "arn:aws:s3:::bucket"), subscription(OURS)],
            Settings(log="/team/orders", subscription=OURS),
        ),
    ],
)
def test_where_a_services_access_log_goes(items: list[Given], found: Settings) -> None:
    account = Canned(
        TEAM,
        get_service={},
        list_access_log_subscriptions={"items": items},
        list_tags_for_resource=lambda given: {"tags": {tags.OWNER: "net"} if given["resourceArn"] == OURS else {}},
    )
    assert dressed.settings(reader(account), want(orders=LOGGED), [service("orders")]) == {"orders": found}
    assert account.calls[1] == ("list_access_log_subscriptions", {"resourceIdentifier": f"{LATTICE}orders"})


def test_where_a_log_goes_that_may_not_be_read_is_not_known() -> None:
    looking = reader(Canned(TEAM, get_service={}, list_access_log_subscriptions=DENIED))
    assert dressed.settings(looking, want(orders=LOGGED), [service("orders")]) == {"orders": Settings(known=False)}
    assert looking.unread == {f"{LATTICE}orders": "Operation AccessDeniedException"}


def test_log_groups_that_tags_name_are_there_by_their_whole_name() -> None:
    there = [{"logGroupName": "/team/orders"}, {"logGroupName": "/team/bills-old"}]
    account = Canned(
        TEAM,
        describe_log_groups=lambda given: {
            "logGroups": [one for one in there if one["logGroupName"].startswith(given["logGroupNamePrefix"])]
        },
    )
    asked = want(orders=LOGGED, again=LOGGED, bills=Said(log="/team/bills"), plain=Said())
    assert dressed.log_groups(reader(account), asked) == {"/team/orders"}
    assert account.calls == [
        ("describe_log_groups", {"logGroupNamePrefix": name}) for name in ("/team/bills", "/team/orders")
    ]
    denied = reader(Canned(TEAM, describe_log_groups=DENIED))
    assert dressed.log_groups(denied, want(orders=LOGGED)) == frozenset()
    assert denied.unread == {"/team/orders": "Operation AccessDeniedException"}
