"""`python -m tests.simulation`: play fleets of all sizes, write docs/scale.md, and say what came of each."""

import argparse
import sys

from tests.simulation.fleet import Fleet, Scene
from tests.simulation.limits import limits, quotas
from tests.simulation.page import PAGE, page, shortfalls

STORMS = (10, 100, 200, 500, 1000)
FEW, MANY = 10, 1000
"""Lambda's concurrent executions in a new account, and by default in others."""


def scenes(largest: int, services: int) -> list[Scene]:
    sizes = sorted({size for size in STORMS if size < largest} | {largest})
    return [
        *(Scene("storm", size, services, concurrency=places) for places in (MANY, FEW) for size in sizes),
        *(Scene("rest", largest, services, concurrency=places) for places in (MANY, FEW)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--accounts", type=int, default=STORMS[-1])
    parser.add_argument("--services", type=int, default=10, help="of each account")
    parser.add_argument("--print", action="store_true", help="write no page")
    given = parser.parse_args()
    known, own = quotas(), limits()
    found = []
    for scene in scenes(given.accounts, given.services):
        came = Fleet(scene, known, own).run()
        found.append(came)
        told = f"{scene.kind} of {scene.accounts:,} accounts, concurrency {scene.concurrency:,}: "
        sys.stdout.write(f"{told}{', '.join(came.broken(own)) or 'nothing breaks'}\n")
        sys.stdout.flush()
    for line in shortfalls(known, given.accounts, given.services):
        sys.stdout.write(f"to be raised for {given.accounts:,} accounts: {line}\n")
    if not given.print:
        PAGE.write_text(page(found, known, own), encoding="utf-8")


if __name__ == "__main__":
    main()
