"""What the keeper of a served cloud may ask of it by the loopback, and who may not."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.patience import PATIENCE
from tests.wire.served import Served, up

OWNER = "222222222222"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with up("--speed", "0", "--seed", "7") as served:
        yield served


@pytest.fixture(scope="module")
def lattice(served: Served) -> Any:
    return served.client("vpc-lattice", OWNER)


def said(served: Served, method: str, path: str, body: str, kind: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    connection.request(method, path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def test_it_tells_what_it_serves(served: Served) -> None:
    told = served.ask("status")
    assert (told["url"], told["seed"], told["speed"], told["pid"]) == (served.url, 7, 0, served.process.pid)


def test_only_json_is_heard_so_that_no_page_in_a_browser_can_stop_it(served: Served) -> None:
    assert said(served, "POST", "/_local/stop", "{}", "text/plain")[0] == 415
    assert said(served, "GET", "/_local/stop", "", "application/json")[0] == 415
    assert served.process.poll() is None


@pytest.mark.parametrize(
    ("word", "body", "status", "told"),
    [
        ("dance", "{}", 404, "no word 'dance'; there are status, stop,"),
        ("status", "[]", 400, "Expected `object`"),
        ("status", "{", 400, "truncated"),
        ("advance", '{"seconds": "soon"}', 400, "Expected `float | null`"),
        ("advance", '{"seconds": -1}', 400, "time does not go back"),
        ("advance", '{"minutes": 1}', 400, "unknown field `minutes`"),
        ("request", '{"from": "10.0.0.1", "url": "ftp://x/"}', 400, "is no http or https URL"),
        ("request", '{"from": "10.0.0.1", "url": "http://x/"}', 400, "no VPC has the address 10.0.0.1"),
        ("fault", '{"fault": "melt"}', 400, "Invalid enum value 'melt'"),
    ],
)
def test_what_it_cannot_do_is_told(served: Served, word: str, body: str, status: int, told: str) -> None:
    answered, document = said(served, "POST", f"/_local/{word}", body, "application/json")
    assert answered == status
    assert told in document["error"]


def test_time_passes_when_it_is_told_to(served: Served, lattice: Any) -> None:
    made = lattice.create_service(name="orders")["id"]
    assert lattice.get_service(serviceIdentifier=made)["status"] == "CREATE_IN_PROGRESS"
    served.ask("advance")
    assert lattice.get_service(serviceIdentifier=made)["status"] == "ACTIVE"


def test_a_call_can_be_made_to_fail(served: Served, lattice: Any) -> None:
    served.ask("fault", fault="throttle", service="vpc-lattice", operation="ListServices", times=1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        lattice.list_services()
    lattice.list_services()
    last = [it["outcome"] for it in served.happenings if it["kind"] == "call" and it["operation"] == "ListServices"]
    assert last[-2:] == ["ThrottlingException", "ok"]


def test_it_listens_on_the_loopback_address_and_on_no_other(served: Served) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", served.port), timeout=PATIENCE)
