"""Services that may look into the organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Estate, Wire, by_management

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller

RAM = "ram.amazonaws.com"


def trust(estate: Estate, params: Wire, _: Caller) -> Wire:
    # For RAM this is not enough: only its own call makes the role that sharing needs (facts 17).
    estate.trusted.setdefault(params["ServicePrincipal"], estate.cloud.clock.now)
    return {}


def distrust(estate: Estate, params: Wire, _: Caller) -> Wire:
    service = params["ServicePrincipal"]
    estate.trusted.pop(service, None)
    if service == RAM:
        estate.all.ram_sharing = False
    return {}


def list_trusted(estate: Estate, params: Wire, _: Caller) -> Wire:
    if estate.all.ram_sharing:
        estate.trusted.setdefault(RAM, estate.cloud.clock.now)
    found = [
        {"ServicePrincipal": service, "DateEnabled": datetime.fromtimestamp(since, UTC)}
        for service, since in sorted(estate.trusted.items())
    ]
    return page("EnabledServicePrincipals", found, params)


OPERATIONS: Operations[Estate] = {
    "DisableAWSServiceAccess": by_management(distrust),
    "EnableAWSServiceAccess": by_management(trust),
    "ListAWSServiceAccessForOrganization": by_management(list_trusted),
}
