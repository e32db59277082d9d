"""The events that RAM raises, to the owner and to those concerned."""

from __future__ import annotations

from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import Association
from localcloud.services.ram.shelf import members


def announce(estate: Estate, association: Association, event: str, status: str) -> None:
    """Put an event on the default bus of the share's owner and of the principals that it concerns."""
    share, organization = association.share, estate.cloud.organization
    concerned = {share.owner}
    if association.kind == "PRINCIPAL":
        concerned |= members(association, organization)
    else:
        accepted = [a for a in share.of("PRINCIPAL") if a.status in ("ASSOCIATED", "DISASSOCIATING")]
        concerned |= {account for a in accepted for account in members(a, organization)}
    for account in sorted(concerned):
        estate.cloud.events.emit(
            account=account,
            source="aws.ram",
            detail_type="Resource Sharing State Change",
            resources=[share.arn],
            detail={"event": event, "status": status},
            region=share.region,
        )
