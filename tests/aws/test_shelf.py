"""What grows with an account lies outside of its item and of a run's state, and is found again."""

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from onramp.aws.accounts import Accounts
from onramp.aws.aside import put_aside
from onramp.aws.inventory import inventory, told
from onramp.aws.lease import Leases
from onramp.aws.shelf import PART_AT_MOST, Shelf, parts
from onramp.core.digest import Joined, joined
from onramp.core.errors import NotYet
from onramp.core.infra import Word
from onramp.core.inventory import ServiceState
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import from_state, kept, to_state

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NETWORK, NOW, TABLE, TEAM, Place

LARGE = 2000
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:"


def account_of(services: int) -> Memory:
    """What an account of so many services leaves to its next run; ids that do not repeat, as AWS's."""
    states, arns = [], {}
    for n in range(services):
        ident = f"{n * 2654435761 % 2**32:08x}{n * 40503 % 2**36:09x}"
        balancer = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders-{n}/{ident[:16]}"
        arns |= {
            f"{LATTICE}service/svc-{ident}": f"orders-{n}",
            f"{LATTICE}service/svc-{ident}/listener/listener-{ident[::-1]}": "http-80",
            f"{LATTICE}targetgroup/tg-{ident[3:]}": f"orders-{n}-{ident[:8]}",
            f"{LATTICE}servicenetworkserviceassociation/snsa-{ident[5:]}": f"orders-{n}",
        }
        states.append(
            ServiceState(
                account=TEAM,
                name=f"orders-{n}",
                network="net",
                status="connected",
                domain=f"orders-{n}-{ident}.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws",
                arn=f"{LATTICE}service/svc-{ident}",
                load_balancers=(balancer,),
                answers=True,
                serving=(balancer,),
            )
        )
    return Memory(arns=arns, services=tuple(states))


@pytest.fixture
def shelf(place: Place) -> Shelf:
    return Shelf(place.own, TABLE)


def put(shelf: Shelf) -> Callable[[bytes], str]:
    return lambda content: shelf.put(TEAM, content, NOW + 60)


def ended(place: Place, memory: Memory, remembered_at: str = "", event: str = "one") -> None:
    leases = Leases(place.own, TABLE)
    holder = leases.take(TEAM, [event], NOW).holder
    leases.release(TEAM, holder, memory, NOW + 5, blind=False, remembered_at=remembered_at)


def sizes(place: Place) -> dict[str, int]:
    items = place.cloud.client("dynamodb", NETWORK).scan(TableName=TABLE)["Items"]
    return {
        item["account"]["S"]: sum(len(str(name)) + len(next(iter(value.values()))) for name, value in item.items())
        for item in items
    }


def test_what_is_put_is_found_in_parts_and_dropped(shelf: Shelf, place: Place) -> None:
    content = bytes(range(256)) * 2000  # more than a part holds, and less than two
    key = shelf.put(TEAM, content)
    assert len(parts(key)) == 2
    assert max(sizes(place).values()) < PART_AT_MOST + 1000
    assert shelf.get(key) == content
    shelf.drop(key)
    assert shelf.get(key) is None


def test_what_was_torn_is_gone_and_not_half_there(shelf: Shelf, place: Place) -> None:
    key = shelf.put(TEAM, b"x" * (PART_AT_MOST + 1))
    place.cloud.client("dynamodb", NETWORK).delete_item(TableName=TABLE, Key={"account": {"S": parts(key)[1]}})
    assert shelf.get(key) is None


@pytest.mark.parametrize("quiet", [True, False], ids=["nothing changes", "500 are connected"])
def test_a_run_of_two_thousand_services_carries_counters_and_a_key(shelf: Shelf, quiet: bool) -> None:
    memory = account_of(LARGE)
    before = memory if quiet else replace(memory, services=memory.services[500:])
    plan = Plan(account=TEAM, round=3, next="done", services=memory.services, arns=memory.arns)
    made = {} if quiet else {arn: name for arn, name in memory.arns.items() if "orders-4" in name}
    run = Run(account=TEAM, trigger={"about": "the hourly sweep"}, memory=before, made=made, plan=plan, round=3)
    if not quiet:  # infra has approved all of them, and owners have taken back as many things
        plan = replace(plan, released=tuple(memory.arns), private={f"Z{number}": "" for number in range(LARGE)})
        run = replace(run, plan=plan, released=tuple(memory.arns), words=approved(100), aside=approved(LARGE))
    state = json.loads(json.dumps(to_state(run, put(shelf))))
    assert len(json.dumps(state)) < 1500
    assert from_state(state, shelf.get) == run


def approved(number: int) -> tuple[Word, ...]:
    by = f"arn:aws:sts::{NETWORK}:assumed-role/AWSReservedSSO_NetworkAdministrators_0123456789abcdef/ayumi.tanaka"
    return tuple(Word(at=NOW + one, saying="Approve", about=f"{TEAM}-{one:040x}", by=by) for one in range(number))


def test_a_ring_writes_little_whatever_infra_has_said_and_all_of_it_counts(place: Place, shelf: Shelf) -> None:
    hold = Word(at=NOW, saying="Hold", about="orders", by="ayumi")
    everything = (hold, *approved(LARGE))
    leases, waiting = Leases(place.own, TABLE), everything
    known: tuple[Word, ...] = ()
    times = iter(range(int(NOW), int(NOW) + 4000, 100))

    def heard(said: tuple[Word, ...] = (), spent: tuple[Word, ...] = ()) -> tuple[Word, ...]:
        """What a run knows, while which this is said; what there is no room for is left."""
        now = next(times)
        begun = leases.take(TEAM, [f"{now}"], now)
        while said and not leases.take(TEAM, [f"{now}-{len(said)}"], now, heard=False, said=said[:100]).unsaid:
            said = said[100:]
        assert sizes(place)[TEAM] < 100_000
        state = to_state(Run(account=TEAM, trigger={}, words=begun.words, aside_at=begun.aside_at))
        assert len(json.dumps(state)) < 128 * 1024
        run = from_state(json.loads(json.dumps(state)), shelf.get)
        aside = put_aside(shelf, run, spent)
        keys = {"aside_at": run.aside_at, "words_at": aside.key}
        leases.release(TEAM, begun.holder, Memory(), now + 50, blind=False, spent=aside.forgotten, **keys)
        nonlocal waiting
        waiting = said
        return run.said

    while waiting or len(known) < len(everything):
        known = heard(waiting)
    assert set(known) == set(everything)
    assert sizes(place)[TEAM] < 400
    [one] = inventory(place.own, "net")
    assert set(one.words) == set(everything)
    heard(spent=approved(LARGE))
    assert heard(spent=(hold,)) == (hold,)
    assert heard() == ()
    assert set(sizes(place)) == {TEAM}


def test_what_infra_said_is_not_forgotten_because_it_is_gone(shelf: Shelf) -> None:
    run = Run(account=TEAM, trigger={}, words=approved(50))
    run = Run(account=TEAM, trigger={}, aside_at=put_aside(shelf, run, ()).key)
    assert from_state(to_state(run), shelf.get).said == approved(50)
    shelf.drop(run.aside_at)
    with pytest.raises(LookupError, match="say again what is held or approved"):
        from_state(to_state(run), shelf.get)


def test_a_run_whose_content_is_gone_fails_and_says_so(shelf: Shelf) -> None:
    state = to_state(Run(account=TEAM, trigger={}, memory=account_of(LARGE)), put(shelf))
    shelf.drop(state["shelved"])
    with pytest.raises(LookupError, match="the next run looks anew"):
        from_state(state, shelf.get)
    with pytest.raises(LookupError):
        from_state(state)


@pytest.mark.parametrize("services", [20, LARGE])
def test_a_ring_writes_little_whatever_the_account_holds(place: Place, services: int) -> None:
    memory = account_of(services)
    ended(place, memory)
    assert sizes(place)[TEAM] < 400
    taken = Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 10)
    assert (taken.mine, taken.memory) == (True, Memory())
    run = Run(account=TEAM, trigger={}, memory=taken.memory, remembered_at=taken.remembered_at)
    assert len(json.dumps(to_state(run))) < 1500
    assert from_state(to_state(run), Shelf(place.own, TABLE).get).memory == memory


def test_the_next_memory_takes_the_place_of_the_last_and_the_same_one_stays(place: Place) -> None:
    first, second = account_of(50), account_of(51)
    ended(place, first)
    at = place.item(TEAM)["remembered_at"]
    ended(place, first, at, "two")
    assert place.item(TEAM)["remembered_at"] == at
    ended(place, second, at, "three")
    assert len(sizes(place)) == 2  # the account, and its one memory
    ended(place, account_of(1), place.item(TEAM)["remembered_at"], "four")
    assert set(sizes(place)) == {TEAM}
    assert Leases(place.own, TABLE).take(TEAM, ["five"], NOW).memory == account_of(1)


def test_a_run_that_lost_its_account_takes_no_memory_away(place: Place) -> None:
    ended(place, account_of(50))
    at = place.item(TEAM)["remembered_at"]
    leases = Leases(place.own, TABLE)
    assert leases.release(TEAM, "somebody", account_of(51), NOW, blind=False, remembered_at=at) == "ended"
    assert place.item(TEAM)["remembered_at"] == at
    assert Shelf(place.own, TABLE).get(at) is not None


def test_a_memory_that_is_lost_is_an_empty_one_and_is_kept_anew(place: Place, shelf: Shelf) -> None:
    ended(place, account_of(50))
    at = place.item(TEAM)["remembered_at"]
    shelf.drop(at)
    run = from_state(to_state(Run(account=TEAM, trigger={}, remembered_at=at)), shelf.get)
    assert (run.memory, run.remembered_at) == (Memory(), "")
    other = shelf.put(TEAM, b"by another release")
    assert from_state(to_state(Run(account=TEAM, trigger={}, remembered_at=other)), shelf.get).memory == Memory()


def test_an_account_that_an_earlier_release_kept_whole_is_read_and_moved_out(place: Place, shelf: Shelf) -> None:
    memory = account_of(300)
    place.cloud.client("dynamodb", NETWORK).put_item(
        TableName=TABLE, Item={"account": {"S": TEAM}, "summary": {"S": kept(memory)}}
    )
    taken = Leases(place.own, TABLE).take(TEAM, ["one"], NOW)
    state = to_state(Run(account=TEAM, trigger={}, memory=taken.memory))  # the intake puts nothing on the shelf
    assert from_state(json.loads(json.dumps(state)), shelf.get).memory == memory
    Leases(place.own, TABLE).release(TEAM, taken.holder, memory, NOW + 5, blind=False)
    assert "summary" not in place.item(TEAM)
    assert sizes(place)[TEAM] < 400


def test_who_reads_the_table_finds_large_accounts_whole_and_no_parts(place: Place) -> None:
    memory = account_of(300)
    ended(place, memory)
    accounts = Accounts(place.own, TABLE)
    accounts.digested(TEAM, joined(memory), NOW)
    [one] = inventory(place.own, "net")
    assert one.memory == memory
    assert [one.names for one in told(place.own, "net")] == [joined(memory)]
    assert [entry.account for entry in accounts.all()] == [TEAM]
    assert sizes(place)[TEAM] < 500


def test_a_table_that_changed_while_it_was_read_is_read_again_and_what_is_lost_costs_its_account_alone(
    place: Place, shelf: Shelf
) -> None:
    accounts = Accounts(place.own, TABLE)
    ended(place, account_of(50))
    accounts.digested(TEAM, joined(account_of(300)), NOW)
    shelf.drop(place.item(TEAM)["remembered_at"])
    since = len(place.cloud.journal)
    [one] = inventory(place.own, "net")
    assert one.memory == Memory()
    assert [call.operation for call in place.cloud.journal.of(CallRecord, since)] == ["Scan", "Scan"]
    [key] = place.item(TEAM)["digested"]
    shelf.drop(key)
    assert told(place.own, "net") == [Joined(TEAM, None)]


def test_what_an_older_release_remembered_last_counts_more_than_what_lies_outside(place: Place) -> None:
    ended(place, account_of(50))
    place.cloud.client("dynamodb", NETWORK).update_item(  # 0.1.0 knows no `remembered_at`
        TableName=TABLE,
        Key={"account": {"S": TEAM}},
        UpdateExpression="SET summary = :text",
        ExpressionAttributeValues={":text": {"S": kept(account_of(1))}},
    )
    taken = Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 10)
    assert (taken.memory, taken.remembered_at) == (account_of(1), "")
    [one] = inventory(place.own, "net")
    assert one.memory == account_of(1)


def test_what_lies_outside_goes_by_itself_when_no_run_keeps_it(place: Place) -> None:
    leases = Leases(place.own, TABLE)
    leases.take(TEAM, ["one"], NOW)
    assert leases.release(TEAM, "somebody", account_of(50), NOW, blind=False) == "ended"
    left = [item for item in place.cloud.client("dynamodb", NETWORK).scan(TableName=TABLE)["Items"] if "part" in item]
    assert [float(item["ends"]["N"]) > NOW for item in left] == [True]


def test_a_shelf_that_cannot_be_read_is_no_empty_one(place: Place, shelf: Shelf) -> None:
    key = shelf.put(TEAM, b"content")
    place.cloud.faults.add(Fault("throttle", "dynamodb", "GetItem", times=9))
    with pytest.raises(NotYet):
        shelf.get(key)
    assert {call.outcome for call in place.cloud.journal.of(CallRecord) if call.operation == "GetItem"} != {"ok"}
