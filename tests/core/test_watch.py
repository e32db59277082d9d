"""Over all accounts: nobody is owed a look for long, and people are told once of what nobody else tells."""

import json

import pytest
from onramp.core.watch import (
    ABSENT,
    BLIND,
    BLIND_AFTER,
    FORGOTTEN_AFTER,
    HELD_LONG,
    LINES_AT_MOST,
    NOT_LISTED,
    OWED_AFTER,
    SILENT,
    SILENT_AFTER,
    Entry,
    Finding,
    announcement,
    collected,
    counts,
    due,
    findings,
    forgotten,
    held_long,
    news,
    owed,
    summary,
    unexpected,
    unnoted,
)

from tests.core.saying import says

NOW = 1793534400.0
TEAM = "222222222222"
LISTED = frozenset({TEAM, "333333333333"})
RUN = f"{TEAM}-0a1b2c3d-1"


def entry(**more: object) -> Entry:
    """An account that rang a minute ago and was looked at."""
    well = {"account": TEAM, "rung_at": NOW - 60, "heard_at": NOW - 60, "looked_at": NOW - 50}
    return Entry(**{**well, **more})  # type: ignore[arg-type]  # the fields that a test names


# --- forgotten


@pytest.mark.parametrize(
    ("more", "listed", "holds", "gone"),
    [
        ({"heard_at": NOW - FORGOTTEN_AFTER}, frozenset(), False, True),
        ({"heard_at": NOW - FORGOTTEN_AFTER}, frozenset({"333333333333"}), False, True),
        ({"heard_at": NOW - FORGOTTEN_AFTER}, LISTED, False, False),  # it is expected
        ({"heard_at": NOW - FORGOTTEN_AFTER}, frozenset(), True, False),
        ({"heard_at": NOW - FORGOTTEN_AFTER, "holder": RUN}, frozenset(), False, False),
        ({"heard_at": NOW - FORGOTTEN_AFTER, "ends": NOW}, frozenset(), False, False),  # once
        ({"heard_at": NOW - FORGOTTEN_AFTER + 1}, frozenset(), False, False),
        ({"heard_at": 0.0, "rung_at": NOW, "listed_at": NOW}, frozenset(), False, True),  # it was on the list, no more
        ({"heard_at": 0.0, "rung_at": NOW - FORGOTTEN_AFTER}, frozenset(), False, True),  # infra looked by a slip
        ({"heard_at": 0.0, "rung_at": NOW}, frozenset(), False, False),
    ],
)
def test_who_sends_nothing_and_has_nothing_is_forgotten(
    more: dict[str, object], listed: frozenset[str], holds: bool, gone: bool
) -> None:
    assert forgotten(entry(**more), listed, NOW, holds=holds) == gone


def test_who_is_forgotten_is_told_no_more() -> None:
    silent = {"heard_at": NOW - FORGOTTEN_AFTER, "told": SILENT}
    assert [it.code for it in findings("net", (entry(**silent),), frozenset(), NOW)] == [SILENT]
    assert findings("net", (entry(**silent, ends=NOW),), frozenset(), NOW) == ()


# --- owed a look


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, False),
        ({"rung_at": NOW - OWED_AFTER, "looked_at": NOW - OWED_AFTER - 1}, True),
        ({"rung_at": NOW - OWED_AFTER + 1, "looked_at": NOW - 900}, False),  # a run may be about to begin
        ({"rung_at": NOW - OWED_AFTER, "looked_at": NOW - OWED_AFTER}, False),
        ({"rung_at": NOW - 900, "looked_at": 0.0}, True),
        ({"rung_at": NOW - 900, "looked_at": NOW - 800, "given_at": NOW - OWED_AFTER}, True),
        ({"rung_at": NOW - 900, "looked_at": NOW - 800, "given_at": NOW - OWED_AFTER + 1}, False),
        ({"rung_at": NOW - 900, "looked_at": 0.0, "holder": RUN, "taken_at": NOW - 900}, False),  # it lives
        ({"rung_at": NOW - 900, "looked_at": 0.0, "failed": 3}, True),
        ({"rung_at": NOW - 900, "looked_at": 0.0, "failed": 4}, False),  # it would fail again
    ],
)
def test_who_rang_and_was_not_looked_at_is_owed_a_look(more: dict[str, object], found: bool) -> None:
    assert (TEAM in owed((entry(**more),), frozenset(), NOW, 3)) is found


@pytest.mark.parametrize(("failed", "found"), [(0, True), (3, True), (4, False)])
def test_whose_run_died_without_a_word_is_owed_one(failed: int, found: bool) -> None:
    died = entry(holder=RUN, taken_at=NOW - 600, failed=failed)
    other = entry(account="333333333333", holder="lives", taken_at=NOW - 600)
    expected = {TEAM: f"execution {RUN} ended, and nobody told"} if found else {}
    assert owed((died, other), frozenset({RUN}), NOW, 3) == expected


def test_whose_runs_end_badly_costs_nobody_else_a_look() -> None:
    late = {"rung_at": NOW - 900, "looked_at": 0.0}
    entries = (entry(account="3", failed=4, **late), entry(**late), entry(account="5"), entry(account="6", **late))
    assert set(owed(entries, frozenset(), NOW, 3)) == {TEAM, "6"}


def test_only_runs_that_have_held_long_are_asked_about() -> None:
    entries = (
        entry(),
        entry(account="3", holder="young", taken_at=NOW - HELD_LONG + 1),
        entry(account="4", holder="old", taken_at=NOW - HELD_LONG),
    )
    assert [it.holder for it in held_long(entries, NOW)] == ["old"]


# --- what people have to know


WRONG: list[tuple[dict[str, object], frozenset[str], str]] = [
    ({}, LISTED, ""),
    ({}, frozenset(), ""),
    ({"heard_at": NOW - SILENT_AFTER}, LISTED, SILENT),
    ({"heard_at": NOW - SILENT_AFTER}, frozenset(), SILENT),
    ({"heard_at": NOW - SILENT_AFTER + 1}, LISTED, ""),
    ({"heard_at": NOW - SILENT_AFTER, "rung_at": NOW}, LISTED, SILENT),  # rung for, by the network account
    ({"heard_at": 0.0, "rung_at": NOW - SILENT_AFTER}, LISTED, SILENT),  # a table of release 0.1.0
    ({"heard_at": 0.0, "rung_at": 0.0}, LISTED, ""),
    ({"heard_at": 0.0, "rung_at": 0.0, "listed_at": NOW - SILENT_AFTER}, LISTED, ABSENT),
    ({"heard_at": 0.0, "rung_at": NOW, "listed_at": NOW - SILENT_AFTER}, LISTED, ABSENT),
    ({"heard_at": 0.0, "rung_at": 0.0, "listed_at": NOW - SILENT_AFTER + 1}, LISTED, ""),
    ({"heard_at": 0.0, "rung_at": 0.0, "listed_at": NOW - SILENT_AFTER}, frozenset({"3"}), ""),
    ({"listed_at": NOW - SILENT_AFTER}, LISTED, ""),
    ({"heard_at": NOW - SILENT_AFTER, "listed_at": NOW - SILENT_AFTER + 1}, LISTED, ""),  # back on the list
    ({"heard_at": NOW - SILENT_AFTER - 1, "listed_at": NOW - SILENT_AFTER}, LISTED, SILENT),
    ({"heard_at": NOW - SILENT_AFTER, "listed_at": NOW - SILENT_AFTER - 1}, LISTED, SILENT),
    ({}, frozenset({"333333333333"}), NOT_LISTED),
    ({"heard_at": NOW - SILENT_AFTER}, frozenset({"333333333333"}), NOT_LISTED),
    ({"blind_since": NOW - BLIND_AFTER}, LISTED, BLIND),
    ({"blind_since": NOW - BLIND_AFTER + 1}, LISTED, ""),
    ({"blind_since": NOW - BLIND_AFTER, "heard_at": NOW - SILENT_AFTER}, LISTED, SILENT),
    ({"failed": 1, "looked_at": NOW - BLIND_AFTER}, LISTED, BLIND),
    ({"failed": 1, "looked_at": NOW - BLIND_AFTER + 1}, LISTED, ""),
    ({"failed": 1, "looked_at": 0.0}, LISTED, ""),
    ({"failed": 0, "looked_at": NOW - BLIND_AFTER}, LISTED, ""),
]


@pytest.mark.parametrize(("more", "listed", "code"), WRONG)
def test_what_is_wrong_with_an_account(more: dict[str, object], listed: frozenset[str], code: str) -> None:
    found = findings("net", (entry(**more),), listed, NOW)
    assert [it.code for it in found] == ([code] if code else [])
    assert [metric for metric, number in counts(found).items() if number] == (
        [
            {
                SILENT: "SilentAccounts",
                ABSENT: "AbsentAccounts",
                NOT_LISTED: "UnlistedAccounts",
                BLIND: "BlindAccounts",
            }[code]
        ]
        if code
        else []
    )


@pytest.mark.parametrize(("told", "code"), [(NOT_LISTED, ""), (SILENT, SILENT), ("", SILENT)])
def test_who_is_back_on_the_list_is_well_until_it_could_ring(told: str, code: str) -> None:
    [found] = findings("net", (entry(heard_at=NOW - SILENT_AFTER, told=told),), LISTED, NOW)
    assert (found.code, found.before) == (code, told)


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({}, True),
        ({"heard_at": 0.0, "looked_at": 0.0}, True),  # as release 0.1.0 leaves it
        ({"heard_at": 0.0}, False),  # infra had it looked at
        ({"heard_at": 0.0, "looked_at": 0.0, "holder": RUN}, False),
        ({"heard_at": 0.0, "looked_at": 0.0, "given_at": NOW}, False),
        ({"heard_at": 0.0, "rung_at": 0.0, "looked_at": 0.0, "listed_at": NOW}, True),
        ({"ends": NOW}, False),
        ({"told": SILENT}, True),
        ({"told": NOT_LISTED}, False),
    ],
)
def test_who_is_on_the_list_and_is_not_known_to_be_is_expected_from_now_on(
    more: dict[str, object], *, known: bool
) -> None:
    found = unexpected((entry(**more), entry(account="444444444444")), LISTED)
    assert found == LISTED - ({TEAM} if known else set())


@pytest.mark.parametrize("field", ["", "heard_at", "looked_at", "given_at", "listed_at", "ends", "holder"])
def test_only_what_no_later_release_wrote_is_as_0_1_0_left_it(field: str) -> None:
    left = {"heard_at": 0.0, "looked_at": 0.0}
    more: dict[str, object] = {field: RUN if field == "holder" else NOW} if field else {}
    assert unnoted(entry(**{**left, **more})) is not bool(field)
    assert not unnoted(entry(**{**left, "rung_at": 0.0}))


def test_each_message_names_the_account_and_the_remedy() -> None:
    cases = [
        (entry(heard_at=NOW - 4 * 3600), LISTED, ("no event for 4 hours", "onramp-net-sweep")),
        (entry(heard_at=0.0, rung_at=0.0, listed_at=1.0), LISTED, ("never sent an event", "deploy member.yaml of net")),
        (entry(), frozenset({"3"}), ("not in MemberAccounts", "add it there")),
        (entry(blind_since=NOW - 5 * 3600), LISTED, ("look at 222222222222 for 5 hours", "onramp-net-reader")),
        (entry(failed=4, looked_at=NOW - 5 * 3600), LISTED, ("well for 5 hours", "onramp status 222222222222")),
    ]
    for one, listed, words in cases:
        [found] = findings("net", (one,), listed, NOW)
        assert found.account == TEAM
        assert TEAM in found.message
        assert [word for word in words if word not in found.message] == []


def test_it_is_told_once_and_again_when_it_is_over() -> None:
    silent = {"heard_at": NOW - SILENT_AFTER}
    [first] = news(findings("net", (entry(**silent),), LISTED, NOW))
    assert (first.code, first.before) == (SILENT, "")
    assert news(findings("net", (entry(**silent, told=SILENT),), LISTED, NOW)) == ()
    [over] = news(findings("net", (entry(told=SILENT),), LISTED, NOW))
    assert (over.code, over.before) == ("", SILENT)
    assert over.message == f"{TEAM} is well again ({SILENT} is over)"
    assert counts((over,)) == dict.fromkeys(counts(()), 0)
    [other] = news(findings("net", (entry(**silent, told=ABSENT),), LISTED, NOW))
    assert (other.code, other.before) == (SILENT, ABSENT)


# --- mails


@pytest.mark.parametrize(
    ("ages", "minutes", "ready"),
    [((), 10, False), ((599,), 10, False), ((600,), 10, True), ((1, 600), 10, True), ((0,), 0, True)],
)
def test_what_is_said_of_an_account_is_collected_for_so_long(ages: tuple[int, ...], minutes: int, ready: bool) -> None:
    assert due(entry(notices=tuple((NOW - age, "text") for age in ages)), NOW, minutes) is ready


def test_all_that_waits_is_one_mail_the_oldest_first() -> None:
    mail = collected("net", entry(notices=((NOW, "third"), (NOW - 9, "first\nsecond"))))
    assert mail.subject == f"Lattice Onramp net: account {TEAM} needs a look"
    assert mail.text == "first\nsecond\n\nthird"


def test_what_there_was_no_room_for_is_counted() -> None:
    assert collected("net", entry(notices=((NOW, "one"),), unsaid=7)).text.endswith(
        "7 more are not in this mail: see the log of onramp-net-report"
    )
    assert "more are not" not in collected("net", entry(notices=((NOW, "one"),))).text


def test_a_mail_is_as_long_as_a_person_reads_and_says_what_it_leaves_out() -> None:
    most = collected("net", entry(notices=((NOW, "\n".join(["line"] * LINES_AT_MOST)),))).text
    assert most.splitlines() == ["line"] * LINES_AT_MOST
    mail = collected("net", entry(notices=((NOW, "\n".join(["line"] * (LINES_AT_MOST + 9))),)))
    assert mail.text.splitlines()[-1] == "... and 9 more lines"
    assert len(mail.text.splitlines()) == LINES_AT_MOST + 1
    longest = collected("net", entry(notices=((NOW, "\n".join(["線" * 500] * (LINES_AT_MOST + 9))),)))
    assert len(longest.text.encode()) < 256 * 1024


def test_nothing_that_a_team_wrote_acts_in_a_mail() -> None:
    mail = collected("net", entry(notices=((NOW, "see https://example.com\x1b[31m\u202e"),)))
    assert mail.text == "see https[:]//example[.]com[31m"


def test_one_mail_tells_of_all_accounts() -> None:
    told = (
        Finding(account="1", code=SILENT, message="1 is silent"),
        Finding(account="2", code="", message="2 is well again", before=ABSENT),
    )
    mail = summary("net", told)
    assert mail.subject == "Lattice Onramp net: 2 accounts to look after"
    assert mail.text == "Network net:\n\n- account-silent: 1 is silent\n- account-well: 2 is well again"
    assert summary("net", told[:1]).subject == "Lattice Onramp net: 1 account to look after"
    assert len(summary("n" * 200, told).subject) == 99  # SNS takes fewer than 100
    assert len(collected("n" * 200, entry(notices=((NOW, "x"),))).subject) == 99


def test_what_is_said_of_accounts_that_are_not_well() -> None:
    entries = [(entry(**more), listed) for more, listed, code in WRONG if code]
    entries += [(entry(told=SILENT), LISTED), (entry(member_version="0.9.0"), LISTED)]
    entries += [(entry(member_prefix="mesh:"), LISTED)]
    lines: list[str] = []
    for one, listed in entries:
        found = findings("net", (one,), listed, NOW, "0.2.0")
        made = [announcement("net", it) for it in news(found)]
        lines += [f"{it.code or 'well'}: {it.message}" for it in found]
        lines += [f"  {what} {json.dumps(detail, sort_keys=True)}" for what, detail in made]
    late = entry(rung_at=NOW - 900, looked_at=0.0), entry(account="3", rung_at=NOW - 900, looked_at=0.0, failed=3)
    lines += [f"owed: {why}" for why in owed(late, frozenset(), NOW, 3).values()]
    says("accounts", dict.fromkeys(lines))
