"""IAM's evaluation, one rule a row: what matches, what a condition means, and who wins."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onramp.core.auth_policy import shuts
from onramp.core.errors import Refused
from onramp.core.policy import CONNECT, INVOKE, Context, MalformedPolicy, Principal, evaluate, parse
from onramp.core.settings import own_policy

from tests.core.saying import says

QUEUE = "arn:aws:sqs:ap-northeast-1:111111111111:orders"
ROLE = "arn:aws:iam::222222222222:role/team/deployer"
DEPLOYER = Principal(frozenset({ROLE}), account="222222222222")
EVENTS = Principal(frozenset({"events.amazonaws.com"}), service="events.amazonaws.com")


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {
        "Version": version,
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | one for one in statements],
    }


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("sqs:SendMessage", "sqs:SendMessage", True),
        ("SQS:sendmessage", "sqs:SendMessage", True),
        ("sqs:Send*", "sqs:SendMessageBatch", True),
        ("sqs:Get?rl", "sqs:GetUrl", True),
        ("sqs:Send", "sqs:SendMessage", False),
        ("sqs:*", "sns:Publish", False),
    ],
)
def test_an_action_is_matched_with_wildcards_and_without_regard_to_case(
    pattern: str, action: str, matches: bool
) -> None:
    assert evaluate([policy({"Action": pattern})], action, QUEUE, {}).allowed is matches


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        (QUEUE, QUEUE, True),
        (QUEUE.upper(), QUEUE, False),
        ("arn:aws:sqs:*:111111111111:ord?rs", QUEUE, True),
        ("arn:aws:sqs:*", QUEUE, True),
        ("arn:aws:sqs:*:111111111111:payments", QUEUE, False),
        (QUEUE, "*", False),
        ("arn:aws:sqs:ap-northeast-1:111111111111:order.", QUEUE, False),
    ],
)
def test_a_resource_is_matched_with_wildcards_and_case_counts(pattern: str, resource: str, matches: bool) -> None:
    assert evaluate([policy({"Resource": pattern})], "sqs:SendMessage", resource, {}).allowed is matches


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, True),
        ({"StringEquals": {"k": "a"}}, {"k": "A"}, False),
        ({"StringEquals": {"k": "a*"}}, {"k": "ab"}, False),
        ({"StringEquals": {"K": "a"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "c"}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringEqualsIgnoreCase": {"k": "a"}}, {"k": "A"}, True),
        ({"StringNotEqualsIgnoreCase": {"k": "a"}}, {"k": "A"}, False),
        ({"StringLike": {"k": "a*z"}}, {"k": "abcz"}, True),
        ({"StringNotLike": {"k": "a*"}}, {"k": "abc"}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {"k": "b"}, False),
        ({"NumericLessThan": {"k": "10"}}, {"k": "9"}, True),
        ({"NumericGreaterThanEquals": {"k": "10"}}, {"k": "9"}, False),
        ({"NumericEquals": {"k": 10}}, {"k": "10.0"}, True),
        ({"NumericEquals": {"k": "10"}}, {"k": "ten"}, False),
        ({"NumericNotEquals": {"k": "10"}}, {"k": "11"}, True),
        ({"DateLessThan": {"k": "2026-12-01T00:00:00Z"}}, {"k": "2026-11-01T12:00:00Z"}, True),
        ({"DateGreaterThan": {"k": "1793534400"}}, {"k": "2026-11-01T12:00:01Z"}, True),
        ({"IpAddress": {"k": "10.0.0.0/8"}}, {"k": "somewhere"}, False),
        ({"BinaryEquals": {"k": "YQ=="}}, {"k": "YQ=="}, True),
        ({"BinaryEquals": {"k": "YQ=="}}, {"k": "a"}, False),
        ({"DateEquals": {"k": "soon"}}, {"k": "2026-11-01T12:00:01Z"}, False),
        ({"Bool": {"k": "true"}}, {"k": "true"}, True),
        ({"Bool": {"k": True}}, {"k": "false"}, False),
        ({"BinaryEquals": {"k": "QUE="}}, {"k": "QUE="}, True),
        ({"IpAddress": {"k": "10.1.32.0/20"}}, {"k": "10.1.33.54"}, True),
        ({"NotIpAddress": {"k": "10.1.33.54"}}, {"k": "10.1.33.54"}, False),
        ({"ArnLike": {"k": "arn:aws:iam::*:role/onramp-*"}}, {"k": "arn:aws:iam::1:role/onramp-x"}, True),
        ({"ArnEquals": {"k": "arn:aws:iam::*:role/*"}}, {"k": "arn:aws:iam::1:role/a/b"}, True),
        ({"ArnLike": {"k": "arn:aws:*:role/x"}}, {"k": "arn:aws:iam::1:role/x"}, False),
        ({"ArnNotLike": {"k": "arn:aws:iam::*:role/x"}}, {"k": "arn:aws:iam::1:role/y"}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "true"}}, {"k": "a"}, False),
        ({"Null": {"k": "false"}}, {"k": "a"}, True),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ["a", "b", "a"]}, True),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {"k": ["a", "b"]}, False),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {}, True),
        ({"ForAllValues:StringLike": {"k": ["lattice:*"]}}, {"k": ["lattice:network", "Name"]}, False),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {"k": ["b", "a"]}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {}, False),
        ({"ForAnyValue:StringNotEquals": {"k": ["a"]}}, {"k": ["a", "b"]}, True),
        ({"ForAnyValue:StringNotEquals": {"k": ["a", "b"]}}, {"k": ["a", "b"]}, False),
        ({"StringEquals": {"k": "a", "l": "b"}}, {"k": "a", "l": "c"}, False),
        ({"StringEquals": {"k": "a"}, "Bool": {"l": "true"}}, {"k": "a", "l": "true"}, True),
    ],
)
def test_a_condition_holds_when_each_key_meets_one_value(
    condition: dict[str, Any], context: Context, holds: bool
) -> None:
    assert evaluate([policy({"Condition": condition})], "a:B", "*", context).allowed is holds


@pytest.mark.parametrize(
    ("resource", "context", "version", "matches"),
    [
        ("arn:aws:sqs:*:*:${aws:PrincipalTag/team}-*", {"aws:PrincipalTag/team": "ord"}, "2012-10-17", False),
        ("arn:aws:sqs:*:*:${aws:PrincipalTag/team}*", {"aws:PrincipalTag/team": "ord"}, "2012-10-17", True),
        ("arn:aws:sqs:*:*:${aws:PrincipalTag/team}", {"aws:PrincipalTag/team": "*"}, "2012-10-17", False),
        ("arn:aws:sqs:*:*:${aws:PrincipalTag/team}", {}, "2012-10-17", False),
        ("arn:aws:sqs:*:*:${aws:PrincipalTag/team, 'orders'}", {}, "2012-10-17", True),
        (
            "arn:aws:sqs:*:*:${aws:PrincipalTag/team}",
            {"aws:PrincipalTag/team": "orders"},
            "2008-10-17",
            False,
        ),
        ("arn:aws:sqs:*:*:${*}", {}, "2012-10-17", False),
        # What the names say is not asked for where they stand for themselves.
        ("arn:aws:sqs:*:*:${*}", {"*": "orders"}, "2012-10-17", False),
        ("arn:aws:sqs:*:*:${?}", {"?": "orders"}, "2012-10-17", False),
        ("arn:aws:sqs:*:*:${$}", {"$": "orders"}, "2012-10-17", False),
    ],
)
def test_a_policy_variable_is_put_in_literally(resource: str, context: Context, version: str, matches: bool) -> None:
    document = policy({"Resource": resource}, version=version)
    assert evaluate([document], "sqs:SendMessage", QUEUE, context).allowed is matches


def test_a_variable_in_a_condition_compares_two_keys() -> None:
    same_org = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    keys = {"aws:ResourceOrgID": "o-1", "aws:PrincipalOrgID": "o-1"}
    assert evaluate([policy({"Condition": same_org})], "a:B", "*", keys).allowed
    assert not evaluate([policy({"Condition": same_org})], "a:B", "*", keys | {"aws:PrincipalOrgID": "o-2"}).allowed


def like(pattern: str, text: str) -> bool:
    """The definition, letter by letter: what `*` takes is tried from nothing to all."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return like(pattern[1:], text) or (bool(text) and like(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and like(pattern[1:], text[1:])


@given(st.text("ab*?.", max_size=7), st.text("ab.\n", max_size=9))
def test_wildcards_match_what_they_are_defined_to(pattern: str, text: str) -> None:
    policy = {"Effect": "Allow", "Action": "s:Do", "Resource": "*", "Condition": {"StringLike": {"s:key": pattern}}}
    asked = evaluate([{"Version": "2012-10-17", "Statement": [policy]}], "s:Do", "arn:x", {"s:key": text})
    assert asked.allowed is like(pattern, text)


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "*?" * 200 + "b", "*" * 2_000 + "b", "*a?*" * 100 + "b"])
def test_a_policy_of_many_stars_takes_no_longer_than_another(pattern: str) -> None:
    """Trying every place for every star would not end; whoever traces a request reads what others wrote."""
    policy = {"Effect": "Allow", "Action": "s:Do", "Resource": "*", "Condition": {"StringLike": {"s:key": pattern}}}
    asked = evaluate([{"Version": "2012-10-17", "Statement": [policy]}], "s:Do", "arn:x", {"s:key": "a" * 2_000})
    assert not asked.allowed


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    decision = evaluate([], "sqs:SendMessage", QUEUE, {})
    assert not decision.allowed
    assert not decision.explicit


def test_an_explicit_deny_wins_wherever_it_stands() -> None:
    deny = {"Sid": "No", "Effect": "Deny", "Action": "sqs:Delete*"}
    for policies in ([policy(deny, {})], [policy({}, deny)], [policy({}), policy(deny)]):
        decision = evaluate(policies, "sqs:DeleteQueue", QUEUE, {})
        assert (decision.allowed, decision.explicit, decision.statement) == (False, True, "No")
        assert evaluate(policies, "sqs:SendMessage", QUEUE, {}).allowed


def test_the_first_statement_that_allows_is_named() -> None:
    both = policy({"Sid": "First"}, {"Sid": "Second"})
    assert evaluate([both], "sqs:SendMessage", QUEUE, {}).statement == "First"


def test_an_unnamed_statement_is_told_by_its_place() -> None:
    document = policy({"Action": "sns:*"}, {"Action": "sqs:*"})
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}).statement == "#2"


def test_not_action_allows_all_but_what_it_names() -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}}
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}).allowed
    assert not evaluate([document], "iam:PassRole", "*", {}).allowed


def test_not_resource_denies_all_but_what_it_names() -> None:
    deny = {"Effect": "Deny", "Action": "*", "NotResource": QUEUE}
    document = {"Statement": [deny, *policy({})["Statement"]]}
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}).allowed
    assert not evaluate([document], "sqs:SendMessage", QUEUE + "-2", {}).allowed


@pytest.mark.parametrize(
    ("principal", "who", "matches"),
    [
        ("*", DEPLOYER, True),
        ({"AWS": "*"}, DEPLOYER, True),
        ({"AWS": "*"}, EVENTS, False),
        ({"AWS": ROLE}, DEPLOYER, True),
        ({"AWS": "arn:aws:iam::222222222222:role/other"}, DEPLOYER, False),
        ({"AWS": "arn:aws:iam::222222222222:role/*"}, DEPLOYER, False),
        ({"AWS": "222222222222"}, DEPLOYER, True),
        ({"AWS": "arn:aws:iam::222222222222:root"}, DEPLOYER, True),
        ({"AWS": "arn:aws-us-gov:iam::222222222222:root"}, DEPLOYER, True),
        ({"AWS": ["333333333333", "222222222222"]}, DEPLOYER, True),
        ({"AWS": "arn:aws:iam::333333333333:root"}, DEPLOYER, False),
        ({"Service": "events.amazonaws.com"}, EVENTS, True),
        ({"Service": "lambda.amazonaws.com"}, EVENTS, False),
        ({"Federated": "arn:aws:iam::222222222222:saml-provider/x"}, DEPLOYER, False),
    ],
)
def test_a_principal_is_named_by_arn_account_or_service(principal: Any, who: Principal, matches: bool) -> None:
    document = policy({"Principal": principal})
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}, who).allowed is matches


def test_not_principal_denies_all_but_those_it_names() -> None:
    document = policy({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}}, {"Principal": "*"})
    other = Principal(frozenset({"arn:aws:iam::222222222222:role/other"}), account="222222222222")
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}, DEPLOYER).allowed
    assert evaluate([document], "sqs:SendMessage", QUEUE, {}, other).explicit


def test_naming_the_account_alone_hands_the_decision_to_that_account() -> None:
    document = policy({"Principal": {"AWS": "arn:aws:iam::222222222222:root"}})
    assert not evaluate([document], "sts:AssumeRole", "*", {}, DEPLOYER, delegated=False).allowed
    deny = policy({"Effect": "Deny", "Principal": {"AWS": "222222222222"}}, {"Principal": {"AWS": ROLE}})
    assert evaluate([deny], "sts:AssumeRole", "*", {}, DEPLOYER, delegated=False).explicit


def test_a_trust_policy_needs_no_resource() -> None:
    document = {
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}}],
    }
    assert evaluate([document], "sts:AssumeRole", "arn:aws:iam::1:role/x", {}, DEPLOYER).allowed


def test_an_identity_policy_is_not_read_as_a_resource_policy() -> None:
    assert not evaluate([policy({})], "sqs:SendMessage", QUEUE, {}, DEPLOYER).allowed
    assert not evaluate([policy({"Principal": "*"})], "sqs:SendMessage", QUEUE, {}).allowed


MALFORMED: list[tuple[Any, str]] = [
    ("{", "not JSON"),
    ({"Version": "2012-10-17"}, "Statement"),
    ({"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]}, "Effect"),
    ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "Action"),
    ({"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*"}]}, "both"),
    ({"Statement": [{"Effect": "Allow", "Action": "*", "Resourc": "*"}]}, "Resourc"),
    (policy({"Condition": {"StringMatches": {"k": "v"}}}), "StringMatches"),
    (policy({"Condition": {"ForSomeValues:StringLike": {"k": "v"}}}), "ForSomeValues"),
    (policy({"Condition": {"NullIfExists": {"k": "true"}}}), "NullIfExists"),
    (policy({"Principal": {"Aws": "*"}}), "Aws"),
    (policy({"Principal": ROLE}), "Principal"),
    ({"Statement": ["x"]}, "not an object"),
    (policy({"Condition": None}), "#1: Condition is an object of objects"),
    (policy({"Condition": {"StringLike": "x"}}), "#1: Condition is an object of objects"),
    (policy({"Condition": {"StringLike": {"aws:x": {}}}}), "#1: aws:x is a text or a list of texts"),
    (policy({"Sid": []}), "#1: Sid is a text"),
    (policy({"Action": None}), "#1: Action is a text or a list of texts"),
    (policy({"Resource": [[]]}), "#1: Resource is a text or a list of texts"),
    (policy({"Principal": {"AWS": None}}), "#1: Principal is a text or a list of texts"),
]


def _documents() -> st.SearchStrategy[Any]:
    """What has the elements of a policy, and anything in their places."""
    words = ["Allow", "Deny", "*", "s:Do", "2012-10-17", "true", "${aws:x}", ROLE, "٣", "9" * 5_000, "1.2.3.4/99"]
    leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(words))
    operators = ["StringLike", "ForAnyValue:StringLike", "NumericLessThan", "DateEquals", "BinaryEquals", "IpAddress"]
    keys = st.one_of(st.sampled_from(["AWS", "Service", "Null", "aws:x", "s:key", *operators]), st.text(max_size=3))
    value = st.recursive(
        leaf, lambda one: st.lists(one, max_size=3) | st.dictionaries(keys, one, max_size=3), max_leaves=6
    )
    condition = st.dictionaries(st.sampled_from(operators), st.dictionaries(keys, leaf, max_size=2), max_size=2)
    sound: dict[Any, Any] = {"Effect": st.just("Allow"), "Action": st.just("s:Do"), "Resource": st.just("*")}
    loose = dict.fromkeys(("Sid", "Principal", "Condition"), value)
    statements = st.one_of(
        value,
        st.lists(st.fixed_dictionaries(sound, optional=loose), max_size=2),
        st.lists(st.fixed_dictionaries(sound, optional={"Condition": condition}), max_size=2),
        st.lists(
            st.dictionaries(st.sampled_from(["Sid", "Effect", "Action", "Resource", "Condition"]), value), max_size=2
        ),
    )
    return st.fixed_dictionaries({"Statement": statements}, optional={"Version": value}) | value


@given(_documents())
def test_no_document_whatever_makes_us_fall_over(document: Any) -> None:
    """A team writes its own: one bad policy must hold up nothing else of its account."""
    with suppress(MalformedPolicy):
        evaluate([document], "s:Do", "arn:x", {"s:key": "a", "aws:x": "٣"}, DEPLOYER)
    with suppress(MalformedPolicy):
        evaluate([document], "s:Do", "arn:x", {"s:key": ["9" * 5_000]})
    with suppress(Refused):
        assert own_policy(json.dumps(document))


@pytest.mark.parametrize(("document", "complaint"), MALFORMED)
def test_what_aws_would_not_store_is_refused_with_the_place(document: Any, complaint: str) -> None:
    with pytest.raises(MalformedPolicy, match=complaint):
        parse(document)


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "holds"),
    [
        ("DateEquals", "2026-11-01T12:00:00+09:00", "2026-11-01T03:00:00Z", True),
        ("DateEquals", "2026-11-01T00:00:00-0230", "2026-11-01T02:30:00Z", True),
        ("DateEquals", "2026-11-01", "2026-11-01T00:00Z", True),
        ("DateLessThan", "2026-11-01T12:00:00.5Z", "2026-11-01T12:00:00.25Z", True),
        ("DateEquals", "2026-13-01", "2026-13-01", False),
    ],
)
def test_moments_are_compared_wherever_their_clock_stands(operator: str, wanted: str, got: str, holds: bool) -> None:
    asked = policy({"Condition": {operator: {"k": wanted}}})
    assert evaluate([asked], "sqs:SendMessage", QUEUE, {"k": got}).allowed is holds


def test_what_is_said_of_a_policy_that_is_none() -> None:
    more: list[Any] = [
        {"Statement": 5},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "NotResource": "*", "Sid": "Mine"}]},
        policy({"Principal": {"AWS": "*"}, "NotPrincipal": "*"}),
        policy({"Condition": {"DateEquals": {"aws:CurrentTime": "soon"}}}),
        policy({"Condition": {"NumericEquals": {"k": "many"}}}),
        policy({"Condition": {"IpAddress": {"k": "nowhere"}}}),
    ]
    lines = []
    for document in [*(document for document, _ in MALFORMED), *more]:
        try:
            parse(document)
            told = "it is one"
        except MalformedPolicy as wrong:
            told = str(wrong)
        lines += [f"{json.dumps(document)}: {told}"]
    says("policies", lines)


@pytest.mark.parametrize("kind", ["AWS", "Service", "Federated", "CanonicalUser"])
def test_each_kind_of_principal_may_be_named(kind: str) -> None:
    assert parse(policy({"Principal": {kind: "x"}}))


ARN = "arn:aws:vpc-lattice:ap-northeast-1:222222222222:service/svc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("element", "pattern", "shut"),
    [
        ("Resource", "*", False),
        ("Resource", f"{ARN}/*", False),
        ("Resource", f"{ARN}/orders", False),
        ("Resource", f"{ARN}/", False),
        ("Resource", "arn:*/orders", False),
        ("Resource", f"{ARN[:-4]}????/?", False),
        ("Resource", "arn:aws:vpc-lattice:*:${aws:PrincipalAccount}:service/*", False),
        ("Resource", ARN, True),
        ("Resource", f"{ARN[:-1]}1/*", True),
        ("Resource", f"{ARN[:-4]}???/*", True),
        ("Resource", ["nothing", f"{ARN}/a"], False),
        ("NotResource", f"{ARN}/admin/*", False),
        ("NotResource", "*", True),
        ("NotResource", ["nothing", f"{ARN}/*"], True),
    ],
)
def test_what_allows_no_resource_below_a_service_lets_nobody_in(element: str, pattern: Any, shut: bool) -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": INVOKE, element: pattern}
    assert shuts({"Statement": [allow]}, ARN) == ("no statement allows anything of this service" if shut else "")
    other = {"Effect": "Allow", "Principal": "*", "Action": INVOKE}
    assert shuts({"Statement": [allow, other]}, ARN) == ""


@pytest.mark.parametrize(
    ("action", "actions", "shut"),
    [
        (INVOKE, [INVOKE], False),
        (INVOKE, [CONNECT], True),
        (CONNECT, [INVOKE], True),
        (INVOKE, [INVOKE, CONNECT], False),
        ("*", [INVOKE, CONNECT], False),
        (INVOKE, [], False),
    ],
)
def test_one_of_the_actions_that_are_asked_for_suffices(action: str, actions: list[str], shut: bool) -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    assert bool(shuts({"Statement": [allow]}, ARN, actions)) is shut
