"""Write docs/metrics.md anew: `python -m tests.docs.metrics`."""

from pathlib import Path

from onramp.core.metrics import METRICS, NAMESPACE, SLO_SECONDS

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"

HEAD = f"""# Metrics

<!-- Written by `python -m tests.docs.metrics` from core/metrics.py; a test holds it to that. -->

All in CloudWatch's namespace `{NAMESPACE}`, in the network account, with the dimension `service` = `onramp-NETWORK`
(`RefusalsByCode` has `code` besides). Runs themselves are counted by Step Functions (`AWS/States`), queues by SQS.

| metric | unit | put by | when | meaning |
|---|---|---|---|---|
"""

FOOT = f"""
## What is promised

Of a hundred services and clients that are asked for, 95 are connected within {SLO_SECONDS} seconds. The alarm
`slow-to-connect` goes to `ALARM` when the 95th percentile of `TagToConnectedSeconds` in an hour is above it; what to do
then is in [runbook.md](runbook.md#slow-to-connect).

Counts are of the account whose run reported last: for the fleet as it is now ask `onramp status`.
"""


def page() -> str:
    """The whole page."""
    rows = [f"| `{name}` | {one.unit} | {one.by} | {one.when} | {one.meaning} |" for name, one in METRICS.items()]
    return HEAD + "\n".join(rows) + "\n" + FOOT


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
