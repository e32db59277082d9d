"""Every metric that the functions put, and what it means: docs/metrics.md and the handlers are held to it."""

from typing import Literal, NamedTuple

NAMESPACE = "LatticeOnramp"
"""Each metric has one dimension, `service` = onramp-NETWORK; `RefusalsByCode` has `code` besides."""


class Metric(NamedTuple):
    """`by`: the function that puts it."""

    by: Literal["report", "watch"]
    unit: Literal["Count", "Seconds"]
    when: str
    meaning: str


METRICS: dict[str, Metric] = {
    "TagToConnectedSeconds": Metric(
        "report",
        "Seconds",
        "one value for each service or client that begins to answer",
        "from the begin of the run that connected it, which is some seconds after the tag, to the look that saw it"
        " answer: a distribution, whose percentiles CloudWatch tells. What waited for an approval counts from that",
    ),
    "Rounds": Metric("report", "Count", "each report", "looks of the run so far"),
    "LooksWithoutChange": Metric(
        "report", "Count", "each report", "1 where the run's first look found nothing to do: what sweeps cost"
    ),
    "Refusals": Metric("report", "Count", "each report", "what is refused in the account now"),
    "RefusalsByCode": Metric("report", "Count", "each refusal that is new", "1, by its code"),
    "Failures": Metric("report", "Count", "each report", "steps that AWS refused, or that went wrong for good"),
    "ForeignLeftAlone": Metric(
        "report",
        "Count",
        "each report",
        "other hands' things that stand in the way, or bear our mark, and were left alone",
    ),
    "DeletionsHeld": Metric("report", "Count", "each report", "1 where DeletionLimit holds a mass"),
    "Waiting": Metric("report", "Count", "each report", "services and clients of the account that wait for somebody"),
    "ApprovalsWaiting": Metric("report", "Count", "each report", "requests of the account that wait for an answer"),
    "Unreachable": Metric("report", "Count", "each report", "what is joined and cannot be reached"),
    "Held": Metric("report", "Count", "each report", "what is kept off the network, or from leaving it"),
    "ServicesConnected": Metric("report", "Count", "each report", "services of the account that answer"),
    "ClientsConnected": Metric("report", "Count", "each report", "VPCs of the account that reach the network"),
    "SilentAccounts": Metric(
        "watch", "Count", "every five minutes", "accounts that sent an event an hour, and no more"
    ),
    "AbsentAccounts": Metric(
        "watch", "Count", "every five minutes", "accounts of MemberAccounts that sent no event ever"
    ),
    "UnlistedAccounts": Metric("watch", "Count", "every five minutes", "accounts that send events and are not listed"),
    "BlindAccounts": Metric(
        "watch",
        "Count",
        "every five minutes",
        "accounts that for two hours no run could read, or not whole, or none of whose runs ended well",
    ),
    "UnfitAccounts": Metric(
        "watch",
        "Count",
        "every five minutes",
        "accounts whose member stack is more than one minor version apart, or has another TagPrefix",
    ),
}

FOREIGN = frozenset(
    {
        "name-taken",
        "mark-unproven",
        "mark-missing",
        "associated-by-others",
        "association-taken",
        "rule-by-others",
        "auth-by-others",
    }
)
"""Codes of refusals that tell of other hands' things."""

SLO_SECONDS = 300
"""Within which 95 of 100 services and clients are connected; the alarm `slow-to-connect` holds it."""
