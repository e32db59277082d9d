"""Of the templates as wholes: no policy is outside the tests that change it, each preset's conditions are needed, and
what has a hole is refused first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from onramp.core.policy import CONNECT, INVOKE, Principal, evaluate

from localcloud.cloud import LocalCloud
from localcloud.services.cloudformation.model import TemplateError
from localcloud.services.cloudformation.read import read
from replay.stage import MEMBER, TEMPLATE
from tests.templates.permissions import MEMBERS, ROLES
from tests.templates.test_mutations import changed, listed, mutants

GUARDS = {
    TEMPLATE: {"BusPolicy", "DeadLettersPolicy", "NetworkAuthPolicy", "NoticesKey", "NoticesPolicy", "QueuePolicy"},
    MEMBER: {"DeadLettersPolicy"},
}
"""What has a policy of its own, besides roles: test_mutations.py changes each of these."""


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every statement of a policy that is written anywhere in it, whichever way a condition of the template goes."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for inner in value.values():
            yield from statements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from statements(inner)


@pytest.mark.parametrize("template", [TEMPLATE, MEMBER], ids=lambda path: path.name)
def test_every_policy_of_the_templates_is_changed_by_a_test(template: Any) -> None:
    resources = read(template.read_text())["Resources"]
    speaking = {name for name, part in resources.items() if any(statements(part))}
    roles = {name for name in speaking if resources[name]["Type"] == "AWS::IAM::Role"}
    assert speaking - roles == GUARDS[template]
    named = {resources[name]["Properties"]["RoleName"]["Fn::Sub"].rpartition("-")[2] for name in roles}
    assert named == {role for role in ROLES if (role in MEMBERS) == (template == MEMBER)}


@pytest.mark.parametrize("template", [TEMPLATE, MEMBER], ids=lambda path: path.name)
def test_no_service_runs_a_function_but_for_what_is_named(template: Any) -> None:
    for name, part in read(template.read_text())["Resources"].items():
        if part["Type"] == "AWS::Lambda::Permission":
            assert part["Properties"]["SourceArn"], name


OWN, LISTED = "111111111111", "222222222222"
ORGANIZATION, ANOTHER = "o-a1b2c3d4e5", "o-zzzzzzzzzz"
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"
ASIDE = f"{ORGANIZATION}/r-ab12/ou-ab12-22222222/"
SIGNED = {"aws:PrincipalType": "AssumedRole"}
UNSIGNED = {"aws:PrincipalType": "Anonymous"}
MINE, STRANGERS = {"aws:PrincipalOrgID": ORGANIZATION}, {"aws:PrincipalOrgID": ANOTHER}
type Keys = dict[str, str | list[str]]

PRESETS: dict[str, tuple[dict[str, str], list[Keys], list[Keys]]] = {
    "vpc, with a list": (
        {"MemberAccounts": LISTED},
        [{**UNSIGNED, "vpc-lattice-svcs:SourceVpcOwnerAccount": LISTED}],
        [{**UNSIGNED, "vpc-lattice-svcs:SourceVpcOwnerAccount": "999999999999"}, UNSIGNED],
    ),
    "vpc, in an organisation": (
        {"OrganizationId": ORGANIZATION},
        [UNSIGNED, {**SIGNED, **MINE}],
        [{**SIGNED, **STRANGERS}],
    ),
    "vpc, in units": (
        {"OrganizationId": ORGANIZATION, "OrganizationPaths": f"{UNIT}*"},
        [UNSIGNED, {**SIGNED, **MINE, "aws:PrincipalOrgPaths": [UNIT]}],
        [
            {**SIGNED, **MINE, "aws:PrincipalOrgPaths": [ASIDE]},
            {**SIGNED, **STRANGERS, "aws:PrincipalOrgPaths": [UNIT]},
            # A unit whose id begins like ours is not below it.
            {**SIGNED, **MINE, "aws:PrincipalOrgPaths": [UNIT.rstrip("/") + "1/"]},
        ],
    ),
    "org-signed": (
        {"OrganizationId": ORGANIZATION, "AuthPreset": "org-signed"},
        [{**SIGNED, **MINE}],
        # The last, should Lattice send an organisation for who does not sign.
        [{**SIGNED, **STRANGERS}, SIGNED, UNSIGNED, {**UNSIGNED, **MINE}],
    ),
    "ou-signed": (
        {"OrganizationId": ORGANIZATION, "AuthPreset": "ou-signed", "AuthOrganizationPath": f"{UNIT}*"},
        [{**SIGNED, **MINE, "aws:PrincipalOrgPaths": [UNIT]}],
        [{**SIGNED, **MINE, "aws:PrincipalOrgPaths": [ASIDE]}, UNSIGNED, SIGNED],
    ),
}
"""Preset -> parameters, who gets in, and who does not."""


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_lets_in_whom_it_says_and_each_of_its_conditions_counts(preset: str) -> None:
    given, welcome, unwelcome = PRESETS[preset]
    with LocalCloud() as cloud:
        cloud.stacks.deploy(TEMPLATE, OWN, "mesh", {"NetworkName": "mesh", **given})
        policy = json.dumps(cloud.stacks.stack(OWN, "mesh").resources["NetworkAuthPolicy"].properties["Policy"])

    def allowed(text: str, keys: Keys, action: str = INVOKE) -> bool:
        somebody = Principal(frozenset({"arn:aws:sts::222222222222:assumed-role/shop/x"}), account=LISTED)
        return evaluate([text], action, "arn:aws:vpc-lattice:::service/x/", keys, somebody).allowed

    assert [keys for keys in welcome if not allowed(policy, keys)] == []
    assert [keys for keys in unwelcome if allowed(policy, keys)] == []
    # Where TLS passes through nobody can sign: only the preset that lets in who does not lets anybody in.
    passing = [keys for keys in (*welcome, *unwelcome) if allowed(policy, keys, CONNECT)]
    assert passing == (welcome if preset.startswith("vpc") else [])
    for statement in listed(json.loads(policy)["Statement"]):
        idle = [
            mutant.what
            for mutant in mutants(statement)
            if not any(
                allowed(changed(policy, lambda one, it=statement: one == it, mutant.change), keys) for keys in unwelcome
            )
        ]
        assert idle == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"MemberAccounts": "222222222222,"}, "a comma too many"),
        ({"MemberAccounts": "222222222222,,333333333333"}, "a comma too many"),
        ({"OrganizationId": ORGANIZATION, "MemberUnits": "ou-ab12-11111111,"}, "a comma too many"),
        ({"MemberAccounts": "222222222222", "MemberUnits": "ou-ab12-11111111"}, "MemberUnits needs OrganizationId"),
        ({"MemberAccounts": "222222222222", "OrganizationPaths": f"{UNIT}*"}, "OrganizationPaths needs"),
        ({"MemberAccounts": "222222222222", "AuthPreset": "org-signed"}, "org-signed needs OrganizationId"),
        ({"MemberAccounts": "222222222222", "AuthPreset": "ou-signed"}, "ou-signed needs AuthOrganizationPath"),
        ({"MemberAccounts": "222222222222", "HostedZoneArns": "arn:aws:route53:::hostedzone/Z1,"}, "a comma too many"),
        ({"MemberAccounts": "222222222222", "ExtraTagKeys": "Owner,,CostCentre"}, "a comma too many"),
        ({"MemberAccounts": "222222222222", "ExtraTagKeys": "AWS:owner"}, "none of them AWS's"),
        ({"MemberAccounts": "222222222222", "TagPrefix": "Aws:"}, "TagPrefix"),
        ({}, "nobody could join"),
    ],
)
def test_what_aws_would_refuse_later_is_refused_before_anything_is_made(given: dict[str, str], told: str) -> None:
    """A policy that names nobody between two commas when half of the stack stands, a tag of AWS's own with each run."""
    with LocalCloud() as cloud:
        with pytest.raises(TemplateError, match=told):
            cloud.stacks.deploy(TEMPLATE, OWN, "mesh", {"NetworkName": "mesh", **given})
        assert cloud.client("sqs", OWN).list_queues().get("QueueUrls", []) == []
