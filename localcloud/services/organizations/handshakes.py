"""Invitations to join."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Estate, Handshake, Wire, by_management

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller

HANDSHAKE_LIFE = 15 * 86_400.0


def invite(estate: Estate, params: Wire, _: Caller) -> Wire:
    target = params["Target"]
    if target["Type"] != "ACCOUNT":
        raise NotEmulated("organizations", f"InviteAccountToOrganization by {target['Type']}")
    account = target["Id"]
    if not (account.isdecimal() and len(account) == 12):
        raise AwsError(
            "InvalidInputException", "You specified an invalid account id.", Reason="INVALID_PARTY_TYPE_TARGET"
        )
    if account in estate.all.accounts:
        text = f"The account {account} is already in an organization."
        raise AwsError("HandshakeConstraintViolationException", text, Reason="ALREADY_IN_AN_ORGANIZATION")
    if any(one.account == account and state_of(estate, one) == "OPEN" for one in estate.handshakes.values()):
        raise AwsError("DuplicateHandshakeException", "A handshake with the same action and target already exists.")
    made = Handshake(f"h-{estate.letters(8)}", account, estate.cloud.clock.now)
    estate.handshakes[made.id] = made
    return {"Handshake": shown_handshake(estate, made)}


def accept(estate: Estate, params: Wire, caller: Caller) -> Wire:
    return close(estate, params, "ACCEPTED", lambda one: one.account == caller.account)


def decline(estate: Estate, params: Wire, caller: Caller) -> Wire:
    return close(estate, params, "DECLINED", lambda one: one.account == caller.account)


def cancel(estate: Estate, params: Wire, _: Caller) -> Wire:
    return close(estate, params, "CANCELED", lambda _: True)


def close(estate: Estate, params: Wire, state: str, is_theirs: Callable[[Handshake], bool]) -> Wire:
    found = estate.handshakes.get(params["HandshakeId"])
    if found is None or not is_theirs(found):
        raise AwsError(
            "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified."
        )
    now = state_of(estate, found)
    if now == state:
        raise AwsError("HandshakeAlreadyInStateException", f"The handshake is already {state}.")
    if now != "OPEN":
        raise AwsError("InvalidHandshakeTransitionException", f"A handshake that is {now} cannot be {state}.")
    found.state = state
    if state == "ACCEPTED":
        estate.all.add(found.account)
        estate.known(found.account)
    return {"Handshake": shown_handshake(estate, found)}


def describe_handshake(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = estate.handshakes.get(params["HandshakeId"])
    if found is None or caller.account not in (found.account, estate.all.management):
        raise AwsError(
            "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified."
        )
    return {"Handshake": shown_handshake(estate, found)}


def list_received(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = [shown_handshake(estate, one) for one in estate.handshakes.values() if one.account == caller.account]
    return page("Handshakes", found, params)


def list_sent(estate: Estate, params: Wire, _: Caller) -> Wire:
    return page("Handshakes", [shown_handshake(estate, one) for one in estate.handshakes.values()], params)


def state_of(estate: Estate, one: Handshake) -> str:
    is_over = one.state == "OPEN" and estate.cloud.clock.now >= one.asked + HANDSHAKE_LIFE
    return "EXPIRED" if is_over else one.state


def shown_handshake(estate: Estate, one: Handshake) -> Wire:
    id = estate.all.id
    return {
        "Id": one.id,
        "Arn": f"arn:aws:organizations::{estate.all.management}:handshake/{id}/invite/{one.id}",
        "Parties": [
            {"Id": id.removeprefix("o-"), "Type": "ORGANIZATION"},
            {"Id": one.account, "Type": "ACCOUNT"},
        ],
        "State": state_of(estate, one),
        "RequestedTimestamp": datetime.fromtimestamp(one.asked, UTC),
        "ExpirationTimestamp": datetime.fromtimestamp(one.asked + HANDSHAKE_LIFE, UTC),
        "Action": "INVITE",
        "Resources": [{"Type": "ORGANIZATION", "Value": id}, {"Type": "ACCOUNT", "Value": one.account}],
    }


OPERATIONS: Operations[Estate] = {
    "AcceptHandshake": accept,
    "CancelHandshake": by_management(cancel),
    "DeclineHandshake": decline,
    "DescribeHandshake": describe_handshake,
    "InviteAccountToOrganization": by_management(invite),
    "ListHandshakesForAccount": list_received,
    "ListHandshakesForOrganization": by_management(list_sent),
}
