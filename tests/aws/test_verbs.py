"""What each verb asks of AWS, to the word: its one call, with what names it, marks it and makes it the same call."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from onramp.aws.apply import Scene, apply
from onramp.core import names, tags
from onramp.core.model import Forward, Ingress, Match, Record
from onramp.core.network import Network
from onramp.core.steps import (
    AcceptShare,
    Adopt,
    AssociateService,
    AssociateVpc,
    AssociateZone,
    Batch,
    ClearStatus,
    CreateAccessLog,
    CreateListener,
    CreateRecords,
    CreateRule,
    CreateSecurityGroup,
    CreateService,
    CreateTargetGroup,
    DeleteAccessLog,
    DeleteAuthPolicy,
    DeleteListener,
    DeleteRecords,
    DeleteRule,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    DisassociateZone,
    Outcome,
    PutAuthPolicy,
    RegisterTarget,
    Release,
    RuleChange,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    ShareNetwork,
    Step,
    UnshareNetwork,
    UpdateAccessLog,
    UpdateListener,
    UpdateRules,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
    WriteStatus,
)

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM, STRANGER = "111111111111", "222222222222", "333333333333"
ANY = "0123456789abcdef0"
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:"
NET = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-{ANY}",
    account=INFRA,
    share=f"arn:aws:ram:ap-northeast-1:{INFRA}:resource-share/1",
)
INVITATION = f"arn:aws:ram:ap-northeast-1:{INFRA}:resource-share-invitation/1"
BALANCER = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/1"
SERVICE, GROUP, LISTENER = f"{LATTICE}service/svc-{ANY}", f"tg-{ANY}", f"listener-{ANY}"
ME: Any = {"account": TEAM, "because": "it is wanted"}
TO = (Forward(target_group=GROUP, weight=30), Forward(target_group=f"tg-1{ANY[1:]}", weight=70))
SENT = {
    "forward": {
        "targetGroups": [
            {"targetGroupIdentifier": GROUP, "weight": 30},
            {"targetGroupIdentifier": f"tg-1{ANY[1:]}", "weight": 70},
        ]
    }
}
EXTRA = {"cost": "shop"}
type Call = tuple[str, Given]


def do(account: Canned, *steps: Any, run: str = "run-1", round: int = 1) -> list[Outcome]:
    scene = Scene(NET, account, run, round, lambda _: account)
    return list(apply(scene, Batch(account=TEAM, sharing=False, steps=steps)))


def marked(step: Step) -> Given:
    """What makes a creation ours, and the same creation again no second one."""
    ours = {tags.OWNER: "net", tags.NAME: step.name.rpartition("/")[2]}
    return {"clientToken": names.token("run-1", "1", step.key), "tags": {**EXTRA, **ours}}


LEADS = Record(name="api.example.jp", type="A", to="orders.on.aws", zone="ZLATTICE", healthy=True)
WHOSE = Record(name="_lattice-onramp.api.example.jp", type="TXT", values=('"ours"',), ttl=60)
OLD = Record(name="api.example.jp", type="A", to="old.on.aws", zone="ZLATTICE")
LEADS_SET = {
    "Name": "api.example.jp",
    "Type": "A",
    "AliasTarget": {"HostedZoneId": "ZLATTICE", "DNSName": "orders.on.aws", "EvaluateTargetHealth": True},
}
OLD_SET = {
    "Name": "api.example.jp",
    "Type": "A",
    "AliasTarget": {"HostedZoneId": "ZLATTICE", "DNSName": "old.on.aws", "EvaluateTargetHealth": False},
}
WHOSE_SET = {
    "Name": "_lattice-onramp.api.example.jp",
    "Type": "TXT",
    "TTL": 60,
    "ResourceRecords": [{"Value": '"ours"'}],
}


def changed(*changes: tuple[str, Given]) -> tuple[str, Given]:
    """The call that changes records, all of them at once."""
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": one} for action, one in changes]}
    return ("change_resource_record_sets", {"HostedZoneId": "Z1", "ChangeBatch": batch})


INTO_ZONE = AssociateZone(**ME, name=f"vpc-{ANY}/Z1", vpc=f"vpc-{ANY}", zone="Z1", owner=INFRA)
PLACE: Given = {"HostedZoneId": "Z1", "VPC": {"VPCId": f"vpc-{ANY}", "VPCRegion": "ap-northeast-1"}}


def token(step: Step) -> Given:
    return {"clientToken": names.token("run-1", "1", step.key)}


SHARED = ShareNetwork(**ME, name=TEAM)
UNSHARED = UnshareNetwork(**ME, name=TEAM)
ACCEPTED = AcceptShare(**ME, name="net", invitation=INVITATION)
NEW_GROUP = CreateTargetGroup(**ME, name="net-orders-1", protocol="HTTPS", port=443, vpc=f"vpc-{ANY}", extra=EXTRA)
NEW_SERVICE = CreateService(**ME, name="orders", extra=EXTRA)
NEW_LISTENER = CreateListener(
    **ME,
    name="orders/https-443",
    service=SERVICE,
    listener="https-443",
    protocol="HTTPS",
    port=443,
    forwards=TO,
    extra=EXTRA,
)
RULES = (f"rule-{ANY}", f"rule-1{ANY[1:]}")
NEW_RULE = CreateRule(
    **ME,
    name="orders/https-443/api",
    service=SERVICE,
    listener=LISTENER,
    rule="api",
    match=Match(path="/api"),
    priority=57,
    forwards=TO,
    extra=EXTRA,
)
ON = AssociateService(**ME, name="orders", service=SERVICE, extra=EXTRA)
GOES_TO = f"arn:aws:logs:ap-northeast-1:{TEAM}:log-group:/orders:*"
LOG = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:accesslogsubscription/als-{ANY}"
LOGGED = CreateAccessLog(**ME, name="orders", service=SERVICE, destination=GOES_TO, extra=EXTRA)
INSIDE = AssociateVpc(**ME, name=f"vpc-{ANY}", vpc=f"vpc-{ANY}", security_groups=("sg-01", "sg-02"), extra=EXTRA)
PRINCIPAL = {"resourceShareArn": NET.share, "principals": [TEAM]}

OURS_ON_GROUP = [{"Key": tags.OWNER}, {"Key": tags.NAME}, {"Key": tags.ADOPT}]

TOLD = [{"Key": tags.STATUS, "Value": "connected"}, {"Key": tags.MESSAGE, "Value": ""}]

EACH: list[tuple[Any, list[Call], str]] = [
    (SHARED, [("associate_resource_share", {**PRINCIPAL, **token(SHARED)})], ""),
    (UNSHARED, [("disassociate_resource_share", {**PRINCIPAL, **token(UNSHARED)})], ""),
    (
        ACCEPTED,
        [("accept_resource_share_invitation", {"resourceShareInvitationArn": INVITATION, **token(ACCEPTED)})],
        "",
    ),
    (
        Adopt(**ME, name=f"svc-{ANY}/orders", resource=SERVICE),
        [("tag_resource", {"resourceArn": SERVICE, "tags": {tags.OWNER: NET.name, tags.NAME: "orders"}})],
        SERVICE,
    ),
    (
        Adopt(**ME, name=f"svc-{ANY}/orders", resource=SERVICE, remove=(tags.STATUS, tags.DOMAIN)),
        [
            ("untag_resource", {"resourceArn": SERVICE, "tagKeys": [tags.STATUS, tags.DOMAIN]}),
            ("tag_resource", {"resourceArn": SERVICE, "tags": {tags.OWNER: NET.name, tags.NAME: "orders"}}),
        ],
        SERVICE,
    ),
    (
        Adopt(**ME, name="sg-01/net-clients", resource="sg-01"),
        [
            (
                "create_tags",
                {
                    "Resources": ["sg-01"],
                    "Tags": [{"Key": tags.OWNER, "Value": NET.name}, {"Key": tags.NAME, "Value": "net-clients"}],
                },
            )
        ],
        "sg-01",
    ),
    (
        Release(**ME, name=f"svc-{ANY}/orders", resource=SERVICE),
        [("untag_resource", {"resourceArn": SERVICE, "tagKeys": [tags.OWNER, tags.NAME, tags.ADOPT]})],
        SERVICE,
    ),
    (
        Release(**ME, name="sg-01/net-clients", resource="sg-01"),
        [("delete_tags", {"Resources": ["sg-01"], "Tags": OURS_ON_GROUP})],
        "sg-01",
    ),
    (
        NEW_GROUP,
        [
            (
                "create_target_group",
                {
                    "name": "net-orders-1",
                    "type": "ALB",
                    "config": {"protocol": "HTTPS", "port": 443, "vpcIdentifier": f"vpc-{ANY}"},
                    **marked(NEW_GROUP),
                },
            )
        ],
        "the arn",
    ),
    (
        RegisterTarget(**ME, name="net-orders-1", target_group=GROUP, load_balancer=BALANCER, port=443),
        [("register_targets", {"targetGroupIdentifier": GROUP, "targets": [{"id": BALANCER, "port": 443}]})],
        "",
    ),
    (NEW_SERVICE, [("create_service", {"name": "orders", **marked(NEW_SERVICE)})], "the arn"),
    (
        NEW_LISTENER,
        [
            (
                "create_listener",
                {
                    "serviceIdentifier": SERVICE,
                    "name": "https-443",
                    "protocol": "HTTPS",
                    "port": 443,
                    "defaultAction": SENT,
                    **marked(NEW_LISTENER),
                },
            )
        ],
        "the arn",
    ),
    (
        UpdateListener(**ME, name="orders/https-443", service=SERVICE, listener=LISTENER, forwards=TO),
        [
            (
                "update_listener",
                {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER, "defaultAction": SENT},
            )
        ],
        "",
    ),
    (
        UpdateListener(**ME, name="orders/https-443", service=SERVICE, listener=LISTENER, forwards=()),
        [
            (
                "update_listener",
                {
                    "serviceIdentifier": SERVICE,
                    "listenerIdentifier": LISTENER,
                    "defaultAction": {"fixedResponse": {"statusCode": 404}},
                },
            )
        ],
        "",
    ),
    (
        NEW_RULE,
        [
            (
                "create_rule",
                {
                    "serviceIdentifier": SERVICE,
                    "listenerIdentifier": LISTENER,
                    "name": "api",
                    "match": {"httpMatch": {"pathMatch": {"match": {"exact": "/api"}, "caseSensitive": True}}},
                    "priority": 57,
                    "action": SENT,
                    **marked(NEW_RULE),
                },
            )
        ],
        "the arn",
    ),
    (
        UpdateRules(
            **ME,
            name="orders/https-443",
            service=SERVICE,
            listener=LISTENER,
            changes=(
                RuleChange(rule=RULES[0], match=Match(path="/a/", begins=True), priority=1, forwards=TO),
                RuleChange(rule=RULES[1], match=Match(method="GET", header="x", value="y"), priority=2, forwards=TO),
            ),
        ),
        [
            (
                "batch_update_rule",
                {
                    "serviceIdentifier": SERVICE,
                    "listenerIdentifier": LISTENER,
                    "rules": [
                        {
                            "ruleIdentifier": RULES[0],
                            "match": {"httpMatch": {"pathMatch": {"match": {"prefix": "/a/"}, "caseSensitive": True}}},
                            "priority": 1,
                            "action": SENT,
                        },
                        {
                            "ruleIdentifier": RULES[1],
                            "match": {
                                "httpMatch": {
                                    "method": "GET",
                                    "headerMatches": [{"name": "x", "match": {"exact": "y"}, "caseSensitive": True}],
                                }
                            },
                            "priority": 2,
                            "action": SENT,
                        },
                    ],
                },
            )
        ],
        "",
    ),
    (
        DeleteRule(**ME, name="orders/https-443/api", service=SERVICE, listener=LISTENER, rule=RULES[0]),
        [
            (
                "delete_rule",
                {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER, "ruleIdentifier": RULES[0]},
            )
        ],
        "",
    ),
    (
        DeleteListener(**ME, name="orders/https-443", service=SERVICE, listener=LISTENER),
        [("delete_listener", {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER})],
        "",
    ),
    (
        SetIdleTimeout(**ME, name="orders", service=SERVICE, seconds=120),
        [("update_service", {"serviceIdentifier": SERVICE, "idleTimeoutSeconds": 120})],
        "",
    ),
    (
        SetCertificate(**ME, name="orders", service=SERVICE, certificate="arn:c"),
        [("update_service", {"serviceIdentifier": SERVICE, "certificateArn": "arn:c"})],
        "",
    ),
    (
        CreateRecords(**ME, name="api.example.jp", zone="Z1", make=(LEADS, WHOSE), gone=(OLD,)),
        [changed(("DELETE", OLD_SET), ("CREATE", LEADS_SET), ("CREATE", WHOSE_SET))],
        "",
    ),
    (
        DeleteRecords(**ME, name="api.example.jp/Z1", zone="Z1", gone=(LEADS, WHOSE)),
        [changed(("DELETE", LEADS_SET), ("DELETE", WHOSE_SET))],
        "",
    ),
    (
        PutAuthPolicy(**ME, name="orders", service=SERVICE, policy="{}"),
        [("put_auth_policy", {"resourceIdentifier": SERVICE, "policy": "{}"})],
        "",
    ),
    (
        SetAuthType(**ME, name="orders", service=SERVICE, auth="AWS_IAM"),
        [("update_service", {"serviceIdentifier": SERVICE, "authType": "AWS_IAM"})],
        "",
    ),
    (
        DeleteAuthPolicy(**ME, name="orders", service=SERVICE),
        [("delete_auth_policy", {"resourceIdentifier": SERVICE})],
        "",
    ),
    (
        LOGGED,
        [
            (
                "create_access_log_subscription",
                {"resourceIdentifier": SERVICE, "destinationArn": GOES_TO, **marked(LOGGED)},
            )
        ],
        "",
    ),
    (
        UpdateAccessLog(**ME, name="orders", subscription=LOG, destination=GOES_TO),
        [
            (
                "update_access_log_subscription",
                {"accessLogSubscriptionIdentifier": LOG, "destinationArn": GOES_TO},
            )
        ],
        "",
    ),
    (
        DeleteAccessLog(**ME, name="orders", subscription=LOG),
        [("delete_access_log_subscription", {"accessLogSubscriptionIdentifier": LOG})],
        "",
    ),
    (
        ON,
        [
            (
                "create_service_network_service_association",
                {"serviceIdentifier": SERVICE, "serviceNetworkIdentifier": NET.arn, **marked(ON)},
            )
        ],
        "the arn",
    ),
    (
        DisassociateService(**ME, name="orders", association=f"snsa-{ANY}"),
        [
            (
                "delete_service_network_service_association",
                {"serviceNetworkServiceAssociationIdentifier": f"snsa-{ANY}"},
            )
        ],
        "",
    ),
    (
        DeleteService(**ME, name="orders", service=SERVICE),
        [("delete_service", {"serviceIdentifier": SERVICE})],
        "",
    ),
    (
        DeleteTargetGroup(**ME, name="net-orders-1", target_group=GROUP),
        [("delete_target_group", {"targetGroupIdentifier": GROUP})],
        "",
    ),
    (
        DeleteTargetGroup(**ME, name="net-orders-1", target_group=GROUP, targets=((BALANCER, 443), ("fn", 80))),
        [
            (
                "deregister_targets",
                {
                    "targetGroupIdentifier": GROUP,
                    "targets": [{"id": BALANCER, "port": 443}, {"id": "fn", "port": 80}],
                },
            ),
            ("delete_target_group", {"targetGroupIdentifier": GROUP}),
        ],
        "",
    ),
    (
        INSIDE,
        [
            (
                "create_service_network_vpc_association",
                {
                    "serviceNetworkIdentifier": NET.arn,
                    "vpcIdentifier": f"vpc-{ANY}",
                    "securityGroupIds": ["sg-01", "sg-02"],
                    **marked(INSIDE),
                },
            )
        ],
        "the arn",
    ),
    (
        UpdateVpcAssociation(**ME, name=f"vpc-{ANY}", association=f"snva-{ANY}", security_groups=("sg-01", "sg-02")),
        [
            (
                "update_service_network_vpc_association",
                {
                    "serviceNetworkVpcAssociationIdentifier": f"snva-{ANY}",
                    "securityGroupIds": ["sg-01", "sg-02"],
                },
            )
        ],
        "",
    ),
    (
        DisassociateVpc(**ME, name=f"vpc-{ANY}", association=f"snva-{ANY}"),
        [("delete_service_network_vpc_association", {"serviceNetworkVpcAssociationIdentifier": f"snva-{ANY}"})],
        "",
    ),
    (
        AssociateZone(**ME, name=f"vpc-{ANY}/Z1", vpc=f"vpc-{ANY}", zone="Z1", owner=TEAM),
        [("associate_vpc_with_hosted_zone", PLACE)],
        f"vpc-{ANY}/Z1",
    ),
    (
        INTO_ZONE,
        [
            ("create_vpc_association_authorization", PLACE),
            ("associate_vpc_with_hosted_zone", PLACE),
            ("delete_vpc_association_authorization", PLACE),
        ],
        INTO_ZONE.name,
    ),
    (
        DisassociateZone(**ME, name=f"vpc-{ANY}/Z1", vpc=f"vpc-{ANY}", zone="Z1", owner=INFRA),
        [("disassociate_vpc_from_hosted_zone", PLACE), ("delete_vpc_association_authorization", PLACE)],
        "",
    ),
    (
        DisassociateZone(**ME, name=f"vpc-{ANY}/Z1", vpc=f"vpc-{ANY}", zone="Z1", owner=TEAM),
        [("disassociate_vpc_from_hosted_zone", PLACE)],
        "",
    ),
    (
        DeleteSecurityGroup(**ME, name="net-clients", security_group="sg-01"),
        [("delete_security_group", {"GroupId": "sg-01"})],
        "",
    ),
    (
        WriteStatus(**ME, name="orders", resource=BALANCER, put={tags.STATUS: "connected"}, remove=(tags.MESSAGE,)),
        [
            ("add_tags", {"ResourceArns": [BALANCER], "Tags": TOLD}),
            ("remove_tags", {"ResourceArns": [BALANCER], "TagKeys": [tags.MESSAGE]}),
        ],
        "",
    ),
    (
        WriteStatus(**ME, name="v", resource=f"vpc-{ANY}", put={tags.STATUS: "connected"}, remove=(tags.MESSAGE,)),
        [
            ("create_tags", {"Resources": [f"vpc-{ANY}"], "Tags": TOLD}),
            ("delete_tags", {"Resources": [f"vpc-{ANY}"], "Tags": [{"Key": tags.MESSAGE}]}),
        ],
        "",
    ),
    (
        ClearStatus(**ME, name="orders", resource=BALANCER, remove=(tags.DOMAIN,)),
        [("remove_tags", {"ResourceArns": [BALANCER], "TagKeys": [tags.DOMAIN]})],
        "",
    ),
    (
        ClearStatus(**ME, name="v", resource=f"vpc-{ANY}", remove=(tags.SERVICES,)),
        [("delete_tags", {"Resources": [f"vpc-{ANY}"], "Tags": [{"Key": tags.SERVICES}]})],
        "",
    ),
]
IN_PARTS = {CreateSecurityGroup, UpdateSecurityGroup}
"""Steps of several calls, each of which may fail by itself: below."""


def test_the_table_has_every_verb() -> None:
    assert {type(step) for step, _, _ in EACH} | IN_PARTS == set(Step.__subclasses__())


@pytest.mark.parametrize(("step", "calls", "arn"), EACH, ids=lambda one: type(one).__name__)
def test_each_verb_asks_just_this(step: Any, calls: list[Call], arn: str) -> None:
    answers: dict[str, Answer] = {method: {"arn": "the arn"} for method, _ in calls}
    account = Canned(TEAM, **{**answers, "register_targets": {"successful": [{"id": BALANCER}]}})
    [outcome] = do(account, step)
    assert account.calls == calls
    assert outcome == Outcome(
        kind=type(step).__name__, account=TEAM, name=step.name, because="it is wanted", status="done", arn=arn
    )


def test_a_service_is_made_with_the_domain_and_the_certificate_that_it_is_to_have() -> None:
    account = Canned(TEAM, create_service={"arn": SERVICE})
    do(account, CreateService(**ME, name="orders", domain="a.jp"))
    do(account, CreateService(**ME, name="orders", domain="a.jp", certificate="arn:c"))
    named = [{key: value for key, value in given.items() if key.startswith("c")} for _, given in account.calls]
    assert [{key: value for key, value in one.items() if key != "clientToken"} for one in named] == [
        {"customDomainName": "a.jp"},
        {"customDomainName": "a.jp", "certificateArn": "arn:c"},
    ]


def test_the_word_for_a_hosted_zone_is_taken_back_whatever_became_of_it() -> None:
    account = Canned(
        TEAM,
        create_vpc_association_authorization={},
        associate_vpc_with_hosted_zone=error("ConflictingDomainExists", 400),
        delete_vpc_association_authorization={},
    )
    [outcome] = do(account, INTO_ZONE)
    assert (outcome.status, outcome.arn, account.calls[-1]) == (
        "refused",
        "",
        ("delete_vpc_association_authorization", PLACE),
    )


def test_what_was_put_into_a_hosted_zone_is_ours_though_the_word_could_not_be_taken_back() -> None:
    account = Canned(
        TEAM,
        create_vpc_association_authorization={},
        associate_vpc_with_hosted_zone={},
        delete_vpc_association_authorization=error("AccessDenied", 403),
    )
    [outcome] = do(account, INTO_ZONE)
    assert (outcome.status, outcome.arn, outcome.stands) == ("done", INTO_ZONE.name, False)
    assert "AccessDenied" in outcome.detail


def test_where_nobody_says_how_another_account_is_entered_none_is() -> None:
    with pytest.raises(AssertionError, match="how other accounts are entered"):
        apply(Scene(NET, Canned(TEAM), "run-1", 1), Batch(account=TEAM, sharing=False, steps=(INTO_ZONE,)))


def test_a_token_is_another_in_another_run_round_or_step() -> None:
    account = Canned(TEAM, create_service={"arn": "a"})
    for run, number in (("run-1", 1), ("run-2", 1), ("run-1", 2)):
        do(account, NEW_SERVICE, CreateService(**ME, name="bills"), run=run, round=number)
    assert len({given["clientToken"] for _, given in account.calls}) == 6


# --- targets


@pytest.mark.parametrize("answer", [{}, {"successful": []}, {"successful": [{"id": "another"}], "unsuccessful": []}])
def test_a_target_that_the_answer_does_not_list_is_taken_and_does_not_stand(answer: Given) -> None:
    step = RegisterTarget(**ME, name="g", target_group=GROUP, load_balancer=BALANCER, port=80)
    service = CreateService(**ME, name="orders", needs=step.key)
    first, second = do(Canned(TEAM, register_targets=answer), step, service)
    assert (first.status, first.detail, first.stands) == ("done", "the answer does not list it as registered", False)
    assert (second.status, second.detail) == ("not_yet", "RegisterTarget has to be done first")


def test_a_group_that_is_gone_needs_no_deletion_and_a_target_that_is_kept_keeps_it() -> None:
    step = DeleteTargetGroup(**ME, name="g", target_group=GROUP, targets=((BALANCER, 80),))
    gone = Canned(TEAM, deregister_targets=error("ResourceNotFoundException", 404))
    assert [one.status for one in do(gone, step)] == ["done"]
    assert [method for method, _ in gone.calls] == ["deregister_targets"]
    draining = {"failureCode": "TargetNotFound", "failureMessage": "no"}
    busy = {"failureCode": "Busy", "failureMessage": "later"}
    kept = Canned(TEAM, deregister_targets={"unsuccessful": [draining, busy]})
    assert [(one.status, one.detail) for one in do(kept, step)] == [("refused", "Busy: later")]
    assert [method for method, _ in kept.calls] == ["deregister_targets"]


# --- an invitation that has just been sent


def invitation(arn: str, status: str = "PENDING", sender: str = INFRA) -> Given:
    return {"resourceShareInvitationArn": arn, "status": status, "senderAccountId": sender}


@pytest.mark.parametrize(
    ("answers", "accepted", "waits", "said"),
    [
        ([[invitation("mine")]], "mine", 1, ""),
        ([[], [invitation("mine")]], "mine", 2, ""),
        ([[invitation("old", "ACCEPTED"), invitation("theirs", sender=STRANGER), invitation("mine")]], "mine", 1, ""),
        ([[], []], "", 2, "the invitation has not come yet"),
        ([[invitation("theirs", sender=STRANGER)]] * 2, "", 2, "the invitation has not come yet"),
    ],
)
def test_an_invitation_is_waited_for_some_seconds_and_accepted(
    monkeypatch: pytest.MonkeyPatch, answers: list[list[Given]], accepted: str, waits: int, said: str
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("onramp.aws.apply.sharing.time.sleep", waited.append)
    coming = iter(answers)
    account = Canned(
        TEAM,
        get_resource_share_invitations=lambda _: {"resourceShareInvitations": next(coming)},
        accept_resource_share_invitation={},
    )
    step = AcceptShare(**ME, name="net")
    [outcome] = do(account, step)
    assert (outcome.status, outcome.detail) == ("not_yet" if said else "done", said)
    assert waited == [3] * waits
    assert account.calls[0] == ("get_resource_share_invitations", {"resourceShareArns": [NET.share]})
    took = [given["resourceShareInvitationArn"] for method, given in account.calls if method.startswith("accept")]
    assert took == ([accepted] if accepted else [])


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (error("AccessDeniedException", 403), "not_yet", "the invitation is looked for by the next look"),
        (error("MalformedArnException"), "refused", "Operation: MalformedArnException: no"),
    ],
)
def test_who_may_not_list_invitations_leaves_it_to_the_next_look(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, status: str, said: str
) -> None:
    """As the writer of release 0.1.0."""
    monkeypatch.setattr("onramp.aws.apply.sharing.time.sleep", lambda _: None)
    [outcome] = do(Canned(TEAM, get_resource_share_invitations=answer), AcceptShare(**ME, name="net"))
    assert (outcome.status, outcome.detail) == (status, said)


def test_an_invitation_that_was_accepted_already_is_done() -> None:
    account = Canned(TEAM, accept_resource_share_invitation=error("ResourceShareInvitationAlreadyAcceptedException"))
    assert [(one.status, one.detail) for one in do(account, ACCEPTED)] == [("done", "")]
    account.answers["accept_resource_share_invitation"] = error("ResourceShareInvitationExpiredException")
    assert [one.status for one in do(account, ACCEPTED)] == ["not_yet"]


# --- security groups


def rule(source: str, protocol: str = "tcp", port: int = 80) -> Ingress:
    return Ingress(source=source, from_port=port, to_port=port, protocol=protocol)


TCP: Given = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}


def spelled(cidr: str, port: int = 80) -> Given:
    return {**TCP, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


NEW = CreateSecurityGroup(
    **ME, name="net-clients", vpc=f"vpc-{ANY}", admits=(rule("10.0.0.0/8"), rule("10.1.0.0/16", port=443)), extra=EXTRA
)
JOIN = AssociateVpc(**ME, name=f"vpc-{ANY}", vpc=f"vpc-{ANY}", security_groups=(), needs=NEW.key)


def test_a_security_group_is_made_marked_filled_and_used_in_the_same_batch() -> None:
    account = Canned(
        TEAM,
        create_security_group={"GroupId": "sg-09"},
        authorize_security_group_ingress={},
        create_service_network_vpc_association={"arn": "joined"},
    )
    assert [(one.status, one.arn) for one in do(account, NEW, JOIN)] == [("done", ""), ("done", "joined")]
    given = marked(NEW)["tags"]
    assert account.calls[:2] == [
        (
            "create_security_group",
            {
                "GroupName": "net-clients",
                "Description": "Clients of this VPC that may call services on net",
                "VpcId": f"vpc-{ANY}",
                "TagSpecifications": [
                    {
                        "ResourceType": "security-group",
                        "Tags": [{"Key": key, "Value": value} for key, value in given.items()],
                    }
                ],
            },
        ),
        (
            "authorize_security_group_ingress",
            {"GroupId": "sg-09", "IpPermissions": [spelled("10.0.0.0/8"), spelled("10.1.0.0/16", 443)]},
        ),
    ]
    assert account.calls[2][1]["securityGroupIds"] == ["sg-09"]


@pytest.mark.parametrize(
    ("there", "status", "said"),
    [
        ([{"GroupId": "sg-09"}], "not_yet", "it is there, with our mark: the next look has it"),
        ([], "refused", "remove or rename it, since it is not ours: Operation: InvalidGroup.Duplicate: no"),
    ],
)
def test_a_group_of_that_name_is_ours_if_it_bears_our_mark(there: list[Given], status: str, said: str) -> None:
    account = Canned(
        TEAM,
        create_security_group=error("InvalidGroup.Duplicate"),
        describe_security_groups={"SecurityGroups": there},
    )
    first, second = do(account, NEW, JOIN)
    assert (first.status, first.detail) == (status, said)
    assert (second.status, second.detail) == ("not_yet", "CreateSecurityGroup has to be done first")
    filters = [
        {"Name": "group-name", "Values": ["net-clients"]},
        {"Name": "vpc-id", "Values": [f"vpc-{ANY}"]},
        {"Name": f"tag:{tags.OWNER}", "Values": ["net"]},
    ]
    assert account.calls[1:] == [("describe_security_groups", {"Filters": filters})]


def test_what_else_keeps_a_group_from_being_made_is_told_as_it_is() -> None:
    account = Canned(TEAM, create_security_group=error("VpcIdNotSpecified"))
    assert [one.detail for one in do(account, NEW)] == ["Operation: VpcIdNotSpecified: no"]
    assert len(account.calls) == 1
    unfilled = Canned(
        TEAM,
        create_security_group={"GroupId": "sg-09"},
        authorize_security_group_ingress=error("UnauthorizedOperation", 403),
    )
    first, second = do(unfilled, NEW, JOIN)
    assert (first.status, second.status) == ("refused", "not_yet")


FULL = error("RulesPerSecurityGroupLimitExceeded")
ALLOW, GONE = (rule("10.1.0.0/16"), rule("10.2.0.0/16")), (rule("10.8.0.0/16"), rule("10.9.0.0/16"))


def changing(room: int, **given: Any) -> UpdateSecurityGroup:
    whole = {"security_group": "sg-01", "allow": ALLOW, "revoke": GONE, "room": room, **given}
    return UpdateSecurityGroup(**ME, name="net-clients", **whole)


@pytest.mark.parametrize(
    ("step", "does"),
    [
        (changing(2), ["+1 +2", "-8 -9"]),
        (changing(1), ["-8", "+1 +2", "-9"]),
        (changing(0), ["-8 -9", "+1 +2"]),
        (changing(9, revoke=()), ["+1 +2"]),
        (changing(9, allow=()), ["-8 -9"]),
        (changing(0, allow=()), ["-8 -9"]),
    ],
)
def test_rules_are_changed_by_adding_first_where_there_is_room(step: UpdateSecurityGroup, does: list[str]) -> None:
    account = Canned(TEAM, authorize_security_group_ingress={}, revoke_security_group_ingress={})
    assert [one.status for one in do(account, step)] == ["done"]
    assert told(account) == does
    assert {given["GroupId"] for _, given in account.calls} == {"sg-01"}


def told(account: Canned) -> list[str]:
    """+ what is admitted, - what is revoked: the second number of each CIDR."""
    return [
        " ".join(
            f"{'+' if method.startswith('authorize') else '-'}{one['IpRanges'][0]['CidrIp'].split('.')[1]}"
            for one in given["IpPermissions"]
        )
        for method, given in account.calls
    ]


@pytest.mark.parametrize(
    ("room", "answers", "does", "status"),
    [
        (2, [FULL, {}], ["+1 +2", "-8 -9", "+1 +2"], "done"),
        (1, [FULL, {}], ["-8", "+1 +2", "-9", "+1 +2"], "done"),
        (0, [FULL], ["-8 -9", "+1 +2"], "refused"),
        (2, [FULL, FULL], ["+1 +2", "-8 -9", "+1 +2"], "refused"),
        (2, [error("UnauthorizedOperation", 403)], ["+1 +2"], "refused"),
    ],
)
def test_where_a_group_is_full_before_its_time_all_the_room_is_made_that_there_is(
    room: int, answers: list[Any], does: list[str], status: str
) -> None:
    coming = iter(answers)

    def answer(_: Given) -> Given:
        given = next(coming)
        if isinstance(given, Exception):
            raise given
        return dict(given)

    account = Canned(TEAM, authorize_security_group_ingress=answer, revoke_security_group_ingress={})
    assert [one.status for one in do(account, changing(room))] == [status]
    assert told(account) == does


@pytest.mark.parametrize(
    ("source", "spelling"),
    [
        (rule("10.0.0.0/8"), spelled("10.0.0.0/8")),
        (
            rule("fd00::/8"),
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "Ipv6Ranges": [{"CidrIpv6": "fd00::/8"}]},
        ),
        (rule("sg-02", "-1", -1), {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-02"}]}),
        (
            rule("pl-2", "udp", 53),
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "PrefixListIds": [{"PrefixListId": "pl-2"}]},
        ),
    ],
)
def test_each_kind_of_rule_is_spelled_as_ec2_has_it(source: Ingress, spelling: Given) -> None:
    account = Canned(TEAM, authorize_security_group_ingress={})
    do(account, changing(9, allow=(source,), revoke=()))
    assert [given["IpPermissions"] for _, given in account.calls] == [[spelling]]


DELETE = DeleteSecurityGroup(**ME, name="net-clients", security_group="sg-01")


@pytest.mark.parametrize(
    ("named", "status", "said"),
    [
        (["sg-01", "sg-03"], "refused", "sg-02 sg-03 refers to security group sg-01, take it out of its rules"),
        ([], "refused", "sg-02 refers to security group sg-01, take it out of its rules"),
    ],
)
def test_whose_rules_keep_a_group_is_told(named: list[str], status: str, said: str) -> None:
    def answer(given: Given) -> Given:
        [asked] = given["Filters"]
        assert asked["Values"] == ["sg-01"]
        found = {"ip-permission.group-id": ["sg-02", "sg-01"], "egress.ip-permission.group-id": named}[asked["Name"]]
        return {"SecurityGroups": [{"GroupId": one} for one in found]}

    account = Canned(TEAM, delete_security_group=error("DependencyViolation"), describe_security_groups=answer)
    assert [(one.status, one.detail) for one in do(account, DELETE)] == [(status, said)]


@pytest.mark.parametrize("answer", [{"SecurityGroups": []}, error("UnauthorizedOperation", 403)])
def test_a_group_that_no_rule_keeps_is_tried_again(answer: Answer) -> None:
    account = Canned(TEAM, delete_security_group=error("DependencyViolation"), describe_security_groups=answer)
    assert [(one.status, one.detail) for one in do(account, DELETE)] == [
        ("not_yet", "Operation: DependencyViolation: no")
    ]
    other = Canned(TEAM, delete_security_group=error("UnauthorizedOperation", 403), describe_security_groups=answer)
    assert [one.status for one in do(other, DELETE)] == ["refused"]
    assert len(other.calls) == 1


# --- answers


def test_nothing_is_asked_for_what_there_is_nothing_of() -> None:
    for resource in (BALANCER, f"vpc-{ANY}"):
        nobody = Canned(TEAM)
        assert [one.status for one in do(nobody, WriteStatus(**ME, name="n", resource=resource))] == ["done"]
        assert nobody.calls == []


LOSES = {tags.DOMAIN: "new"}, (tags.MESSAGE,), (tags.DOMAIN, tags.MESSAGE)


@pytest.mark.parametrize(
    ("put", "remove", "untrue", "refused", "asked", "status"),
    [
        # What stands and is not so goes where the answer cannot be put, and at no moment before.
        (*LOSES, {"add_tags": "AccessDenied"}, [["domain", "message"], ["domain", "message"]], "refused"),
        (*LOSES, {"add_tags": "Throttling"}, [["domain", "message"], ["domain", "message"]], "not_yet"),
        (*LOSES, {"add_tags": "Strange"}, [["domain", "message"], ["domain", "message"]], "failed"),
        # What was put blank says nothing: it may stay.
        (*LOSES, {"remove_tags": "AccessDenied"}, [["domain", "message"], ["message"]], "refused"),
        # Both refused: it is told, with what AWS said of the first.
        (
            *LOSES,
            {"add_tags": "AccessDenied", "remove_tags": "Throttling"},
            [["domain", "message"], ["domain", "message"]],
            "refused",
        ),
        # Nothing stands that is not so: nothing more is asked.
        ({tags.STATUS: "s"}, (), (), {"add_tags": "AccessDenied"}, [["status"]], "refused"),
        # What may not be taken off is put blank, and once it is blank nothing more is asked.
        ({}, (tags.DOMAIN,), (tags.DOMAIN,), {"remove_tags": "AccessDenied"}, [["domain"], ["domain"]], "refused"),
        ({}, (tags.DOMAIN,), (), {"remove_tags": "AccessDenied"}, [["domain"]], "refused"),
        (
            {},
            (tags.DOMAIN,),
            (tags.DOMAIN,),
            {"remove_tags": "Throttling", "add_tags": "AccessDenied"},
            [["domain"], ["domain"]],
            "not_yet",
        ),
    ],
)
def test_what_is_not_so_is_taken_away_whichever_call_is_refused(
    put: dict[str, str],
    remove: tuple[str, ...],
    untrue: tuple[str, ...],
    refused: dict[str, str],
    asked: list[list[str]],
    status: str,
) -> None:
    account = Canned(
        TEAM, **{"add_tags": {}, "remove_tags": {}, **{name: error(code) for name, code in refused.items()}}
    )
    step = WriteStatus(**ME, name="n", resource=BALANCER, put=put, remove=remove, untrue=untrue)
    [outcome] = do(account, step)
    assert outcome.status == status
    assert [
        [one.partition(":")[2] for one in given.get("TagKeys") or [tag["Key"] for tag in given["Tags"]]]
        for _, given in account.calls
    ] == asked
    if put and "add_tags" in refused:
        assert refused["add_tags"] in outcome.detail


OF_LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-0123456789abcdef0"


@pytest.mark.parametrize("language", [{}, {"instead": {tags.MESSAGE: "m /en"}}], ids=["en", "ja"])
def test_an_answer_on_a_service_at_its_last_tag_comes_after_what_goes(language: dict[str, Any]) -> None:
    """Lattice's TagResource names no error but ValidationException for what it does not take (botocore model)."""
    there = {tags.STATUS, tags.DOMAIN}

    def tag(given: Given) -> Given:
        if len(there | given["tags"].keys()) > 2:
            raise error("ValidationException")
        there.update(given["tags"])
        return {}

    def untag(given: Given) -> Given:
        there.difference_update(given["tagKeys"])
        return {}

    account = Canned(TEAM, tag_resource=tag, untag_resource=untag)
    put = {tags.STATUS: "refused", tags.MESSAGE: "m"}
    step = WriteStatus(
        **ME, name="n", resource=OF_LATTICE, put=put, remove=(tags.DOMAIN,), untrue=(tags.DOMAIN,), **language
    )
    assert [one.status for one in do(account, step)] == ["done"]
    assert there == {tags.STATUS, tags.MESSAGE}
    assert account.calls[-1][1]["tags"] == put


def test_an_answer_that_needs_the_room_of_what_goes_comes_after_it() -> None:
    coming: Any = iter([error("TooManyTags"), {}])

    def answer(_: Given) -> Given:
        given = next(coming)
        if isinstance(given, Exception):
            raise given
        return dict(given)

    account = Canned(TEAM, add_tags=answer, remove_tags={})
    step = WriteStatus(
        **ME, name="n", resource=BALANCER, put={tags.MESSAGE: "m"}, remove=(tags.DOMAIN,), untrue=(tags.DOMAIN,)
    )
    assert [one.status for one in do(account, step)] == ["done"]
    assert [method for method, _ in account.calls] == ["add_tags", "remove_tags", "add_tags"]
    assert account.calls[2][1]["Tags"] == [{"Key": tags.MESSAGE, "Value": "m"}]


def test_where_there_is_no_room_even_then_what_is_not_so_goes() -> None:
    account = Canned(TEAM, add_tags=error("TooManyTags"), remove_tags={})
    untrue = (tags.DOMAIN, tags.STATUS)
    put = {tags.STATUS: "s", tags.MESSAGE: "m"}
    step = WriteStatus(**ME, name="n", resource=BALANCER, put=put, remove=(tags.DOMAIN,), untrue=untrue)
    assert [one.status for one in do(account, step)] == ["failed"]
    assert [given["TagKeys"] for method, given in account.calls if method == "remove_tags"] == [
        [tags.DOMAIN],
        [*untrue],
    ]


DENIED = error("UnauthorizedOperation", 403)
VPC = f"vpc-{ANY}"


@pytest.mark.parametrize(
    ("put", "answers", "status", "tried"),
    [
        ({tags.STATUS: "s", tags.SERVICES: "3"}, [DENIED, {}], "done", [[tags.STATUS, tags.SERVICES], [tags.STATUS]]),
        ({tags.SERVICES: "3"}, [DENIED], "done", [[tags.SERVICES]]),
        ({tags.STATUS: "s"}, [DENIED], "refused", [[tags.STATUS]]),
        ({tags.STATUS: "s", tags.SERVICES: "3"}, [error("TagLimitExceeded")], "failed", [[tags.STATUS, tags.SERVICES]]),
        (
            {tags.STATUS: "s", tags.SERVICES: "3"},
            [DENIED, DENIED],
            "refused",
            [[tags.STATUS, tags.SERVICES], [tags.STATUS]],
        ),
    ],
)
def test_only_the_number_of_services_may_be_denied(
    put: dict[str, str], answers: list[Any], status: str, tried: list[list[str]]
) -> None:
    """By a member stack of an earlier release."""
    coming = iter(answers)

    def answer(_: Given) -> Given:
        given = next(coming)
        if isinstance(given, Exception):
            raise given
        return dict(given)

    account = Canned(TEAM, create_tags=answer)
    assert [one.status for one in do(account, WriteStatus(**ME, name="n", resource=VPC, put=put))] == [status]
    assert [[one["Key"] for one in given["Tags"]] for _, given in account.calls] == tried


# --- what becomes of an error


def test_no_answer_is_tried_again() -> None:
    def broken(_: Given) -> Given:
        raise EndpointConnectionError(endpoint_url="https://lattice")

    [outcome] = do(Canned(TEAM, create_service=broken), NEW_SERVICE)
    assert outcome.status == "not_yet"
    assert outcome.detail.startswith("no answer: ")


def test_a_bug_of_ours_is_no_outcome() -> None:
    with pytest.raises(KeyError):
        do(Canned(TEAM, create_service={}), NEW_SERVICE)
