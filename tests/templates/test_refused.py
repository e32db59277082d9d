"""What each role must not do, tried by its own session: IAM refuses it, and the same deed on what is ours succeeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from tests.templates.attempts import (
    ALONE,
    ANYWAY,
    BY_ROW,
    CHANGES,
    CLOUDWATCH,
    CROSSING,
    ELSEWHERE,
    NEVER,
    ORGANIZATION,
    OURS,
    OWN,
    PATH,
    STRANGER,
    TAG,
    TAKEN,
    TEAM,
    THEIRS,
    UNINVITED,
    WIDE,
    WRITES,
    Scene,
    alarmed,
    assume,
    bus,
    bus_policy,
    decrypted,
    grant,
    guarded,
    lattice,
    member_role,
    owner,
    refused,
    session,
    sweep_entry,
)
from tests.templates.readings import Reading, judged, reading_of


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        yield Scene(cloud)


@pytest.mark.parametrize(("action", "whose"), [(action, whose) for action in CHANGES for whose in guarded(action)])
def test_the_writer_changes_nothing_that_lacks_our_tag(scene: Scene, action: str, whose: str) -> None:
    assert refused(lambda: CHANGES[action](scene, whose)) == action


def test_the_writer_changes_what_is_ours(scene: Scene) -> None:
    """Else the refusals above would prove nothing."""
    owner = scene.cloud.client("vpc-lattice", TEAM)
    for action, change in CHANGES.items():
        change(scene, "spare")
        scene.cloud.settle()
        if action.endswith("ServiceAssociation"):
            joined = owner.list_service_network_service_associations(serviceIdentifier=scene.services["spare"])
            lattice(scene).delete_service_network_service_association(
                serviceNetworkServiceAssociationIdentifier=joined["items"][0]["arn"]
            )
            scene.cloud.settle()
    assert "spare-service" not in [service["name"] for service in owner.list_services()["items"]]


def test_the_writer_lets_others_associations_be(scene: Scene) -> None:
    owner = scene.cloud.client("vpc-lattice", TEAM)
    made = [
        owner.create_service_network_service_association(
            serviceIdentifier=scene.services[whose], serviceNetworkIdentifier=scene.networks[THEIRS], tags=tags
        )["arn"]
        for whose, tags in (("theirs", {TAG: THEIRS}), ("nobodys", {}))
    ]
    vpc = owner.create_service_network_vpc_association(
        serviceNetworkIdentifier=scene.networks[THEIRS],
        vpcIdentifier=scene.vpc,
        securityGroupIds=[scene.security_groups["nobodys"]],
        tags={TAG: THEIRS},
    )["arn"]
    scene.cloud.settle()
    writer = lattice(scene)
    for arn in made:
        assert (
            refused(
                lambda arn=arn: writer.delete_service_network_service_association(
                    serviceNetworkServiceAssociationIdentifier=arn
                )
            )
            == "vpc-lattice:DeleteServiceNetworkServiceAssociation"
        )
    assert (
        refused(
            lambda: writer.update_service_network_vpc_association(
                serviceNetworkVpcAssociationIdentifier=vpc, securityGroupIds=[scene.security_groups["ours"]]
            )
        )
        == "vpc-lattice:UpdateServiceNetworkVpcAssociation"
    )
    assert (
        refused(lambda: writer.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=vpc))
        == "vpc-lattice:DeleteServiceNetworkVpcAssociation"
    )


@pytest.mark.parametrize("what", NEVER)
def test_the_writer_never(scene: Scene, what: str) -> None:
    action, deed = NEVER[what]
    assert refused(lambda: deed(scene)) == action


def test_the_writer_answers_on_what_it_may(scene: Scene) -> None:
    """The control to the refusals of tags above."""
    status = {"Key": "lattice-onramp:status", "Value": "connected"}
    scene.by("writer", "ec2").create_tags(Resources=[scene.vpc], Tags=[status])
    scene.by("writer", "ec2").delete_tags(Resources=[scene.vpc], Tags=[{"Key": status["Key"]}])
    scene.by("writer", "elbv2").add_tags(ResourceArns=[scene.balancer], Tags=[status])
    scene.by("writer", "elbv2").remove_tags(ResourceArns=[scene.balancer], TagKeys=[status["Key"]])


# --- the reader


@pytest.mark.parametrize("action", WRITES)
def test_the_reader_writes_nothing(scene: Scene, action: str) -> None:
    assert refused(lambda: WRITES[action](scene)) == action


def test_the_reader_reads(scene: Scene) -> None:
    reader = scene.by("reader", "vpc-lattice")
    assert reader.get_service(serviceIdentifier=scene.services["ours"])["name"] == "ours-service"
    assert reader.get_service_network(serviceNetworkIdentifier=scene.networks[OURS])["name"] == OURS


def test_the_reader_looks_at_no_other_network(scene: Scene) -> None:
    reader = scene.by("reader", "vpc-lattice")
    theirs = scene.networks[THEIRS]
    assert (
        refused(lambda: reader.get_service_network(serviceNetworkIdentifier=theirs)) == "vpc-lattice:GetServiceNetwork"
    )


# --- who may become whom


def test_plan_becomes_the_reader_and_apply_the_writer(scene: Scene) -> None:
    for role, what in (("plan", "reader"), ("apply", "writer")):
        for account in (OWN, TEAM):
            answer = assume(scene, session(OWN, f"onramp-{OURS}-{role}"), member_role(what, account=account))
            assert f"assumed-role/onramp-{OURS}-{what}/" in answer["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize("role", ["intake", "report", "reconcile", "apply", "plan"])
@pytest.mark.parametrize("what", ["reader", "writer"])
def test_no_other_function_becomes_them(scene: Scene, role: str, what: str) -> None:
    if (role, what) in (("plan", "reader"), ("apply", "writer")):
        role = f"{role}-of-somebody"  # a role of that account that is only called alike
        grant(scene, OWN, f"onramp-{OURS}-{role}")
    who = session(OWN, f"onramp-{OURS}-{role}")
    assert refused(lambda: assume(scene, who, member_role(what))) == "sts:AssumeRole"
    assert not scene.cloud.iam.trusts(member_role(what), who).allowed


@pytest.mark.parametrize("what", ["reader", "writer", "forwarder", "sweep"])
@pytest.mark.parametrize(
    "who",
    [
        owner(OWN),
        owner(STRANGER),
        session(OWN, "AdministratorAccess"),
        session(TEAM, "AdministratorAccess"),
        session(STRANGER, f"onramp-{OURS}-plan"),
        session(STRANGER, f"onramp-{OURS}-apply"),
    ],
    ids=lambda who: f"{who.role or 'root'} of {who.account}",
)
def test_nobody_else_becomes_them_however_much_they_may(scene: Scene, who: Caller, what: str) -> None:
    if who.role:
        grant(scene, who.account, who.role)
    assert refused(lambda: assume(scene, who, member_role(what))) == "sts:AssumeRole"


@pytest.mark.parametrize("role", ["intake", "plan", "apply", "report", "reconcile"])
def test_nobody_becomes_a_function(scene: Scene, role: str) -> None:
    grant(scene, OWN, "AdministratorAccess")
    target = member_role(role, account=OWN)
    for who in (session(OWN, "AdministratorAccess"), owner(OWN), owner(TEAM)):
        assert refused(lambda who=who: assume(scene, who, target)) == "sts:AssumeRole"


# --- test and production


@pytest.mark.parametrize("what", CROSSING)
def test_nothing_crosses(scene: Scene, what: str) -> None:
    action, deed = CROSSING[what]
    assert refused(lambda: deed(scene)) == action


# --- who may ring


def test_an_account_that_is_no_member_cannot_put_events(scene: Scene) -> None:
    events = scene.cloud.client("events", STRANGER)
    assert refused(lambda: events.put_events(Entries=[sweep_entry(OURS)])) == "events:PutEvents"
    member = scene.cloud.client("events", TEAM)
    assert member.put_events(Entries=[sweep_entry(OURS)])["FailedEntryCount"] == 0


def test_nobody_can_put_what_only_aws_says(scene: Scene) -> None:
    entry = {**sweep_entry(OURS), "Source": "aws.tag", "DetailType": "Tag Change on Resource"}
    answer = scene.cloud.client("events", TEAM).put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


@pytest.mark.parametrize(
    ("who", "allowed"), [("operator", {"Look", "Hold"}), ("approver", {"Approve"}), ("idle", set())]
)
def test_in_the_network_account_only_a_right_of_ones_own_has_a_word(scene: Scene, who: str, allowed: set[str]) -> None:
    """Though the bus of an organisation's network admits all that are of it."""
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    iam = scene.cloud.client("iam", OWN)
    role = f"onramp-{WIDE}-{who}"
    if role not in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    of_it = {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalOrgPaths": [PATH], "events:source": "lattice.onramp"}
    said = {
        word
        for word in ("Look", "Hold", "Approve")
        if scene.cloud.iam.allows(
            session(OWN, role),
            "events:PutEvents",
            bus(WIDE),
            {**of_it, "events:detail-type": word},
            [bus_policy(scene, WIDE)],
        ).allowed
    }
    assert said == allowed
    ringing = {**of_it, "events:detail-type": "Sweep"}
    policies = [bus_policy(scene, WIDE)]
    assert scene.cloud.iam.allows(owner(TEAM), "events:PutEvents", bus(WIDE), ringing, policies).allowed


def test_a_strangers_rule_does_not_reach_the_bus(scene: Scene) -> None:
    cloud = scene.cloud
    grant(scene, STRANGER, "rings-everywhere")
    events = cloud.client("events", STRANGER)
    events.put_rule(Name="ring", EventPattern='{"source":["lattice.onramp"]}')
    role = f"arn:aws:iam::{STRANGER}:role/rings-everywhere"
    with pytest.raises(ClientError, match="does not admit"):
        events.put_targets(Rule="ring", Targets=[{"Id": "bus", "Arn": bus(OURS), "RoleArn": role}])


def test_a_stranger_cannot_send_to_the_queue_or_the_topic(scene: Scene) -> None:
    queue = f"https://sqs.ap-northeast-1.amazonaws.com/{OWN}/onramp-{OURS}"
    for account in (STRANGER, TEAM):
        caller = owner(account)
        arn = f"arn:aws:sqs:ap-northeast-1:{OWN}:onramp-{OURS}"
        policies = [_queue_policy(scene, queue)]
        assert not scene.cloud.iam.allows(caller, "sqs:SendMessage", arn, {}, policies).allowed
        topic = f"arn:aws:sns:ap-northeast-1:{OWN}:onramp-{OURS}"
        assert not scene.cloud.iam.allows(caller, "sns:Publish", topic, {}, [_topic_policy(scene, topic)]).allowed


def _queue_policy(scene: Scene, url: str) -> str:
    client = scene.cloud.client("sqs", OWN)
    return str(client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])


def _topic_policy(scene: Scene, arn: str) -> str:
    return str(scene.cloud.client("sns", OWN).get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])


@pytest.mark.parametrize("account", [OWN, TEAM])
@pytest.mark.parametrize("network", [OURS, WIDE])
def test_alarms_of_the_account_and_its_members_are_heard(scene: Scene, account: str, network: str) -> None:
    """By the list of accounts, and by the organisation. The control to the alarms that are not."""
    assert alarmed(f"onramp-{network}--member-dead-letters", account, network)(scene).allowed
    assert not alarmed(f"onramp-{THEIRS}--member-dead-letters", account, network)(scene).allowed


@pytest.mark.parametrize("alarm", [f"onramp-{OURS}--dead-letters", ""])
def test_an_alarm_is_encrypted_whether_or_not_the_key_is_told_which_it_is(scene: Scene, alarm: str) -> None:
    assert decrypted(alarm, CLOUDWATCH)(scene).allowed


# --- what is given up, so that it works whatever AWS sends: docs/permissions.md says it, and the threat model why


@pytest.mark.parametrize(
    "reading", [pytest.param(Reading.UNITED, id="united"), pytest.param(Reading.ROW, id="row", marks=pytest.mark.long)]
)
def test_no_more_is_given_up_than_is_said(scene: Scene, reading: Reading) -> None:
    with reading_of(reading):
        taken = {what for what, (ask, _) in TAKEN.items() if ask(scene).allowed}
    assert taken == {what for what, (_, readings) in TAKEN.items() if reading in readings}


@pytest.mark.long
def test_where_the_readings_part_a_play_that_is_judged_by_both_tells_it(scene: Scene) -> None:
    """So that a play which tells nothing shows both."""
    apart: list[str] = []
    united: list[bool] = []
    by_row: list[bool] = []
    told = set()
    with judged(lambda _, yes: united.append(yes), lambda _, yes: by_row.append(yes), apart.append):
        for what, (ask, _) in TAKEN.items():
            ask(scene)
            told |= {what} if apart else set()
            apart.clear()
    assert told == {what for what, (_, readings) in TAKEN.items() if readings == BY_ROW}
    assert united == [readings == ANYWAY for _, readings in TAKEN.values()]
    assert by_row == [True] * len(TAKEN)


# --- one barrier alone: without it, IAM would say yes (test_mutations.py)


@pytest.mark.parametrize("what", ALONE)
def test_the_writer_does_not_get(scene: Scene, what: str) -> None:
    assert not ALONE[what](scene).allowed


@pytest.mark.parametrize("what", ELSEWHERE)
def test_each_role_keeps_to_what_is_its_own(scene: Scene, what: str) -> None:
    assert not ELSEWHERE[what](scene).allowed


@pytest.mark.parametrize("what", UNINVITED)
def test_what_has_a_policy_of_its_own_lets_nobody_else_in(scene: Scene, what: str) -> None:
    assert not UNINVITED[what](scene).allowed
