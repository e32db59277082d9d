"""The commands by which infra acts: look, release, hold, unhold, approve, reject. Each tells what it does, and asks."""

from __future__ import annotations

import difflib
from typing import Annotated, NoReturn

import msgspec
import typer
from onramp.aws.doctor import environment
from onramp.core import fleet as fleets
from onramp.core.fleet import Fleet
from onramp.core.inventory import DELETION_LIMIT
from onramp.core.text import counted, plain

from cli import given
from cli.aws import NotLetIn, ProfilesOption, RegionOption
from cli.deployment import Deployment, NetworkOption, deployment
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, say

NOT_DONE = 1
WRONG_INPUT = 2

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AccountOption = Annotated[str, typer.Option("--account", metavar="ID", help="The account.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/schemas/hands.json).")]
NameArgument = Annotated[str, typer.Argument(help="A service, ACCOUNT/SERVICE, or an account.")]


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the request, as its mail and its tag have it.")]


def add_to(app: typer.Typer) -> None:
    app.command()(approve)
    app.command()(reject)
    app.command()(look)
    app.command()(release)
    app.command()(hold)
    app.command()(unhold)


def look(
    account: AccountOption = "",
    all_: Annotated[bool, typer.Option("--all", help="Every account that the table knows.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Have an account looked at now, or all of them, instead of with the next event or sweep.

    A look changes what tags ask to be changed, as any run does. Of an account
    that a run holds, that run looks once more.

    Exit status 0: it was asked for; 1: you said no; 2: the words are wrong, or
    AWS does not let you in.
    """
    with _Hands("look", language, as_json=as_json) as hands:
        if all_ == bool(account):
            raise Wrong("say which: --account ID, or --all")
        if account:
            given.account(account)
        where = deployment(profile or [], region, network)
        known = [one.entry.account for one in where.kept()]
        chosen = known if all_ else [account]
        if not chosen:
            raise Wrong(f"no account has ever sent an event to network {where.network}: deploy member.yaml to one")
        if not all_ and account not in known:
            _may_join(where, account)
            hands.tell(
                f"Account {account} has never sent an event: check its number. Without its member stack nothing is read"
                " there, and two hours later the fleet has it as account-blind"
            )
        whose = f"all {counted(len(chosen), 'account')}" if all_ else account
        hands.confirm(f"Look at {whose} of network {where.network} now?", yes)
        for one in chosen:
            hands.put(where, "Look", {"account": one, "because": f"{where.who} asked for a look"})
        hands.tell(f"Asked for. In a minute or two `{f'onramp status {account}'.strip()}` tells what came of it.")


def release(
    account: AccountOption,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Let go what DeletionLimit holds in an account: all that it lists, however much it is.

    What leaves later is held anew. Their quiet time and the time for which
    names are kept stay as they are.

    Exit status 0: it was asked for; 1: you said no, or nothing is held; 2: the
    words are wrong, or AWS does not let you in.
    """
    with _Hands("release", language, as_json=as_json) as hands:
        given.account(account)
        where = deployment(profile or [], region, network)
        whole = _whole(where)
        of_it = fleets.only(whole, account=_known(whole, account))
        limit = [it for it in of_it.refusals if it.code == DELETION_LIMIT]
        if not limit:
            hands.end(f"Nothing is held by DeletionLimit in account {account}.")
        going = [it.name for it in of_it.services if it.status == "held" and DELETION_LIMIT in it.message]
        going += [it.vpc for it in of_it.clients if it.status == "held" and DELETION_LIMIT in it.message]
        hands.tell(f"These leave network {where.network}, and stop answering:")
        for one in going:
            hands.tell(f"  {one}")
        hands.confirm(f"Let {len(going)} of account {account} go?", yes)
        # What leaves while somebody reads the list is not on it. No look follows another within a second.
        until = max(it.looked_at for it in of_it.accounts) + 1
        hands.put(where, "Release", {"account": account, "until": f"{until:.3f}"})
        hands.tell(f"Asked for. `onramp status {account}` tells what came of it.")


def hold(
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Keep a service, or a whole account, off the network for now, whatever its tags say.

    It is disconnected at once; its service is kept, and so its name, and its
    team reads `held`. `onramp unhold` takes it back. The stack's
    parameter KeptOut does the same by a deployment.

    Exit status 0: it was asked for; 1: you said no; 2: the words are wrong, or
    AWS does not let you in.
    """
    with _Hands("hold", language, as_json=as_json) as hands:
        typed = given.held(name)
        where = deployment(profile or [], region, network)
        whole = _whole(where)
        account, service = _which(whole, *typed)
        before = next((it for it in whole.held if (it.account, it.name) == (account, service)), None)
        if before is not None:
            hands.tell(f"It is held already, by {plain(before.by) or 'infra'}.")
        what = f"service {service} of {account}" if service else f"all of account {account}"
        there = {it.name for it in whole.services if it.account == account}
        if service and service not in there:
            close = difflib.get_close_matches(service, sorted(there), n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            hands.tell(f"Account {account} has no service {service} now{hint}: it is kept off once it is asked for.")
        hands.tell(f"Requests to {what} stop; its tags and its names stay, and its team reads held: kept-out.")
        hands.confirm(f"Take {what} off network {where.network}?", yes)
        hands.put(where, "Hold", {"account": account, "name": service})
        hands.tell(f"Asked for. `onramp unhold {account}{f'/{service}' if service else ''}` takes it back.")


def unhold(
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Let a service or an account back onto the network that `onramp hold` keeps off it.

    Exit status 0: it was asked for; 1: you said no, or it is not held; 2: the
    words are wrong, or AWS does not let you in.
    """
    with _Hands("unhold", language, as_json=as_json) as hands:
        typed = given.held(name)
        where = deployment(profile or [], region, network)
        whole = _whole(where)
        account, service = _which(whole, *typed)
        if not any((it.account, it.name) == (account, service) for it in whole.held):
            there = ", ".join(f"{it.account}/{it.name}" if it.name else it.account for it in whole.held) or "nothing"
            hands.end(f"{name} is not held by this command (the parameter KeptOut is another list). Held: {there}.")
        what = f"service {service} of {account}" if service else f"all of account {account}"
        hands.confirm(f"Let {what} back onto network {where.network}, as its tags ask?", yes)
        hands.put(where, "Unhold", {"account": account, "name": service})
        hands.tell(f"Asked for. `onramp status {account}` tells what came of it.")


def approve(
    id_: IdArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Say yes to a request: what it shows is made. Where tags change, the team asks anew.

    Needs the role onramp-NETWORK-approver, or the network account's own
    rights. `onramp status --state waiting` lists the requests.

    Exit status 0: it was said; 1: you said no; 2: no such request waits, or
    AWS does not let you in.
    """
    with _Hands("approve", language, as_json=as_json) as hands:
        _answer(hands, "Approve", id_, yes, network, profile or [], region)


def reject(
    id_: IdArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
) -> None:
    """Say no to a request: its team reads refused, and may change its tags to ask anew.

    What served before goes on serving. An approved request can be rejected
    as well; what it made stays, and `onramp hold` takes it off the network.

    Exit status 0: it was said; 1: you said no; 2: there is no such request, or
    AWS does not let you in.
    """
    with _Hands("reject", language, as_json=as_json) as hands:
        _answer(hands, "Reject", id_, yes, network, profile or [], region)


def _answer(hands: _Hands, word: str, id_: str, yes: bool, network: str, profiles: list[str], region: str) -> None:
    id_ = given.approval(id_)
    where = deployment(profiles, region, network)
    whole = _whole(where)
    request = next((it for it in whole.approvals if it.id == id_), None)
    if request is None:
        there = ", ".join(it.id for it in whole.approvals if it.state == "waiting") or "none"
        raise Wrong(f"there is no request {id_} now (changed tags ask anew). Waiting: {there}")
    for line in request.what:
        hands.tell(f"  {plain(line)}")
    if request.by:
        hands.tell(f"It was {request.state} before, by {plain(request.by)}.")
    hands.confirm(f"{word} {id_}?", yes)
    hands.put(where, word, {"id": id_})
    hands.tell(f"Said. `onramp status {request.account}` tells what came of it.")


# --- what they share


class Said(msgspec.Struct, frozen=True):
    """An event that was put on the network's bus: `name`, its detail type, and `detail`."""

    name: str
    detail: dict[str, str]


class Acted(msgspec.Struct, frozen=True):
    """What a command did, as --json prints it. `done`: it was asked for; else `told`, in English, says why not."""

    command: str
    done: bool
    told: tuple[str, ...]
    network: str = ""
    events: tuple[Said, ...] = ()


class _Hands:
    """A block whose refusals end the command with a sentence and the right status; with `as_json` the rest is one
    document on standard output, and a question is asked on standard error.
    """

    def __init__(self, command: str, language: str, *, as_json: bool = False) -> None:
        self._command = command
        self._out = Screen(language=spoken(language), soft_wrap=True)
        self._as_json = as_json
        self._told: list[str] = []
        self._network = ""
        self._events: list[Said] = []

    def __enter__(self) -> _Hands:
        return self

    def __exit__(self, _kind: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, Wrong | NotLetIn):
            err = Screen(stderr=True, soft_wrap=True)
            err.print(f"onramp {self._command}: {say(self._out, str(wrong))}", style="red", markup=False)
            raise typer.Exit(WRONG_INPUT) from wrong
        if self._as_json and (wrong is None or isinstance(wrong, typer.Exit)):
            found = Acted(self._command, wrong is None, tuple(self._told), self._network, tuple(self._events))
            typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())

    def put(self, where: Deployment, name: str, detail: dict[str, str]) -> None:
        """Put the event on the network's bus."""
        where.say(name, detail, "approver" if name in ("Approve", "Reject") else "operator")
        self._network = where.network
        self._events.append(Said(name, detail))

    def tell(self, text: str) -> None:
        self._told.append(plain(text))
        if not self._as_json:
            self._out.print(say(self._out, text), markup=False)

    def confirm(self, question: str, yes: bool) -> None:
        try:
            sure = yes or typer.confirm(plain(say(self._out, question)), default=False, err=self._as_json)
        except typer.Abort:  # nobody is there to answer, or Ctrl-C: that is no yes
            sure = False
        if not sure:
            raise typer.Exit(NOT_DONE)

    def end(self, text: str) -> NoReturn:
        self.tell(text)
        raise typer.Exit(NOT_DONE)


def _may_join(where: Deployment, account: str) -> None:
    """A look at an account outside the list would enter it in the inventory for ever: a slip. Raises Wrong."""
    settings = environment(where.own, where.network, "watch") or {}
    listed = settings.get("ONRAMP_MEMBER_ACCOUNTS", "").replace(",", " ").split()
    if listed and account not in {*listed, where.own.account}:
        close = difflib.get_close_matches(account, listed, n=1)
        hint = f": did you mean {close[0]}?" if close else ": infra adds it there first"
        raise Wrong(f"account {account} is not in MemberAccounts{hint}")


def _whole(where: Deployment) -> Fleet:
    return fleets.fleet(where.network, where.kept(), 0.0)


def _known(whole: Fleet, account: str) -> str:
    if not any(it.account == account for it in whole.accounts):
        raise Wrong(f"account {account} has never sent an event to network {whole.network}: has it its member stack?")
    return account


def _which(whole: Fleet, account: str, service: str) -> tuple[str, str]:
    """(account, service or '' for all of it). Wrong when it is nobody's, or several accounts have one."""
    if account:
        return _known(whole, account), service
    owners = fleets.owners(whole, service)
    if len(owners) == 1:
        return owners[0], service
    if owners:
        which = ", ".join(f"{it}/{service}" for it in owners)
        raise Wrong(f"several accounts have a service {service}: say which: {which}")
    behind = sorted({it.name for it in whole.services if f"/{service}/" in "".join(it.load_balancers)})
    if behind:
        raise Wrong(f"{service} is a load balancer's name: hold its service, {' or '.join(behind)}")
    close = fleets.close_to(whole, service)
    hint = f"; did you mean {', '.join(close)}?" if close else "."
    raise Wrong(f"no account has a service {service}{hint} One that is not there yet is held as ACCOUNT/{service}")
