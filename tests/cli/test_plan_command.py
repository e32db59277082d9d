"""`onramp plan` as it is typed at a served cloud: what a run would do, why, and that nothing is changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from onramp.core.run import Plan

from tests.patience import PATIENCE
from tests.wire.served import HERE, REGION, Served, clean_environment, up

INFRA, TEAM = "111111111111", "222222222222"
NETWORK = "adways-vpc-lattice-network"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
VPC = "vpc-0c2f6a1d9b3e48570"
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "plan.json"
WISH = (f"lattice:network={NETWORK}", "lattice:service=orders", "lattice:listen=HTTP:80")


BOTH = ("--profile", "infra", "--profile", "team")


class Typed:
    """A shell in which profiles of both accounts are set up."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        config = folder / "config"
        config.write_text(
            "".join(
                f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = local\nregion = {REGION}\n"
                for name, account in (("infra", INFRA), ("team", TEAM))
            )
        )
        self.environment = clean_environment(AWS_ENDPOINT_URL=served.url, AWS_CONFIG_FILE=str(config), COLUMNS="200")

    def plan(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HERE / "onramp", "plan", *words],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=PATIENCE,
            check=False,
        )

    def told(self, *words: str) -> tuple[int, Plan]:
        ran = self.plan(*words, "--json")
        return ran.returncode, msgspec.json.decode(ran.stdout, type=Plan)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    with up("--story", "walkthrough", "--speed", "0") as served:
        yield Typed(served, tmp_path_factory.mktemp("aws"))


def kinds(found: Plan) -> list[str]:
    return [step.kind for batch in found.batches for step in batch.steps]


def before(resource: str, *tags: str) -> list[str]:
    return ["--before", resource, *(word for tag in tags for word in ("--tag", tag))]


def test_where_nobody_asks_for_anything_nothing_is_to_do(typed: Typed) -> None:
    ran = typed.plan(*BOTH, "--account", TEAM)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [f"Account {TEAM}", "Nothing to do."]


def test_with_profiles_of_several_accounts_it_is_said_which_is_meant(typed: Typed) -> None:
    ran = typed.plan(*BOTH)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"the profiles are of several accounts: say which by --account: {INFRA}, {TEAM}" in ran.stderr


def test_what_would_happen_with_these_tags_is_told_before_they_are_set(typed: Typed) -> None:
    status, found = typed.told(*BOTH, *before(BALANCER, *WISH))
    assert status == 2
    assert {"ShareNetwork", "AcceptShare", "CreateTargetGroup", "CreateService"} <= set(kinds(found))
    words = typed.plan(*BOTH, *before(BALANCER, *WISH)).stdout
    assert "  + CreateService orders\n      1 tagged load balancer asks for it" in words
    assert "4 to make, 0 to change, 0 to take away, 1 to tell, 0 refused. More follows when this is done." in words


def test_a_wish_that_would_be_refused_says_so_before_it_is_made(typed: Typed) -> None:
    status, found = typed.told(*BOTH, *before(BALANCER, "lattice:networks=somewhere"))
    assert (status, found.batches[0].steps[0].kind) == (2, "WriteStatus")
    status, found = typed.told(*BOTH, *before(VPC, f"lattice:network={NETWORK}", "lattice:ports=many"))
    assert [refusal.code for refusal in found.refusals] == ["tag-invalid"]
    both = "lattice:allow-from=10.1.33.0/24,10.1.34.0/24"  # a comma, which EC2 takes and ELB does not
    status, found = typed.told(*BOTH, *before(VPC, f"lattice:network={NETWORK}", both))
    assert (status, found.refusals) == (2, ())


def test_nothing_is_changed_by_any_of_it(typed: Typed) -> None:
    told = typed.served.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"][0]["Tags"]
    assert not [tag for tag in told if tag["Key"].startswith("lattice")]
    assert typed.served.client("vpc-lattice", TEAM).list_services()["items"] == []


def test_what_is_connected_leaves_nothing_to_do_and_a_team_sees_its_own(typed: Typed) -> None:
    tags = [dict(zip(("Key", "Value"), word.split("=", 1), strict=True)) for word in WISH]
    typed.served.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=tags)
    typed.served.ask("advance")
    for words in ((*BOTH, "--account", TEAM), ("--profile", "team")):
        ran = typed.plan(*words)
        assert ran.stdout.splitlines() == [f"Account {TEAM}", "  orders  connected", "Nothing to do."], ran.stderr
        assert ran.returncode == 0


def test_what_only_the_networks_table_proves_is_left_open_where_that_was_not_read(typed: Typed) -> None:
    team = typed.served.client("vpc-lattice", TEAM)
    made = team.create_service(name="kept-by-us", tags={"lattice-onramp:network": NETWORK})["id"]
    typed.served.ask("advance", seconds=120)  # the search by tags knows it a little later
    ran = typed.plan("--profile", "team")
    assert "mark-unproven" not in ran.stdout
    assert "  … kept-by-us carries the network's mark, and whether it is ours stands in" in ran.stdout
    assert ran.returncode == 0, ran.stdout
    told = typed.plan(*BOTH, "--account", TEAM)
    assert (told.returncode, "mark-unproven: remove our tag from it" in told.stdout) == (2, True)
    team.delete_service(serviceIdentifier=made)
    typed.served.ask("advance")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--network", "elsewhere"], "no network elsewhere can be seen"),
        (["--tag", "lattice:network=x"], "--tag needs --before"),
        (["--before", VPC, "--tag", "lattice:network"], "write KEY=VALUE"),
        (["--account", "333333333333"], "account 333333333333 cannot be read"),
    ],
)
def test_what_cannot_be_planned_says_why(typed: Typed, words: list[str], says: str) -> None:
    ran = typed.plan("--profile", "infra", *words)
    assert ran.returncode == 1
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_schema_of_the_document_is_in_the_docs() -> None:
    document: dict[str, Any] = msgspec.json.schema(Plan)
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(document))
