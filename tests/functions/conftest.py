"""The handlers as Lambda loads them: their own module, the environment of the template, no client made before."""

import importlib.util
import math
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from onramp import wiring

from replay.story import ROOT
from tests.place import BUS, MACHINE, NETWORK, TABLE, TOPIC, Place, network_account

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": NETWORK,
    "AWS_SECRET_ACCESS_KEY": "local",
    "ONRAMP_NETWORK_NAME": "net",
    "ONRAMP_NETWORK_ACCOUNT": NETWORK,
    "ONRAMP_TABLE": TABLE,
    "ONRAMP_STATE_MACHINE": MACHINE,
    "ONRAMP_BUS": BUS,
    "ONRAMP_TOPIC": TOPIC,
}

KEPT = (wiring.settings, wiring.session, wiring.own, wiring.members, wiring.shelf, wiring.scouts)

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with network_account() as made:
        network, share = made.share()
        for name, value in {**ENVIRONMENT, "ONRAMP_NETWORK_ARN": network, "ONRAMP_SHARE_ARN": share}.items():
            monkeypatch.setenv(name, value)
        for kept in KEPT:
            kept.cache_clear()
        monkeypatch.setattr(wiring, "sleep", made.cloud.clock.advance)
        # An invitation that has not come yet is waited for in vain, and nobody waits for that here.
        monkeypatch.setattr(time, "sleep", lambda _: None)
        wiring.scouts().send(math.inf)  # nobody finds out whether Lattice is quick, unless a test lets him
        yield made
        for kept in KEPT:
            kept.cache_clear()


@pytest.fixture
def function(place: Place) -> Callable[[str], Handler]:
    """`function("intake")` is that function's handler; it is called with an event."""

    def load(name: str) -> Handler:
        spec = importlib.util.spec_from_file_location(f"functions.{name}.app", ROOT / "functions" / name / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        context = SimpleNamespace(
            function_name=f"onramp-net-{name}",
            memory_limit_in_mb=512,
            invoked_function_arn=f"arn:aws:lambda:ap-northeast-1:{NETWORK}:function:onramp-net-{name}",
            aws_request_id="request-1",
        )
        return lambda event: module.handler(event, context)

    return load
