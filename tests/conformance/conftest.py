"""The local cloud as an AWS client meets it: in process, and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from lattice_world import World

from localcloud.cloud import LocalCloud
from localcloud.server import Server

type Aws = Callable[[str, str], Any]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fact(text): the line of the AWS facts that the test holds the cloud to")


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(enforce_iam=False) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests, since its end takes half a second; each test puts its own cloud behind it."""
    server = Server(LocalCloud())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def clients() -> dict[tuple[str | None, str, str], Any]:
    """Clients by endpoint, service and account: making one costs more than a whole test with it."""
    return {}


@pytest.fixture(params=["in-process", "http"])
def aws(cloud: LocalCloud, clients: dict[tuple[str | None, str, str], Any], request: pytest.FixtureRequest) -> Aws:
    """`aws(service, account)` -> a boto3 client of the account's owner.

    It checks no parameters itself, so that what is refused is refused by the cloud; nor does it retry.
    """
    endpoint = None
    if request.param == "http":
        server: Server = request.getfixturevalue("server")
        server.cloud = cloud
        endpoint = server.url
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})

    def client(service: str, account: str) -> Any:
        key = (endpoint, service, account)
        if key not in clients:
            # An owner's key is the account's number, so the client serves every cloud alike.
            session: boto3.Session = cloud.session(account)
            clients[key] = session.client(service, endpoint_url=endpoint, config=config)
        return clients[key]

    return client


@pytest.fixture
def world(cloud: LocalCloud, aws: Aws) -> World:
    return World(cloud, aws)
