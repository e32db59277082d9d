"""The nine steps of the walk-through, made by hand, are taken over by their owners' word: only tags change."""

import pytest
from onramp.core import tags

from localcloud import network
from tests.stories.by_hand import (
    ADOPT,
    BALANCER,
    CALLER,
    INFRA,
    NETWORK,
    SERVICE,
    TEAM,
    THINGS,
    VPC,
    WISHES,
    ByHand,
    by_hand,
    unwatched,
)
from tests.stories.staged import DEEDS, deployed


def test_nine_steps_by_hand_are_taken_over_with_tags_alone_and_no_request_fails() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        assert it.changes() == [], "nobody asks for anything yet"
        it.wish()
        for thing, arn in it.arns.items():
            assert it.tags(thing).get("lattice-onramp:network") == NETWORK, (thing, arn)
        assert it.status() == ("connected", "")
        assert {(one.service, one.operation) for one in it.changes()} == {
            ("vpc-lattice", "TagResource"),
            ("ec2", "CreateTags"),
        }
        assert set(it.answers) == {200}


def test_what_stands_in_the_way_is_told_with_the_word_that_hands_it_over() -> None:
    with by_hand() as it:
        it.wish()
        status, message = it.status()
        assert (status, message.partition(":")[0]) == ("refused", "name-taken")
        assert "lattice-onramp:adopt = yes" in message
        status, message = it.status_of_vpc()
        assert (status, message.partition(":")[0]) == ("refused", "association-taken")
        assert "lattice-onramp:adopt = yes" in message
        it.hand_over("service")
        status, message = it.status()
        assert (status, message.partition(":")[0]) == ("refused", "adopt-differs")
        assert it.tags("service") == ADOPT
        it.hand_over("targets", "client")
        assert it.status() == ("connected", "")
        status, message = it.status_of_vpc()
        assert (status, message.partition(":")[0]) == ("refused", "adopt-differs")
        it.hand_over("group")
        assert it.status_of_vpc()[0] == "connected"
        assert set(it.answers) == {200}
        assert {one.operation for one in it.changes()} <= {"TagResource", "CreateTags", "DeleteTags"}


def test_what_was_taken_over_stays_so_and_leaves_as_ours() -> None:
    with by_hand(KeepSeconds="0") as it:
        it.hand_over(*THINGS)
        it.wish()
        for _ in range(3):
            it.cloud.clock.advance(3700)
            it.settle()
        assert {one.operation for one in it.changes()} == {"TagResource", "CreateTags"}
        assert set(it.answers) == {200}
        it.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=list(WISHES))
        keys = [{"Key": tag["Key"]} for tag in DEEDS[0].with_["Tags"]]
        it.cloud.client("ec2", INFRA).delete_tags(Resources=[VPC], Tags=keys)
        it.cloud.settle()
        it.cloud.clock.advance(3700)
        it.cloud.settle()
        lattice = it.lattice(TEAM)
        assert lattice.list_services()["items"] == []
        assert lattice.list_target_groups()["items"] == []
        assert it.lattice(INFRA).list_service_network_vpc_associations(vpcIdentifier=VPC)["items"] == []
        names = [one["GroupName"] for one in it.cloud.client("ec2", INFRA).describe_security_groups()["SecurityGroups"]]
        assert "lattice-clients" not in names


@pytest.mark.parametrize(("priority", "status"), [("20", "refused"), ("30", "connected")])
def test_whom_a_rule_of_its_maker_leads_to_has_the_domain_whatever_becomes_of_his_own(
    priority: str, status: str
) -> None:
    with by_hand() as it:
        elb, lattice = it.cloud.client("elbv2", TEAM), it.lattice(TEAM)
        [first] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
        second = elb.create_load_balancer(
            Name="second",
            Scheme="internal",
            Subnets=[zone["SubnetId"] for zone in first["AvailabilityZones"]],
            SecurityGroups=first["SecurityGroups"],
        )["LoadBalancers"][0]["LoadBalancerArn"]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "203"}}
        elb.create_listener(LoadBalancerArn=second, Protocol="HTTP", Port=80, DefaultActions=[answer])
        it.cloud.clock.advance(it.cloud.balancer_seconds)
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": first["VpcId"]}
        group = lattice.create_target_group(name="second", type="ALB", config=config)["arn"]
        it.cloud.settle()
        lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": second, "port": 80}])
        where = {"serviceIdentifier": it.arns["service"], "listenerIdentifier": it.arns["listener"]}
        for path, sends, number in (("/a", it.arns["targets"], 10), ("/b", group, 20)):
            lattice.create_rule(
                **where,
                name=f"made-{path[1:]}",
                priority=number,
                match={"httpMatch": {"pathMatch": {"match": {"exact": path}}}},
                action={"forward": {"targetGroups": [{"targetGroupIdentifier": sends}]}},
            )
        lattice.update_listener(**where, defaultAction={"fixedResponse": {"statusCode": 404}})
        it.hand_over(*THINGS)
        it.wish()
        assert it.status()[0] == "refused"  # by default it sends to nobody
        wishes = {**WISHES, "lattice:path": "/a"}
        tag = [{"Key": key, "Value": value} for key, value in wishes.items()]
        elb.add_tags(ResourceArns=[BALANCER], Tags=tag)
        it.settle()
        assert it.status()[0] == "connected"
        mine = {**WISHES, "lattice:path": "/b", "lattice:priority": priority}
        elb.add_tags(ResourceArns=[second], Tags=[{"Key": key, "Value": value} for key, value in mine.items()])
        for _ in range(9):  # as soon as it is tagged, and when hands were looked for
            it.settle()
            [said] = elb.describe_tags(ResourceArns=[second])["TagDescriptions"]
            there = {one["Key"]: one["Value"] for one in said["Tags"]}
            told = (there[tags.STATUS], there.get(tags.DOMAIN), there.get(tags.MESSAGE, "").partition(":")[0])
            assert told == (status, it.domain, "rule-taken" if status == "refused" else "no-default")
            assert network.request(it.cloud, CALLER, f"http://{it.domain}/b").status == 203
            it.cloud.clock.advance(3600)


def test_another_word_hands_nothing_over() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS, word="no")
        it.wish()
        assert it.status()[0] == "refused"
        assert it.changes() == [] or {one.operation for one in it.changes()} == {"CreateTags"}
        assert it.tags("service") == {"lattice-onramp:adopt": "no"}


def is_let_alone(it: ByHand) -> None:
    """What was taken back is refused to whoever asks for it, and answers on when nobody does."""
    assert it.status()[1].startswith("name-taken: ")
    assert it.status_of_vpc()[1].startswith("association-taken: ")
    it.leave()
    for _ in range(4):
        it.cloud.clock.advance(3700)
        it.settle()
    assert set(it.answers) == {200}


def test_what_its_owner_takes_back_goes_on_and_is_touched_no_more_wish_or_no_wish() -> None:
    with by_hand(KeepSeconds="7200") as it:
        it.hand_over(*THINGS)
        it.wish()
        it.take_back("service", "client")
        for thing in it.arns:
            assert tags.OWNER not in it.tags(thing), thing
        is_let_alone(it)
        assert {one.operation for one in it.changes()} <= {"TagResource", "UntagResource", "CreateTags", "DeleteTags"}


def test_what_lost_our_mark_holds_up_nothing_of_what_is_taken_back() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        it.wish()
        for thing in ("listener", "group", "targets"):
            it.untag(thing, tags.OWNER)
        it.take_back("service", "client")
        assert {thing: it.tags(thing).get(tags.OWNER) for thing in it.arns} == dict.fromkeys(it.arns)
        is_let_alone(it)


def test_what_a_run_made_can_be_taken_back_too() -> None:
    with deployed(KeepSeconds="7200") as cloud:
        it = ByHand(cloud)
        it.wish_only()
        service = it.find()
        it.arns = {"service": service["arn"]}
        it.domain = service["dnsEntry"]["domainName"]
        assert it.asks() == 200
        it.begun = len(list(cloud.journal))
        it.take_back("service")
        it.leave_team()
        for _ in range(4):
            cloud.clock.advance(3700)
            it.settle()
        assert set(it.answers) == {200}
        assert {one.operation for one in it.changes()} <= {"TagResource", "UntagResource", "CreateTags", "DeleteTags"}
        assert tags.OWNER not in it.tags("service")


def test_what_was_taken_back_can_be_handed_over_anew() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        it.wish()
        it.take_back("service", "client")
        it.hand_over(*THINGS)
        assert it.status()[1].startswith("name-taken: "), "as long as it is taken back"
        for thing in ("service", "client"):
            it.untag(thing, tags.RELEASE)
        assert it.status()[0] == "connected"
        assert it.status_of_vpc()[0] == "connected"
        assert set(it.answers) == {200}


def test_a_group_that_was_let_go_alone_is_ours_again_by_our_mark() -> None:
    with deployed(KeepSeconds="7200") as cloud:
        it = ByHand(cloud)
        it.wish_only()
        it.domain = it.find()["dnsEntry"]["domainName"]
        [targets] = it.lattice(TEAM).list_target_groups()["items"]
        [joined] = it.lattice(INFRA).list_service_network_vpc_associations(vpcIdentifier=VPC)["items"]
        client = it.lattice(INFRA).get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=joined["arn"]
        )
        it.arns = {"targets": targets["arn"], "group": client["securityGroupIds"][0]}
        it.take_back("targets", "group")
        assert it.status()[0] == "refused"
        for thing in it.arns:
            it.untag(thing, tags.RELEASE)
        it.hand_over("targets", "group", key=tags.OWNER, word=NETWORK)
        cloud.clock.advance(3700)
        it.settle()
        assert it.status() == ("connected", "")
        cloud.client("ec2", INFRA).create_tags(Resources=[VPC], Tags=[{"Key": "lattice:ports", "Value": "80 8080"}])
        it.settle()
        assert it.status_of_vpc() == ("connected", "")
        assert set(it.answers) == {200}


def test_a_word_on_what_another_account_owns_is_none() -> None:
    """A service of the same name that is only shared with the account: here it is nobody's to hand over."""
    with deployed() as cloud:
        owner = cloud.client("vpc-lattice", INFRA)
        theirs = owner.create_service(name=SERVICE, tags=ADOPT)["arn"]
        cloud.settle()
        share = cloud.client("ram", INFRA)
        share.create_resource_share(name="shared", resourceArns=[theirs], principals=[TEAM])
        cloud.settle()
        guest = cloud.client("ram", TEAM)
        for one in guest.get_resource_share_invitations()["resourceShareInvitations"]:
            guest.accept_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
        cloud.settle()
        it = ByHand(cloud)
        it.wish_only()
        assert owner.list_tags_for_resource(resourceArn=theirs)["tags"] == ADOPT
        assert it.find()["arn"] != theirs
        assert it.status()[0] == "connected"


def test_what_bears_another_networks_mark_is_let_go_there_first() -> None:
    with unwatched() as it:
        lattice = it.lattice(TEAM)
        lattice.tag_resource(resourceArn=it.arns["service"], tags={tags.OWNER: "another"})
        it.hand_over(*THINGS)
        it.wish()
        assert it.status()[1].startswith("name-taken: ")
        assert it.tags("service")[tags.OWNER] == "another"
        assert tags.OWNER not in it.tags("targets")
        it.untag("service", tags.OWNER)
        it.hand_over("service", word="no")
        it.hand_over("service")
        assert it.status()[0] == "connected"
        assert set(it.answers) == {200}


def test_a_mark_and_a_word_that_somebody_forged_have_nothing_deleted() -> None:
    """Without a wish that they stand in the way of, they are no proof: not at once, and not after the index told."""
    with unwatched() as it:
        for thing in THINGS:
            it.hand_over(thing, word=NETWORK, key=tags.OWNER)
        it.hand_over(*THINGS)
        for _ in range(3):
            it.cloud.clock.advance(3700)
            it.settle()
        assert it.changes() == []
        assert set(it.answers) == {200}
