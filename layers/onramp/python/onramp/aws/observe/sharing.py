"""How far the network is within the account's reach: visible, shared, invited."""

from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, denied, missing
from onramp.aws.observe.reader import Reader
from onramp.aws.reach import Reach
from onramp.core.denials import differing
from onramp.core.desired import Desired
from onramp.core.model import INVITATIONS, SHARE, Access, Existing, Service, VpcAssociation
from onramp.core.run import Memory


def access(
    reader: Reader,
    own: Account,
    want: Desired,
    services: list[Service],
    associations: list[VpcAssociation],
    reach: Reach,
    existing: tuple[Existing, ...] = (),
) -> Access:
    """Asked for only where something depends on it: a share is a means, not an end."""
    network, member = reader.network, reader.member
    if member.account == network.account:
        return Access(known=True, visible=True)
    joined = {service.name for service in services for found in service.associations if network.is_named(found.network)}
    inside = {association.vpc for association in associations if network.is_named(association.network)}
    on_it = [one.arn for one in existing for found in one.associations if network.is_named(found.network)]
    if (
        all(wanted.name in joined for wanted in want.services)
        and all(client.vpc in inside for client in want.clients)
        and all(one.arn in on_it for one in want.existing)
    ):
        if want.services or want.clients or services or associations or on_it:
            return Access()
        return Access(known=True, principal=_principal(reader, own, member.account)[0])
    lacking = reach.share_lacks(own, network.share_permission)
    if lacking:
        return Access(known=True, lacking=lacking)
    try:
        member.client("vpc-lattice").get_service_network(serviceNetworkIdentifier=network.arn)
        return Access(known=True, visible=True)
    except ClientError as error:
        if not (missing(error) or denied(error)):
            raise
        why = f"{error.operation_name} {code(error)}" if denied(error) else ""
        differs = differing(str(error.response["Error"].get("Message", "")), member.account)
    if reader.run.round == 0 and reader.run.memory == Memory():
        return Access(known=True, differs=differs)  # no run has ever ended here, so that none has shared with it
    principal, associated_at, updated_at, failure = _principal(reader, own, member.account)
    last = _last_invitation(reader)
    status = last["status"] if last else ""
    return Access(
        known=True,
        principal=principal,
        associated_at=associated_at,
        updated_at=updated_at,
        invitation=last["resourceShareInvitationArn"] if last and status == "PENDING" else "",
        answered=status if status != "PENDING" else "",
        invited_at=_sent(last) if last else 0.0,
        denied=why,
        differs=differs,
        failure=failure if principal == "FAILED" else "",
    )


def _principal(reader: Reader, own: Account, account: str) -> tuple[str, float, float, str]:
    """The account's status on the network's share, since when it is there and when it changed last, and RAM's words for
    it; ended ones stay listed for a while, a live one counts more.
    """

    def read() -> list[dict[str, Any]]:
        pages = own.client("ram").get_paginator("get_resource_share_associations")
        asked = {"associationType": "PRINCIPAL", "resourceShareArns": [reader.network.share], "principal": account}
        return [item for page in pages.paginate(**asked) for item in page["resourceShareAssociations"]]

    found = {
        item["status"]: (
            _at(item, "creationTime"),
            _at(item, "lastUpdatedTime"),
            item.get("statusMessage", ""),
        )
        for item in reader.one(SHARE, read) or ()
    }
    order = ("ASSOCIATED", "ASSOCIATING", "DISASSOCIATING", *found)
    return next(((status, *found[status]) for status in order if status in found), ("", 0.0, 0.0, ""))


def _last_invitation(reader: Reader) -> dict[str, Any] | None:
    """The network account's invitation that waits for an answer, else its last one."""
    sent = [
        item
        for item in reader.listed(
            INVITATIONS,
            "ram",
            "get_resource_share_invitations",
            "resourceShareInvitations",
            resourceShareArns=[reader.network.share],
        )
        if item["senderAccountId"] == reader.network.account
    ]
    return max(sent, key=lambda item: (item["status"] == "PENDING", _sent(item)), default=None)


def _sent(invitation: dict[str, Any]) -> float:
    return _at(invitation, "invitationTimestamp")


def _at(item: dict[str, Any], key: str) -> float:
    return float(item[key].timestamp()) if key in item else 0.0
