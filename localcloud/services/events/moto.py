"""Where moto's EventBridge is wrong for what this project needs: a bus's policy is put whole, with or without Sids."""

from __future__ import annotations

from typing import Any

from moto.events.models import EventBus, EventBusPolicyStatement
from moto.moto_api._internal import mock_random

from localcloud.ground.grammar import listed
from localcloud.ground.moto import Patches


def _add_policy(bus: Any, policy: dict[str, Any]) -> None:
    # moto leaves statements for other principals there, and falls over one without a Sid.
    bus.remove_statements()
    for one in listed(policy["Statement"]):
        statement = {"Sid": str(mock_random.uuid4()), **one}
        bus._statements[statement["Sid"]] = EventBusPolicyStatement.from_dict(statement)


PATCHES: Patches = ((EventBus, "add_policy", _add_policy),)
