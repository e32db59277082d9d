"""What is told comes on the bus once, whatever the bus takes at its first or second offer."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from onramp.aws.account import Account
from onramp.aws.announce import ENTRIES_PER_CALL, TRIES, ask, put, write
from onramp.core.errors import NotYet
from onramp.core.watch import Mail

from localcloud.door.faults import Fault
from tests.place import BUS, NETWORK, TOPIC, Body, Place


class Bus:
    """EventBridge's side of the wire: takes an entry unless `refuses(number, offer)`, counted from 1."""

    def __init__(self, refuses: Callable[[int, int], bool] = lambda number, offer: False) -> None:
        self.refuses = refuses
        self.offered: Counter[int] = Counter()
        self.calls: list[list[int]] = []
        self.taken: list[dict[str, Any]] = []
        session = boto3.Session("key", "secret", region_name="ap-northeast-1")
        self.account = Account(session, NETWORK)
        self.account.client("events").meta.events.register("before-send.events.PutEvents", self._answer)

    def _answer(self, request: AWSRequest, **_: Any) -> AWSResponse:
        entries = json.loads(request.body)["Entries"]
        assert 1 <= len(entries) <= 10  # EventBridge refuses more
        answers = [self._take(entry) for entry in entries]
        self.calls.append([json.loads(entry["Detail"])["number"] for entry in entries])
        content = {"Entries": answers, "FailedEntryCount": sum("ErrorCode" in answer for answer in answers)}
        headers = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, 200, headers, Body(json.dumps(content).encode()))  # type: ignore[arg-type, call-arg]  # urllib3's answer, as far as botocore reads it

    def _take(self, entry: dict[str, Any]) -> dict[str, str]:
        number = json.loads(entry["Detail"])["number"]
        self.offered[number] += 1
        if self.refuses(number, self.offered[number]):
            return {"ErrorCode": "ThrottlingException", "ErrorMessage": f"no {number}"}
        self.taken.append(entry)
        return {"EventId": f"event-{number}"}

    @property
    def numbers(self) -> list[int]:
        return [json.loads(entry["Detail"])["number"] for entry in self.taken]


def numbered(count: int) -> list[tuple[str, dict[str, Any]]]:
    return [("Service Connected", {"number": number}) for number in range(count)]


def test_every_event_is_put_on_the_network_s_bus_as_ours() -> None:
    bus = Bus()
    put(bus.account, BUS, [("Client Connected", {"number": 7})])
    assert bus.taken == [
        {
            "EventBusName": BUS,
            "Source": "lattice.onramp",
            "DetailType": "Client Connected",
            "Detail": '{"number":7}',
        }
    ]


def test_what_others_wrote_is_in_an_event_as_plain_text() -> None:
    bus = Bus()
    put(bus.account, BUS, [("Request Refused", {"number": 7, "resource": "a\x1b\u202e", "what": ["https://b"]})])
    assert json.loads(bus.taken[0]["Detail"]) == {"number": 7, "resource": "a", "what": ["https[:]//b"]}


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_a_call_carries_ten(count: int, calls: list[int]) -> None:
    bus = Bus()
    put(bus.account, BUS, numbered(count))
    assert [len(call) for call in bus.calls] == calls
    assert bus.numbers == list(range(count))
    assert ENTRIES_PER_CALL == 10


def test_only_what_was_not_taken_is_sent_again() -> None:
    bus = Bus(lambda number, offer: number in (1, 3, 12) and offer == 1)
    put(bus.account, BUS, numbered(13))
    assert bus.calls == [list(range(10)), [10, 11, 12], [1, 3, 12]]
    assert sorted(bus.numbers) == list(range(13))


def test_what_is_never_taken_is_an_error_and_the_rest_is_on_the_bus() -> None:
    bus = Bus(lambda number, offer: number == 2)
    with pytest.raises(NotYet, match=r"PutEvents: 1 not taken: ThrottlingException: no 2"):
        put(bus.account, BUS, numbered(12))
    assert sorted(bus.numbers) == [0, 1, *range(3, 12)]
    assert bus.offered[2] == TRIES == len(bus.calls) - 1


def test_a_bus_that_does_not_answer_is_not_yet(place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "events", "PutEvents", times=5))
    with pytest.raises(NotYet):
        put(place.own, BUS, numbered(1))


def test_a_look_is_asked_for_by_the_bus(place: Place) -> None:
    ask(place.own, BUS, "222222222222", "somebody waits")
    assert place.put() == [("Look", {"account": "222222222222", "because": "somebody waits"})]


def test_a_mail_that_is_larger_than_mails_may_be_is_sent_as_far_as_it_fits(place: Place) -> None:
    """Else it would be refused each time, and whoever is to be told after it would hear nothing."""
    write(place.own, TOPIC, Mail("a look", "\U0001f6d1" * 80_000))
    [(_, sent)] = place.mails()
    assert sent == "\U0001f6d1" * 65_536


def test_people_are_sent_a_mail(place: Place) -> None:
    write(place.own, TOPIC, Mail("a look", "it is refused"))
    assert place.mails() == [("a look", "it is refused")]
