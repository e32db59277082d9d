"""What is typed wrongly is refused in our own words, with what to write instead, and AWS is not asked about it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.app import app
from localcloud.ground.journal import CallRecord
from tests.cli.typing_in import BALANCER, INFRA, REGION, TEAM, VPC, Shell, shell

WAITING_ID = f"111111111111-{'0' * 40}"
ASKED = {"plan", "status", "doctor", "trace", "topology", "look", "release", "hold", "unhold", "approve", "reject"}
"""The commands that speak to AWS; what is sent by `replay --deployed` is tried in test_deployed.py."""

ELSEWHERE = BALANCER.replace(REGION, "us-east-1")
NOBODY_S = BALANCER.replace("yabuki-lattice-internal-alb", "nobody-s")
LONG = "x" * 300
X = "--tag lattice:network=x"
REQUEST = "trace --from 10.1.33.54 --to orders"

WORDS = [
    # command, the option that is wrong ('' for an argument), its value, what else is typed; what is said
    ("plan", "--account", "22", "", "'22' is no account: write its 12 digits"),
    ("plan", "--account", "22222222222x", "", "is no account"),
    ("plan", "--account", INFRA, f"--before {BALANCER} {X}", f"is of account {TEAM}: leave --account {INFRA} out"),
    ("plan", "--before", "vpc-nope", X, "'vpc-nope' is no load balancer's ARN and no VPC's id: write it whole"),
    ("plan", "--before", "orders", X, "no load balancer's ARN and no VPC's id"),
    ("plan", "--before", "arn:x", X, "no load balancer's ARN and no VPC's id"),
    ("plan", "--before", "arn:aws:s3:::bucket", X, "no load balancer's ARN and no VPC's id"),
    ("plan", "--before", f"{BALANCER}/more", X, "no load balancer's ARN and no VPC's id"),
    ("plan", "--before", ELSEWHERE, X, f"is in us-east-1, and {REGION} is looked at: give --region us-east-1"),
    ("plan", "--before", NOBODY_S, X, f"account {TEAM} has no {NOBODY_S} there: check id, region and profile"),
    ("plan", "--before", "vpc-0123456789abcdef0", X, "is in none of the accounts that the profiles are of"),
    ("plan", "--before", "vpc-0123456789abcdef0", f"--account {TEAM} {X}", f"account {TEAM} has no vpc-0123456789"),
    ("plan", "--tag", "lattice:network", f"--before {VPC}", "write KEY=VALUE"),
    ("plan", "--tag", "=x", f"--before {VPC}", "write KEY=VALUE"),
    ("plan", "--tag", "aws:x=y", f"--before {VPC}", "write another key"),
    ("plan", "--tag", f"{LONG}=y", f"--before {VPC}", "shorten it: a key has 128 characters at most, a value 256"),
    ("plan", "--tag", f"lattice:network={LONG}", f"--before {VPC}", "shorten it"),
    ("plan", "--tag", "lattice:path=/*", f"--before {BALANCER}", "AWS takes letters, digits, spaces"),
    ("plan", "--tag", "lattice:network=x", "", "--tag needs --before"),
    ("status", "", "nobody", "", "nothing that is called nobody"),
    ("status", "", LONG, "", "is no name: write a service, its domain, a load balancer, a VPC, an account"),
    ("status", "", "or ders", "", "'or ders' is no name"),
    ("status", "--account", "22x/..", "", "is no account"),
    ("status", "--state", "conected", "", "did you mean connected?"),
    ("status", "--state", "!", "", "--state '!' is no state and no code: write connecting, connected"),
    ("status", "--from", "vpc-nope", "", "--from 'vpc-nope' is no VPC: write its id, as vpc-"),
    ("status", "--from", f"vpc-{LONG}", "", "is no VPC"),
    ("status", "--from", "orders", "", "is no VPC"),
    ("doctor", "", "vpc-nope", "", "no load balancer's ARN and no VPC's id"),
    ("doctor", "", "orders", "", "no load balancer's ARN and no VPC's id"),
    ("doctor", "", f"arn:aws:ec2:{REGION}:{TEAM}:vpc/vpc-nope", "", "no load balancer's ARN and no VPC's id"),
    ("doctor", "", ELSEWHERE, f"--region {REGION}", f"and {REGION} is looked at: give --region us-east-1"),
    ("doctor", "", BALANCER.replace(TEAM, "22"), "", "no load balancer's ARN and no VPC's id"),
    ("doctor", "", "vpc-0123456789abcdef0", "", "is in none of the accounts that the profiles are of"),
    ("trace", "--from", "vpc-nope", "--to orders", "--from 'vpc-nope' is no VPC"),
    ("trace", "--from", "i-nope", "--to orders", "--from 'i-nope' is no instance: write its id, as i-"),
    ("trace", "--from", "", "--to orders", "is no VPC (vpc-…), no instance (i-…) and no address"),
    ("trace", "--from", "10.1.1", "--to orders", "is no VPC (vpc-…), no instance (i-…) and no address"),
    ("trace", "--from", "10.1.33.54/32", "--to orders", "no address"),
    ("trace", "--from", "vpc-0123456789abcdef0", "--to orders", "is no VPC of"),
    ("trace", "--to", "", "--from 10.1.33.54", "is no name and no URL"),
    ("trace", "--to", "or!ders", "--from 10.1.33.54", "is no name and no URL"),
    ("trace", "--to", "http://or!ders/", "--from 10.1.33.54", "is no http or https URL"),
    ("trace", "--to", "http://[::1", "--from 10.1.33.54", "is no URL"),
    ("trace", "--to", "http://orders:99999/", "--from 10.1.33.54", "is no URL"),
    ("trace", "--to", "ftp://orders/", "--from 10.1.33.54", "is no http or https URL"),
    (REQUEST, "--vpc", "nope", "", "--vpc 'nope' is no VPC"),
    (REQUEST, "--vpc", "vpc-nope", "", "--vpc 'vpc-nope' is no VPC"),
    (REQUEST, "--as", "arn:x", "", "--as 'arn:x' is no role: write its name or its ARN"),
    (REQUEST, "--as", "no body", "", "is no role"),
    (REQUEST, "--as", "../x", "", "is no role"),
    (REQUEST, "--as", "arn:aws:iam::22:role/x", "", "is no role"),
    (REQUEST, "--as", f"arn:aws:iam::{TEAM}:user/x", "", "is no role"),
    (REQUEST, "--as", "nobody", "", f"account {INFRA} has no role nobody"),
    (REQUEST, "--method", "GE T", "", "--method 'GE T' is none"),
    (REQUEST, "--method", "", "", "is none"),
    (REQUEST, "--header", "nope", "", "write NAME: VALUE"),
    (REQUEST, "--header", "a b: c", "", "write NAME: VALUE"),
    ("topology", "--prefix", "", "", "--prefix '' is none: write the stack's TagPrefix"),
    ("topology", "--prefix", LONG, "", "is none"),
    ("topology", "--html", "/nowhere/at/all.html", "", "cannot be written"),
    ("topology", "--svg", "/", "", "cannot be written"),
    ("look", "--account", "x", "", "is no account"),
    ("look", "--account", "１２３４５６７８９０１２", "", "is no account"),  # noqa: RUF001  # digits, and not AWS's
    ("release", "--account", "nope", "", "is no account"),
    ("hold", "", "", "", "write a service's name, ACCOUNT/SERVICE, or an account"),
    ("hold", "", "/", "", "write ACCOUNT/SERVICE"),
    ("hold", "", f"{TEAM}/x y", "", "'x y' is no service's name: write 3 to 40 of a-z"),
    ("hold", "", f"{TEAM}/a/b", "", "is no service's name"),
    ("hold", "", f"{TEAM}/{LONG}", "", "is no service's name"),
    ("hold", "", "x/y", "", "'x' is no account"),
    ("hold", "", "a/b/c", "", "'a' is no account"),
    ("hold", "", "No-Such", "", "'No-Such' is no service's name"),
    ("hold", "", "nonsense", "", "no account has a service nonsense"),
    ("unhold", "", "a/b/c", "", "'a' is no account"),
    ("unhold", "", "", "", "write a service's name, ACCOUNT/SERVICE, or an account"),
    ("unhold", "", "nonsense", "", "no account has a service nonsense"),
    ("approve", "", WAITING_ID, "", f"there is no request {WAITING_ID} now"),
    ("approve", "", "nope", "", "no request's id"),
    ("approve", "", "", "", "is no request's id"),
    ("reject", "", "nope", "", "no request's id"),
]

OUT_OF_AWS = re.compile(
    r"is in [a-z0-9-]+, and|there: check id|is in none of|has no vpc-|nothing that is called|is no VPC of|has no role"
    r"|no account has|there is no request|no network|list-profiles"
)
"""What is said by those refusals that only an account's own resources decide, or a profile's region."""

EVERYWHERE = [
    ("--profile", "nobody", "`aws configure list-profiles` lists them"),
    ("--region", "../../x", "Write a region as ap-northeast-1"),
    ("--network", "no-such-one", "no network"),
    ("--network", "No Such", "'No Such' is no network's name: write 3 to 63 of a-z"),
    ("--language", "fr", "'fr' is none of en, ja"),
]
USUAL = {
    "doctor": "doctor",
    "trace": REQUEST,
    "look": f"look --account {TEAM}",
    "release": f"release --account {TEAM}",
    **{name: f"{name} orders" for name in ("hold", "unhold")},
    **{name: f"{name} {WAITING_ID}" for name in ("approve", "reject")},
}
"""How a command is typed otherwise."""

NOT_OURS = re.compile(r"An error occurred|when calling|validation error|Parameter validation|botocore|Traceback")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws")) as made:
        made.join()
        yield made


def refused(typed: Shell, words: list[str], says: str) -> None:
    before = len(typed.cloud.journal.of(CallRecord))
    ran = typed.onramp(*words)
    assert OUT_OF_AWS.search(says) or len(typed.cloud.journal.of(CallRecord)) == before, "AWS was asked"
    assert isinstance(ran.exception, SystemExit), ran.exception
    assert ran.exit_code in (1, 2), ran.stdout
    told = " ".join(ran.stderr.split())
    assert says in told.replace("│ ", "").replace(" │", ""), told
    assert not NOT_OURS.search(told)
    assert len(told) < 700 or LONG in words


@pytest.mark.parametrize(("command", "option", "value", "more", "says"), WORDS)
def test_a_wrong_word_is_refused_in_our_words(
    typed: Shell, command: str, option: str, value: str, more: str, says: str
) -> None:
    words = [*shlex.split(command), *([option] if option else []), value, *shlex.split(more)]
    changed = [it for it in typed.cloud.journal.of(CallRecord) if it.operation == "PutEvents"]
    refused(typed, [*words, "--profile", "infra", "--profile", "team"], says)
    assert [it for it in typed.cloud.journal.of(CallRecord) if it.operation == "PutEvents"] == changed


@pytest.mark.parametrize(
    ("command", "option", "value", "says"),
    [(one, *it) for one in sorted(ASKED) for it in EVERYWHERE if (one, it[0]) != ("trace", "--network")],
)
def test_who_asks_and_where_is_refused_alike(typed: Shell, command: str, option: str, value: str, says: str) -> None:
    words = shlex.split(USUAL.get(command, command))
    profile = [] if option == "--profile" else ["--profile", "infra"]
    refused(typed, [*words, *profile, option, value], says)


def _words(command: Any) -> set[str]:
    """What a command takes a value for; '' is its argument."""
    options = [it for it in command.params if it.param_type_name == "option" and not it.is_flag]
    return {it.opts[0] for it in options} | {"" for it in command.params if it.param_type_name == "argument"}


def test_each_word_of_each_command_is_tried() -> None:
    whole: Any = typer.main.get_command(app)
    tried = {(command.split()[0], option) for command, option, *_ in WORDS}
    tried |= {(command, option) for command in ASKED for option, *_ in EVERYWHERE}
    assert {(name, word) for name in ASKED for word in _words(whole.commands[name])} - tried == set()
    assert ASKED | {"replay", "local"} == whole.commands.keys(), "a new command?"
