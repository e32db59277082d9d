"""docs/metrics.md, the handlers, the alarms and the dashboard know the same metrics; docs/runbook.md every alarm."""

import json
import re
import shlex
from typing import Any

import pytest
import typer
import vocabulary
import yaml
from onramp.core.metrics import METRICS, NAMESPACE, SLO_SECONDS
from onramp.core.network import Network
from onramp.core.report import report
from onramp.core.run import Plan, Run
from onramp.core.watch import counts
from vocabulary import ROOT

from cli.app import app
from tests.docs.metrics import PAGE, page

TEMPLATE = (ROOT / "template.yaml").read_text()
RUNBOOK = (ROOT / "docs/runbook.md").read_text()


def test_the_page_is_written_from_the_code() -> None:
    assert PAGE.read_text() == page(), "python -m tests.docs.metrics writes it anew"


def test_the_code_puts_what_the_page_has_and_nothing_else() -> None:
    network = Network(name="net", arn="arn", account="1", share="")
    said = report(network, Run(account="2", trigger={}, plan=Plan(account="2", round=1, next="done"))).counts
    by_hand = {"TagToConnectedSeconds", "RefusalsByCode"}
    handler = (ROOT / "functions/report/app.py").read_text()
    assert all(f'"{name}"' in handler for name in by_hand)
    assert {*said, *by_hand} == {name for name, one in METRICS.items() if one.by == "report"}
    assert set(counts(())) == {name for name, one in METRICS.items() if one.by == "watch"}


def test_alarms_and_dashboard_read_metrics_that_are_put() -> None:
    alarmed = re.findall(rf"Namespace: {NAMESPACE}\n +MetricName: (\w+)", TEMPLATE)
    assert alarmed
    shown = re.search(r"DashboardBody: !Sub \|\n(.*?)\n\n", TEMPLATE, flags=re.DOTALL)
    assert shown is not None
    body = json.loads(re.sub(r"\$\{[\w.]+\}", "x", shown[1]))
    drawn: set[str] = set()
    for widget in body["widgets"]:
        space = ""
        for metric in widget["properties"].get("metrics", ()):
            space = space if metric[0] in (".", "...") else metric[0]
            if space == NAMESPACE and metric[0] != "...":
                drawn.add(metric[1])
    assert drawn | set(alarmed) <= set(METRICS)
    assert "TagToConnectedSeconds" in drawn


def test_the_alarm_holds_what_is_promised() -> None:
    [alarm] = re.findall(r"  SlowToConnectAlarm:\n(?:    .*\n)+", TEMPLATE)
    assert f"Threshold: {SLO_SECONDS}\n" in alarm
    assert f"longer than {SLO_SECONDS} seconds" in alarm


def test_every_alarm_is_on_the_dashboard() -> None:
    alarms = set(re.findall(r"^  (\w+Alarm):$", TEMPLATE, flags=re.MULTILINE))
    assert {name for name in alarms if f"${{{name}.Arn}}" not in TEMPLATE} == set()


# --- the runbook


def sections() -> dict[str, str]:
    parts = re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_every_alarm_has_its_section() -> None:
    assert set(vocabulary.alarms()) == set(sections()) - {"Before"}


@pytest.mark.parametrize("alarm", sorted(set(sections()) - {"Before"}))
def test_a_section_says_what_it_means_for_whom_and_what_to_type(alarm: str) -> None:
    text = sections()[alarm]
    for word in ("**Means.**", "**For teams.**", "**Then.**"):
        assert word in text, f"{alarm} lacks {word}"
    assert "```sh" in text


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", RUNBOOK, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("onramp ")]


@pytest.mark.parametrize("typed", sorted(set(commands())))
def test_a_command_of_the_runbook_is_understood_as_it_stands(typed: str) -> None:
    words = shlex.split(typed)[1:]
    command: Any = typer.main.get_command(app)
    assert command.commands[words[0]].make_context(words[0], words[1:]).args == []


def test_the_template_can_be_read() -> None:
    """Else what is looked for above could be missed."""
    assert "Alarm" in TEMPLATE
    assert yaml.compose(TEMPLATE) is not None
