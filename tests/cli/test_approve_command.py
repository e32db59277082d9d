"""Approval from the tag to the answer, in the walk-through's world: asked, shown, said by the role that may."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from localcloud.ground.journal import CallRecord, EventRecord
from tests.cli.typing_in import INFRA, NETWORK, TEAM, Shell, shell


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws"), ApprovalRequired="both", NoticeMinutes="0") as made:
        made.join()
        yield made


def request(typed: Shell, kind: str) -> str:
    [found] = [it.id for it in typed.status("--state", "waiting").approvals if it.kind == kind]
    return found


def announced(typed: Shell, detail_type: str) -> list[dict[str, object]]:
    events = [record.event for record in typed.cloud.journal.of(EventRecord)]
    return [one["detail"] for one in events if one["source"] == "lattice.onramp" and one["detail-type"] == detail_type]


def test_nothing_is_made_before_and_the_team_reads_what_it_waits_for(typed: Shell) -> None:
    typed.wait(3600)
    assert typed.answer() == {
        "status": "waiting",
        "message": f"approval {request(typed, 'service')}: infra has to approve it first",
    }
    made = [it for it in typed.cloud.journal.of(CallRecord) if it.service == "vpc-lattice" and it.mutating]
    assert [it.operation for it in made if it.role] == []


@pytest.mark.parametrize("word", ["approve", "reject"])
@pytest.mark.parametrize("id_", ["xyz", TEAM, f"{TEAM}-3f9a1c20", f"{TEAM}-{'g' * 40}", f" {TEAM}-{'a' * 40}"])
def test_what_is_no_request_s_id_is_told_before_aws_is_asked(typed: Shell, word: str, id_: str) -> None:
    before = len(list(typed.cloud.journal.of(CallRecord)))
    ran = typed.onramp(word, id_, "--yes", "--profile", "approver")
    assert ran.exit_code == 2
    assert f"{id_!r} is no request's id" in " ".join(ran.stderr.split("\n"))
    assert len(list(typed.cloud.journal.of(CallRecord))) == before


def test_infra_hears_of_it_once_by_event_and_mail(typed: Shell) -> None:
    typed.wait(3 * 3600)
    asked = announced(typed, "Approval Requested")
    assert sorted(str(it["kind"]) for it in asked) == ["client", "service"]
    [service] = [it for it in asked if it["kind"] == "service"]
    assert service["what"][0] == f"service orders of account {TEAM} joins network {NETWORK} and listens on HTTP:80"  # type: ignore[index]
    mails = [it for it in typed.cloud.journal.of(CallRecord) if it.operation == "Publish"]
    told = [it for it in mails if f"onramp approve {service['id']}" in json.dumps(it.params)]
    assert len(told) == 1


def test_who_may_not_approve_is_refused_by_iam(typed: Shell) -> None:
    ran = typed.onramp("approve", request(typed, "service"), "--yes", "--profile", "operator")
    assert ran.exit_code == 2
    assert "PutEvents" in ran.stderr
    typed.wait()
    assert typed.answer()["status"] == "waiting"


def test_a_team_cannot_approve_itself_on_the_bus(typed: Shell) -> None:
    bus = f"arn:aws:events:ap-northeast-1:{INFRA}:event-bus/onramp-{NETWORK}"
    detail = json.dumps({"id": request(typed, "service"), "by": "infra"})
    entry = {"EventBusName": bus, "Source": "lattice.onramp", "DetailType": "Approve", "Detail": detail}
    typed.cloud.client("events", TEAM).put_events(Entries=[entry])
    typed.wait()
    assert typed.answer()["status"] == "waiting"


def test_an_id_that_does_not_wait_is_met_with_those_that_do(typed: Shell) -> None:
    ran = typed.onramp("approve", f"{TEAM}-{'0' * 40}", "--profile", "approver")
    assert ran.exit_code == 2
    assert request(typed, "service") in ran.stderr


def test_infra_sees_what_it_says_yes_to_and_it_is_made(typed: Shell) -> None:
    mine = request(typed, "service")
    ran = typed.onramp("approve", mine, "--profile", "approver", answer="y\n")
    assert ran.exit_code == 0, ran.stderr
    assert f"service orders of account {TEAM} joins network {NETWORK} and listens on HTTP:80" in ran.stdout
    typed.wait()
    assert typed.answer()["status"] == "connected"
    [seen] = typed.status(mine).approvals
    assert (seen.state, seen.kind) == ("approved", "service")
    assert f"onramp-{NETWORK}-approver" in seen.by
    assert [it["id"] for it in announced(typed, "Request Approved")] == [mine]


def test_the_id_is_bound_to_what_was_shown(typed: Shell) -> None:
    before = typed.answer()["domain"]
    typed.tag(listen="HTTP:8080")
    changed = request(typed, "service")
    assert typed.answer() == {
        "status": "waiting",
        "message": f"approval {changed}: infra has to approve it first",
        "domain": before,
    }
    assert typed.onramp("reject", changed, "--yes", "--profile", "approver").exit_code == 0
    typed.wait()
    assert typed.answer()["status"] == "refused"
    typed.tag(listen="HTTP:80")
    assert (typed.answer()["status"], typed.answer()["domain"]) == ("connected", before)
