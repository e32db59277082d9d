"""Each verb by what comes of it: done, denied, missing, in conflict, and refused in the middle of a 200."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from msgspec.structs import replace
from onramp.aws import matching
from onramp.aws.account import Account
from onramp.aws.apply import DETAIL_BYTES, VERBS, Scene, apply, refuse
from onramp.core import tags
from onramp.core.errors import Refused
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

from localcloud import world as worlds
from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NETWORK, TEAM, Body, Place, network_account

ME: Any = {"account": NETWORK, "because": "it is wanted"}
OURS = {tags.OWNER: "net"}


class Stage(NamedTuple):
    """The network account as its own member, with a VPC, a load balancer and the shared network."""

    place: Place
    scene: Scene
    network: str
    share: str
    vpc: str
    balancer: str

    def do(self, *steps: Any) -> list[Outcome]:
        return list(apply(self.scene, Batch(account=NETWORK, sharing=False, steps=steps)))

    def done(self, step: Any) -> str:
        """Do a step that has to succeed, and let what it makes settle; the ARN that it answers."""
        [outcome] = self.do(step)
        assert (outcome.status, outcome.detail) == ("done", "")
        self.place.cloud.settle()
        return outcome.arn

    @property
    def lattice(self) -> Any:
        return self.place.cloud.client("vpc-lattice", NETWORK)

    @property
    def ec2(self) -> Any:
        return self.place.cloud.client("ec2", NETWORK)

    def tags(self, arn: str) -> dict[str, str]:
        found: dict[str, str] = self.lattice.list_tags_for_resource(resourceArn=arn)["tags"]
        return found

    # what later steps need

    def group(self, name: str = "orders-1", *, registered: bool = True) -> str:
        arn = self.done(CreateTargetGroup(**ME, name=name, protocol="HTTP", port=80, vpc=self.vpc))
        if registered:
            self.done(RegisterTarget(**ME, name=name, target_group=arn, load_balancer=self.balancer, port=80))
        return arn

    def service(self) -> str:
        return self.done(CreateService(**ME, name="orders"))

    def listener(self, service: str, group: str) -> str:
        to = (Forward(target_group=group, weight=100),)
        return self.done(
            CreateListener(
                **ME, name="orders/http-80", service=service, listener="http-80", protocol="HTTP", port=80, forwards=to
            )
        )

    def security_group(self, *sources: str) -> str:
        admits = tuple(ingress(source) for source in sources)
        self.done(CreateSecurityGroup(**ME, name="clients", vpc=self.vpc, admits=admits))
        [found] = self.ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["clients"]}])[
            "SecurityGroups"
        ]
        return str(found["GroupId"])

    def sources(self, group: str) -> list[str]:
        [found] = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return sorted(one["CidrIp"] for rule in found["IpPermissions"] for one in rule["IpRanges"])


def ingress(source: str, port: int = 80) -> Ingress:
    return Ingress(protocol="tcp", from_port=port, to_port=port, source=source)


@pytest.fixture
def stage() -> Iterator[Stage]:
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    listens = (worlds.BalancerListener(port=80, protocol="HTTP"),)
    balancer = worlds.LoadBalancer(name="orders", vpc="main", listeners=listens)
    account = worlds.Account(id=NETWORK, vpcs=(vpc,), load_balancers=(balancer,))
    with network_account() as place:
        worlds.build(place.cloud, worlds.World(accounts=(account, worlds.Account(id=TEAM))))
        place.cloud.settle()
        arn, share = place.share()
        network = Network(name="net", arn=arn, account=NETWORK, share=share)
        vpcs = place.cloud.client("ec2", NETWORK).describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])
        [found] = place.cloud.client("elbv2", NETWORK).describe_load_balancers()["LoadBalancers"]
        scene = Scene(network, place.own, "run-1", 1)
        yield Stage(place, scene, arn, share, vpcs["Vpcs"][0]["VpcId"], found["LoadBalancerArn"])


def test_every_step_has_its_verb() -> None:
    assert set(VERBS) == set(Step.__subclasses__())


# --- sharing


def principals(stage: Stage) -> dict[str, str]:
    found = stage.place.cloud.client("ram", NETWORK).get_resource_share_associations(
        associationType="PRINCIPAL", resourceShareArns=[stage.share]
    )["resourceShareAssociations"]
    return {one["associatedEntity"]: one["status"] for one in found}


def test_the_network_is_shared_and_unshared(stage: Stage) -> None:
    stage.done(ShareNetwork(**ME, name=TEAM))
    assert principals(stage)[TEAM] == "ASSOCIATING"  # until the account accepts
    stage.done(UnshareNetwork(**ME, name=TEAM))
    assert principals(stage).get(TEAM) in (None, "DISASSOCIATED")


def test_a_share_that_somebody_deleted_is_told_at_once_and_ended_already(stage: Stage) -> None:
    stage.place.cloud.client("ram", NETWORK).delete_resource_share(resourceShareArn=stage.share)
    stage.place.cloud.settle()
    [outcome] = stage.do(ShareNetwork(**ME, name=TEAM))
    assert (outcome.status, outcome.detail) == (
        "refused",
        "ask infra: the share of this network is gone from its stack: AssociateResourceShare: UnknownResourceException",
    )
    stage.done(UnshareNetwork(**ME, name=TEAM))


def test_an_invitation_is_accepted_and_once_more_is_done_too(stage: Stage) -> None:
    stage.done(ShareNetwork(**ME, name=TEAM))
    ram = stage.place.cloud.client("ram", TEAM)
    [invitation] = ram.get_resource_share_invitations()["resourceShareInvitations"]
    team = Scene(stage.scene.network, Account(stage.place.cloud.session(TEAM), TEAM), "run-1", 1)
    step = AcceptShare(account=TEAM, because="b", name="net", invitation=invitation["resourceShareInvitationArn"])
    for number in (1, 2):
        team = Scene(stage.scene.network, team.account, f"run-{number}", 1)
        [outcome] = apply(team, Batch(account=TEAM, sharing=False, steps=(step,)))
        assert outcome.status == "done", outcome.detail
        stage.place.cloud.settle()
    [after] = ram.get_resource_share_invitations()["resourceShareInvitations"]
    assert after["status"] == "ACCEPTED"


# --- services


def test_what_is_made_for_a_service_is_ours_and_says_its_name(stage: Stage) -> None:
    group = stage.group()
    service = stage.service()
    listener = stage.listener(service, group)
    association = stage.done(AssociateService(**ME, name="orders", service=service))
    assert stage.tags(group) == {**OURS, tags.NAME: "orders-1"}
    assert stage.tags(service) == {**OURS, tags.NAME: "orders"}
    assert stage.tags(listener) == {**OURS, tags.NAME: "http-80"}
    assert stage.tags(association) == {**OURS, tags.NAME: "orders"}
    made = stage.lattice.get_target_group(targetGroupIdentifier=group)
    assert (made["type"], made["config"]["protocol"], made["config"]["port"]) == ("ALB", "HTTP", 80)
    assert made["config"]["vpcIdentifier"] == stage.vpc
    [target] = stage.lattice.list_targets(targetGroupIdentifier=group)["items"]
    assert (target["id"], target["port"]) == (stage.balancer, 80)
    seen = stage.lattice.get_listener(serviceIdentifier=service, listenerIdentifier=listener)
    assert (seen["name"], seen["protocol"], seen["port"]) == ("http-80", "HTTP", 80)
    [to] = seen["defaultAction"]["forward"]["targetGroups"]
    assert to["weight"] == 100
    joined = stage.lattice.get_service_network_service_association(
        serviceNetworkServiceAssociationIdentifier=association
    )
    assert (joined["serviceArn"], joined["serviceNetworkArn"], joined["status"]) == (service, stage.network, "ACTIVE")


def test_a_listener_is_led_elsewhere(stage: Stage) -> None:
    first, second = stage.group(), stage.group("orders-2", registered=False)
    service = stage.service()
    listener = stage.listener(service, first)
    to = (Forward(target_group=first, weight=30), Forward(target_group=second, weight=70))
    stage.done(UpdateListener(**ME, name="orders/http-80", service=service, listener=listener, forwards=to))
    seen = stage.lattice.get_listener(serviceIdentifier=service, listenerIdentifier=listener)
    found = {it["targetGroupIdentifier"]: it["weight"] for it in seen["defaultAction"]["forward"]["targetGroups"]}
    assert sorted(found.values()) == [30, 70]
    assert found[second.rpartition("/")[2]] == 70


def test_shares_that_a_tool_shifts_between_the_look_and_the_step_stay_and_are_looked_at_again(stage: Stage) -> None:
    first, second = stage.group(), stage.group("orders-2", registered=False)
    service = stage.service()
    listener = stage.listener(service, first)
    ids = [group.rpartition("/")[2] for group in (first, second)]
    group_of = [Forward(target_group=one) for one in ids]
    given: dict[str, Any] = {**ME, "service": service, "listener": listener}
    match = Match(path="/a")
    rule = stage.done(
        CreateRule(**given, name="n/l/r", rule="path-1", match=match, priority=1, forwards=(group_of[0],))
    )
    where = {"serviceIdentifier": service, "listenerIdentifier": listener}

    def shifted(weight: int) -> dict[str, Any]:
        to = [
            {"targetGroupIdentifier": one, "weight": share}
            for one, share in zip(ids, (100 - weight, weight), strict=True)
        ]
        return {"forward": {"targetGroups": to}}

    def shares(action: dict[str, Any]) -> dict[str, int]:
        return {to["targetGroupIdentifier"]: to["weight"] for to in action["forward"]["targetGroups"]}

    def change(seen: tuple[Forward, ...] | None) -> list[Any]:
        to = (replace(group_of[0], weight=100), replace(group_of[1], weight=0))
        changes = (RuleChange(rule=rule, match=match, priority=1, forwards=to, seen=seen),)
        return [
            UpdateListener(**given, name="n/l", forwards=to, seen=seen),
            UpdateRules(**given, name="n/l", changes=changes),
        ]

    def there() -> list[dict[str, int]]:
        default = stage.lattice.get_listener(**where)["defaultAction"]
        return [shares(default), shares(stage.lattice.get_rule(**where, ruleIdentifier=rule)["action"])]

    stage.lattice.update_listener(**where, defaultAction=shifted(30))
    stage.lattice.update_rule(**where, ruleIdentifier=rule, action=shifted(30))
    for step in change((group_of[0],)):
        [outcome] = stage.do(step)
        assert (outcome.status, outcome.detail) == (
            "not_yet",
            "a tool has changed the shares since they were looked at",
        )
    assert there() == [{ids[0]: 70, ids[1]: 30}] * 2
    for step in change((replace(group_of[1], weight=30), replace(group_of[0], weight=70))):
        stage.done(step)
    assert there() == [{ids[0]: 100, ids[1]: 0}] * 2
    stage.lattice.update_listener(**where, defaultAction=shifted(30))
    begin = len(stage.place.cloud.journal)
    stage.done(change(None)[0])
    calls = [one.operation for one in list(stage.place.cloud.journal)[begin:] if isinstance(one, CallRecord)]
    assert [one for one in calls if one != "AssumeRole"] == ["UpdateListener"]


def test_a_target_that_lattice_refuses_in_a_200_is_refused(stage: Stage) -> None:
    group = stage.group(registered=False)

    def say(parsed: dict[str, Any], **_: Any) -> None:
        parsed["unsuccessful"] = [{"id": "x", "failureCode": "TooMany", "failureMessage": "two groups have it"}]

    stage.place.own.client("vpc-lattice").meta.events.register("after-call.vpc-lattice.RegisterTargets", say)
    [outcome] = stage.do(
        RegisterTarget(**ME, name="orders-1", target_group=group, load_balancer=stage.balancer, port=80)
    )
    assert outcome.status == "refused"
    assert "TooMany: two groups have it" in outcome.detail


def test_rules_come_change_together_and_go(stage: Stage) -> None:
    group, service = stage.group(), stage.service()
    listener = stage.listener(service, group)
    to = (Forward(target_group=group.rpartition("/")[2]),)
    given: dict[str, Any] = {**ME, "service": service, "listener": listener}
    asks = [Match(path="/a"), Match(path="/b")]
    made = [
        stage.done(
            CreateRule(
                **given, name=f"orders/http-80/r{n}", rule=f"path-{n}", match=asks[n], priority=n + 1, forwards=to
            )
        )
        for n in range(2)
    ]
    swapped = tuple(
        RuleChange(rule=arn, match=match, priority=2 - n, forwards=to)
        for n, (arn, match) in enumerate(zip(made, asks, strict=True))
    )
    stage.done(UpdateRules(**given, name="orders/http-80", changes=swapped))
    where = {"serviceIdentifier": service, "listenerIdentifier": listener}
    seen = [stage.lattice.get_rule(**where, ruleIdentifier=arn) for arn in made]
    assert [(matching.read(one["match"]), one["priority"]) for one in seen] == [(asks[0], 2), (asks[1], 1)]
    for arn in (*made, made[0]):
        stage.done(DeleteRule(**given, name="orders/http-80/r", rule=arn))
    assert [one["isDefault"] for one in stage.lattice.list_rules(**where)["items"]] == [True]


def test_a_rule_that_lattice_does_not_change_in_a_200_is_refused(stage: Stage) -> None:
    group, service = stage.group(), stage.service()
    listener = stage.listener(service, group)
    given: dict[str, Any] = {**ME, "service": service, "listener": listener}
    to = (Forward(target_group=group.rpartition("/")[2]),)
    arns = [
        stage.done(
            CreateRule(**given, name=f"n/l/r{n}", rule=f"path-{n}", match=Match(path=f"/{n}"), priority=n, forwards=to)
        )
        for n in (1, 2)
    ]
    change = RuleChange(rule=arns[0], match=Match(path="/1"), priority=2, forwards=to)
    [outcome] = stage.do(UpdateRules(**given, name="n/l", changes=(change,)))
    assert outcome.status == "refused"
    assert "ConflictException" in outcome.detail


def test_all_of_a_service_goes_in_its_order(stage: Stage) -> None:
    group, service = stage.group(), stage.service()
    listener = stage.listener(service, group)
    association = stage.done(AssociateService(**ME, name="orders", service=service))
    targets = ((stage.balancer, 80),)
    delete_group = DeleteTargetGroup(**ME, name="orders-1", target_group=group, targets=targets)
    [early] = stage.do(delete_group)
    assert early.status == "not_yet"  # a listener leads to it
    stage.done(DisassociateService(**ME, name="orders", association=association))
    assert stage.lattice.list_service_network_service_associations(serviceIdentifier=service)["items"] == []
    stage.done(DeleteListener(**ME, name="orders/http-80", listener=listener, service=service))
    assert stage.lattice.list_listeners(serviceIdentifier=service)["items"] == []
    stage.done(DeleteService(**ME, name="orders", service=service))
    for _ in range(5):  # targets drain
        [outcome] = stage.do(delete_group)
        stage.place.cloud.clock.advance(120)
        if outcome.status == "done":
            break
    assert outcome.status == "done"
    stage.place.cloud.settle()
    assert stage.lattice.list_target_groups()["items"] == []
    assert stage.lattice.list_services()["items"] == []


def test_a_group_whose_target_has_left_already_is_deleted(stage: Stage) -> None:
    group = stage.group(registered=False)

    def say(parsed: dict[str, Any], **_: Any) -> None:
        parsed["unsuccessful"] = [{"id": "x", "failureCode": "TargetNotFound", "failureMessage": "gone"}]

    stage.place.own.client("vpc-lattice").meta.events.register("after-call.vpc-lattice.DeregisterTargets", say)
    stage.done(DeleteTargetGroup(**ME, name="orders-1", target_group=group, targets=((stage.balancer, 80),)))
    assert stage.lattice.list_target_groups()["items"] == []


def test_a_target_that_cannot_be_taken_out_keeps_its_group(stage: Stage) -> None:
    group = stage.group()

    def say(parsed: dict[str, Any], **_: Any) -> None:
        parsed["unsuccessful"] = [{"id": "x", "failureCode": "Busy", "failureMessage": "later"}]

    stage.place.own.client("vpc-lattice").meta.events.register("after-call.vpc-lattice.DeregisterTargets", say)
    [outcome] = stage.do(DeleteTargetGroup(**ME, name="orders-1", target_group=group, targets=((stage.balancer, 80),)))
    assert outcome.status == "refused"
    assert len(stage.lattice.list_target_groups()["items"]) == 1


# --- clients


def test_a_client_s_security_group_admits_what_was_asked_and_is_ours(stage: Stage) -> None:
    group = stage.security_group("10.0.1.0/24", "10.0.2.0/24")
    assert stage.sources(group) == ["10.0.1.0/24", "10.0.2.0/24"]
    [found] = stage.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert {one["Key"]: one["Value"] for one in found["Tags"]} == {**OURS, tags.NAME: "clients"}
    assert found["VpcId"] == stage.vpc


def test_where_a_security_group_holds_fewer_rules_than_it_should_those_who_were_taken_off_make_room(
    stage: Stage,
) -> None:
    group = stage.security_group("10.8.0.0/16", "10.9.0.0/16")
    client = stage.place.own.client("ec2")

    def full(**_: Any) -> tuple[Any, dict[str, Any]] | None:
        if len(stage.sources(group)) < 2:
            return None
        response = type("Response", (), {"status_code": 400})()
        return response, {
            "Error": {"Code": "RulesPerSecurityGroupLimitExceeded", "Message": "the maximum number of rules"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }

    client.meta.events.register("before-call.ec2.AuthorizeSecurityGroupIngress", full)
    revoke = (ingress("10.8.0.0/16"), ingress("10.9.0.0/16"))
    allow = (ingress("10.1.0.0/16"),)
    stage.done(UpdateSecurityGroup(**ME, name="clients", security_group=group, allow=allow, revoke=revoke, room=50))
    assert stage.sources(group) == ["10.1.0.0/16"]


def test_a_vpc_joins_changes_its_groups_and_leaves(stage: Stage) -> None:
    group = stage.security_group("10.0.0.0/16")
    arn = stage.done(AssociateVpc(**ME, name=stage.vpc, vpc=stage.vpc, security_groups=(group,)))
    seen = stage.lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=arn)
    assert (seen["vpcId"], seen["securityGroupIds"], seen["status"]) == (stage.vpc, [group], "ACTIVE")
    assert seen["serviceNetworkArn"] == stage.network
    assert stage.tags(arn) == {**OURS, tags.NAME: stage.vpc}
    other = stage.ec2.create_security_group(GroupName="other", Description="d", VpcId=stage.vpc)["GroupId"]
    stage.done(UpdateVpcAssociation(**ME, name=stage.vpc, association=arn, security_groups=(other,)))
    seen = stage.lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=arn)
    assert seen["securityGroupIds"] == [other]
    stage.done(DisassociateVpc(**ME, name=stage.vpc, association=arn))
    assert stage.lattice.list_service_network_vpc_associations(vpcIdentifier=stage.vpc)["items"] == []
    stage.done(DeleteSecurityGroup(**ME, name="clients", security_group=group))
    left = stage.ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["clients"]}])
    assert left["SecurityGroups"] == []


# --- answers


def test_an_answer_is_written_on_a_load_balancer_and_taken_off(stage: Stage) -> None:
    elb = stage.place.cloud.client("elbv2", NETWORK)

    def said() -> dict[str, str]:
        [found] = elb.describe_tags(ResourceArns=[stage.balancer])["TagDescriptions"]
        return {one["Key"]: one["Value"] for one in found["Tags"]}

    before = said()
    put = {tags.STATUS: "connected", tags.DOMAIN: "orders.example"}
    stage.done(WriteStatus(**ME, name="orders", resource=stage.balancer, put=put))
    assert said() == {**before, **put}
    stage.done(WriteStatus(**ME, name="orders", resource=stage.balancer, put={}, remove=(tags.DOMAIN,)))
    assert said() == {**before, tags.STATUS: "connected"}


def test_an_answer_is_written_on_a_vpc_and_taken_off(stage: Stage) -> None:
    def said() -> dict[str, str]:
        [found] = stage.ec2.describe_vpcs(VpcIds=[stage.vpc])["Vpcs"]
        return {one["Key"]: one["Value"] for one in found.get("Tags", [])}

    before = said()
    stage.done(WriteStatus(**ME, name=stage.vpc, resource=stage.vpc, put={tags.STATUS: "refused", tags.MESSAGE: "why"}))
    assert said() == {**before, tags.STATUS: "refused", tags.MESSAGE: "why"}
    both = WriteStatus(**ME, name=stage.vpc, resource=stage.vpc, put={tags.STATUS: "connected"}, remove=(tags.MESSAGE,))
    stage.done(both)
    assert said() == {**before, tags.STATUS: "connected"}


def test_an_answer_is_written_on_a_service_and_taken_off(stage: Stage) -> None:
    arn = stage.lattice.create_service(name="theirs", tags={"Name": "theirs"})["arn"]
    put = {tags.STATUS: "connected", tags.MESSAGE: "why"}
    stage.done(WriteStatus(**ME, name="svc", resource=arn, put=put))
    assert stage.tags(arn) == {"Name": "theirs", **put}
    stage.done(WriteStatus(**ME, name="svc", resource=arn, put={}, remove=(tags.MESSAGE,)))
    assert stage.tags(arn) == {"Name": "theirs", tags.STATUS: "connected"}
    stage.done(WriteStatus(**ME, name="svc", resource=f"{arn[:-1]}x", put={}, remove=(tags.MESSAGE,)))


@pytest.mark.parametrize(
    ("thing", "put", "take"), [("balancer", "AddTags", "RemoveTags"), ("vpc", "CreateTags", "DeleteTags")]
)
def test_what_is_not_so_any_more_goes_whichever_call_is_denied(stage: Stage, thing: str, put: str, take: str) -> None:
    resource = getattr(stage, thing)
    faults = stage.place.cloud.faults
    old, new = {tags.STATUS: "connected", tags.MESSAGE: "old"}, {tags.STATUS: "connected", tags.MESSAGE: "new"}
    stage.done(WriteStatus(**ME, name="n", resource=resource, put=old))
    faults.add(Fault("refuse", operation=put, times=None))
    change = WriteStatus(**ME, name="n", resource=resource, put={tags.MESSAGE: "new"}, untrue=(tags.MESSAGE,))
    assert [one.status for one in stage.do(change)] == ["refused"]
    assert ours(stage, resource) == {tags.STATUS: "connected"}
    stage.done(ClearStatus(**ME, name="n", resource=resource, remove=(tags.STATUS,)))
    assert ours(stage, resource) == {}
    faults.clear()
    stage.done(WriteStatus(**ME, name="n", resource=resource, put=new))
    faults.add(Fault("refuse", operation=take, times=None))
    gone = WriteStatus(**ME, name="n", resource=resource, remove=(tags.MESSAGE,), untrue=(tags.MESSAGE,))
    assert [one.status for one in stage.do(gone)] == ["refused"]
    assert ours(stage, resource) == {tags.STATUS: "connected", tags.MESSAGE: ""}
    clears = ClearStatus(**ME, name="n", resource=resource, remove=(tags.STATUS,))
    assert [one.status for one in stage.do(clears)] == ["refused"]
    assert ours(stage, resource) == {tags.STATUS: "", tags.MESSAGE: ""}


def ours(stage: Stage, resource: str) -> dict[str, str]:
    """Our answer on the load balancer or the VPC."""
    if resource.startswith("arn:"):
        found = stage.place.cloud.client("elbv2", NETWORK).describe_tags(ResourceArns=[resource])["TagDescriptions"]
    else:
        found = stage.ec2.describe_vpcs(VpcIds=[resource])["Vpcs"]
    return {one["Key"]: one["Value"] for one in found[0]["Tags"] if one["Key"] in tags.STATUS_KEYS}


JA, EN = {tags.STATUS: "refused", tags.MESSAGE: "直してください"}, {tags.MESSAGE: "mend it /en"}


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("thing", ["balancer", "vpc"])
def test_an_answer_that_aws_takes_in_english_only_is_put_so_at_once(stage: Stage, thing: str, takes: bool) -> None:
    resource = getattr(stage, thing)
    cloud = stage.place.cloud
    old = {tags.DOMAIN: "orders.example"}
    stage.done(WriteStatus(**ME, name="orders", resource=resource, put=old))
    cloud.ascii_tags = not takes
    before = len(cloud.journal)
    stage.done(WriteStatus(**ME, name="orders", resource=resource, put=JA, remove=(tags.DOMAIN,), instead=EN))
    asked = [it.operation for it in cloud.journal.of(CallRecord, before) if it.mutating]
    assert len([it for it in asked if it in {"AddTags", "CreateTags"}]) == (1 if takes else 2)
    assert len([it for it in asked if it in {"RemoveTags", "DeleteTags"}]) == 1
    assert ours(stage, resource) == (JA if takes else JA | EN)


@pytest.mark.parametrize("fault", ["refuse", "throttle"])
def test_what_is_refused_for_another_reason_is_not_tried_in_english(stage: Stage, fault: Any) -> None:
    cloud = stage.place.cloud
    cloud.faults.add(Fault(fault, "elbv2", "AddTags", times=9))
    before = len(cloud.journal)
    step = WriteStatus(**ME, name="orders", resource=stage.balancer, put=JA, instead=EN)
    [outcome] = stage.do(step)
    assert outcome.status != "done"
    asked = [it for it in cloud.journal.of(CallRecord, before) if it.operation == "AddTags"]
    assert {str(it.params["Tags"]) for it in asked} == {str(asked[0].params["Tags"])}


def test_where_the_number_of_services_may_not_be_written_the_rest_of_the_answer_is(stage: Stage) -> None:
    put = {tags.STATUS: "connected", tags.SERVICES: "3 services"}
    stage.place.cloud.faults.add(Fault("refuse", "ec2", "CreateTags"), Fault("refuse", "ec2", "DeleteTags"))
    stage.done(WriteStatus(**ME, name=stage.vpc, resource=stage.vpc, put=put, remove=(tags.SERVICES,)))
    [found] = stage.ec2.describe_vpcs(VpcIds=[stage.vpc])["Vpcs"]
    ours = {one["Key"]: one["Value"] for one in found["Tags"] if one["Key"] in tags.STATUS_KEYS}
    assert ours == {tags.STATUS: "connected"}
    assert stage.place.cloud.faults.unused == []


# --- every verb


ANY = "0123456789abcdef0"
SHARE = f"arn:aws:ram:ap-northeast-1:{NETWORK}:resource-share/7ab63972-0000-4000-8000-000000000001"
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{NETWORK}:"
TO = (Forward(target_group=f"tg-{ANY}", weight=1),)
type Case = tuple[Any, str, str]

CERTIFICATE = f"arn:aws:acm:ap-northeast-1:{TEAM}:certificate/11111111-2222-3333-4444-555555555555"
RECORD = Record(name="api.example.jp", type="A", to="x.on.aws", zone="Z2")
LOG_GROUP = "arn:aws:logs:ap-northeast-1:222222222222:log-group:/lattice/orders:*"

CALLS: list[Case] = [
    (ShareNetwork(**ME, name=TEAM), "ram", "AssociateResourceShare"),
    (UnshareNetwork(**ME, name=TEAM), "ram", "DisassociateResourceShare"),
    (
        AcceptShare(
            **ME, name="net", invitation=f"arn:aws:ram:ap-northeast-1:{NETWORK}:resource-share-invitation/{ANY}"
        ),
        "ram",
        "AcceptResourceShareInvitation",
    ),
    (Adopt(**ME, name=f"svc-{ANY}/orders", resource=f"{LATTICE}service/svc-{ANY}"), "vpc-lattice", "TagResource"),
    (
        Release(**ME, name=f"svc-{ANY}/orders", resource=f"{LATTICE}service/svc-{ANY}"),
        "vpc-lattice",
        "UntagResource",
    ),
    (
        CreateTargetGroup(**ME, name="a-group", protocol="HTTP", port=80, vpc=f"vpc-{ANY}"),
        "vpc-lattice",
        "CreateTargetGroup",
    ),
    (
        RegisterTarget(**ME, name="n", target_group=f"tg-{ANY}", load_balancer="arn:x", port=80),
        "vpc-lattice",
        "RegisterTargets",
    ),
    (CreateService(**ME, name="orders"), "vpc-lattice", "CreateService"),
    (
        CreateListener(**ME, name="n", service=f"svc-{ANY}", listener="http-80", protocol="HTTP", port=80, forwards=TO),
        "vpc-lattice",
        "CreateListener",
    ),
    (
        UpdateListener(**ME, name="n", service=f"svc-{ANY}", listener=f"listener-{ANY}", forwards=TO),
        "vpc-lattice",
        "UpdateListener",
    ),
    (
        CreateRule(
            **ME,
            name="n",
            service=f"svc-{ANY}",
            listener=f"listener-{ANY}",
            rule="api",
            match=Match(path="/"),
            priority=1,
            forwards=TO,
        ),
        "vpc-lattice",
        "CreateRule",
    ),
    (
        UpdateRules(
            **ME,
            name="n",
            service=f"svc-{ANY}",
            listener=f"listener-{ANY}",
            changes=(RuleChange(rule=f"rule-{ANY}", match=Match(path="/"), priority=1, forwards=TO),),
        ),
        "vpc-lattice",
        "BatchUpdateRule",
    ),
    (
        DeleteRule(**ME, name="n", service=f"svc-{ANY}", listener=f"listener-{ANY}", rule=f"rule-{ANY}"),
        "vpc-lattice",
        "DeleteRule",
    ),
    (DeleteListener(**ME, name="n", service=f"svc-{ANY}", listener=f"listener-{ANY}"), "vpc-lattice", "DeleteListener"),
    (SetIdleTimeout(**ME, name="n", service=f"svc-{ANY}", seconds=120), "vpc-lattice", "UpdateService"),
    (
        CreateAccessLog(**ME, name="n", service=f"svc-{ANY}", destination=LOG_GROUP),
        "vpc-lattice",
        "CreateAccessLogSubscription",
    ),
    (
        UpdateAccessLog(**ME, name="n", subscription=f"als-{ANY}", destination=LOG_GROUP),
        "vpc-lattice",
        "UpdateAccessLogSubscription",
    ),
    (DeleteAccessLog(**ME, name="n", subscription=f"als-{ANY}"), "vpc-lattice", "DeleteAccessLogSubscription"),
    (SetCertificate(**ME, name="n", service=f"svc-{ANY}", certificate=CERTIFICATE), "vpc-lattice", "UpdateService"),
    (CreateRecords(**ME, name="n", zone="Z1", make=(RECORD,)), "route53", "ChangeResourceRecordSets"),
    (DeleteRecords(**ME, name="n", zone="Z1", gone=(RECORD,)), "route53", "ChangeResourceRecordSets"),
    (SetAuthType(**ME, name="n", service=f"svc-{ANY}", auth="AWS_IAM"), "vpc-lattice", "UpdateService"),
    (PutAuthPolicy(**ME, name="n", service=f"svc-{ANY}", policy="{}"), "vpc-lattice", "PutAuthPolicy"),
    (DeleteAuthPolicy(**ME, name="n", service=f"svc-{ANY}"), "vpc-lattice", "DeleteAuthPolicy"),
    (AssociateService(**ME, name="n", service=f"svc-{ANY}"), "vpc-lattice", "CreateServiceNetworkServiceAssociation"),
    (
        DisassociateService(**ME, name="n", association=f"snsa-{ANY}"),
        "vpc-lattice",
        "DeleteServiceNetworkServiceAssociation",
    ),
    (DeleteService(**ME, name="n", service=f"svc-{ANY}"), "vpc-lattice", "DeleteService"),
    (DeleteTargetGroup(**ME, name="n", target_group=f"tg-{ANY}"), "vpc-lattice", "DeleteTargetGroup"),
    (CreateSecurityGroup(**ME, name="n", vpc=f"vpc-{ANY}", admits=()), "ec2", "CreateSecurityGroup"),
    (
        UpdateSecurityGroup(
            **ME, name="n", security_group=f"sg-{ANY}", allow=(ingress("10.0.0.0/8"),), revoke=(), room=1
        ),
        "ec2",
        "AuthorizeSecurityGroupIngress",
    ),
    (DeleteSecurityGroup(**ME, name="n", security_group=f"sg-{ANY}"), "ec2", "DeleteSecurityGroup"),
    (
        AssociateVpc(**ME, name="n", vpc=f"vpc-{ANY}", security_groups=(f"sg-{ANY}",)),
        "vpc-lattice",
        "CreateServiceNetworkVpcAssociation",
    ),
    (
        UpdateVpcAssociation(**ME, name="n", association=f"snva-{ANY}", security_groups=(f"sg-{ANY}",)),
        "vpc-lattice",
        "UpdateServiceNetworkVpcAssociation",
    ),
    (DisassociateVpc(**ME, name="n", association=f"snva-{ANY}"), "vpc-lattice", "DeleteServiceNetworkVpcAssociation"),
    (
        AssociateZone(**ME, name="n", vpc=f"vpc-{ANY}", zone="Z1", owner=ME["account"]),
        "route53",
        "AssociateVPCWithHostedZone",
    ),
    (
        DisassociateZone(**ME, name="n", vpc=f"vpc-{ANY}", zone="Z1", owner=ME["account"]),
        "route53",
        "DisassociateVPCFromHostedZone",
    ),
    (
        WriteStatus(**ME, name="n", resource="arn:aws:elasticloadbalancing:x", put={tags.STATUS: "s"}),
        "elbv2",
        "AddTags",
    ),
    (WriteStatus(**ME, name="n", resource=f"vpc-{ANY}", put={}, remove=(tags.STATUS,)), "ec2", "DeleteTags"),
    (ClearStatus(**ME, name="n", resource=f"vpc-{ANY}", remove=(tags.STATUS,)), "ec2", "DeleteTags"),
    (
        WriteStatus(**ME, name="n", resource=f"arn:aws:vpc-lattice:x:svc-{ANY}", put={tags.STATUS: "s"}),
        "vpc-lattice",
        "TagResource",
    ),
]
"""A step of each kind, and the call by which it is done: service and operation."""
GONE = (
    DeleteAccessLog,
    DeleteAuthPolicy,
    DeleteListener,
    DeleteRecords,
    DeleteRule,
    DisassociateService,
    DeleteService,
    DeleteTargetGroup,
    DeleteSecurityGroup,
    DisassociateVpc,
    DisassociateZone,
    Release,
    UnshareNetwork,
)
"""What takes something away is done when it is not there."""


def test_the_table_of_calls_has_every_step() -> None:
    assert {type(step) for step, _, _ in CALLS} == set(Step.__subclasses__())


def answering(case: Case, status: int, code: str, message: str) -> Outcome:
    """The step's outcome where AWS answers its call with this error, on the wire of its protocol."""
    step, service, operation = case
    account = Account(boto3.Session("key", "secret", region_name="ap-northeast-1"), NETWORK)
    network = Network(name="net", arn=f"{LATTICE}servicenetwork/sn-{ANY}", account=NETWORK, share=SHARE)
    client = account.client(service)
    protocol = client.meta.service_model.resolved_protocol
    answered: list[str] = []

    def answer(request: AWSRequest, **_: Any) -> AWSResponse:
        answered.append(request.url)
        headers, body = {}, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if protocol == "ec2":
            body = f"<Response><Errors>{body}</Errors></Response>"
        elif protocol in {"query", "rest-xml"}:
            body = f"<ErrorResponse>{body}</ErrorResponse>"
        else:
            headers, body = {"x-amzn-errortype": code}, json.dumps({"message": message})
        return AWSResponse(request.url, status, headers, Body(body.encode()))  # type: ignore[arg-type, call-arg]  # urllib3's answer, as far as botocore reads it

    name = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    client.meta.events.register_first(name, answer)
    batch = Batch(account=NETWORK, sharing=False, steps=(step,))
    [outcome] = apply(Scene(network, account, "run-1", 1), batch)
    assert answered
    return outcome


def kind(case: Any) -> str:
    step, _, operation = case
    return f"{type(step).__name__} by {operation}"


@pytest.mark.parametrize("case", CALLS, ids=kind)
def test_what_is_denied_is_refused_with_aws_s_words(case: Case) -> None:
    step = case[0]
    outcome = answering(case, 403, "AccessDeniedException", "you may not")
    assert outcome.status == "refused"
    assert "you may not" in outcome.detail
    assert (outcome.kind, outcome.account, outcome.name, outcome.because) == (
        type(step).__name__,
        NETWORK,
        step.name,
        "it is wanted",
    )
    assert outcome.key == step.key


@pytest.mark.parametrize("case", CALLS, ids=kind)
def test_what_is_missing_is_done_where_it_should_go_and_later_elsewhere(case: Case) -> None:
    step, service, _ = case
    codes = {"ec2": "InvalidGroup.NotFound", "elbv2": "LoadBalancerNotFound", "route53": "NoSuchHostedZone"}
    code = codes.get(service, "ResourceNotFoundException")
    lasting = "refused" if isinstance(step, ShareNetwork) else "not_yet"  # the share is the stack's: it stays away
    assert answering(case, 404, code, "no such thing").status == ("done" if type(step) in GONE else lasting)


@pytest.mark.parametrize("case", CALLS, ids=kind)
def test_what_settles_is_tried_again(monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)  # botocore's own tries come first
    service = case[1]
    codes = {"ec2": "DependencyViolation", "elbv2": "Throttling", "route53": "InvalidChangeBatch"}
    code = codes.get(service, "ConflictException")
    outcome = answering(case, 409, code, "the status is CREATE_IN_PROGRESS")
    assert outcome.status == "not_yet"
    assert "CREATE_IN_PROGRESS" in outcome.detail
    assert outcome.arn == ""


@pytest.mark.parametrize("case", CALLS, ids=kind)
def test_what_nobody_knows_is_failed_and_told(case: Case) -> None:
    outcome = answering(case, 400, "SomethingNew", "a word of tomorrow")
    assert outcome.status == "failed"
    assert "SomethingNew: a word of tomorrow" in outcome.detail


def test_of_a_long_word_of_aws_s_a_state_carries_the_begin() -> None:
    outcome = answering(CALLS[0], 400, "SomethingNew", "a word of tomorrow " + "\u65e5" * 5000)
    assert "SomethingNew: a word of tomorrow \u65e5" in outcome.detail
    assert DETAIL_BYTES - 3 < len(outcome.detail.encode()) <= DETAIL_BYTES


def test_a_broken_connection_is_tried_again(stage: Stage) -> None:
    stage.place.cloud.faults.add(Fault("lost", "vpc-lattice", "CreateService", times=5))
    [outcome] = stage.do(CreateService(**ME, name="orders"))
    assert outcome.status == "not_yet"
    assert "no answer" in outcome.detail


# --- a batch


def test_a_step_that_fails_stops_no_other_and_outcomes_keep_their_order(stage: Stage) -> None:
    stage.place.cloud.faults.add(Fault("refuse", "vpc-lattice", "CreateService"))
    outcomes = stage.do(CreateService(**ME, name="first"), CreateService(**ME, name="second"))
    assert [(one.name, one.status) for one in outcomes] == [("first", "refused"), ("second", "done")]


def test_what_needs_another_step_waits_for_it(stage: Stage) -> None:
    stage.place.cloud.faults.add(Fault("refuse", "vpc-lattice", "CreateTargetGroup"))
    group = CreateTargetGroup(**ME, name="orders-1", protocol="HTTP", port=80, vpc=stage.vpc)
    after = CreateService(**ME, name="orders", needs=group.key)
    first, second = stage.do(group, after)
    assert (first.status, second.status) == ("refused", "not_yet")
    assert second.detail == "CreateTargetGroup has to be done first"
    assert stage.lattice.list_services()["items"] == []
    assert [one.status for one in stage.do(group, after)] == ["done", "done"]


def test_what_needs_another_step_follows_it_whatever_was_done_or_failed_between(stage: Stage) -> None:
    stage.place.cloud.faults.add(Fault("refuse", "vpc-lattice", "CreateService"))
    group = CreateTargetGroup(**ME, name="orders-1", protocol="HTTP", port=80, vpc=stage.vpc)
    failing = CreateService(**ME, name="bills")
    steps = (group, failing, replace(failing, name="menu"), replace(failing, name="orders", needs=group.key))
    assert [one.status for one in stage.do(*steps)] == ["done", "refused", "done", "done"]


def test_a_batch_whose_account_cannot_be_entered_is_refused_step_by_step() -> None:
    steps = (CreateService(**ME, name="first"), CreateService(**ME, name="second"))
    outcomes = refuse(Batch(account=TEAM, sharing=False, steps=steps), Refused("member-role-missing", "deploy it"))
    assert [(one.name, one.status, one.detail) for one in outcomes] == [
        ("first", "refused", "deploy it"),
        ("second", "refused", "deploy it"),
    ]
