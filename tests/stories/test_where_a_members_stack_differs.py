"""A member's stack that was given other parameters than the network's, or roles with a boundary: what runs may not do
there is told by its name, before anything is made where that can be known, and what serves goes on.
"""

import json
from typing import Any

import pytest

from localcloud.ground.errors import AwsError
from localcloud.ground.journal import CallRecord
from tests.stories.said import BALANCER, CALLERS, SERVICE, TEAM, VPC, Said, connected
from tests.stories.staged import DEEDS, STORY, deployed

assert STORY.world.network is not None
MEMBER = f"onramp-{STORY.world.network.name}-member"
NOWHERE = "arn:aws:vpc-lattice:ap-northeast-1:111111111111:servicenetwork/sn-00000000000000000"
EXTRA = {"ExtraTagKeys": "CostCentre,Owner", "ExtraTagValues": "4711,platform"}


def give(said: Said, account: str, **parameters: str) -> None:
    client = said.cloud.client("cloudformation", account)
    there = client.describe_stacks(StackName=MEMBER)["Stacks"][0]["Parameters"]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in there} | parameters
    client.update_stack(
        StackName=MEMBER,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    said.cloud.settle()


def joins(said: Said) -> None:
    said.cloud.client("ec2", CALLERS).create_tags(**DEEDS[0].with_)
    said.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
    said.cloud.settle()


def later(said: Said) -> None:
    said.cloud.clock.advance(2 * 3600)
    said.cloud.settle()


def made(said: Said) -> list[str]:
    """What Lattice has of the team's, by name, and the account's groups of ours."""
    lattice = said.cloud.client("vpc-lattice", TEAM)
    names = [one["name"] for one in (*lattice.list_services()["items"], *lattice.list_target_groups()["items"])]
    groups = said.cloud.client("ec2", TEAM).describe_security_groups()["SecurityGroups"]
    return [*names, *(one["GroupName"] for one in groups if one["GroupName"].startswith("onramp-"))]


def refused_calls(said: Said) -> list[str]:
    calls = said.cloud.journal.of(CallRecord)
    return [one.operation for one in calls if one.function and one.account == TEAM and "Denied" in one.outcome]


def says(account: str, parameters: str) -> str:
    return f"stack-differs: update the member stack of account {account} with the {parameters} of the network stack: "


def test_extra_tags_that_a_member_s_stack_was_not_given_are_named_before_anything_is_made() -> None:
    with deployed(**EXTRA) as cloud:
        said = Said(cloud)
        for account in (TEAM, CALLERS):
            give(said, account, ExtraTagKeys="Owner")
        joins(said)
        for account, resource in ((TEAM, BALANCER), (CALLERS, VPC)):
            assert said.told(resource)["status"] == "failed"
            assert said.told(resource)["message"].startswith(says(account, "ExtraTagKeys CostCentre Owner"))
        assert made(said) == []
        for account in (TEAM, CALLERS):
            give(said, account, ExtraTagKeys="CostCentre,Owner")
        later(said)
        assert (said.told()["status"], said.told(VPC)["status"], said.asks()) == ("connected", "connected", 200)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"listen": "HTTP:80"}, {"path_prefix": "/api"}),
        ({"listen": "HTTP:80"}, {"listen": "HTTP:8080"}),
        ({"listen": "HTTP:80"}, {"listen": "HTTP:80 HTTP:8080"}),
        ({"listen": "HTTP:80"}, {"service": "bills"}),
    ],
    ids=["a rule", "another listener", "one more listener", "another name"],
)
def test_a_service_that_a_change_of_needs_extra_tags_serves_on_under_its_domain(
    before: dict[str, str], after: dict[str, str]
) -> None:
    with connected(**EXTRA) as said:
        said.tag(**before)
        domain = said.told()["domain"]
        give(said, TEAM, ExtraTagKeys="")
        said.tag(**after)
        told = said.told()
        assert (told["status"], told["domain"], said.asks(domain=domain)) == ("failed", domain, 200)
        assert told["message"].startswith(says(TEAM, "ExtraTagKeys CostCentre Owner"))
        said.untag(BALANCER, *(key.replace("_", "-") for key in after))
        said.tag(service=SERVICE, **before)
        assert (said.told()["status"], said.told()["domain"]) == ("connected", domain)


def test_a_member_s_stack_of_another_network_is_named_before_anything_is_made() -> None:
    with deployed() as cloud:
        said = Said(cloud)
        give(said, TEAM, ServiceNetworkArn=NOWHERE)
        joins(said)
        assert (said.told()["status"], made(said)) == ("failed", [])
        assert said.told()["message"].startswith(says(TEAM, "ServiceNetworkArn"))
        # Until the share has had its time to come it is looked for; then nobody polls what only a person can change.
        looks = refused_calls(said)
        assert set(looks) == {"GetServiceNetwork"}
        assert len(looks) <= 20
        later(said)
        assert len(refused_calls(said)) <= len(looks) + 3
        [network] = cloud.lattice.estate.networks
        give(said, TEAM, ServiceNetworkArn=network.arn)
        later(said)
        assert (said.told()["status"], said.asks()) == ("connected", 200)


def test_who_joins_is_joined_too_where_aws_words_the_denial_of_what_is_not_shared_yet_like_that_of_a_role(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No source says in which words: here every denial has those of a role that lacks the action."""
    said_so = []
    told = AwsError.__init__

    def reworded(self: AwsError, code: str, message: str, *more: Any, **most: Any) -> None:
        said_so.extend(["GetServiceNetwork"] if "resource-based" in message else [])
        told(self, code, message.replace("no resource-based policy", "no identity-based policy"), *more, **most)

    monkeypatch.setattr(AwsError, "__init__", reworded)
    with deployed() as cloud:
        said = Said(cloud)
        joins(said)
        assert (said.told()["status"], said.told(VPC)["status"], said.asks()) == ("connected", "connected", 200)
        assert said_so


def test_a_service_is_kept_under_its_name_where_its_member_s_stack_is_given_another_network() -> None:
    with connected() as said:
        domain = said.told()["domain"]
        give(said, TEAM, ServiceNetworkArn=NOWHERE)
        give(said, CALLERS, ServiceNetworkArn=NOWHERE)
        later(said)
        assert (said.told()["status"], said.asks()) == ("connected", 200)
        said.tag(service="bills")
        told = said.told()
        assert (told["status"], told["domain"], said.asks()) == ("failed", domain, 200)
        assert told["message"].startswith(says(TEAM, "ServiceNetworkArn"))
        assert "bills" not in made(said)


def test_the_network_s_own_account_is_told_the_same_by_what_its_writer_is_denied() -> None:
    with deployed() as cloud:
        said = Said(cloud)
        give(said, CALLERS, ServiceNetworkArn=NOWHERE)
        joins(said)
        assert said.told(VPC)["message"].startswith(says(CALLERS, "ServiceNetworkArn"))


def test_a_boundary_that_denies_a_call_is_named_and_the_service_serves_on() -> None:
    with connected() as said:
        domain = said.told()["domain"]
        limit = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": ["vpc-lattice:CreateListener"], "Resource": "*"},
            ],
        }
        said.cloud.client("iam", TEAM).create_policy(PolicyName="limit", PolicyDocument=json.dumps(limit))
        give(said, TEAM, BoundaryPolicy="limit")
        said.tag(listen="HTTP:80 HTTP:8080")
        told = said.told()
        assert (told["status"], told["domain"], said.asks(domain=domain)) == ("failed", domain, 200)
        assert told["message"].startswith(
            "access-denied: allow it in the permissions boundary of the role BoundaryPolicy: CreateListener: "
        )
        give(said, TEAM, BoundaryPolicy="")
        later(said)
        assert (said.told()["status"], said.asks()) == ("connected", 200)


def mails(said: Said) -> list[str]:
    calls = said.cloud.journal.of(CallRecord)
    return [str(one.params["Message"]) for one in calls if one.function and one.operation == "Publish"]


def test_another_tag_prefix_is_told_to_infra_until_it_is_the_network_s_and_what_is_joined_stays() -> None:
    with connected(NoticeEmail="infra@example.com") as said:
        give(said, TEAM, TagPrefix="mesh:")
        later(said)
        assert (said.told()["status"], said.asks()) == ("connected", 200)
        [told] = [one for one in mails(said) if "stack-differs" in one]
        assert f"- stack-differs: {TEAM} has TagPrefix mesh: in its member stack, and the network's stack has" in told
        later(said)
        assert sum("stack-differs" in one for one in mails(said)) == 1
        give(said, TEAM, TagPrefix="lattice:")
        later(said)
        assert f"{TEAM} is well again (stack-differs is over)" in mails(said)[-1]
