"""`onramp status` as it is typed: what it asks of AWS does not grow with the accounts, but by pages of one table."""

import json
from pathlib import Path

from onramp.aws.account import Account
from onramp.aws.lease import Leases
from onramp.core.inventory import ClientState, ServiceState
from onramp.core.run import Memory

from localcloud.ground.journal import CallRecord
from tests.cli.typing_in import INFRA, NETWORK, Shell, shell

ACCOUNTS, SERVICES = 200, 10


def fill(typed: Shell, accounts: int) -> None:
    """So many accounts have rung, and their runs have told."""
    own = Account(typed.cloud.session(INFRA), INFRA)
    leases, now = Leases(own, f"onramp-{NETWORK}"), typed.cloud.clock.now
    for number in range(accounts):
        account = f"{300000000000 + number}"
        holder = leases.take(account, [f"of {account}"], now).holder
        services = tuple(
            ServiceState(account=account, name=f"orders-{one}", network=NETWORK, status="connected", answers=True)
            for one in range(SERVICES)
        )
        clients = (ClientState(account=account, vpc=f"vpc-{number:017x}", network=NETWORK, status="connected"),)
        leases.release(account, holder, Memory(services=services, clients=clients), now, blind=False)


def asked(typed: Shell, *words: str) -> tuple[list[str], set[str], str]:
    """The calls of a command, the accounts that they went to, and what it prints."""
    before = len(typed.cloud.journal)
    ran = typed.onramp(*words)
    assert ran.exit_code == 0, ran.stderr
    calls = [one for one in list(typed.cloud.journal)[before:] if isinstance(one, CallRecord)]
    return [f"{one.service}:{one.operation}" for one in calls], {one.account for one in calls}, ran.stdout


def test_the_fleet_costs_a_page_of_the_table_for_each_hundred_accounts_and_asks_no_member(tmp_path: Path) -> None:
    with shell(tmp_path) as typed:
        few, _, _ = asked(typed, "status", "--profile", "operator", "--json")
        fill(typed, ACCOUNTS)
        calls, accounts, printed = asked(typed, "status", "--profile", "operator", "--json")
    found = json.loads(printed)
    assert len(found["accounts"]) >= ACCOUNTS
    assert len(found["services"]) >= ACCOUNTS * SERVICES
    assert accounts == {INFRA}
    assert few.count("dynamodb:Scan") == 1
    assert calls.count("dynamodb:Scan") <= 1 + ACCOUNTS // 100
    assert [one for one in calls if one != "dynamodb:Scan"] == [one for one in few if one != "dynamodb:Scan"]
    assert len(calls) <= 9
