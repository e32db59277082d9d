"""The nine steps by hand, over HTTP as any AWS client makes them, and the words that hand over and take back."""

from dataclasses import dataclass
from typing import Any

import pytest
from onramp.core import tags

from tests.stories.by_hand import CALLER, NETWORK, THINGS, ByHand
from tests.wire.served import Served, up


@dataclass
class Door:
    """What the owners need of a cloud, by its HTTP door."""

    served: Served
    journal: tuple[()] = ()

    def client(self, service: str, account: str) -> Any:
        return self.served.client(service, account)

    def settle(self) -> None:
        self.served.ask("advance")


class OverHttp(ByHand):
    def asks(self, caller: str = CALLER) -> int | str:
        answer = self.cloud.served.ask("request", **{"from": caller, "url": f"http://{self.domain}/"})
        return answer["stopped_at"] or answer["status"]


@pytest.mark.slow
def test_what_is_made_over_http_is_handed_over_and_taken_back() -> None:
    with up("--story", "walkthrough", "--speed", "0") as served:
        it = OverHttp(Door(served))
        it.make()
        assert it.asks() == 200
        it.hand_over(*THINGS)
        it.wish()
        assert {thing: it.tags(thing).get(tags.OWNER) for thing in it.arns} == dict.fromkeys(it.arns, NETWORK)
        assert (it.status(), it.status_of_vpc()[0]) == (("connected", ""), "connected")
        it.take_back("service", "client")
        served.ask("advance", seconds=7400)
        assert [tags.OWNER in it.tags(thing) for thing in it.arns] == [False] * len(it.arns)
        it.leave()
        served.ask("advance", seconds=7400)
        it.settle()
        assert set(it.answers) == {200}
