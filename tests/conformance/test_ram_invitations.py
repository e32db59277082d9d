"""RAM between two accounts: invitations, acceptance, what the consumer sees, and the events (facts 1, 2.2, 17)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, REGION, World, refused

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from localcloud.services.ram.model import CONSUMER_LAG, INVITATION, INVITATION_LIFE, JOINING

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]


class Sharing:
    """A network shared by invitation with the member account."""

    def __init__(self, cloud: LocalCloud, aws: Aws, network: str) -> None:
        self.cloud = cloud
        self.owner, self.member, self.stranger = (aws("ram", account) for account in (NETWORK, MEMBER, OTHER))
        self.network = network
        made = self.owner.create_resource_share(name="network", resourceArns=[network], principals=[MEMBER])
        self.share = str(made["resourceShare"]["resourceShareArn"])

    def invitations(self, client: Any = None, **filters: Any) -> list[dict[str, Any]]:
        answer = (client or self.member).get_resource_share_invitations(**filters)
        return list(answer["resourceShareInvitations"])

    def accept(self) -> dict[str, Any]:
        arn = self.invitations()[-1]["resourceShareInvitationArn"]
        answer: dict[str, Any] = self.member.accept_resource_share_invitation(resourceShareInvitationArn=arn)
        return answer["resourceShareInvitation"]

    def accepted(self) -> None:
        self.cloud.settle()
        self.accept()
        self.cloud.settle()

    def received(self) -> list[str]:
        """What the member may list as shared with it."""
        answer = self.member.list_resources(resourceOwner="OTHER-ACCOUNTS")
        return [one["arn"] for one in answer["resources"]]

    def principal(self) -> str:
        """The status of the member's association."""
        answer = self.owner.get_resource_share_associations(associationType="PRINCIPAL", principal=MEMBER)
        return str(answer["resourceShareAssociations"][-1]["status"])

    def events(self) -> set[tuple[str, str, str]]:
        found = [record.event for record in self.cloud.journal.of(EventRecord)]
        return {
            (event["account"], event["detail"]["event"], event["detail"]["status"])
            for event in found
            if event["source"] == "aws.ram" and event["resources"] == [self.share]
        }


@pytest.fixture
def sharing(cloud: LocalCloud, aws: Aws, world: World) -> Sharing:
    return Sharing(cloud, aws, world.network()["arn"])


@fact("1: outside an organisation that has RAM sharing enabled an invitation is sent")
def test_an_outsider_is_invited_a_little_after_the_association(sharing: Sharing) -> None:
    assert sharing.invitations() == []
    sharing.cloud.settle()
    [invitation] = sharing.invitations()
    assert invitation["status"] == "PENDING"
    assert invitation["senderAccountId"] == NETWORK
    assert invitation["receiverAccountId"] == MEMBER
    assert invitation["resourceShareArn"] == sharing.share
    arn = invitation["resourceShareInvitationArn"]
    assert re.fullmatch(rf"arn:aws:ram:{REGION}:{NETWORK}:resource-share-invitation/[0-9a-f-]{{36}}", arn)


@fact("17: GetResourceShareInvitations lists received ones only")
def test_the_sender_does_not_see_the_invitation(sharing: Sharing) -> None:
    sharing.cloud.settle()
    assert sharing.invitations(sharing.owner) == []
    assert sharing.invitations(sharing.stranger) == []
    assert len(sharing.invitations(resourceShareArns=[sharing.share])) == 1
    arn = sharing.invitations()[0]["resourceShareInvitationArn"]
    with refused("ResourceShareInvitationArnNotFoundException", status=400):
        sharing.invitations(sharing.owner, resourceShareInvitationArns=[arn])


@fact("17: until it is accepted the principal stays ASSOCIATING and sees nothing")
def test_an_unanswered_invitation_gives_nothing(sharing: Sharing) -> None:
    sharing.cloud.settle()
    assert sharing.principal() == "ASSOCIATING"
    assert sharing.received() == []
    assert not sharing.cloud.ram.may_use(MEMBER, sharing.network)


@fact("17: what an invitation offers can be looked at before it is accepted")
def test_a_pending_invitation_shows_its_resources(sharing: Sharing) -> None:
    sharing.cloud.settle()
    arn = sharing.invitations()[0]["resourceShareInvitationArn"]
    offered = sharing.member.list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]
    assert [one["arn"] for one in offered] == [sharing.network]


@fact("17: after an accept ListResources lags")
def test_an_accepted_share_reaches_the_consumer_later(sharing: Sharing) -> None:
    sharing.cloud.settle()
    assert sharing.accept()["status"] == "ACCEPTED"
    assert sharing.principal() == "ASSOCIATING"
    sharing.cloud.clock.advance(JOINING)
    assert sharing.principal() == "ASSOCIATED"
    assert sharing.received() == []
    sharing.cloud.clock.advance(CONSUMER_LAG - JOINING)
    assert sharing.received() == [sharing.network]
    assert sharing.cloud.ram.may_use(MEMBER, sharing.network)


@fact("17: a consumer uses GetResourceShares or ListResources with OTHER-ACCOUNTS")
def test_the_consumer_sees_the_share_as_anothers(sharing: Sharing) -> None:
    def seen(client: Any) -> list[tuple[str, str]]:
        answer = client.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
        return [(one["owningAccountId"], one["status"]) for one in answer]

    assert seen(sharing.member) == []
    sharing.cloud.settle()
    assert seen(sharing.member) == [(NETWORK, "PENDING")]
    sharing.accepted()
    assert seen(sharing.member) == [(NETWORK, "ACTIVE")]
    assert seen(sharing.stranger) == []
    assert seen(sharing.owner) == []
    mine = sharing.member.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert mine == []


@fact("17: ListPrincipals with OTHER-ACCOUNTS names who shares, not the other principals")
def test_the_consumer_lists_the_owner(sharing: Sharing) -> None:
    sharing.accepted()
    listed = sharing.member.list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"]
    assert [one["id"] for one in listed] == [NETWORK]
    assert sharing.member.list_resources(resourceOwner="OTHER-ACCOUNTS", principal=OTHER)["resources"] == []


@fact("17: tags of a share are its owner's")
def test_the_consumer_does_not_see_the_tags_of_the_share(sharing: Sharing) -> None:
    sharing.owner.tag_resource(resourceShareArn=sharing.share, tags=[{"key": "a", "value": "b"}])
    sharing.accepted()
    [seen] = sharing.member.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert "tags" not in seen


@fact("17: a second accept gives ResourceShareInvitationAlreadyAccepted")
def test_a_second_accept_is_refused(sharing: Sharing) -> None:
    sharing.accepted()
    with refused("ResourceShareInvitationAlreadyAcceptedException", status=400):
        sharing.accept()


@fact("17: a client token makes an accept repeatable")
def test_a_repeated_accept_with_its_token_is_no_second_accept(sharing: Sharing) -> None:
    sharing.cloud.settle()
    arn = sharing.invitations()[0]["resourceShareInvitationArn"]
    for _ in range(2):
        answer = sharing.member.accept_resource_share_invitation(resourceShareInvitationArn=arn, clientToken="t")
        assert answer["resourceShareInvitation"]["status"] == "ACCEPTED"


@fact("17: AlreadyRejected needs a new share association")
def test_a_rejected_invitation_ends_the_association(sharing: Sharing) -> None:
    sharing.cloud.settle()
    arn = sharing.invitations()[0]["resourceShareInvitationArn"]
    answer = sharing.member.reject_resource_share_invitation(resourceShareInvitationArn=arn)
    assert answer["resourceShareInvitation"]["status"] == "REJECTED"
    with refused("ResourceShareInvitationAlreadyRejectedException"):
        sharing.accept()
    sharing.cloud.settle()
    assert sharing.principal() == "DISASSOCIATED"
    sharing.owner.associate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])
    sharing.accepted()
    assert sharing.received() == [sharing.network]


@fact("17: an unaccepted invitation ends after 12 hours, and the principal is then disassociated")
def test_an_invitation_expires_after_twelve_hours(sharing: Sharing) -> None:
    sharing.cloud.clock.advance(INVITATION)
    sharing.cloud.clock.advance(INVITATION_LIFE - 1)
    assert sharing.invitations()[0]["status"] == "PENDING"
    sharing.cloud.clock.advance(1)
    assert sharing.invitations()[0]["status"] == "EXPIRED"
    with refused("ResourceShareInvitationExpiredException", status=400):
        sharing.accept()
    sharing.cloud.settle()
    assert sharing.principal() == "DISASSOCIATED"


@fact("17: an accepted invitation does not expire")
def test_an_accepted_invitation_stays_accepted(sharing: Sharing) -> None:
    sharing.accepted()
    sharing.cloud.clock.advance(2 * INVITATION_LIFE)
    assert sharing.invitations()[0]["status"] == "ACCEPTED"
    assert sharing.received() == [sharing.network]


@fact("17: an invitation can be answered by its receiver only")
def test_nobody_else_can_accept(sharing: Sharing) -> None:
    sharing.cloud.settle()
    arn = sharing.invitations()[0]["resourceShareInvitationArn"]
    for client in (sharing.owner, sharing.stranger):
        with refused("ResourceShareInvitationArnNotFoundException"):
            client.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    with refused("MalformedArnException"):
        sharing.member.accept_resource_share_invitation(resourceShareInvitationArn=sharing.share)


@fact("17: a principal who has not answered can be disassociated, which ends the invitation")
def test_an_invitation_can_be_taken_back(sharing: Sharing) -> None:
    sharing.cloud.settle()
    sharing.owner.disassociate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])
    with refused("ResourceShareInvitationExpiredException"):
        sharing.accept()
    sharing.cloud.settle()
    assert sharing.principal() == "DISASSOCIATED"


@fact("17: the invitation is sent once for an association")
def test_associating_again_does_not_invite_again(sharing: Sharing) -> None:
    sharing.cloud.settle()
    sharing.owner.associate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])
    sharing.cloud.settle()
    assert len(sharing.invitations()) == 1


@fact("17: a resource added to an accepted share reaches its principals without an invitation")
def test_a_new_resource_reaches_those_who_have_accepted(sharing: Sharing, world: World) -> None:
    sharing.accepted()
    second = world.network()["arn"]
    sharing.owner.associate_resource_share(resourceShareArn=sharing.share, resourceArns=[second])
    assert sharing.received() == [sharing.network]
    sharing.cloud.settle()
    assert sharing.received() == [sharing.network, second]
    assert len(sharing.invitations()) == 1


@fact("10: a consumer cannot leave a Lattice share by itself")
def test_a_consumer_cannot_leave(sharing: Sharing) -> None:
    sharing.accepted()
    with refused("OperationNotPermittedException"):
        sharing.member.disassociate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])


@fact("10: a consumer cannot share on what was shared with it")
def test_a_consumer_cannot_share_on(sharing: Sharing) -> None:
    sharing.accepted()
    with refused("OperationNotPermittedException"):
        sharing.member.create_resource_share(name="mine", resourceArns=[sharing.network])


@fact("17: what a disassociated principal had is gone for it")
def test_a_disassociated_principal_sees_nothing_any_more(sharing: Sharing) -> None:
    sharing.accepted()
    sharing.owner.disassociate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])
    sharing.cloud.settle()
    assert sharing.received() == []
    assert sharing.member.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
    with refused("UnknownResourceException"):
        sharing.member.list_resource_share_permissions(resourceShareArn=sharing.share)


@fact("1: ending a share leaves associations alive; it only stops new ones")
def test_unsharing_leaves_lattice_associations_alone(sharing: Sharing, world: World) -> None:
    sharing.accepted()
    network = {"arn": sharing.network}
    service = world.service()
    joined = world.join(service, network)
    sharing.owner.delete_resource_share(resourceShareArn=sharing.share)
    sharing.cloud.settle()
    lattice = world.lattice(NETWORK)
    listed = lattice.list_service_network_service_associations(serviceNetworkIdentifier=sharing.network)["items"]
    assert [(one["id"], one["status"]) for one in listed] == [(joined["id"], "ACTIVE")]
    with refused("AccessDeniedException"):
        world.join(world.service(), network)


@fact("17: the permission of the share says what a consumer may do")
def test_only_what_the_permission_grants_is_granted(sharing: Sharing) -> None:
    assert sharing.cloud.ram.permission_actions(sharing.network, MEMBER) == set()
    sharing.accepted()
    granted = sharing.cloud.ram.permission_actions(sharing.network, MEMBER)
    assert "vpc-lattice:CreateServiceNetworkServiceAssociation" in granted
    assert "vpc-lattice:DeleteServiceNetwork" not in granted


@fact("10: a deleted resource is no longer shared")
def test_a_deleted_network_is_no_longer_listed(sharing: Sharing, world: World) -> None:
    sharing.accepted()
    world.lattice(NETWORK).delete_service_network(serviceNetworkIdentifier=sharing.network)
    assert sharing.received() == []


@fact("2.2: owner and principals of the share both receive the events")
def test_both_sides_hear_of_invitation_and_association(sharing: Sharing) -> None:
    sharing.cloud.settle()
    pending = {(account, "Resource Share Invitation", "pending") for account in (NETWORK, MEMBER)}
    assert sharing.events() == pending | {(NETWORK, "Resource Share Association", "associated")}
    sharing.accepted()
    for account in (NETWORK, MEMBER):
        assert (account, "Resource Share Invitation", "accepted") in sharing.events()
        assert (account, "Resource Share Association", "associated") in sharing.events()


@fact("2.2: statuses associated and disassociated, lower case")
def test_both_sides_hear_of_the_end(sharing: Sharing) -> None:
    sharing.accepted()
    sharing.owner.disassociate_resource_share(resourceShareArn=sharing.share, principals=[MEMBER])
    sharing.cloud.settle()
    for account in (NETWORK, MEMBER):
        assert (account, "Resource Share Association", "disassociated") in sharing.events()


@fact("2.2: an event names the share and the account that receives it")
def test_the_event_has_the_documented_shape(sharing: Sharing) -> None:
    sharing.accepted()
    event = next(
        record.event
        for record in sharing.cloud.journal.of(EventRecord)
        if record.event["source"] == "aws.ram" and record.event["account"] == MEMBER
    )
    assert event["detail-type"] == "Resource Sharing State Change"
    assert event["resources"] == [sharing.share]
    assert event["region"] == REGION
    assert set(event) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip
