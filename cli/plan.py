"""The command `onramp plan`: what a run would do in an account now, and why. Changes nothing."""

from __future__ import annotations

import sys
from functools import partial
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError
from msgspec.structs import replace
from onramp.aws.account import Account
from onramp.aws.doctor import forwards_to
from onramp.aws.errors import missing
from onramp.aws.lease import outside_at, words
from onramp.aws.observe import observe
from onramp.aws.observe.findings import Seen
from onramp.aws.reach import Reach
from onramp.aws.shelf import Shelf
from onramp.core import looks, rounds
from onramp.core.errors import NotYet, Refused
from onramp.core.infra import Word, answers, heeded, released
from onramp.core.network import Network
from onramp.core.plan import plan as planned
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import encode, memory_of, remembered
from onramp.core.steps import ANSWERS, AnyStep
from onramp.core.tags import DEFAULT_PREFIX
from onramp.wiring import Settings, settings_of
from rich.console import Console

from cli import given
from cli.aws import Looking, NotLetIn, ProfilesOption, RegionOption, aws_now, explained, looking
from cli.deployment import networks
from cli.doctor import owner
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, json_text, say

SOMETHING_TO_DO = 2
FAILED = 1

_SIGNS = {"Create": ("+", "green"), "Associate": ("+", "green"), "Share": ("+", "green"), "Accept": ("+", "green")}
_GOES = ("Delete", "Disassociate", "Unshare")


def add_to(app: typer.Typer) -> None:
    app.command()(plan)


def plan(
    account: Annotated[str, typer.Option(metavar="ID", help="The account; the profile's own by default.")] = "",
    network: Annotated[str, typer.Option(metavar="NAME", help="The network, where several can be seen.")] = "",
    before: Annotated[
        str,
        typer.Option(
            metavar="RESOURCE",
            help="A load balancer's ARN or a VPC's id: as if it carried the tags of --tag, and no others of ours.",
        ),
    ] = "",
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="With --before; again for each tag.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/schemas/plan.json).")] = False,
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
) -> None:
    """Show what a run would do in an account now, and why; nothing is changed.

    Read with the rights of the profiles: the network account's and the
    member's, or the network's reader role where it lets you in. With a
    team's own profile alone it works in its own account, too; then the
    stack's parameters are taken for their defaults. With profiles of several
    accounts --account says which is planned.

    Exit status 0: nothing to do; 2: something to do, or refused; 1: an error.
    """
    out = Screen(language=spoken(language), force_terminal=False if no_color else None, soft_wrap=True)
    err = Screen(stderr=True, force_terminal=False if no_color else None, soft_wrap=True)
    try:
        asked, tags = _before(before, tag or [])
        if account:
            given.account(account)
        _agreed(asked, account, region)
        given.network(network)
        found = _plan(looking(profile or [], region), account, network, asked, tags)
    except (Wrong, NotLetIn) as wrong:
        err.print(f"onramp plan: {say(out, str(wrong))}", style="red", markup=False)
        raise typer.Exit(FAILED) from wrong
    if as_json:
        sys.stdout.write(json_text(encode(found)))
    else:
        _tell(out, found)
    raise typer.Exit(SOMETHING_TO_DO if _steps(found) or found.refusals else 0)


def _before(resource: str, words: list[str]) -> tuple[given.Resource | None, dict[str, str]]:
    if words and not resource:
        raise Wrong("--tag needs --before, with the resource that would carry it")
    asked = given.resource(resource) if resource else None
    return asked, dict(given.tag(word, asked.key) for word in words if asked)


def _plan(look: Looking, account: str, network: str, before: given.Resource | None, tags: dict[str, str]) -> Plan:
    with explained():
        stack, arn = _network(look, network)
        whose = arn.split(":")[4]
        member = look.eyes.of(_of(look, account, before))
        own = look.eyes.of(whose) if whose in look.eyes.own else None
        found = _settings(own, stack)
        settings = found.network if found else _bare(stack, arn, whose)
        known, said, offered, holding = _memory(own, found, member.account)
        memory = known or Memory()
        settings = heeded(settings, member.account, said)
        if before:
            _pretend(member, before.key, tags, settings.prefix)
        now = aws_now(own or member)
        seen = _see(look, settings, own, member, memory, now, holding)
        observed = seen.observation if known else replace(seen.observation, unproven={})
        plan_ = planned(
            settings,
            observed,
            number=1,
            doubts=memory.failed,
            since=memory.since,
            released=released(said),
            answers_given=answers(said),
            approvals=memory.approvals,
            findings=seen.findings(),
            now=now,
            offer=offered,
            holding=holding,
            readers=_readers(look, own, member),
        )
        if known:
            return plan_
        # What the table would prove is neither ours nor somebody else's where it could not be read.
        open_ = (
            f"{name} carries the network's mark, and whether it is ours stands in the network's table, "
            "which was not read"
            for name in sorted(set(seen.observation.unproven.values()))
        )
        return replace(plan_, pending=(*plan_.pending, *open_))


def _readers(look: Looking, *accounts: Account | None) -> dict[str, str]:
    """Account -> ARN of the session that reads it, where a profile's does and no reader role."""
    return {
        one.account: str(one.client("sts").get_caller_identity()["Arn"])
        for one in accounts
        if one is not None and one.account in look.eyes.own
    }


def _agreed(before: given.Resource | None, account: str, region: str) -> None:
    """The resource's own account and region, where its ARN says them, and those that are typed: one of each. Wrong."""
    if before is None:
        return
    given.looked_at(before, region)
    if before.account and account not in ("", before.account):
        raise Wrong(f"{before.key} is of account {before.account}: leave --account {account} out")


def _of(look: Looking, account: str, before: given.Resource | None) -> str:
    """The account that is meant: the resource's, where one is named. Raises Wrong."""
    if before is None:
        if not account and len(look.eyes.own) > 1:
            raise Wrong(f"the profiles are of several accounts: say which by --account: {', '.join(look.eyes.own)}")
        return account or look.eyes.own[0]
    _agreed(before, account, look.region)
    return before.account or account or owner(before.key, look)


def _see(
    look: Looking, network: Network, own: Account | None, member: Account, memory: Memory, now: float, offered: str
) -> Seen:
    run = Run(account=member.account, trigger={}, memory=memory, offered=offered)
    hands = looks.looks_for_hands(network, run, now)
    # Without the network account its share cannot be looked at: the member's own eyes say what is within reach.
    home = partial(look.eyes.of, network.account)
    return observe(network, own or member, member, run, Reach(), for_hands=hands, home=home)


def _network(look: Looking, name: str) -> tuple[str, str]:
    """Name and ARN of the network: the one that is named, or the only one that can be seen, or that an account of the
    profiles has the member stack of.
    """
    seen = networks(look)
    wanted = {arn: found for arn, found in seen.items() if found == name or not name}
    if not wanted:
        raise Wrong(
            f"no network {name} can be seen: it may not be shared with this account yet; use a profile of the network"
            " account"
            if name
            else f"no network can be seen in {look.region}: use a profile of the network account, or its --region"
        )
    if len(wanted) > 1:
        joined = {one for account in look.eyes.own for one in forwards_to(look.eyes.of(account))}
        wanted = {arn: found for arn, found in wanted.items() if found in joined} or wanted
    if len(wanted) > 1:
        raise Wrong(f"several networks can be seen: name one by --network: {', '.join(sorted(wanted.values()))}")
    [(arn, found)] = wanted.items()
    return found, arn


def _settings(own: Account | None, name: str) -> Settings | None:
    """What the stack is set to, from its function's environment; None where that is not ours to read."""
    if own is None:
        return None
    try:
        answer = own.client("lambda").get_function_configuration(FunctionName=f"onramp-{name}-plan")
    except ClientError:
        return None
    return settings_of(answer.get("Environment", {}).get("Variables", {}))


def _bare(name: str, arn: str, owner: str) -> Network:
    """A network whose stack cannot be read: every parameter at its default."""
    return Network(name=name, arn=arn, account=owner, share="", prefix=DEFAULT_PREFIX)


def _memory(
    own: Account | None, found: Settings | None, account: str
) -> tuple[Memory | None, tuple[Word, ...], str | None, str]:
    """What the table has of the account: its last report, infra's words, what its clients can call as its writer may
    say it, and as it is known; None, and nothing, where it cannot be read.
    """
    if own is None or found is None:
        return None, (), None, ""
    try:
        item = own.client("dynamodb").get_item(
            TableName=f"onramp-{found.network_name}", Key={"account": {"S": account}}
        )
    except ClientError:
        return None, (), None, ""
    there = item.get("Item", {})
    run = Run(
        account=account,
        trigger={},
        member=there.get("member_version", {}).get("S", ""),
        offered=there.get("offered", {}).get("S", ""),
    )
    memory = remembered(there.get("summary", {}).get("S", ""))
    if key := outside_at(there):
        try:
            content = Shelf(own, f"onramp-{found.network_name}").get(key)
        except (NotYet, Refused):
            content = None
        memory = memory_of(content or b"")
    return memory, words(there), rounds.offered(run), run.offered


# --- what would be, if it carried these tags


def _pretend(member: Account, resource: str, tags: dict[str, str], prefix: str) -> None:
    """Have the answers about this resource say that it carries `tags`, and no other of ours. Wrong where it is not."""
    given = [{"Key": key, "Value": value} for key, value in tags.items()]

    def put(old: list[dict[str, str]]) -> list[dict[str, str]]:
        return [*(one for one in old if not one["Key"].startswith(prefix)), *given]

    def of_balancers(parsed: dict[str, Any], **_: Any) -> None:
        for one in parsed.get("TagDescriptions", ()):
            if one["ResourceArn"] == resource:
                one["Tags"] = put(one["Tags"])

    if resource.startswith("arn:"):
        try:
            member.client("elbv2").describe_load_balancers(LoadBalancerArns=[resource])
        except ClientError as error:
            if not missing(error):
                raise
            raise _nothing(member, resource) from error
        member.client("elbv2").meta.events.register("after-call.elastic-load-balancing-v2.DescribeTags", of_balancers)
        return
    ec2 = member.client("ec2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [resource]}])["Vpcs"]
    if not vpcs:
        raise _nothing(member, resource)
    [vpc] = vpcs
    vpc["Tags"] = put(vpc.get("Tags", []))

    def of_vpcs(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Vpcs"] = [*(one for one in parsed.get("Vpcs", ()) if one["VpcId"] != resource), vpc]

    ec2.meta.events.register("after-call.ec2.DescribeVpcs", of_vpcs)


def _nothing(member: Account, resource: str) -> Wrong:
    return Wrong(f"account {member.account} has no {resource} there: check id, region and profile")


# --- as people read it


def _steps(found: Plan) -> list[AnyStep]:
    return [step for batch in found.batches for step in batch.steps]


def _sign(step: AnyStep) -> tuple[str, str]:
    if step.kind.startswith(_GOES):
        return "-", "red"
    return next((sign for begin, sign in _SIGNS.items() if step.kind.startswith(begin)), ("~", "yellow"))


def _tell(out: Console, found: Plan) -> None:
    steps = _steps(found)
    out.print(say(out, f"Account {found.account}"), markup=False, style="bold")
    states = [(one.name, one.status, one.message) for one in found.services]
    states += [(one.vpc, one.status, one.message) for one in found.clients]
    for name, status, message in states:
        out.print(f"  {name}  {status}{f': {say(out, message)}' if message else ''}", markup=False)
    for step in steps:
        sign, style = _sign(step)
        out.print(f"  {sign} {step.kind} {step.name}", markup=False, style=style)
        out.print(f"      {say(out, step.because)}", markup=False, style="dim")
    for what in found.pending:
        out.print(f"  … {say(out, what)}", markup=False)
    for refusal in found.refusals:
        out.print(f"  ! {refusal.resource}", markup=False, style="red")
        out.print(f"      {say(out, f'{refusal.code}: {refusal.message}')}", markup=False)
    signs = [_sign(step)[0] for step in steps if step.kind not in ANSWERS]
    more = " More follows when this is done." if steps and found.next != "finish" else ""
    told = sum(step.kind in ANSWERS for step in steps)
    whole = (
        f"{signs.count('+')} to make, {signs.count('~')} to change, {signs.count('-')} to take away, {told} to tell,"
        f" {len(found.refusals)} refused.{more}"
        if steps or found.refusals
        else "Nothing to do."
    )
    out.print(say(out, whole), markup=False)
