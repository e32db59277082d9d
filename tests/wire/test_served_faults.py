"""What the keeper of a served cloud lets go wrong: functions, events, and states that fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from typer.testing import CliRunner, Result

from cli.app import app
from tests.wire.served import REGION, Served, up

INFRA, TEAM = "111111111111", "222222222222"
NETWORK = "adways-vpc-lattice-network"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
TAGS = [{"Key": "lattice:network", "Value": NETWORK}, {"Key": "lattice:listen", "Value": "HTTP:80"}]


@pytest.fixture(scope="module")
def product() -> Iterator[Served]:
    """The walk-through's world with the product in it."""
    with up("--story", "walkthrough", "--speed", "0") as served:
        yield served


@pytest.fixture(scope="module")
def empty() -> Iterator[Served]:
    with up("--speed", "0", "--seed", "3") as served:
        yield served


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    for name in ("product", "empty"):
        if name in request.fixturenames:
            request.getfixturevalue(name).ask("clear")


def typed(served: Served, *words: str) -> Result:
    return CliRunner().invoke(app, ["local", *words, "--port", str(served.port)], env={"COLUMNS": "100"})


def listed(served: Served) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(typed(served, "faults", "--json").stdout)
    return told


def tag_and_untag(served: Served) -> dict[str, str]:
    """Let a run come and go; answers the tags in between."""
    balancers = served.client("elbv2", TEAM)
    balancers.add_tags(ResourceArns=[BALANCER], Tags=TAGS)
    served.ask("advance")
    described = balancers.describe_tags(ResourceArns=[BALANCER])["TagDescriptions"][0]["Tags"]
    balancers.remove_tags(ResourceArns=[BALANCER], TagKeys=[tag["Key"] for tag in TAGS])
    served.ask("advance")
    return {tag["Key"]: tag["Value"] for tag in described}


# --- functions ---


@pytest.mark.parametrize(("kind", "function", "at_call"), [("die", "plan", "3"), ("timeout", "apply", "0")])
def test_a_function_ends_in_the_middle_and_the_run_comes_to_its_end(
    product: Served, kind: str, function: str, at_call: str
) -> None:
    ran = typed(product, "fault", kind, "--function", function, "--at-call", at_call)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(f"{kind}: onramp-{NETWORK}-{function} ")
    assert tag_and_untag(product)["lattice-onramp:status"] == "connected"
    [met] = listed(product)["functions"]
    assert (met["kind"], met["at_call"], met["struck"]) == (kind, int(at_call), 1)


def test_a_function_that_is_not_there_is_told_with_those_that_are(product: Served, empty: Served) -> None:
    ran = typed(product, "fault", "die", "--function", "plane")
    assert ran.exit_code == 2
    assert "there is no function 'plane'; there are onramp-" in ran.stderr
    assert "none is deployed" in typed(empty, "fault", "die", "--function", "plan").stderr


# --- events ---


def test_events_are_doubled_late_and_in_another_order_and_the_run_connects_all_the_same(product: Served) -> None:
    ran = typed(product, "deliver", "--duplicate", "1", "--delay", "30", "--reorder")
    assert ran.stdout == "events: delivered twice by a chance of 1, 30s late, in any order\n"
    assert tag_and_untag(product)["lattice-onramp:status"] == "connected"
    assert typed(product, "deliver").stdout == "events: delivered as usual\n"


def test_events_that_are_dropped_ring_nothing(product: Served) -> None:
    before = product.ask("status")["executions"]
    typed(product, "deliver", "--drop", "1")
    assert "lattice-onramp:status" not in tag_and_untag(product)
    assert product.ask("status")["executions"] == before


# --- states ---


def test_a_state_fails_on_demand(empty: Served) -> None:
    lattice = empty.client("vpc-lattice", TEAM)
    ran = typed(empty, "fault", "failed", "--of", "service", "--code", "Broken", "--message", "no luck")
    assert ran.stdout == "failed: the next service to create\n"
    assert [it["of"] for it in listed(empty)["failures"]] == ["service"]
    made = lattice.create_service(name="orders")["id"]
    empty.ask("advance")
    read = lattice.get_service(serviceIdentifier=made)
    assert (read["status"], read["failureCode"], read["failureMessage"]) == ("CREATE_FAILED", "Broken", "no luck")
    assert listed(empty)["failures"] == []


def test_an_association_of_a_share_fails_on_demand(empty: Served) -> None:
    ran = typed(empty, "fault", "failed", "--of", "share-association", "--entity", TEAM, "--message", "no luck")
    assert ran.exit_code == 0, ran.output
    ram = empty.client("ram", INFRA)
    share = ram.create_resource_share(name="a", principals=[TEAM])["resourceShare"]["resourceShareArn"]
    empty.ask("advance")
    [found] = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[share])[
        "resourceShareAssociations"
    ]
    assert (found["status"], found["statusMessage"]) == ("FAILED", "no luck")


# --- calls ---


@pytest.mark.parametrize(
    ("kind", "code"), [("throttle", "ThrottlingException"), ("refuse", "AccessDenied"), ("500", "InternalServer")]
)
def test_each_kind_of_fault_of_a_call_can_be_typed(empty: Served, kind: str, code: str) -> None:
    ran = typed(empty, "fault", kind, "--service", "vpc-lattice", "--operation", "List*", "--skip", "1")
    assert ran.stdout == f"{kind}: vpc-lattice:List*, once\n"
    lattice = empty.client("vpc-lattice", TEAM)
    lattice.list_services()
    with pytest.raises(ClientError, match=code):
        lattice.list_services()
    assert f"{kind}: vpc-lattice:List* after 1, struck 1 of 1" in typed(empty, "faults").stdout


def test_an_answer_can_be_lost(empty: Served) -> None:
    typed(empty, "fault", "lost", "--operation", "CreateServiceNetwork")
    lattice = empty.client("vpc-lattice", TEAM)
    with pytest.raises(ConnectionClosedError):
        lattice.create_service_network(name="unheard")
    assert [it["name"] for it in lattice.list_service_networks()["items"]] == ["unheard"]


def test_a_call_can_come_late(empty: Served) -> None:
    lattice = empty.client("vpc-lattice", TEAM)
    made = lattice.create_service(name="slow")["id"]
    typed(empty, "fault", "delay", "--seconds", "600", "--operation", "GetService")
    assert lattice.get_service(serviceIdentifier=made)["status"] == "ACTIVE"


def test_chance_is_told_with_its_seed(empty: Served) -> None:
    ran = typed(empty, "fault", "throttle", "--chance", "0.5", "--times", "0")
    assert ran.stdout == "throttle: *:*, from now on, each by a chance of 0.5 (seed 3)\n"


# --- what is set ---


def test_what_is_set_is_listed_and_taken_back(empty: Served) -> None:
    assert typed(empty, "faults").stdout == "Nothing is set to go wrong.\n"
    typed(empty, "fault", "throttle", "--account", TEAM, "--times", "0")
    typed(empty, "fault", "failed", "--of", "vpc-association", "--phase", "update")
    typed(empty, "fault", "failed", "--of", "share-association", "--entity", TEAM)
    typed(empty, "deliver", "--drop", "0.5")
    assert typed(empty, "faults").stdout.splitlines() == [
        f"throttle: *:* of {TEAM}, struck 0 so far",
        "failed: the next vpc-association to update: It failed on request.",
        f"failed: the next share-association of {TEAM} to create: It failed on request.",
        "events: those of AWS services lost by a chance of 0.5",
    ]
    assert typed(empty, "faults", "--clear").stdout == "Nothing is set to go wrong.\n"
    empty.client("vpc-lattice", TEAM).list_services()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["throttle", "--service", "lattice"], "there is no service 'lattice'; did you mean vpc-lattice?"),
        (
            ["throttle", "--service", "ram", "--operation", "createresourceshare"],
            "ram has no operation 'createresourceshare'; did you mean CreateResourceShare?",
        ),
        (["refuse", "--account", "22"], "'22' is no account; write its 12 digits"),
        (["failed", "--of", "gateway"], "'gateway' is not one of 'service'"),
        (["failed", "--of", "service", "--phase", "update"], "only a vpc-association is"),
        (["failed", "--of", "share-association"], "needs an entity"),
        (["failed", "--of", "service", "--entity", TEAM], "goes with share-association only"),
        (["failed", "--of", "share-association", "--entity", TEAM, "--phase", "delete"], "can only fail to come about"),
        (["throttle", "--function", "plan"], "No such option"),
        (["melt"], "No such command 'melt'"),
    ],
)
def test_what_would_never_strike_is_refused(empty: Served, words: list[str], told: str) -> None:
    ran = typed(empty, "fault", *words)
    assert ran.exit_code == 2
    assert told in ran.stderr
    assert typed(empty, "faults").stdout == "Nothing is set to go wrong.\n"
