"""What stands as examples below the help of each command, in one place, and how the command is called here."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

EXAMPLES: dict[str, tuple[str, ...]] = {
    "replay": (
        "onramp replay walkthrough",
        "onramp replay walkthrough --twice --shuffle 7",
        "onramp replay events/walkthrough/02-alb-tagged.json --json",
        "onramp replay recorded/ --deployed onramp-production --account 222222222222=444444444444",
    ),
    "trace": (
        "onramp trace --from 10.1.33.54 --to orders",
        "onramp trace --from vpc-0c2f6a1d9b3e48570 --to https://orders.example.com/v1 -X POST -H 'x-team: red'",
        "onramp trace --from i-0b1c2d3e4f5a6b7c8 --to orders --as checkout --profile network --profile shop",
    ),
    "plan": (
        "onramp plan --account 222222222222",
        "onramp plan --profile shop --json",
        "onramp plan --before vpc-0c2f6a1d9b3e48570 --tag lattice:network=orders --tag lattice:ports=443",
    ),
    "topology": (
        "onramp topology",
        "onramp topology --html network.html --profile network",
        "onramp topology --network test-network --mermaid",
    ),
    "status": (
        "onramp status",
        "onramp status --state unreachable --json",
        "onramp status orders --profile network",
        "onramp status --from vpc-0c2f6a1d9b3e48570 --profile shop",
    ),
    "doctor": (
        "onramp doctor",
        "onramp doctor --profile network --profile shop --sarif",
        "onramp doctor vpc-0c2f6a1d9b3e48570 --profile shop --profile network",
    ),
    "look": ("onramp look --account 222222222222", "onramp look --all --yes"),
    "release": ("onramp release --account 222222222222",),
    "approve": ("onramp approve 222222222222-3f9a1c20b7d46e0c5518d2aa94f7b3e1c06d8f25 --profile approver",),
    "reject": ("onramp reject 222222222222-3f9a1c20b7d46e0c5518d2aa94f7b3e1c06d8f25 --profile approver --yes",),
    "hold": ("onramp hold orders", "onramp hold 222222222222/orders --yes", "onramp hold 222222222222"),
    "unhold": ("onramp unhold orders",),
    "local up": ("onramp local up --story walkthrough", "onramp local up --port 0 --speed 0 --json"),
    "local down": ("onramp local down",),
    "local status": ("onramp local status --json",),
    "local advance": ("onramp local advance 5m", "onramp local advance settled"),
    "local request": (
        "onramp local request --from 10.1.33.54 http://orders.example.com/",
        "onramp local request --from 10.1.33.54 -X POST -H 'x-team: red' https://orders.example.com/v1",
    ),
    "local quota": ("onramp local quota", "onramp local quota services 2"),
    "local world": ("onramp local world --json",),
    "local fault throttle": ("onramp local fault throttle --service vpc-lattice --operation 'Create*' --times 2",),
    "local fault refuse": ("onramp local fault refuse --service ram --account 222222222222",),
    "local fault 500": ("onramp local fault 500 --operation CreateService --skip 1",),
    "local fault lost": ("onramp local fault lost --operation RegisterTargets",),
    "local fault delay": ("onramp local fault delay --operation CreateService --seconds 30",),
    "local fault die": ("onramp local fault die --function plan --at-call 3",),
    "local fault timeout": ("onramp local fault timeout --function apply --at-call 2",),
    "local fault failed": ("onramp local fault failed --of target-group --phase create",),
    "local faults": ("onramp local faults", "onramp local faults --clear"),
    "local deliver": ("onramp local deliver --duplicate 1 --reorder", "onramp local deliver"),
}


def add_to(app: typer.Typer) -> None:
    """Put each command's examples below its help, once all commands are there."""
    for path, info in commands(app):
        shown = EXAMPLES.get(path, ())
        info.epilog = "\n\n".join([f"Example{'s' if len(shown) > 1 else ''}:", *(f"  {one}" for one in shown)])


def commands(app: typer.Typer, above: str = "") -> Iterator[tuple[str, typer.models.CommandInfo]]:
    """Each command by the words that call it, groups opened."""
    for info in app.registered_commands:
        name = info.name or getattr(info.callback, "__name__", "").replace("_", "-")
        yield f"{above}{name}", info
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is not None:
            yield from commands(inner, f"{above}{inner.info.name} ")


def me() -> str:
    """What to type for this very command: `onramp` where that is it, else the path by which it was called."""
    called = Path(sys.argv[0])
    # `uv run`, as make calls it, puts this folder into a PATH that ends with it.
    lent = "UV_RUN_RECURSION_DEPTH" in os.environ
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    lasting = [one for one in places if not (lent and Path(one).resolve() == called.parent.resolve())]
    found = shutil.which("onramp", path=os.pathsep.join(lasting))
    if called.name != "onramp" or (found is not None and Path(found).resolve() == called.resolve()):
        return "onramp"
    below = os.path.relpath(called)
    return below if len(below) < len(str(called)) else str(called)
