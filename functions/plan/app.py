"""Read one account and say what must change. Changes nothing."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.account import Account
from onramp.aws.lease import Leases
from onramp.aws.observe import observe, touched
from onramp.core.errors import NotYet, Refused
from onramp.core.infra import heeded
from onramp.core.looks import (
    goes_on,
    in_doubt,
    in_vain,
    keeping,
    leaves_others,
    leaves_vpcs,
    looks_for_hands,
    may_scout,
    napping,
    narrow_stands,
    narrows,
    scouting,
    telling_later,
)
from onramp.core.network import Network
from onramp.core.rounds import blind, found, learn, look, may_rest_on, rest, rests_on
from onramp.core.run import Run
from onramp.core.state import from_state, to_state
from onramp.log import logger

wiring.begin("sts", "resourcegroupstaggingapi", "elbv2", "ec2", "vpc-lattice")

STATE_SECONDS = 86_400
"""For how long what a run carries lies outside of its state: no run lasts so long."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """A `Run` in, the `Run` of the next round out."""
    at = wiring.now()
    run = from_state(event, wiring.shelf().get)
    return to_state(_looked(run, at), lambda content: wiring.shelf().put(run.account, content, at + STATE_SECONDS))


def _looked(run: Run, at: float) -> Run:
    if may_rest_on(run, at):
        run = rests_on(run, _rung_at(run.account), at)
    if run.pause:
        return rest(run, at)
    run = learn(run)
    network = heeded(wiring.settings().network, run.account, run.said)
    try:
        while True:
            after = _narrow(network, run, at) or _whole(network, run, at)
            if (nap := napping(network, after, at)) is None:
                return after
            wiring.sleep(nap[1])
            run, at = learn(nap[0]), wiring.now()
    except Refused as refused:
        logger.warning("cannot look", extra={"account": run.account, "code": refused.code})
        return blind(run, refused, at)


def _rung_at(account: str) -> float:
    """When it last rang; where that cannot be read it is looked at, as if it had been long ago."""
    try:
        return Leases(wiring.own(), wiring.settings().table).rung_at(account)
    except (NotYet, Refused) as unread:
        logger.warning("cannot tell whether the account still changes", extra={"account": account, "why": str(unread)})
        return 0.0


def _narrow(network: Network, run: Run, at: float) -> Run | None:
    """By what the last steps touched; None where the whole account has to be looked at."""
    vain = in_vain(network, run, at)
    if not (vain or narrows(network, run, at)):
        return None
    member = _reader(run.account)
    seen = touched(network, wiring.own(), member, run, wiring.reach(), home=lambda: _reader(network.account))
    after = telling_later(look(network, seen, run, run.observed_at if vain else at, found(run)))
    return keeping(after, seen) if narrow_stands(run, after, vain=vain) else None


def _whole(network: Network, run: Run, at: float) -> Run:
    for_hands = looks_for_hands(network, run, at)
    see = partial(
        observe,
        network,
        wiring.own(),
        _reader(run.account),
        run,
        wiring.reach(),
        for_hands=for_hands,
        by_lists=not for_hands,
        home=lambda: _reader(network.account),
    )
    leaves = leaves_vpcs(run)
    leaves_more = leaves_others(run, at)
    seen = see(leave_vpcs=leaves, leave_others=leaves_more)
    if may_scout(network, run, seen.observation) and wiring.scouts().free(at):
        run = replace(run, scouts=True)
    after = look(network, seen.observation, run, at, found(run))
    if not goes_on(after) and (leaves_more or (leaves and seen.asks_by_vpcs())):
        seen = see()
        after = look(network, seen.observation, run, at, found(run))
    if doubted := in_doubt(after, seen.joined):
        after = look(network, seen.observation, run, at, seen.findings(doubted))
    if run.round == 0 and run.scouts:
        after = scouting(after)
        if after.scouts:
            wiring.scouts().send(at)
    return keeping(after, seen.observation, whole_at=0.0 if leaves_more else at)


def _reader(account: str) -> Account:
    return wiring.members("reader").member(account)
