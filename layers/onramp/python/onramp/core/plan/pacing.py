"""How much of a plan one round does, by whose hands, and when it is looked again."""

from collections.abc import Mapping
from itertools import accumulate, takewhile
from typing import Literal

import msgspec

from onramp.core.network import Network
from onramp.core.pace import POLL_SECONDS_AT_MOST
from onramp.core.plan import records
from onramp.core.steps import ANSWERS, AcceptShare, AnyStep, Batch, ShareNetwork, UnshareNetwork

SETTLE_SECONDS: dict[str, int] = {
    "CreateService": 31,
    "CreateTargetGroup": 11,
    "ShareNetwork": 5,
    "AcceptShare": 6,
    "Adopt": 5,
    "AssociateService": 21,
    # What an auth policy says counts within minutes (facts 13): it is put long before it counts, and goes long after.
    "PutAuthPolicy": 120,
    "SetAuthType": 120,
    "AssociateVpc": 21,
    "UpdateVpcAssociation": 11,
    "AssociateZone": 5,
    "DisassociateZone": 5,
    "DisassociateService": 16,
    "DisassociateVpc": 16,
    # As long as an alias is kept by whoever asked for it: its service goes after that.
    "DeleteRecords": records.TTL_SECONDS,
    "DeleteService": 21,
    "DeleteTargetGroup": 11,
    "UnshareNetwork": 5,
}
"""How long to leave a change alone before looking: Lattice announces nothing, so it is asked (facts 1, 9)."""

STEPS_AT_MOST = 120
"""In one round: what more there is follows in the next. A state holds 256 KiB (facts 20), Apply has its minutes."""

STEP_BYTES_AT_MOST = 80_000
"""Of the steps of a round together, which travel in the state with what becomes of them: policies are 10 KB each."""

ENDS = ANSWERS | {"DeleteSecurityGroup"}
"""Steps that a run may end with, without a look after them: they touch nothing that serves, and AWS does them at once,
or says why not.
"""

POLL_SECONDS = 10


def next_of(
    todo: list[AnyStep], written: list[AnyStep], pending: list[str], tried: set[str]
) -> Literal["apply", "finish", "wait", "done"]:
    if pending:
        return "apply" if todo or written else "wait"
    if any(step.kind not in ENDS or step.key in tried for step in todo):
        return "apply"
    return "finish" if todo or written else "done"


def poll_seconds(
    todo: list[AnyStep], pending: list[str], until: tuple[float, ...], stalled: int, now: float, next_look: int
) -> int:
    if not todo and pending and len(pending) == len(until):
        return max(int(min(until) - now) + 1, 1)  # nothing but quiet times: nobody has to look before one is over
    if next_look and pending:
        return next_look
    # A step that did not succeed is tried again at once, and then as slowly as the rest.
    return min(POLL_SECONDS * (1 + stalled // 3), POLL_SECONDS_AT_MOST) if pending or stalled else 0


def fit(steps: list[AnyStep], of: Mapping[str, str]) -> int:
    """How many of the first steps one round has room for; one at least. `of`: step key -> whose it is.

    What belongs to one is not torn apart where it has room as a whole: a target that was seen long before its listener
    is made, or a group before its service, is looked at as what serves already, with all that the account has.
    """
    sizes = accumulate(len(msgspec.json.encode(step)) for step in steps[:STEPS_AT_MOST])
    room = max(sum(size <= STEP_BYTES_AT_MOST for size in sizes), min(len(steps), 1))
    if room == len(steps):
        return room
    torn = of.get(steps[room].key)
    begun = takewhile(lambda step: torn is not None and of.get(step.key) == torn, reversed(steps[:room]))
    return room - len(list(begun)) or room


def batches(network: Network, steps: list[AnyStep]) -> tuple[Batch, ...]:
    """The network account's steps of sharing apart from the account's own, and from records in the network account's
    zones: each with its own credentials.
    """
    sharing = ShareNetwork | UnshareNetwork
    shares = tuple(step for step in steps if isinstance(step, sharing))
    home = tuple(step for step in steps if records.in_networks_zone(step))
    own = tuple(step for step in steps if not isinstance(step, sharing) and not records.in_networks_zone(step))
    # An invitation that is only now being sent has its time while the rest is made.
    own = tuple(sorted(own, key=lambda step: isinstance(step, AcceptShare) and not step.invitation))
    made = []
    if shares:
        made.append(Batch(account=network.account, sharing=True, steps=shares))
    if own:
        made.append(Batch(account=own[0].account, sharing=False, steps=own))
    if home:
        made.append(Batch(account=network.account, sharing=False, steps=home))
    return tuple(made)
