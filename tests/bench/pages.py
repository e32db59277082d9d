"""`python -m tests.bench.pages`: write anew the pages that are computed from counts."""

from tests.bench import cost, performance, replays


def main() -> None:
    measured = replays.replays()
    cost.PAGE.write_text(cost.page(measured), encoding="utf-8")
    performance.PAGE.write_text(performance.page(measured, replays.waits()), encoding="utf-8")


if __name__ == "__main__":
    main()
