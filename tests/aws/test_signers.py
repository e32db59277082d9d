"""Who signs is known as far as his account can be read: his policies, his boundary, his tags, his organisation."""

import json
from urllib.parse import quote

import pytest
from onramp.aws.signers import NoRole, role
from onramp.core.auth import Signer
from onramp.core.policy import Principal

from tests.aws.canned import Answer, Canned, CannedEyes, Given, error

HOME, FAR = "111111111111", "222222222222"
APP = f"arn:aws:iam::{HOME}:role/app"
MORE, LIMIT = (f"arn:aws:iam::{HOME}:policy/{name}" for name in ("more", "limit"))
SERVICE = f"arn:aws:vpc-lattice:ap-northeast-1:{FAR}:service/svc-1/"
DENIED, THROTTLED = error("AccessDeniedException", 403), error("ThrottlingException", 429)
NO_MORE = {"IsTruncated": False}


def says(effect: str, resource: str = "*") -> Given:
    statement = {"Effect": effect, "Action": "vpc-lattice-svcs:Invoke", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


IAM: dict[str, Answer] = {
    "describe_organization": {"Organization": {"Id": "o-1"}},
    "get_role": {"Role": {"Arn": APP, "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "empty", "Value": ""}]}},
    "list_role_policies": {"PolicyNames": []},
    "list_attached_role_policies": {"AttachedPolicies": []},
}


def signing(named: str = "app", **answers: Answer) -> tuple[Signer, Canned]:
    account = Canned(HOME, **{**IAM, **answers})
    return role(CannedEyes(account), named), account


def test_a_roles_calls_carry_its_account_tags_and_organisation() -> None:
    signer, account = signing()
    assert signer.principal == Principal(frozenset({APP}), account=HOME)
    assert signer.keys == {
        "aws:PrincipalAccount": HOME,
        "aws:PrincipalArn": APP,
        "aws:PrincipalType": "AssumedRole",
        "aws:SecureTransport": "true",
        "aws:PrincipalOrgID": "o-1",
        "aws:PrincipalTag/team": "shop",
    }
    assert signer.unread == {"aws:PrincipalOrgPaths"}
    assert account.calls == [
        ("describe_organization", {}),
        ("get_role", {"RoleName": "app"}),
        ("list_role_policies", {"RoleName": "app"}),
        ("list_attached_role_policies", {"RoleName": "app"}),
    ]


def test_a_role_with_a_path_is_called_as_iam_calls_it() -> None:
    arn = f"arn:aws:iam::{HOME}:role/team/app"
    signer, account = signing(arn, get_role={"Role": {"Arn": arn}})
    assert (signer.principal.names, signer.keys["aws:PrincipalArn"]) == (frozenset({arn}), arn)
    assert account.calls[1] == ("get_role", {"RoleName": "app"})
    by_name, _ = signing("app", get_role={"Role": {"Arn": arn}})
    assert by_name.principal == signer.principal


@pytest.mark.parametrize("code", ["NoSuchEntity", "ResourceNotFoundException"])
def test_a_role_that_is_not_there_is_said_so(code: str) -> None:
    with pytest.raises(NoRole, match=f"^account {HOME} has no role app$"):
        signing(get_role=error(code, 404))


def test_an_account_in_no_organisation_has_no_such_key() -> None:
    signer, _ = signing(describe_organization=error("AWSOrganizationsNotInUseException"))
    assert "aws:PrincipalOrgID" not in signer.keys
    assert signer.unread == {"aws:PrincipalOrgPaths"}


@pytest.mark.parametrize("answer", [DENIED, THROTTLED], ids=["denied", "throttled"])
def test_an_organisation_that_cannot_be_read_is_unread_and_not_none(answer: Answer) -> None:
    signer, _ = signing(describe_organization=answer)
    assert "aws:PrincipalOrgID" not in signer.keys
    assert signer.unread == {"aws:PrincipalOrgPaths", "aws:PrincipalOrgID"}
    decision = signer.own(SERVICE, {})
    assert decision is not None
    assert not decision.allowed


@pytest.mark.parametrize("answer", [DENIED, THROTTLED], ids=["denied", "throttled"])
@pytest.mark.parametrize("method", ["get_role", "list_role_policies", "list_attached_role_policies"])
def test_a_role_that_cannot_be_read_whole_has_policies_that_nobody_knows(method: str, answer: Answer) -> None:
    signer, _ = signing(**{method: answer})
    assert signer.own(SERVICE, {}) is None
    assert signer.unread == {"aws:PrincipalOrgPaths", "aws:PrincipalTag/"}
    assert signer.principal == Principal(frozenset({APP}), account=HOME)


def test_of_an_account_that_cannot_be_entered_only_the_name_is_known() -> None:
    arn = f"arn:aws:iam::{FAR}:role/app"
    signer, account = signing(arn)
    assert account.calls == []
    assert signer.principal == Principal(frozenset({arn}), account=FAR)
    assert signer.keys["aws:PrincipalAccount"] == FAR
    assert signer.unread == {"aws:PrincipalOrgPaths", "aws:PrincipalOrgID", "aws:PrincipalTag/"}
    assert signer.own(SERVICE, {}) is None


ALLOW, DENY, ELSEWHERE = says("Allow"), says("Deny"), says("Allow", "arn:aws:vpc-lattice:eu-west-1:1:service/x/*")


@pytest.mark.parametrize(
    ("inline", "attached", "boundary", "allowed", "explicit"),
    [
        (None, None, None, False, False),
        (ALLOW, None, None, True, False),
        (None, ALLOW, None, True, False),
        (ALLOW, DENY, None, False, True),
        (DENY, ALLOW, None, False, True),
        (ELSEWHERE, None, None, False, False),
        (ALLOW, None, ALLOW, True, False),
        (ALLOW, None, ELSEWHERE, False, False),
        (ALLOW, None, DENY, False, True),
        (None, None, ALLOW, False, False),
        (DENY, None, ALLOW, False, True),
        (DENY, None, ELSEWHERE, False, True),
    ],
)
def test_his_own_policies_allow_within_his_boundary(
    inline: Given | None, attached: Given | None, boundary: Given | None, allowed: bool, explicit: bool
) -> None:
    limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": LIMIT}} if boundary else {}
    managed = {MORE: attached, LIMIT: boundary}
    signer, account = signing(
        get_role={"Role": {"Arn": APP, **limit}},
        list_role_policies={"PolicyNames": ["own"] if inline else []},
        get_role_policy={"PolicyDocument": inline},
        list_attached_role_policies={"AttachedPolicies": [{"PolicyArn": MORE}] if attached else []},
        get_policy=lambda given: {"Policy": {"DefaultVersionId": f"v7 of {given['PolicyArn']}"}},
        get_policy_version=lambda given: {"PolicyVersion": {"Document": managed[given["PolicyArn"]]}},
    )
    decision = signer.own(SERVICE, {})
    assert decision is not None
    assert (decision.allowed, decision.explicit) == (allowed, explicit)
    asked = [given for method, given in account.calls if method == "get_policy_version"]
    wanted = [arn for arn, given in ((MORE, attached), (LIMIT, boundary)) if given]
    assert asked == [{"PolicyArn": arn, "VersionId": f"v7 of {arn}"} for arn in wanted]
    if inline:
        assert ("get_role_policy", {"RoleName": "app", "PolicyName": "own"}) in account.calls


def test_own_policies_that_have_what_is_not_known_here_are_not_known() -> None:
    strange = says("Allow")
    strange["Statement"][0]["Condition"] = {"StringMatchesOfTomorrow": {"aws:x": "y"}}
    signer, _ = signing(list_role_policies={"PolicyNames": ["own"]}, get_role_policy={"PolicyDocument": strange})
    assert signer.own(SERVICE, {}) is None


def test_a_document_that_comes_encoded_is_the_same_document() -> None:
    signer, _ = signing(
        list_role_policies={"PolicyNames": ["own"]},
        get_role_policy={"PolicyDocument": quote(json.dumps(says("Allow", f"{SERVICE}a b")))},
    )
    decisions = [signer.own(f"{SERVICE}{path}", {}) for path in ("a b", "b")]
    assert [one.allowed for one in decisions if one is not None] == [True, False]


def test_what_a_condition_asks_for_is_what_is_handed_in() -> None:
    document = says("Allow")
    document["Statement"][0]["Condition"] = {"StringEquals": {"vpc-lattice-svcs:RequestMethod": "GET"}}
    within = {"PermissionsBoundary": {"PermissionsBoundaryArn": LIMIT}}
    for given in ({}, within):
        signer, _ = signing(
            get_role={"Role": {"Arn": APP, **given}},
            list_role_policies={"PolicyNames": ["own"]},
            get_role_policy={"PolicyDocument": says("Allow") if given else document},
            get_policy={"Policy": {"DefaultVersionId": "v1"}},
            get_policy_version={"PolicyVersion": {"Document": document}},
        )
        decisions = [signer.own(SERVICE, {"vpc-lattice-svcs:RequestMethod": how}) for how in ("GET", "POST")]
        assert [one.allowed for one in decisions if one is not None] == [True, False]
