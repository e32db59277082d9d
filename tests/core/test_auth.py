"""Auth policies: what they are asked of a request, and what cannot be said when something was not read."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core.auth import Sent, Signer, ruling
from onramp.core.policy import CONNECT, INVOKE, Decision, Principal
from onramp.core.trace import Asked, Ruling
from onramp.core.view import Action, Listener, Network, Request, Service

CLIENT = "111111111111"
ROLE = f"arn:aws:iam::{CLIENT}:role/app"
SERVICE = Service(
    id="svc-1",
    arn="arn:aws:vpc-lattice:ap-northeast-1:222222222222:service/svc-1",
    account="222222222222",
    name="orders",
    domain="orders.on.aws",
)
REQUEST = Request(
    source_ip="10.1.0.4", vpc="vpc-1", host="orders.on.aws", path="/a/b", method="POST", headers=(("X-Team", "red"),)
)
ASKED = Asked(
    level="service",
    arn=SERVICE.arn,
    name="orders",
    service=SERVICE,
    network=Network(id="sn-1", arn="arn:sn-1", name="shared"),
    request=REQUEST,
)
SENT = Sent(vpc_owner=CLIENT, tags={"tier": "gold"}, query=(("page", "2"),))
SIGNER = Signer(
    principal=Principal(frozenset({ROLE}), account=CLIENT),
    keys={"aws:PrincipalAccount": CLIENT},
    own=lambda resource, keys: Decision(allowed=resource == f"{SERVICE.arn}/a/b"),
)


def policy(condition: dict[str, Any] | None = None, effect: str = "Allow", action: str = INVOKE) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": "*", "Condition": condition or {}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def signed(signer: Signer = SIGNER) -> Sent:
    return Sent(vpc_owner=CLIENT, tags={}, signer=signer)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vpc-lattice-svcs:Port", "80"),
        ("vpc-lattice-svcs:ServiceArn", SERVICE.arn),
        ("vpc-lattice-svcs:ServiceNetworkArn", "arn:sn-1"),
        ("vpc-lattice-svcs:SourceVpc", "vpc-1"),
        ("vpc-lattice-svcs:SourceVpcOwnerAccount", CLIENT),
        ("vpc-lattice-svcs:RequestMethod", "POST"),
        ("vpc-lattice-svcs:RequestPath", "/a/b"),
        ("vpc-lattice-svcs:RequestHeader/x-team", "red"),
        ("vpc-lattice-svcs:RequestQueryString/page", "2"),
        ("aws:ResourceTag/tier", "gold"),
        ("aws:PrincipalType", "Anonymous"),
    ],
)
def test_an_unsigned_request_brings_these_keys(key: str, value: str) -> None:
    assert ruling(ASKED, policy({"StringEquals": {key: value}}), SENT).allowed
    assert not ruling(ASKED, policy({"StringEquals": {key: f"{value}x"}}), SENT).allowed


def test_without_a_policy_everything_is_denied() -> None:
    assert ruling(ASKED, None, SENT) == Ruling(
        allowed=False,
        because="AWS_IAM is on and there is no policy, which denies everything",
        remedy="put an auth policy on service orders, or set its auth type to NONE",
    )


def test_who_signs_is_admitted_by_the_policy_and_by_their_own() -> None:
    only = policy({"StringEquals": {"aws:PrincipalAccount": CLIENT}})
    assert ruling(ASKED, only, signed()).allowed
    assert ruling(ASKED, only, signed()).because == "statement #1"
    assert ruling(ASKED, only, SENT).remedy == (
        "sign the request (SigV4, service vpc-lattice-svcs) as one whom the policy admits, or admit it unsigned"
    )
    elsewhere = replace(ASKED, request=replace(REQUEST, path="/other"))
    refused = ruling(elsewhere, only, signed())
    assert (refused.allowed, refused.unknown) == (False, False)
    assert refused.because == f"the caller's own policies do not allow {INVOKE}"
    assert refused.remedy == f"allow the caller {INVOKE} on {SERVICE.arn}/*"


@pytest.mark.parametrize(("path", "resource"), [("/", "/"), ("/a/b/", "/a/b/"), ("/XML/v1", "/XML/v1")])
def test_what_is_asked_for_is_the_service_with_the_path_as_it_is_written(path: str, resource: str) -> None:
    asked: list[str] = []

    def own(resource: str, _: Any) -> Decision:
        asked.append(resource)
        return Decision(allowed=True)

    request = replace(ASKED, request=replace(REQUEST, path=path))
    assert ruling(request, policy(), signed(Signer(SIGNER.principal, SIGNER.keys, own))).allowed
    assert asked == [f"{SERVICE.arn}{resource}"]


def test_who_signs_and_is_not_admitted_is_not_told_to_sign() -> None:
    assert ruling(ASKED, policy({"StringEquals": {"aws:PrincipalAccount": "9"}}), signed()) == Ruling(
        allowed=False, because="no statement allows this request"
    )


def denying(conditions: dict[str, Any] | None = None) -> dict[str, Any]:
    """Whoever calls is allowed, and denied by the statement `Gate`."""
    both = policy()
    [deny] = policy(conditions, effect="Deny")["Statement"]
    return {**both, "Statement": [*both["Statement"], {**deny, "Sid": "Gate"}]}


MEND = "narrow statement Gate of the auth policy of service orders, or take it out: a Deny decides"


@pytest.mark.parametrize("sent", [SENT, signed()], ids=["unsigned", "signed"])
def test_what_a_statement_denies_is_mended_at_that_statement(sent: Sent) -> None:
    assert ruling(ASKED, denying(), sent) == Ruling(
        allowed=False, because="statement Gate denies this request", remedy=MEND
    )


def test_signing_is_advised_where_the_denial_asks_who_signed() -> None:
    unsigned = denying({"StringEquals": {"aws:PrincipalType": "Anonymous"}})
    assert ruling(ASKED, unsigned, SENT).remedy == f"sign the request, or {MEND}"
    by_account = denying({"StringEquals": {"aws:PrincipalAccount": CLIENT}})
    assert ruling(ASKED, by_account, signed()).remedy == MEND


def test_a_port_that_nobody_knows_leaves_the_answer_open_to_a_policy_that_asks_for_it() -> None:
    nobody_knows = replace(ASKED, request=replace(REQUEST, port=0))
    asking = policy({"StringEquals": {"vpc-lattice-svcs:Port": "0"}})
    told = ruling(nobody_knows, asking, SENT)
    assert (told.allowed, told.unknown) == (False, True)
    assert "vpc-lattice-svcs:Port" in told.because
    assert ruling(nobody_knows, policy(), SENT).allowed


def test_what_passes_through_sealed_is_anonymous() -> None:
    listener = Listener(name="tls", protocol="TLS_PASSTHROUGH", port=443, default=Action())
    sealed = replace(
        ASKED, service=replace(SERVICE, listeners=(listener,)), request=replace(REQUEST, port=443, protocol="HTTPS")
    )
    anonymous = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}
    assert ruling(sealed, policy(anonymous, action=CONNECT), signed()).allowed
    by_method = {"StringEquals": {"vpc-lattice-svcs:RequestMethod": "POST"}}
    assert not ruling(sealed, policy(by_method, action=CONNECT), signed()).allowed
    told = ruling(sealed, policy(anonymous), signed())
    assert not told.allowed
    assert told.remedy.startswith(f"allow {CONNECT}: ")


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("aws:PrincipalOrgID", signed(Signer(SIGNER.principal, {}, SIGNER.own, frozenset({"aws:PrincipalOrgID"})))),
        ("aws:ResourceTag/tier", Sent(vpc_owner=CLIENT, tags=None)),
        ("vpc-lattice-svcs:SourceVpcOwnerAccount", Sent(vpc_owner="", tags={})),
    ],
)
def test_a_key_that_could_not_be_read_leaves_the_answer_open(key: str, sent: Sent) -> None:
    told = ruling(ASKED, policy({"StringEquals": {key: "x"}}), sent)
    assert (told.allowed, told.unknown) == (False, True)
    missing = key.partition("/")[0]
    assert told.because == f"its policy asks for {missing}, which could not be read"
    assert ruling(ASKED, policy(), sent).allowed, "a policy that does not ask for it is decided all the same"


def test_a_policy_that_has_what_is_not_known_here_leaves_the_answer_open() -> None:
    told = ruling(ASKED, policy({"StringMatchesOfTomorrow": {"aws:x": "y"}}), SENT)
    assert (told.allowed, told.unknown) == (False, True)
    assert told.because.startswith("its policy cannot be judged here: statement #1: unknown condition operator")


def test_an_explicit_denial_stands_whatever_could_not_be_read() -> None:
    both = policy({"StringEquals": {"aws:ResourceTag/tier": "x"}})
    both["Statement"] += policy({"StringEquals": {"vpc-lattice-svcs:Port": "80"}}, effect="Deny")["Statement"]
    told = ruling(ASKED, both, Sent(vpc_owner=CLIENT))
    assert (told.allowed, told.unknown, told.because) == (False, False, "statement #2 denies this request")


def test_own_policies_that_could_not_be_read_leave_the_answer_open() -> None:
    assert ruling(ASKED, policy(), signed(Signer(SIGNER.principal, {}, lambda resource, keys: None))) == Ruling(
        allowed=False, because="the caller's own policies could not be read", unknown=True
    )
