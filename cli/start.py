"""The entry point of `onramp`: who breaks off while it is still being loaded is not shown where that was."""

from __future__ import annotations


def main() -> None:
    try:
        from cli.app import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
