"""From each release that is kept to this one, and back, and forth again, while requests go on."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localcloud.door.faults import Fault
from localcloud.ground.journal import ExecutionRecord
from localcloud.services.cloudformation.model import StackFailed, TemplateError
from replay.chronicle import broken
from tests.forks import begun_once
from tests.releases.upgraded import EVERY_RELEASE, NETWORK, STACK, TEAM, THIS, Estate, declared, estate, released

pytestmark = pytest.mark.parametrize("version", EVERY_RELEASE, scope="module")


@pytest.fixture(scope="module")
def before(version: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release, where it can be deployed from."""
    return released(version, tmp_path_factory.mktemp("released"))


@begun_once
@contextmanager
def in_service(before: Path) -> Iterator[Estate]:
    """The release is deployed, a VPC calls, and load balancer `orders` answers; requests go on from then on."""
    with estate() as found:
        found.deploy(before)
        found.cloud.settle()
        found.call()
        found.join("orders")
        found.cloud.settle()
        assert found.status("orders") == 200
        found.keep_asking("orders")
        yield found


def missing(things: dict[str, str], now: Estate) -> dict[str, str]:
    """What was there and is not, or is otherwise: a tag, an association, a rule of a security group, ..."""
    there = now.standing().things
    return {name: what for name, what in things.items() if there.get(name) != what}


# What another release calls otherwise. The rest is the same thing before and after.
RENEWED = {
    "network DeadLetters",  # named NAME--dead-letters since 0.2.0: what is in it is to be read before
    f"{NETWORK} DeadLetters",
    f"{TEAM} DeadLetters",
}


def test_it_is_upgraded_used_rolled_back_and_upgraded_again_and_serves_all_the_while(
    version: str, before: Path
) -> None:
    with in_service(before) as serving:
        first, ids, things = serving.physical(), serving.ids(), serving.standing().things
        orders, caller = serving.answers("orders"), serving.answers(serving.vpc)
        first_time = True
        for release in (THIS, before, THIS):
            since = len(serving.cloud.journal)
            serving.deploy(release, members=False)
            serving.sweep()  # the members are still of the other
            if version == "0.1.0" and first_time:
                assert serving.items()[NETWORK]["member_version"] == version
                assert serving.answers(serving.vpc) == caller  # what the older writer may not put is not tried
            serving.deploy(release, network=False)
            serving.sweep()
            assert serving.answers("orders") == orders
            offered = serving.answers(serving.vpc)
            assert offered.pop("services", "").startswith("1 service ")
            assert offered == caller
            first_time = False
            assert ids <= serving.ids(), "something was made anew"
            assert missing(things, serving) == {}
            assert serving.items()[TEAM]["summary"]
            assert "holder" not in serving.items()[TEAM]
            # An account that was not heard of while the older release ran is told as silent until it rings.
            assert [it for it in serving.announced(since) if not it.startswith("Account ")] == [], "nothing was news"
            assert broken(serving.cloud.journal, since) == []
            if release == THIS:
                serving.join("later")
                serving.cloud.settle()
                assert serving.status("later") == 200
            else:  # what the newer one made is unwound by the older
                serving.leave("later")
                serving.cloud.settle()
                serving.sweep()
                assert serving.answers("later") == {}
                assert serving.ids() == ids
                # What the older does not know stays as it was last said.
                left = {name: what for name, what in serving.standing().things.items() if name not in things}
                assert list(left) == [f"{NETWORK} tag lattice-onramp:services of {serving.vpc}"]
                assert missing(things, serving) == {}
        moved = {name for name, made in serving.physical().items() if first.get(name, made) != made}
        assert {name for name in moved if "Alarm" not in name} == RENEWED
        assert set(serving.asked) == {(200, "")}, serving.asked
        assert serving.asked.total() > 200


@pytest.mark.parametrize("newer", ["network", "members"])
def test_while_only_one_side_is_new_wishes_are_met_and_unwound(version: str, before: Path, newer: str) -> None:
    with estate() as found:
        found.deploy(THIS if newer == "network" else before, members=False, **_at_once(newer == "network"))
        found.deploy(before if newer == "network" else THIS, network=False)
        found.cloud.settle()
        nothing = found.standing().things
        found.call()
        found.join("orders")
        found.cloud.settle()
        assert found.status("orders") == 200
        assert found.answers("orders")["status"] == "connected"
        found.leave("orders")
        found.cloud.clock.advance(300)
        found.cloud.settle()
        found.sweep()
        assert found.answers("orders") == {}
        if newer == "network":
            assert found.items()[TEAM]["member_version"] == version
            assert [it for it in found.announced(0) if it.startswith("Account ")] == []  # neighbours fit
        assert {it for it in found.standing().things.keys() - nothing.keys() if "service " in it} == set()
        assert broken(found.cloud.journal) == []


def _at_once(told: bool) -> dict[str, str]:
    """Release 0.1.0 kept no name; so that both sides end alike."""
    return {"KeepSeconds": "0"} if told else {}


@pytest.mark.parametrize("forth", [True, False], ids=["forth", "back"])
def test_a_run_under_way_when_the_functions_change_comes_to_its_end(before: Path, forth: bool) -> None:
    with in_service(before) as serving:
        if not forth:
            serving.deploy(THIS)
            serving.cloud.clock.advance(60)  # the queue that was there before may not be made again sooner
        serving.join("later")
        serving.cloud.clock.advance(45)  # the service is made, its association is on its way
        assert serving.answers("later").get("status") == "connecting"
        since = len(serving.cloud.journal)
        serving.deploy(THIS if forth else before)
        serving.cloud.settle()
        if forth:
            assert broken(serving.cloud.journal, since) == []
            assert "FAILED" not in {record.status for record in serving.cloud.journal.of(ExecutionRecord, since)}
        else:
            # A run may end with the machine that the older functions do not know; the next does the rest.
            serving.sweep()
        assert serving.status("later") == 200
        ended = Counter(record.status for record in serving.cloud.journal.of(ExecutionRecord, since))
        assert ended["SUCCEEDED"] >= 1
        assert set(serving.asked) == {(200, "")}


def test_every_parameter_is_still_there_and_means_what_it_meant(version: str, before: Path) -> None:
    said = (THIS / "docs/upgrading.md").read_text()
    chapter = said.partition(f"## From {version}")[2].partition("\n## From ")[0]
    for template in ("template.yaml", "member.yaml"):
        was, now = declared(before / template), declared(THIS / template)
        for name, parameter in was.items():
            if name not in now:
                assert f"`{name}`" in chapter, f"{name} is gone, and docs/upgrading.md does not say so"
                continue
            for key in ("Type", "Default"):
                assert str(parameter.get(key)) == str(now[name].get(key)), f"{key} of {name}"
            gone = set(parameter.get("AllowedValues", ())) - set(now[name].get("AllowedValues", ()))
            for value in gone if "AllowedValues" in now[name] else ():
                assert f"`{name}={value}`" in chapter, (
                    f"{name}={value} is refused, and docs/upgrading.md does not say so"
                )


def test_a_deployment_that_fails_half_way_is_taken_back_and_nobody_notices(before: Path) -> None:
    with in_service(before) as serving:
        ids, things = serving.ids(), serving.standing().things
        serving.cloud.faults.add(Fault("refuse", "cloudwatch", "PutDashboard"))
        with pytest.raises(StackFailed, match="Dashboard"):
            serving.deploy(THIS, members=False)
        assert serving.cloud.stacks.stack(NETWORK, STACK).status == "UPDATE_ROLLBACK_COMPLETE"
        since = len(serving.cloud.journal)
        serving.sweep()
        assert broken(serving.cloud.journal, since) == []
        assert (serving.ids(), serving.standing().things) == (ids, things)
        serving.deploy(THIS)
        serving.sweep()
        assert broken(serving.cloud.journal, since) == []
        assert serving.ids() == ids
        assert set(serving.asked) == {(200, "")}


OWN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}],
}


def test_a_stack_that_this_version_does_not_take_is_left_as_it_was(version: str, before: Path) -> None:
    with in_service(before) as serving:
        if version != "0.1.0":
            pytest.skip("only 0.1.0 had AuthPreset=custom")
        given = {"AuthPreset": "custom", "AuthPolicyDocument": json.dumps(OWN_POLICY)}
        serving.deploy(before, members=False, **given)
        with pytest.raises(TemplateError, match="AuthPolicyDocument"):
            serving.deploy(THIS, members=False, **given)
        with pytest.raises(TemplateError, match="AuthPreset"):
            serving.deploy(THIS, members=False, AuthPreset="custom")
        serving.sweep()
        assert serving.cloud.stacks.stack(NETWORK, STACK).status == "UPDATE_COMPLETE"
        assert set(serving.asked) == {(200, "")}


def test_a_policy_of_ones_own_can_be_put_on_the_network_afterwards_and_stays(before: Path) -> None:
    with in_service(before) as serving:
        serving.deploy(THIS)
        lattice = serving.cloud.client("vpc-lattice", NETWORK)
        [network] = [one["arn"] for one in lattice.list_service_networks()["items"]]
        lattice.put_auth_policy(resourceIdentifier=network, policy=json.dumps(OWN_POLICY))
        serving.deploy(THIS, DeletionLimit="11")
        assert json.loads(lattice.get_auth_policy(resourceIdentifier=network)["policy"]) == OWN_POLICY
        assert set(serving.asked) == {(200, "")}
