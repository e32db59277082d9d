"""`onramp local` as it is typed: what is served, what the serving terminal shows, and how it ends."""

from __future__ import annotations

import http.server
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner, Result

from cli.app import app
from cli.local import NoneThere, shaped
from cli.render import local_document
from cli.render.served import ForPeople
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord
from replay.story import World
from replay.watch import Called
from tests.patience import PATIENCE
from tests.wire.served import HERE, REGION, Served, clean_environment, up

INFRA, TEAM = "111111111111", "222222222222"
NETWORK = "adways-vpc-lattice-network"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
VPC = "vpc-0c2f6a1d9b3e48570"
TAGS = {
    "lattice:network": NETWORK,
    "lattice:service": "development-aws-ec2-vpc-lattice-yabuki",
    "lattice:listen": "HTTP:80",
}


def local(*words: str) -> Result:
    return CliRunner().invoke(app, ["local", *words], env={"COLUMNS": "100"})


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


def until(holds: Callable[[], bool], within: float = PATIENCE) -> None:
    """Look again and again, since the process that is waited for says nothing."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


def tag_both(served: Served) -> None:
    served.client("ec2", INFRA).create_tags(
        Resources=[VPC],
        Tags=[{"Key": "lattice:network", "Value": NETWORK}, {"Key": "lattice:allow-from", "Value": "10.1.33.54/32"}],
    )
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    served.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=tags)


# --- a served story, for machines ---


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The walk-through's world and the product, in which both owners have tagged."""
    with up("--story", "walkthrough", "--speed", "0") as served:
        tag_both(served)
        served.ask("advance")
        # What it told so far comes through a pipe: with this line all before it has come.
        served.ask("request", **{"from": "10.1.33.54", "url": "http://nowhere.example.jp/"})
        served.wait_for(lambda line: "nowhere.example.jp" in line)
        yield served


def domain(served: Served) -> str:
    found = served.client("vpc-lattice", TEAM).list_services()["items"]
    return str(found[0]["dnsEntry"]["domainName"])


def test_the_script_is_not_played_only_the_world_and_the_product_are_there(served: Served) -> None:
    first, *others = served.happenings
    assert first["kind"] == "serving"
    assert first["story"] == "walkthrough"
    assert others[0]["kind"] == "call"
    assert (others[0]["by"], others[0]["operation"]) == ("client", "CreateTags")


def test_every_call_event_round_and_step_is_one_line(served: Served) -> None:
    kinds = {it["kind"] for it in served.happenings}
    assert {"serving", "call", "event", "round", "step"} <= kinds
    assert "problem" not in kinds
    by = {it["by"] for it in served.happenings if it["kind"] == "call"}
    assert {"client", "function"} <= by
    assert all("at" in it for it in served.happenings)
    steps = [it["step"] for it in served.happenings if it["kind"] == "step"]
    assert {it["outcome"] for it in steps} == {"done"}
    assert {"ShareNetwork", "AcceptShare", "CreateService", "AssociateService"} <= {it["kind"] for it in steps}
    announced = {it["event"]["detail-type"] for it in served.happenings if it["kind"] == "event" and it["announced"]}
    assert announced == {"Service Connected", "Client Connected"}


def test_rounds_are_numbered_through(served: Served) -> None:
    rounds = [(it["run"], it["round"]) for it in served.happenings if it["kind"] == "round"]
    assert len(set(rounds)) == len(rounds)
    assert {run for run, _ in rounds} >= {1, 2}


def test_a_request_goes_through_the_network(served: Served) -> None:
    ran = local("request", "--port", str(served.port), "--from", "10.1.33.54", f"http://{domain(served)}/")
    assert ran.exit_code == 0, ran.output
    assert "200 nginx" in ran.stdout
    assert "Welcome to nginx!" in ran.stdout
    assert "✓ security group" in ran.stdout


def test_a_request_that_a_hop_stops_ends_with_status_1(served: Served) -> None:
    url = f"http://{domain(served)}/"
    ran = local("request", "--port", str(served.port), "--from", "10.1.33.55", url, "--json")
    assert ran.exit_code == 1
    told = json.loads(ran.stdout)
    assert (told["status"], told["stopped_at"]) == (None, "security group")
    said = local("request", "--port", str(served.port), "--from", "10.1.33.55", url)
    assert "stopped at security group: no answer" in said.stdout
    last = json.loads(served.wait_for(lambda line: '"10.1.33.55"' in line and '"kind": "request"' in line))
    assert (last["from"], last["url"], last["stopped_at"]) == ("10.1.33.55", url, "security group")


def test_status_tells_what_is_served(served: Served) -> None:
    ran = local("status", "--port", str(served.port))
    assert ran.exit_code == 0
    assert f"{served.url}  story walkthrough, seed 0" in ran.stdout
    told = json.loads(local("status", "--port", str(served.port), "--json").stdout)
    assert told["executions"] >= 2
    assert told["calls"] > told["executions"]


def test_what_is_printed_for_machines_is_as_its_schema_has_it(served: Served) -> None:
    port = ("--port", str(served.port), "--json")
    url = f"http://{domain(served)}/"
    for words, kind in (
        (("status",), local_document.Status),
        (("request", "--from", "10.1.33.54", url), local_document.Request),
        (("quota",), local_document.Quotas),
        (("world",), local_document.World),
        (("deliver",), local_document.Delivery),
        (("faults",), local_document.Faults),
    ):
        ran = local(*words, *port)
        assert ran.exit_code == 0, ran.output
        assert msgspec.json.decode(ran.stdout, type=kind)
    served.wait_for(lambda line: '"10.1.33.54"' in line and '"kind": "request"' in line)
    kinds = {type(msgspec.convert(it, local_document.Line)).__name__ for it in served.happenings}
    assert kinds >= {"Serving", "Call", "Event", "Asked", "Round", "Step"}


def test_who_answers_otherwise_is_a_local_cloud_of_another_version() -> None:
    with pytest.raises(NoneThere, match=r"of another version: .*duplicate"):
        shaped({"duplicate": "often"}, local_document.Delivery)


def test_the_world_can_be_printed(served: Served) -> None:
    ran = local("world", "--port", str(served.port))
    assert f"{TEAM} tag lattice-onramp:status of app/yabuki-lattice-internal-alb/50dc6c495c0c9188: connected" in (
        ran.stdout
    )


def test_time_is_let_pass(served: Served) -> None:
    before = served.ask("status")["time"]
    ran = local("advance", "1m", "--port", str(served.port))
    assert ran.exit_code == 0
    assert re.fullmatch(r"It is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.\n", ran.stdout)
    assert before < served.ask("status")["time"]


def test_a_time_that_is_none_is_refused(served: Served) -> None:
    ran = local("advance", "soon", "--port", str(served.port))
    assert ran.exit_code == 2
    assert "write 90s, 5m, 1h or settled" in ran.stderr
    ran = local("advance", "99999999999h", "--port", str(served.port))
    assert ran.exit_code == 2
    assert ran.stderr == "at most 744h may pass at once\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from", "10.1.33.54", "http://x:99999/"], "'http://x:99999/' is no URL: Port out of range 0-65535\n"),
        (["--from", "10.1.33.54", "orders"], "'orders' is no http or https URL, nor tcp://HOST:PORT\n"),
        (["--from", "here", "http://x/"], "'here' does not appear to be an IPv4 or IPv6 address\n"),
        (["--from", "10.1.33.54", "--vpc", "vpc-1", "http://x/"], "vpc-1 is no VPC with the address 10.1.33.54\n"),
        (["--from", "10.1.33.54", "-H", "accept", "http://x/"], "'accept' is no header; write NAME: VALUE\n"),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused(served: Served, words: list[str], told: str) -> None:
    ran = local("request", *words, "--port", str(served.port))
    assert (ran.exit_code, ran.stderr) == (2, told)


def test_a_fault_is_injected(served: Served) -> None:
    ran = local("fault", "delay", "--operation", "ListRules", "--port", str(served.port))
    assert ran.stdout == "delay: *:ListRules, once\n"


def test_a_quota_is_adjusted_by_name_or_code(served: Served) -> None:
    port = str(served.port)
    assert "services: 2000  (L-620C821E)\n" in local("quota", "--port", port).stdout
    assert local("quota", "services", "0", "--port", port).stdout == "services: 0  (L-620C821E)\n"
    with pytest.raises(ClientError) as caught:
        served.client("vpc-lattice", "444444444444").create_service(name="orders")
    assert caught.value.response["Error"]["Code"] == "ServiceQuotaExceededException"
    assert caught.value.response["quotaCode"] == "L-620C821E"
    assert local("quota", "L-620C821E", "2000", "--port", port).stdout == "services: 2000  (L-620C821E)\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["services"], "say how many there may be: onramp local quota services LIMIT\n"),
        (["service", "1"], "there is no quota 'service'; there are networks, services,"),
    ],
)
def test_a_quota_that_is_none_is_refused(served: Served, words: list[str], told: str) -> None:
    ran = local("quota", *words, "--port", str(served.port))
    assert ran.exit_code == 2
    assert ran.stderr.startswith(told)


# --- in a terminal ---


def test_the_serving_terminal_shows_how_to_use_it_and_the_run_and_stops_when_told(tmp_path: Any) -> None:
    log = tmp_path / "log"
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [HERE / "onramp", "local", "up", "--story", "walkthrough", "--speed", "0", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
        )
    try:
        until(lambda: "Stop it with" in log.read_text())
        served = Served(process=process, port=port)  # type: ignore[arg-type]  # its output goes to a file
        text = log.read_text()
        assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port} AWS_DEFAULT_REGION={REGION}" in text
        assert f"export AWS_ACCESS_KEY_ID={TEAM} AWS_SECRET_ACCESS_KEY=local" in text
        tags = " ".join(f"Key={key},Value={value}" for key, value in TAGS.items())
        assert f"aws elbv2 add-tags --resource-arns {BALANCER} --tags {tags}\n" in text
        tag_both(served)
        served.ask("advance")
        down = local("down", "--port", str(port))
        assert down.exit_code == 0, down.output
        assert down.stdout == f"The local cloud on port {port} is stopped.\n"
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    text = log.read_text()
    told = (
        f"▸ the owner of {TEAM} (development) calls elbv2.add_tags",
        f"◆ aws.tag · Tag Change on Resource in {TEAM} (development)",
        f"round 1 · {TEAM} (development)",
        "✓ CreateService",
        "✓ AssociateService",
        "announced Service Connected",
        "Stopped; ",
    )
    places = [text.find(part) for part in told]
    assert -1 not in places, text
    assert places == sorted(places)
    assert text.splitlines()[-1].startswith("Stopped; ")
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"Tags": [{"Key": "a", "Value": "b"}], "clientToken": "made-up"}, ["a = b"]),
        ({"Tags": [{"TagKey": "a", "TagValue": "b"}]}, ["Tags: [{'TagKey': 'a', 'TagValue': 'b'}]"]),
        ({"Resources": [{"Id": "1"}], "TagKeys": ["x"]}, ["on {'Id': '1'}", "without x"]),
        ({"TemplateBody": "x" * 500}, ["TemplateBody:", "x… (500 characters)"]),
    ],
)
def test_whatever_a_client_gives_can_be_shown(params: dict[str, Any], shown: list[str]) -> None:
    out = io.StringIO()
    record = CallRecord(
        at=0.0,
        service="kms",
        operation="CreateKey",
        account=TEAM,
        role="",
        region=REGION,
        outcome="ok",
        mutating=True,
        params=params,
    )
    people = ForPeople(Console(file=out, width=100), World(accounts=()), verbose=False)
    people.tell(Called(record=record, by="client"))
    words = " ".join(out.getvalue().split())
    for part in (f"the owner of {TEAM} calls kms.create_key", *shown):
        assert part in words
    assert "made-up" not in out.getvalue()
    assert len(out.getvalue()) < 600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    with up() as served:
        served.process.send_signal(number)
        assert served.process.wait(PATIENCE) == 0
        served.wait_for(lambda line: '"kind": "stopped"' in line)
    assert served.happenings[-1]["kind"] == "stopped"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)


def test_a_signal_while_the_world_is_being_built_is_no_error() -> None:
    port = free_port()
    process = subprocess.Popen(
        [HERE / "onramp", "local", "up", "--story", "walkthrough", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(),
    )
    # It listens first, then builds.
    until(lambda: listens(port))
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    assert "Traceback" not in out
    assert out.splitlines()[-1].startswith("Stopped")


def test_a_signal_that_comes_inside_a_destructor_is_heard_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dies:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    def settle(_cloud: LocalCloud) -> None:
        # What is thrown in there comes nowhere, and the cloud would be served for good.
        del (one := [Dies()])[:]
        assert one == []

    monkeypatch.setattr(LocalCloud, "settle", settle)
    ended = local("up", "--port", str(free_port()))
    assert ended.exit_code == 0
    assert ended.output.splitlines()[-1] == "Stopped before it was ready."


def test_a_word_said_while_the_world_is_being_built_waits_for_it() -> None:
    port = free_port()
    process = subprocess.Popen(
        [HERE / "onramp", "local", "up", "--story", "walkthrough", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        env=clean_environment(),
    )
    try:
        until(lambda: listens(port))
        assert f"http://127.0.0.1:{port}  story walkthrough" in local("status", "--port", str(port)).stdout
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_two_clouds_on_two_ports_know_nothing_of_each_other() -> None:
    with up("--seed", "1") as one, up("--seed", "2") as other:
        one.client("vpc-lattice", TEAM).create_service_network(name="only-here")
        assert other.client("vpc-lattice", TEAM).list_service_networks()["items"] == []
        assert local("down", "--port", str(one.port)).exit_code == 0
        assert local("status", "--port", str(one.port)).exit_code == 1
        assert local("status", "--port", str(other.port)).exit_code == 0


# --- what is wrong ---


@pytest.mark.parametrize("words", [["--port", "70000"], ["--port", "http"], ["--speed", "inf"], ["--speed", "-1"]])
def test_an_option_that_is_no_such_number_is_a_usage_error(words: list[str]) -> None:
    ran = local("up", *words)
    assert ran.exit_code == 2
    assert f"Invalid value for '{words[0]}'" in ran.stderr


def test_a_port_in_use_is_told_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = local("up", "--port", str(port))
    assert ran.exit_code == 2
    assert f"port {port} is in use; stop what listens there, or choose another with --port" in ran.stderr
    assert f"onramp local down --port {port}" in ran.stderr


@pytest.mark.parametrize("word", ["down", "status", "world"])
def test_where_none_runs_it_is_said(word: str) -> None:
    port = free_port()
    ran = local(word, "--port", str(port))
    assert ran.exit_code == 1
    assert ran.stderr == f"no local cloud runs on port {port}; start one with: onramp local up\n"


class Stranger(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_: Any) -> None:
        pass


def test_what_is_no_local_cloud_is_not_stopped() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ran = local("down", "--port", str(server.server_port))
    finally:
        server.shutdown()
        server.server_close()
    assert ran.exit_code == 1
    assert f"what listens on port {server.server_port} is no local cloud" in ran.stderr


def test_an_unknown_story_is_told_with_those_there_are() -> None:
    ran = local("up", "--story", "walk-trough")
    assert ran.exit_code == 2
    assert (
        "there is no story, file or folder called 'walk-trough'; did you mean walkthrough? The stories are "
        in ran.stderr
    )


def test_a_world_is_begun_with_what_terraforms_state_holds(tmp_path: Any) -> None:
    file = tmp_path / "terraform.tfstate"
    vpc = {"id": VPC, "arn": f"arn:aws:ec2:{REGION}:{TEAM}:vpc/{VPC}", "cidr_block": "10.9.0.0/16"}
    resources = [
        {"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{"attributes": vpc}]},
        {"mode": "managed", "type": "aws_kms_key", "name": "k", "instances": [{"attributes": {}}]},
    ]
    file.write_text(json.dumps({"version": 4, "resources": resources}))
    with up("--tfstate", str(file), "--network", "net", "--speed", "0") as served:
        found = served.client("ec2", TEAM).describe_vpcs(VpcIds=[VPC])["Vpcs"]
        assert [one["CidrBlock"] for one in found] == ["10.9.0.0/16"]
        stacks = served.client("cloudformation", TEAM).list_stacks()["StackSummaries"]
        assert {one["StackName"] for one in stacks} == {"onramp-net", "onramp-net-member"}
    assert any("not read: aws_kms_key: 1" in line for line in served.lines)


@pytest.mark.parametrize(
    ("cidr", "told"),
    [
        ("10.0.0.0/8", "the copy cannot be built: "),
        (None, f"nothing of it can be read: aws_vpc {VPC}: it has no cidr_block"),
        ("banana", f"aws_vpc {VPC}: its attributes are odd: cidr_block is 'banana'"),
    ],
)
def test_an_estate_that_ec2_would_not_take_is_told_in_a_sentence(cidr: str | None, told: str, tmp_path: Any) -> None:
    file = tmp_path / "terraform.tfstate"
    vpc = {"id": VPC, "arn": f"arn:aws:ec2:{REGION}:{TEAM}:vpc/{VPC}", "cidr_block": cidr}
    resources = [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{"attributes": vpc}]}]
    file.write_text(json.dumps({"version": 4, "resources": resources}))
    ran = local("up", "--port", "0", "--tfstate", str(file))
    assert ran.exit_code == 2, ran.output
    assert told in " ".join(ran.stderr.split())
    assert ran.stdout.startswith("Building the copy …") == ("built" in told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tfstate", "none.tfstate"], "none.tfstate cannot be read"),
        (["--from-profile", "no-such-profile"], "profile no-such-profile cannot be read"),
        (["--network", "net"], "--network is for --tfstate and --from-profile"),
        (["--story", "walkthrough", "--tfstate", "x"], "--story brings a world of its own"),
    ],
)
def test_an_estate_that_cannot_be_read_is_told(words: list[str], told: str) -> None:
    ran = local("up", *words)
    assert ran.exit_code == 2
    assert told in ran.stderr


def test_what_a_start_imports_is_what_it_needs() -> None:
    # Each of these cost a tenth of the time until it listened: a plugin of time_machine's for pytest, a page of help.
    asked = "import sys, cli.app, localcloud.cloud; print(*sorted({'pytest', 'rich.markdown'} & set(sys.modules)))"
    here = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", asked], cwd=here, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
