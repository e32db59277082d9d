"""The local cloud as an AWS client meets it: in process, and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from lattice_world import World

from localcloud.cloud import LocalCloud
from localcloud.door.http import Server

type Aws = Callable[[str, str], Any]
type Acting = Callable[[str, str, str], Any]
type Reach = Callable[[LocalCloud], str | None]

PLAIN: Any = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fact(text): the line of the AWS facts that the test holds the cloud to")


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(enforce_iam=False) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests; each puts its own cloud behind it."""
    server = Server(LocalCloud())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def clients() -> dict[tuple[str | None, str, str], Any]:
    """Clients by endpoint, service and account: making one costs more than a whole test with it."""
    return {}


@pytest.fixture(params=["in-process", "http"])
def reach(request: pytest.FixtureRequest) -> Reach:
    """`reach(cloud)` -> the endpoint of that cloud for a client; None in process, where it needs none."""
    if request.param == "in-process":
        return lambda _: None
    server: Server = request.getfixturevalue("server")

    def over_http(cloud: LocalCloud) -> str:
        server.cloud = cloud
        return server.url

    return over_http


@pytest.fixture
def aws(cloud: LocalCloud, reach: Reach, clients: dict[tuple[str | None, str, str], Any]) -> Aws:
    """`aws(service, account)` -> a boto3 client of the account's owner.

    It checks no parameters itself, so that what is refused is refused by the cloud; nor does it retry.
    """
    endpoint = reach(cloud)

    def client(service: str, account: str) -> Any:
        key = (endpoint, service, account)
        if key not in clients:
            # An owner's key is the account's number, so the client serves every cloud alike.
            clients[key] = cloud.session(account).client(service, endpoint_url=endpoint, config=PLAIN)
        return clients[key]

    return client


@pytest.fixture
def acting(cloud: LocalCloud, reach: Reach) -> Acting:
    """`acting(service, account, role)` -> a boto3 client of a role, as if just assumed."""
    endpoint = reach(cloud)
    return lambda service, account, role: cloud.session(account, role).client(
        service, endpoint_url=endpoint, config=PLAIN
    )


@pytest.fixture
def world(cloud: LocalCloud, aws: Aws) -> World:
    return World(cloud, aws)
