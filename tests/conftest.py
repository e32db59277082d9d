"""What holds for every test: each answer of a local cloud, also of one served beside it, is held to its model; the
product finds the names of its logs and metrics."""

import os
from pathlib import Path

import pytest

# Not imported from localcloud.cloud, which would load moto for the core's tests; test_gate sees that it is right.
os.environ["LOCALCLOUD_CHECK_ANSWERS"] = "1"

# Read while the product's logger and metrics are made, which is once a process, whichever test comes first.
os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "LatticeOnramp", "POWERTOOLS_SERVICE_NAME": "onramp-net"}

HERE = Path(__file__).parent
LONG = frozenset(
    HERE / name
    for name in (
        "bench",
        "cli",
        "core/test_histories.py",
        "e2e",
        "stories",
        "templates/test_least_privilege.py",
        "test_bench.py",
        "test_layer.py",
        "wire",
    )
)
"""Where whole stories are played and processes started: a tenth of the tests, nine tenths of the time."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: plays whole stories or starts processes; `make check` leaves it out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not LONG.isdisjoint((item.path, *item.path.parents)):
            item.add_marker(pytest.mark.long)
