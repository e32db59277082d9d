"""A local cloud with one of each thing that runs in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.cloud import LocalCloud

ACCOUNT = "111111111111"
TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        for part in ("events", "functions", "queues", "schedules"):
            cloud.component(part)  # they check what moto does not, from the first call on
        yield cloud


@pytest.fixture
def runtime(cloud: LocalCloud) -> LocalCloud:
    """The stack `demo` of runtime.yaml is deployed in ACCOUNT."""
    cloud.stacks.deploy(TEMPLATES / "runtime.yaml", ACCOUNT, "demo")
    return cloud
