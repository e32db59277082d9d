"""Where the shell's parts are tried."""

from collections.abc import Iterator

import pytest

from tests.place import Place, network_account


@pytest.fixture
def place() -> Iterator[Place]:
    with network_account() as made:
        yield made
