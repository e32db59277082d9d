"""The same as one JSON document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from replay.telling import Result


def document(result: Result) -> dict[str, Any]:
    """The replay as one JSON value; its keys are the command's interface."""
    return {
        "story": result.name,
        "events": [
            {
                "at": iso(event.at),
                "id": event.id,
                "account": event.account,
                "source": event.source,
                "detail_type": event.detail_type,
                "resources": list(event.resources),
                "file": result.delivered.get(event.id, ""),
                "outcome": "announced" if event.announced else "ignored" if event.why else "heard",
                "why": event.why,
            }
            for event in result.events
        ],
        "runs": [
            {
                "account": run.account,
                "trigger": run.trigger,
                "rounds": len(run.rounds),
                "steps": [
                    {
                        "account": step.account,
                        "kind": step.kind,
                        "name": step.name,
                        "because": step.because,
                        "outcome": step.outcome,
                    }
                    for round_ in run.rounds
                    for step in round_.steps
                ],
            }
            for run in result.runs
        ],
        "services": [
            {"account": it.account, "name": it.name, "domain": it.domain, "status": it.status, "network": it.network}
            for it in result.services
        ],
        "clients": [
            {"account": it.account, "vpc": it.vpc, "status": it.status, "network": it.network} for it in result.clients
        ],
        "requests": [
            {
                "from": asked.from_,
                "url": asked.url,
                "status": asked.status or None,
                "stopped_at": asked.stopped_at or None,
            }
            for asked in result.requests
        ],
        "calls": {
            "total": result.counts.calls,
            "mutating": result.counts.mutating,
            "by_operation": result.counts.by_operation,
        },
        "transitions": result.counts.transitions,
        "invocations": result.counts.invocations,
        "leftovers": result.leftovers,
    }


def iso(at: float) -> str:
    """The simulated moment as events write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
