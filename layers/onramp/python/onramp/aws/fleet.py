"""Read the network's own table for those who ask, and the runs of an account from its state machine."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from onramp.aws.account import Account
from onramp.aws.accounts import NONE, entry
from onramp.aws.errors import translated
from onramp.aws.lease import words
from onramp.aws.reading import listed, pages
from onramp.aws.table import Table
from onramp.core.digest import Joined
from onramp.core.fleet import Kept, RunSeen, StepSeen
from onramp.core.model import Value
from onramp.core.steps import Memory, Outcome, remembered
from onramp.core.watch import Entry

RUNS_AT_MOST = 5
"""Of one account that are told of: each costs two calls, and its history by pages."""

_READ = tuple(name for name in Entry.__struct_fields__ if name not in ("notices", "unsaid"))


def told(own: Account, network: str) -> list[Joined]:
    """What of each account was joined when the week was told last."""
    items = Table(own, f"onramp-{network}").all("account", "digested")
    return [
        Joined(item["account"]["S"], frozenset(item["digested"]["SS"]) - {NONE} if "digested" in item else None)
        for item in items
    ]


def inventory(own: Account, network: str) -> list[Kept]:
    """Every account's item, as the network's table has it; no member is asked. NotYet or Refused."""
    items = Table(own, f"onramp-{network}").all(*_READ, "summary", "words")
    return [Kept(entry(item), _memory(item), words(item)) for item in items]


def _memory(item: dict[str, Any]) -> Memory:
    return remembered(item.get("summary", {}).get("S", ""))


# --- what an account's runs did


def runs(own: Account, machine: str, account: str, about: Iterable[str] = ()) -> list[RunSeen]:
    """The account's last runs, the newest first. `about`: names of what alone its steps are told; all if there is none.

    Names of executions begin with the account; Step Functions lists the newest first, and cannot search (its model).
    """
    states = own.client("stepfunctions")
    names = frozenset(about)
    found: list[RunSeen] = []
    with translated():
        for item in _executions(states, machine, account):
            whole = states.describe_execution(executionArn=item["executionArn"])
            found.append(
                RunSeen(
                    account=account,
                    execution=item["name"],
                    status=item["status"],
                    trigger=_trigger(whole.get("input", "{}")),
                    started=item["startDate"].timestamp(),
                    ended=item["stopDate"].timestamp() if item.get("stopDate") else 0.0,
                    console=console(item["executionArn"]),
                    steps=tuple(
                        step for step in _steps(states, item["executionArn"]) if not names or _names(step, names)
                    ),
                )
            )
    return found


def _executions(states: Any, machine: str, account: str) -> Iterator[dict[str, Any]]:
    """A thousand back at most: in a large network an account at rest has a run an hour among them."""
    mine = 0
    for page, items in enumerate(states.get_paginator("list_executions").paginate(stateMachineArn=machine)):
        for item in items["executions"]:
            if item["name"].startswith(f"{account}-"):
                mine += 1
                yield item
                if mine == RUNS_AT_MOST:
                    return
        if page == 9:  # pages of a hundred
            return


def _names(step: StepSeen, names: frozenset[str]) -> bool:
    return any(name in (step.name, step.name.partition("/")[0]) or name in step.name for name in names)


def _trigger(text: str) -> str:
    try:
        return str(json.loads(text)["trigger"]["about"])
    except (ValueError, KeyError, TypeError):
        return ""


def _steps(states: Any, arn: str) -> Iterator[StepSeen]:
    events = pages(states, "get_execution_history", "events", executionArn=arn)
    for event in events:
        output = event.get("taskSucceededEventDetails", event.get("lambdaFunctionSucceededEventDetails", {})).get(
            "output"
        )
        if not output or not output.startswith("["):
            continue  # a look answers an object, a batch its outcomes
        try:
            outcomes = msgspec.json.decode(output, type=tuple[Outcome, ...])
        except msgspec.MsgspecError:
            continue
        for it in outcomes:
            yield StepSeen(kind=it.kind, name=it.name, because=it.because, outcome=it.status, detail=it.detail)


def console(execution: str) -> str:
    """The console's page of an execution."""
    region = execution.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution}"


# --- what a client can call


class Callable(Value, frozen=True, omit_defaults=False):
    """A service of a network that a VPC is joined to."""

    network: str
    account: str
    name: str
    domain: str
    status: str


def services_for(account: Account, vpc: str) -> tuple[list[str], list[Callable]]:
    """The networks that the VPC is joined to, and their services, by the rights of the VPC's own account."""
    with translated():
        joined = listed("list_service_network_vpc_associations", account, vpcIdentifier=vpc)
        found = [
            Callable(
                network=one["serviceNetworkName"],
                account=it["serviceArn"].split(":")[4],
                name=it["serviceName"],
                domain=it.get("customDomainName") or it.get("dnsEntry", {}).get("domainName", ""),
                status=it["status"],
            )
            for one in joined
            for it in listed(
                "list_service_network_service_associations", account, serviceNetworkIdentifier=one["serviceNetworkArn"]
            )
        ]
    return [one["serviceNetworkName"] for one in joined], sorted(found, key=lambda it: (it.network, it.name))
