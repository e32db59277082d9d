"""What `onramp look` says of an account that never sent an event: here nobody has."""

from __future__ import annotations

from pathlib import Path

from tests.cli.typing_in import TEAM, shell


def test_of_an_account_that_nobody_heard_of_it_is_said_what_a_look_comes_to(tmp_path: Path) -> None:
    with shell(tmp_path) as typed:
        ran = typed.onramp("look", "--account", TEAM, "--profile", "operator", answer="n\n")
        assert ran.exit_code == 1
        assert f"Account {TEAM} has never sent an event: check its number." in ran.stdout
        assert "two hours later the fleet has it as account-blind" in ran.stdout
        assert typed.status().accounts == ()
