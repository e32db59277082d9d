"""Time the local cloud with 10, 100 and 1,000 services: an account's calls must not feel how many others there are."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from localcloud.cloud import LocalCloud

PER_ACCOUNT = 10
SERVICES = (10, 100, 1000)
REPETITIONS = 60

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


def _fastest(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(REPETITIONS):
        begin = time.process_time_ns()
        call()
        times.append(time.process_time_ns() - begin)
    return float(min(times))
