"""Every few minutes: whoever is owed a look gets it, and people are told what nobody else tells."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from onramp import wiring
from onramp.aws.accounts import DIGESTED_SECONDS, NOTICES_AT_MOST, Accounts
from onramp.aws.lease import FAILED_IN_A_ROW, Leases
from onramp.aws.shelf import parts
from onramp.core.inventory import ServiceState
from onramp.core.run import Memory
from onramp.core.watch import BLIND_AFTER, FORGOTTEN_AFTER, SILENT_AFTER

from localcloud.door.faults import Fault
from tests.place import MACHINE, NETWORK, TABLE, Place

TEAM, OTHER = "222222222222", "333333333333"

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def watch(function: Callable[[str], Handler]) -> Callable[[], None]:
    handler = function("watch")

    def look() -> None:
        handler({"source": "aws.events", "detail-type": "Scheduled Event"})

    return look


def list_only(monkeypatch: pytest.MonkeyPatch, *accounts: str) -> None:
    monkeypatch.setenv("ONRAMP_MEMBER_ACCOUNTS", ",".join(accounts))
    wiring.settings.cache_clear()


def ring(place: Place, account: str = TEAM) -> str:
    """The account rings now, and its run goes on."""
    holder = Leases(place.own, TABLE, MACHINE).take(account, [f"at {place.cloud.clock.now}"], place.cloud.clock.now)
    place.begin(holder.holder)
    return holder.holder


def rest(place: Place, account: str = TEAM, *, blind: bool = False) -> None:
    """The account rings now, and its run lets go."""
    holder = ring(place, account)
    place.end(holder)
    seen = place.cloud.clock.now + 1
    Leases(place.own, TABLE).release(account, holder, Memory(), seen, blind=blind)


def looks(place: Place) -> list[str]:
    return [detail["account"] for what, detail in place.put() if what == "Look"]


def told(place: Place) -> list[tuple[str, str, str]]:
    return [(what, detail["account"], detail["code"]) for what, detail in place.put() if what.startswith("Account ")]


@pytest.mark.parametrize("listed", [(), (TEAM,)])
def test_where_all_is_well_nothing_is_called_but_the_table(
    watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch, listed: tuple[str, ...]
) -> None:
    list_only(monkeypatch, *listed)
    rest(place)
    place.cloud.clock.advance(900)
    before = len(place.cloud.journal)
    watch()
    calls = [record.operation for record in list(place.cloud.journal)[before:]]  # type: ignore[attr-defined]  # calls all
    assert calls == ["Scan"]


def test_the_week_is_told_once_a_week_and_remembered(function: Callable[[str], Handler], place: Place) -> None:
    rest(place)
    handler = function("watch")
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected")
    handler({"digest": True})
    place.cloud.clock.advance(60)
    holder = ring(place)
    place.end(holder)
    Leases(place.own, TABLE).release(TEAM, holder, Memory(services=(orders,)), place.cloud.clock.now + 1, blind=False)
    handler({"digest": True})
    handler({"digest": True})
    first, second, third = place.mails()
    assert "Joined" not in str(first)
    assert f"- service orders ({TEAM})" in str(second)
    assert "Joined" not in str(third)


def test_what_was_told_of_a_large_account_is_kept_until_weeks_later(
    function: Callable[[str], Handler], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onramp.aws.accounts.KEPT_AT_MOST", 0)
    rest(place)
    function("watch")({"digest": True})
    [key] = place.item(TEAM)["digested"]
    [part] = parts(key)
    assert float(place.item(part)["ends"]) == place.cloud.clock.now + DIGESTED_SECONDS


def test_who_sends_nothing_and_has_nothing_leaves_with_the_week(
    function: Callable[[str], Handler], place: Place
) -> None:
    for account in (TEAM, OTHER):
        rest(place, account)
    place.cloud.clock.advance(FORGOTTEN_AFTER)
    function("watch")({"digest": True})
    assert "have nothing here (2):\\n- 222222222222\\n- 333333333333" in str(place.mails()[0])
    rest(place, OTHER)  # it is there after all
    assert float(place.item(TEAM)["ends"]) == place.cloud.clock.now, "from then on DynamoDB may take it away"
    assert "ends" not in place.item(OTHER)


def test_what_clients_can_call_is_kept_for_their_next_look_and_rings_nobody(
    watch: Callable[[], None], place: Place
) -> None:
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", answers=True)
    holder = ring(place)
    place.end(holder)
    Leases(place.own, TABLE).release(TEAM, holder, Memory(services=(orders,)), place.cloud.clock.now + 1, blind=False)
    rest(place, OTHER)
    watch()
    before = place.count("UpdateItem")
    watch()
    assert place.count("UpdateItem") == before  # nothing is said twice
    assert looks(place) == []
    taken = Leases(place.own, TABLE, MACHINE).take(OTHER, ["next"], place.cloud.clock.now, version="0.2.0")
    assert (taken.offered, taken.member) == ("1 0", "0.2.0")


def test_who_has_to_find_services_in_other_hosted_zones_is_asked_to_look_once(
    watch: Callable[[], None], place: Place
) -> None:
    rest(place)
    rest(place, OTHER)
    table = place.cloud.client("dynamodb", NETWORK)
    table.update_item(
        TableName=TABLE,
        Key={"account": {"S": TEAM}},
        UpdateExpression="SET offers = :it",
        ExpressionAttributeValues={":it": {"S": f"1 0 {TEAM}/ZSHOP=shop.example.jp"}},
    )
    watch()
    why = "other private hosted zones hold records of services"
    asked = [("Look", {"account": account, "because": why}) for account in (TEAM, OTHER)]
    assert sorted(place.put(), key=str) == sorted(asked, key=str)
    # A run that goes on knows nothing of it, and asks for another by this.
    assert float(place.item(TEAM)["given_at"]) == place.cloud.clock.now
    watch()
    assert len(place.put()) == 2


def test_while_an_account_has_not_said_what_it_offers_clients_are_told_nothing_for_some_time(
    watch: Callable[[], None], place: Place
) -> None:
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", answers=True)
    holder = ring(place)
    place.end(holder)
    Leases(place.own, TABLE).release(TEAM, holder, Memory(services=(orders,)), place.cloud.clock.now + 1, blind=False)
    rest(place, OTHER)
    table = place.cloud.client("dynamodb", NETWORK)
    table.update_item(TableName=TABLE, Key={"account": {"S": OTHER}}, UpdateExpression="REMOVE offers")
    watch()
    assert "offered" not in place.item(OTHER)
    place.cloud.clock.advance(BLIND_AFTER + 2)
    watch()
    assert place.item(OTHER)["offered"] == "1 0"


def test_whose_member_stack_is_far_from_the_network_s_is_told(watch: Callable[[], None], place: Place) -> None:
    Leases(place.own, TABLE, MACHINE).take(TEAM, ["one"], place.cloud.clock.now, version="7.0.0")
    watch()
    watch()
    assert told(place) == [("Account Needs Attention", TEAM, "account-version")]


def test_whose_member_stack_has_another_tag_prefix_is_told_until_it_has_the_network_s(
    watch: Callable[[], None], place: Place
) -> None:
    leases = Leases(place.own, TABLE, MACHINE)
    leases.take(TEAM, ["one"], place.cloud.clock.now, prefix="mesh:")
    watch()
    leases.take(TEAM, ["two"], place.cloud.clock.now)  # what tells of no prefix changes nothing
    watch()
    assert told(place) == [("Account Needs Attention", TEAM, "stack-differs")]
    leases.take(TEAM, ["three"], place.cloud.clock.now, prefix="")
    watch()
    assert told(place)[1:] == [("Account Recovered", TEAM, "")]


def test_a_ring_that_no_run_looked_at_is_rung_again(watch: Callable[[], None], place: Place) -> None:
    rest(place)
    Leases(place.own, TABLE).free(TEAM, Leases(place.own, TABLE).take(TEAM, ["lost"], place.cloud.clock.now + 5).holder)
    watch()
    assert looks(place) == []  # a run may be about to begin
    place.cloud.clock.advance(300)
    watch()
    assert looks(place) == [TEAM]


def test_a_run_that_died_without_a_word_is_found(watch: Callable[[], None], place: Place) -> None:
    died, lives = ring(place), ring(place, OTHER)
    place.end(died)
    place.cloud.clock.advance(299)
    watch()
    assert looks(place) == []
    assert place.count("DescribeExecution") == 0
    place.cloud.clock.advance(1)
    watch()
    assert looks(place) == [TEAM]
    assert place.item(OTHER)["holder"] == lives


def test_where_runs_always_fail_the_watch_does_not_go_round(watch: Callable[[], None], place: Place) -> None:
    holder = ring(place)
    leases = Leases(place.own, TABLE, MACHINE)
    for _ in range(FAILED_IN_A_ROW):
        follower = leases.follow(TEAM, holder, place.cloud.clock.now)
        assert follower is not None
        holder = follower.holder
    place.cloud.clock.advance(900)
    watch()
    assert looks(place) == [TEAM]  # the last of them died without a word
    leases.free(TEAM, holder)
    watch()
    assert looks(place) == [TEAM]


def test_an_account_that_went_silent_is_told_once_and_once_more_when_it_rings(
    watch: Callable[[], None], place: Place
) -> None:
    rest(place)
    place.cloud.clock.advance(SILENT_AFTER)
    for _ in range(3):
        watch()
        place.cloud.clock.advance(300)
    assert told(place) == [("Account Needs Attention", TEAM, "account-silent")]
    assert [subject for subject, _ in place.mails()] == ["Lattice Onramp net: 1 account to look after"]
    assert f"- account-silent: {TEAM} has sent no event" in place.mails()[0][1]
    rest(place)
    for _ in range(2):
        watch()
        place.cloud.clock.advance(300)
    assert told(place)[1:] == [("Account Recovered", TEAM, "")]
    assert len(place.mails()) == 2
    assert f"{TEAM} is well again (account-silent is over)" in place.mails()[1][1]


def test_the_log_tells_who_is_owed_a_look_and_what_was_told_of_whom(
    watch: Callable[[], None], place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.end(ring(place, OTHER))
    rest(place)
    place.cloud.clock.advance(SILENT_AFTER + 1)
    watch()
    said = [vars(record) for record in caplog.records if record.levelname == "WARNING"]
    [owed] = [one for one in said if one["msg"] == "owed a look"]
    assert owed["because"].endswith(" ended, and nobody told")
    [look] = [detail for what, detail in place.put() if what == "Look"]
    assert {"account": owed["account"], "because": owed["because"]} == look
    assert look["account"] == OTHER
    [silent] = [one for one in said if one["msg"] == "account" and one["account"] == TEAM]
    assert (silent["code"], silent["before"]) == ("account-silent", "")


def test_a_listed_account_that_never_rang_is_told(
    watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_only(monkeypatch, TEAM, OTHER)
    rest(place)
    watch()
    place.cloud.clock.advance(SILENT_AFTER - 60)
    rest(place)
    watch()
    assert told(place) == []
    place.cloud.clock.advance(60)
    watch()
    watch()
    assert told(place) == [("Account Needs Attention", OTHER, "account-absent")]
    rest(place, OTHER)
    watch()
    assert told(place)[1:] == [("Account Recovered", OTHER, "")]
    assert looks(place) == []


def test_an_account_that_rings_and_is_not_listed_is_told(
    watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_only(monkeypatch, OTHER)
    rest(place)
    watch()
    watch()
    assert told(place) == [("Account Needs Attention", TEAM, "account-not-listed")]
    list_only(monkeypatch, TEAM, OTHER)
    watch()
    assert told(place)[1:] == [("Account Recovered", TEAM, "")]


def test_who_is_back_on_the_list_is_given_time_to_ring(
    watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_only(monkeypatch, OTHER)
    rest(place)
    watch()
    place.cloud.clock.advance(SILENT_AFTER)  # the bus took nothing of it
    list_only(monkeypatch, TEAM)
    for _ in range(2):
        watch()
    assert told(place)[1:] == [("Account Recovered", TEAM, "")]
    place.cloud.clock.advance(SILENT_AFTER)
    watch()
    assert told(place)[2:] == [("Account Needs Attention", TEAM, "account-silent")]


@pytest.mark.parametrize(
    ("listed", "found"),
    [(TEAM, ["account-silent"]), ("", ["account-silent"]), (OTHER, ["account-not-listed"])],
)
def test_an_account_as_release_0_1_0_left_it_is_told_of_by_its_last_event(
    watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch, listed: str, found: list[str]
) -> None:
    """A later release is put over it, and its member stack sends nothing any more."""
    list_only(monkeypatch, *filter(None, [listed]))
    item = {"account": {"S": TEAM}, "rung_at": {"N": f"{place.cloud.clock.now}"}, "summary": {"S": '{"arns":{}}'}}
    place.cloud.client("dynamodb", NETWORK).put_item(TableName=TABLE, Item=item)
    place.cloud.clock.advance(600)
    watch()
    assert looks(place) == [TEAM]
    for _ in range(2):
        looked = Leases(place.own, TABLE).take(TEAM, ["look"], place.cloud.clock.now, heard=False)
        Leases(place.own, TABLE).release(TEAM, looked.holder, Memory(), place.cloud.clock.now, blind=False)
        watch()
        place.cloud.clock.advance(SILENT_AFTER - 600)
        watch()
    assert [(who, code) for _, who, code in told(place) if who == TEAM] == [(TEAM, code) for code in found]


def test_where_an_organisation_decides_there_is_no_list(watch: Callable[[], None], place: Place) -> None:
    rest(place)
    watch()
    assert told(place) == []
    assert "listed_at" not in place.item(TEAM)


def test_a_lasting_blindness_is_told_and_counted(
    watch: Callable[[], None], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rest(place, blind=True)
    watch()
    assert told(place) == []
    assert metric(capsys, "BlindAccounts") == 0
    place.cloud.clock.advance(BLIND_AFTER + 1)
    for _ in range(2):
        watch()
        assert metric(capsys, "BlindAccounts") == 1
    assert told(place) == [("Account Needs Attention", TEAM, "account-blind")]
    rest(place)
    watch()
    assert metric(capsys, "BlindAccounts") == 0
    assert told(place)[1:] == [("Account Recovered", TEAM, "")]


def metric(capsys: pytest.CaptureFixture[str], name: str) -> float:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [found] = [line[name] for line in lines if "_aws" in line]
    return float(found[0])


def test_what_is_said_of_an_account_is_collected_into_one_mail(watch: Callable[[], None], place: Place) -> None:
    rest(place)
    rest(place, OTHER)
    accounts = Accounts(place.own, TABLE)
    for number in range(6):
        accounts.keep(TEAM, f"change {number}", place.cloud.clock.now)
        place.cloud.clock.advance(60)
    accounts.keep(OTHER, "a change of another", place.cloud.clock.now)
    watch()
    assert place.mails() == []
    place.cloud.clock.advance(240)
    watch()
    watch()
    [(subject, text)] = place.mails()
    assert subject == f"Lattice Onramp net: account {TEAM} needs a look"
    assert [line for line in text.splitlines() if line] == [f"change {number}" for number in range(6)]
    place.cloud.clock.advance(360)
    watch()
    assert [subject.split()[4] for subject, _ in place.mails()] == [TEAM, OTHER]


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_look(watch: Callable[[], None], place: Place) -> None:
    rest(place)
    Accounts(place.own, TABLE).keep(TEAM, "a change", place.cloud.clock.now)
    place.cloud.clock.advance(600)
    place.cloud.faults.add(Fault("throttle", "sns", "Publish", times=9))
    with pytest.raises(Exception, match="Publish"):
        watch()
    place.cloud.faults.clear()
    watch()
    assert [text for _, text in place.mails()][-1] == "a change"
    assert "notices" not in place.item(TEAM)


def test_each_mail_is_in_the_language_and_of_the_network_of_the_stack(
    function: Callable[[str], Handler], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRAMP_LANGUAGE", "ja")
    list_only(monkeypatch, TEAM, OTHER)
    rest(place)
    accounts = Accounts(place.own, TABLE)
    for number in range(NOTICES_AT_MOST + 1):
        accounts.keep(TEAM, f"change {number}", place.cloud.clock.now)
    accounts.list_(OTHER, place.cloud.clock.now)
    place.cloud.clock.advance(SILENT_AFTER)
    rest(place)
    function("watch")({"digest": True})
    mails = place.mails()
    [absent] = [detail for what, detail in place.put() if what == "Account Needs Attention"]
    assert (absent["network"], "deploy member.yaml of net to it" in absent["message"]) == ("net", True)
    assert [subject for subject, _ in mails] == [
        "Lattice Onramp net: the week",
        "Lattice Onramp net: 1 account to look after",
        f"Lattice Onramp net: account {TEAM} needs a look",
    ]
    for _, text in mails:
        told = [line for line in text.splitlines() if line and not line.startswith("change ")]
        assert told
        assert all(not line.isascii() for line in told), told


def test_for_how_long_is_a_parameter(watch: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRAMP_NOTICE_MINUTES", "0")
    wiring.settings.cache_clear()
    rest(place)
    Accounts(place.own, TABLE).keep(TEAM, "a change", place.cloud.clock.now)
    watch()
    assert len(place.mails()) == 1
