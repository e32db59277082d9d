"""Time the local cloud with 10, 100 and 1,000 services, whose calls must not feel how many others there are; and what
is told of a fleet beside what it takes to read it.
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from onramp.aws.account import Account
from onramp.aws.inventory import inventory
from onramp.aws.lease import Leases
from onramp.core.fleet import fleet
from onramp.core.inventory import ServiceState
from onramp.core.run import Memory

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord

PER_ACCOUNT = 10
SERVICES = (10, 100, 1000)
REPETITIONS = 60
OWN = "111111111111"

MEASURED = (
    f"Each account has {PER_ACCOUNT} services, each in the account's network; loaded, asked and answered through "
    f"boto3 in this process. Load: CPU seconds. A get and a list (and a list of the {PER_ACCOUNT} associations) in one "
    f"account: the fastest of {REPETITIONS} calls, as a ratio to that with {SERVICES[0]} services."
)


class Scale(msgspec.Struct, frozen=True):
    """`load`: CPU seconds. `get`, `list` and `associations`: times the smallest cloud's."""

    services: int
    accounts: int
    load: float
    get: float
    list: float
    associations: float


def scales() -> list[Scale]:
    found = [(services, *_measured(services)) for services in SERVICES]
    smallest = found[0][2]
    return [
        Scale(services, services // PER_ACCOUNT, load, *(now / then for now, then in zip(times, smallest, strict=True)))
        for services, load, times in found
    ]


ACCOUNTS = 200
STATUS_MEASURED = (
    f"What `onramp status` makes of the table of {ACCOUNTS} accounts with {PER_ACCOUNT} services each. Ratio: CPU of "
    "reading and telling it, to that of asking for the same pages by boto3 alone; the fastest of 5."
)


class Status(msgspec.Struct, frozen=True):
    """`pages`: of the network's table; `others`: calls of anything else; `ratio`: to asking for those pages alone."""

    accounts: int
    services: int
    pages: int
    others: int
    ratio: float


def status() -> Status:
    with LocalCloud() as cloud:
        own = Account(cloud.session(OWN), OWN)
        cloud.client("dynamodb", OWN).create_table(
            TableName="onramp-net",
            KeySchema=[{"AttributeName": "account", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "account", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        leases, now = Leases(own, "onramp-net"), cloud.clock.now
        for account in (f"{400000000000 + number}" for number in range(ACCOUNTS)):
            holder = leases.take(account, [f"of {account}"], now).holder
            services = tuple(
                ServiceState(account=account, name=f"orders-{one}", network="net", status="connected", answers=True)
                for one in range(PER_ACCOUNT)
            )
            leases.release(account, holder, Memory(services=services), now, blind=False)
        begin = len(cloud.journal)
        whole = fleet("net", inventory(own, "net"), now)
        calls = [one for one in list(cloud.journal)[begin:] if isinstance(one, CallRecord)]
        pages = sum(one.operation == "Scan" for one in calls)
        told = _fastest(lambda: fleet("net", inventory(own, "net"), now), 5)
        scan = own.client("dynamodb").get_paginator("scan")
        bare = _fastest(lambda: list(scan.paginate(TableName="onramp-net")), 5)
        return Status(len(whole.accounts), len(whole.services), pages, len(calls) - pages, told / bare)


def _measured(services: int) -> tuple[float, tuple[float, ...]]:
    """CPU seconds to load so many services; the fastest get, list and list of associations in the first account."""
    accounts = [f"{400000000000 + number}" for number in range(services // PER_ACCOUNT)]
    with LocalCloud() as cloud:
        begin = time.process_time()
        networks = {account: _load(cloud, account) for account in accounts}
        cloud.settle()
        load = time.process_time() - begin
        lattice = cloud.client("vpc-lattice", accounts[0])
        known = lattice.list_services()["items"]
        if len(known) != PER_ACCOUNT:
            raise ValueError(f"account {accounts[0]} sees {len(known)} services")
        return load, (
            _fastest(lambda: lattice.get_service(serviceIdentifier=known[0]["id"])),
            _fastest(lattice.list_services),
            _fastest(
                lambda: lattice.list_service_network_service_associations(
                    serviceNetworkIdentifier=networks[accounts[0]]
                )
            ),
        )


def _load(cloud: LocalCloud, account: str) -> str:
    """A network with services in it; answers the network's id."""
    lattice = cloud.client("vpc-lattice", account)
    network: str = lattice.create_service_network(name="net")["id"]
    made = [lattice.create_service(name=f"service-{number}")["id"] for number in range(PER_ACCOUNT)]
    cloud.settle()
    for service in made:
        lattice.create_service_network_service_association(serviceIdentifier=service, serviceNetworkIdentifier=network)
    return network


def _fastest(call: Callable[[], Any], repetitions: int = REPETITIONS) -> float:
    times = []
    for _ in range(repetitions):
        begin = time.process_time_ns()
        call()
        times.append(time.process_time_ns() - begin)
    return float(min(times))
