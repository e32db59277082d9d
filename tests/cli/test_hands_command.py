"""`onramp status` and infra's hands, typed in the walk-through's world, by the roles that are made for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from onramp.aws.offered import Offered
from onramp.core.fleet import Fleet
from onramp.core.inventory import DELETION_LIMIT, ClientState, Refusal, ServiceState
from onramp.core.run import Memory
from onramp.core.state import kept
from rich.console import Console

from cli.hands import Acted
from cli.status import show, when
from tests.cli.typing_in import BALANCER, INFRA, NETWORK, REGION, TEAM, VPC, Shell, shell

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws")) as made:
        made.join()
        yield made


def test_the_fleet_is_told_from_the_table_alone(typed: Shell) -> None:
    found = typed.status()
    assert [(it.account, it.state, it.services, it.clients) for it in found.accounts] == [
        (INFRA, "well", 0, 1),
        (TEAM, "well", 1, 0),
    ]
    assert [(it.name, it.status) for it in found.services] == [("orders", "connected")]
    assert [(it.vpc, it.status) for it in found.clients] == [(VPC, "connected")]
    assert all(it.looked_at for it in found.accounts)


def test_people_read_a_line_a_thing(typed: Shell) -> None:
    ran = typed.onramp("status", "--profile", "operator")
    assert ran.exit_code == 0
    head, *lines = ran.stdout.splitlines()
    assert head.startswith(f"Network {NETWORK}  1 service, 1 client, 0 refused, 2 accounts, the oldest look")
    assert [line.split()[:2] for line in lines] == [
        ["service", "orders"],
        ["client", VPC],
        ["account", INFRA],
        ["account", TEAM],
    ]
    [domain] = [it.domain for it in typed.status().services]
    assert lines[0].endswith(f"connected  {domain}"), "whole, so that it can be searched and copied"


def test_where_a_line_does_not_fit_the_terminal_its_end_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    long = (
        "security-group: admit the prefix list on TCP port 80: no security group of this load balancer lets Lattice in"
    )
    client = ClientState(account=TEAM, network=NETWORK, vpc=VPC, status="unreachable", message=long)
    show(
        Console(force_terminal=True, no_color=True, width=80, soft_wrap=True),
        Fleet(network=NETWORK, at=0.0, clients=(client,)),
    )
    lines = [re.sub(r"\x1b\[\d*m", "", line) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [f"client  {VPC}  {TEAM}  unreachable", f"        {long}"]


def test_it_is_told_again_until_somebody_stops_it(typed: Shell) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    ran = typed.onramp("status", "--watch", "--profile", "operator", sleep=sleep)
    assert (ran.exit_code, waits) == (0, [10.0, 10.0, 10.0])
    assert ran.stdout.count(f"Network {NETWORK}") == 3


@pytest.mark.parametrize("name", ["orders", f"{TEAM}/orders", "yabuki-lattice-internal-alb", BALANCER])
def test_one_thing_is_told_in_full_with_what_its_runs_did(typed: Shell, name: str) -> None:
    found = typed.status(name)
    assert [it.name for it in found.services] == ["orders"]
    assert [it.account for it in found.accounts] == [TEAM]
    assert found.clients == ()
    first = found.runs[-1]
    assert first.status == "SUCCEEDED"
    assert first.trigger.startswith("lattice:") or first.trigger
    assert {"CreateService", "AssociateService"} <= {step.kind for run in found.runs for step in run.steps}
    assert first.console.endswith(first.execution)


def test_one_thing_as_people_read_it(typed: Shell) -> None:
    said = typed.onramp("status", "orders", "--profile", "operator").stdout
    assert f"service orders of {TEAM}  connected" in said
    assert "CreateService orders: 1 tagged load balancer asks for it" in said
    assert f"https://{REGION}.console.aws.amazon.com/states/home?region={REGION}#/v2/executions/details/" in said


def test_who_asked_is_told_where_the_account_s_trail_tells_it(typed: Shell) -> None:
    typed.cloud.trails.add(TEAM)
    typed.tag(idle_timeout="120")
    typed.cloud.trails.discard(TEAM)
    [asked] = typed.status("orders").asks
    assert (asked.resource, asked.by) == (BALANCER, f"arn:aws:iam::{TEAM}:root")
    said = typed.onramp("status", "orders", "--profile", "operator").stdout
    assert f'asked by       "arn:aws:iam::{TEAM}:root", {when(asked.at)}' in said


def test_who_asked_is_unknown_where_no_trail_tells_it(typed: Shell) -> None:
    assert [(it.resource, it.by) for it in typed.status(VPC).asks] == [(VPC, "")]
    said = typed.onramp("status", VPC, "--profile", "operator").stdout
    assert "asked by       unknown: no trail of the account has told it, " in said


def test_a_client_team_reads_what_it_can_call(typed: Shell) -> None:
    ran = typed.onramp("status", "--from", VPC, "--profile", "infra", "--json")
    told = json.loads(ran.stdout)
    assert (told["vpc"], told["networks"]) == (VPC, [NETWORK])
    assert [(it["account"], it["name"], it["status"]) for it in told["services"]] == [(TEAM, "orders", "ACTIVE")]
    said = typed.onramp("status", "--from", VPC, "--profile", "infra").stdout
    assert said.splitlines()[0] == f"{VPC} is in {NETWORK}: 1 service"
    assert told["services"][0]["domain"] in said


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["status", "order"], 1, "did you mean orders?"),
        (["status", "nonsense-at-all"], 1, "nothing that is called nonsense-at-all"),
        (["status", "--account", "333333333333"], 1, "has never sent an event"),
        (["status", "orders", "--account", INFRA], 1, "orders is there, but not in that account or state"),
        (["status", "--network", "adways-vpc-latice-network"], 2, f"did you mean {NETWORK}?"),
        (["status", "--from", "10.0.0.1"], 2, "is no VPC"),
        (["status", "orders", "--from", VPC], 2, "--from stands alone"),
        (["look"], 2, "say which: --account ID, or --all"),
        (["look", "--account", "22"], 2, "is no account"),
        (["hold", "order"], 2, "did you mean orders?"),
        (["hold", "333333333333"], 2, "has never sent an event"),
        (["hold", f"{TEAM}/"], 2, "write ACCOUNT/SERVICE"),
        (["hold", "yabuki-lattice-internal-alb"], 2, "is a load balancer's name: hold its service, orders"),
        (["hold", "arn:aws:vpc-lattice:ap-northeast-1:222222222222:service/svc-1"], 2, "is an ARN"),
        (["look", "--account", "222222222223"], 2, "is not in MemberAccounts: did you mean 222222222222?"),
        (["status", "333333333333"], 1, "has never sent an event"),
        (["unhold", "orders"], 1, ""),
        (["release", "--account", TEAM], 1, ""),
    ],
)
def test_what_cannot_be_says_why(typed: Shell, words: list[str], status: int, says: str) -> None:
    ran = typed.onramp(*words, "--profile", "operator")
    assert ran.exit_code == status, ran.stderr
    assert says in ran.stderr
    assert ran.exception is None or isinstance(ran.exception, SystemExit)


def test_a_service_that_is_not_there_is_said_to_be_none_before_it_is_held(typed: Shell) -> None:
    ran = typed.onramp("hold", f"{TEAM}/oders", "--profile", "operator", answer="n\n")
    assert f"Account {TEAM} has no service oders now (did you mean orders?)" in ran.stdout
    assert ran.exit_code == 1


def test_a_team_is_told_that_the_network_is_not_its_own(typed: Shell) -> None:
    ran = typed.onramp("status", "--profile", "team")
    assert ran.exit_code == 2
    says = f"no network is owned by {TEAM} in {REGION}: use a profile of the network account, or its --region"
    assert says in ran.stderr
    elsewhere = typed.onramp("status", "--profile", "infra", "--region", "us-east-1")
    assert f"no network is owned by {INFRA} in us-east-1" in elsewhere.stderr


def test_a_network_of_somebodys_own_beside_it_is_in_nobodys_way(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", TEAM)
    plain = lattice.create_service_network(name="plain")["id"]
    both = typed.onramp("status", "--profile", "infra", "--profile", "team")
    assert (both.exit_code, f"Network {NETWORK}" in both.stdout) == (0, True), both.stderr
    planned = typed.onramp("plan", "--profile", "team")
    assert f"Account {TEAM}" in planned.stdout, planned.stderr
    alone = typed.onramp("doctor", "--profile", "team")
    assert "network plain has no table onramp-plain" in alone.stderr
    assert "use a profile of the network account" in alone.stderr
    lattice.delete_service_network(serviceNetworkIdentifier=plain)


def test_nothing_is_said_where_the_answer_is_no(typed: Shell) -> None:
    ran = typed.onramp("hold", "orders", "--profile", "operator", answer="n\n")
    assert ran.exit_code == 1
    assert f"Requests to service orders of {TEAM} stop" in ran.stdout
    typed.wait()
    assert typed.answer()["status"] == "connected"


def test_a_look_is_taken_when_infra_asks(typed: Shell) -> None:
    before = {it.account: it.looked_at for it in typed.status().accounts}
    typed.wait(120)
    ran = typed.onramp("look", "--all", "--yes", "--profile", "operator")
    assert ran.exit_code == 0, ran.stderr
    typed.wait()
    after = {it.account: it.looked_at for it in typed.status().accounts}
    assert all(after[account] > before[account] for account in before)


def test_a_held_service_leaves_is_told_so_and_comes_back_under_its_name(typed: Shell) -> None:
    domain = typed.answer()["domain"]
    ran = typed.onramp("hold", "orders", "--profile", "operator", answer="y\n")
    assert ran.exit_code == 0, ran.stderr
    typed.wait()
    assert typed.answer()["status"] == "held"
    found = typed.status()
    [hold] = found.held
    assert (hold.account, hold.name) == (TEAM, "orders")
    assert f"onramp-{NETWORK}-operator" in hold.by
    assert typed.onramp("unhold", "orders", "--yes", "--profile", "operator").exit_code == 0
    typed.wait()
    assert typed.status().held == ()
    assert (typed.answer()["status"], typed.answer()["domain"]) == ("connected", domain)


def test_what_is_let_go_is_what_was_listed(typed: Shell) -> None:
    looked = max(it.looked_at for it in typed.status().accounts if it.account == TEAM)
    state = {"account": TEAM, "network": NETWORK, "message": f"{DELETION_LIMIT}: let them go"}
    held = tuple(ServiceState(**state, name=name, status="held") for name in ("orders", "bills"))
    memory = Memory(services=held, refusals=(Refusal(code=DELETION_LIMIT, resource=TEAM, message="let them go"),))
    table = typed.cloud.client("dynamodb", INFRA)
    item = {"TableName": f"onramp-{NETWORK}", "Key": {"account": {"S": TEAM}}}
    put = {"UpdateExpression": "SET summary = :text", "ExpressionAttributeValues": {":text": {"S": kept(memory)}}}
    table.update_item(**item, **put)
    typed.wait(60)  # somebody reads the list
    ran = typed.onramp("release", "--account", TEAM, "--yes", "--profile", "operator", "--json")
    found = msgspec.json.decode(ran.stdout, type=Acted, strict=True)
    assert {"bills", "orders"} <= {line.strip() for line in found.told}
    assert [(one.name, one.detail["until"]) for one in found.events] == [("Release", f"{looked + 1:.3f}")]
    typed.wait()
    [word] = table.get_item(**item)["Item"]["words"]["SS"]
    assert word.startswith(f"{looked + 1:.3f} Release ")


def test_each_role_says_what_it_may_and_no_more(typed: Shell) -> None:
    ran = typed.onramp("hold", "orders", "--yes", "--profile", "approver")
    assert ran.exit_code == 2
    assert "events:PutEvents" in ran.stderr or "PutEvents" in ran.stderr
    typed.wait()
    assert typed.answer()["status"] == "connected"


def test_a_machine_reads_what_was_said_and_whether_it_was(typed: Shell) -> None:
    asked = ("--profile", "operator", "--json")
    ran = typed.onramp("look", "--account", TEAM, "--yes", *asked)
    found = msgspec.json.decode(ran.stdout, type=Acted, strict=True)
    assert (ran.exit_code, found.command, found.done, found.network) == (0, "look", True, NETWORK)
    assert [(one.name, one.detail["account"]) for one in found.events] == [("Look", TEAM)]
    assert found.told[-1].startswith("Asked for.")
    for words, answer, says in (
        (("release", "--account", TEAM), "", "Nothing is held by DeletionLimit"),
        (("hold", "orders"), "n\n", "Requests to service orders"),
        (("hold", "orders"), "", "Requests to service orders"),  # nobody is there to answer
    ):
        ran = typed.onramp(*words, *asked, answer=answer)
        # What is typed stands there, too, as on a terminal.
        found = msgspec.json.decode(ran.stdout[ran.stdout.index("{") :], type=Acted, strict=True)
        assert (ran.exit_code, found.done, found.events) == (1, False, ())
        assert found.told[0].startswith(says)
    wrong = typed.onramp("hold", "nobody", *asked)
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "no account has a service nobody" in wrong.stderr


@pytest.mark.parametrize(("name", "kind"), [("status", Fleet), ("status-from", Offered), ("hands", Acted)])
def test_the_schemas_of_the_documents_are_in_the_docs(name: str, kind: Any) -> None:
    document: dict[str, Any] = msgspec.json.schema(kind)
    assert json.loads((SCHEMAS / f"{name}.json").read_text()) == json.loads(json.dumps(document))
