"""In which private hosted zones clients' VPCs are. Read only where one has to be in some, or is by us."""

from collections.abc import Iterable
from functools import partial

from botocore.exceptions import ClientError

from onramp.aws.errors import code
from onramp.aws.observe.reader import Reader
from onramp.core import offers
from onramp.core.desired import Desired
from onramp.core.model import VpcAssociation, Zone
from onramp.core.plan.clients import SERVES
from onramp.core.plan.zones import unread_as
from onramp.core.rounds import zones as remembered

_NO_VPC = frozenset({"InvalidInput", "InvalidVPCId"})
"""What ListHostedZonesByVPC may say of a VPC that is gone: its associations are, too."""


def zones(reader: Reader, want: Desired, associations: Iterable[VpcAssociation]) -> dict[str, tuple[Zone, ...]]:
    """VPC -> the private hosted zones that it is in."""
    asked = {vpc for vpc, there in remembered(reader.run).items() if there}
    if offers.read(reader.run.offered).zones:
        clients = {client.vpc for client in want.clients}
        asked |= {one.vpc for one in associations if one.owned and one.status in SERVES and one.vpc in clients}
    found = {vpc: reader.patiently(unread_as(vpc), partial(_read, reader, vpc)) for vpc in sorted(asked)}
    return {vpc: there for vpc, there in found.items() if there is not None}


def _read(reader: Reader, vpc: str) -> tuple[Zone, ...]:
    client, found = reader.client("route53"), list[Zone]()
    more: dict[str, str] = {}
    while True:
        try:
            page = client.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=reader.network.region, **more)
        except ClientError as error:
            if code(error) in _NO_VPC:
                return ()
            raise
        found += [
            Zone(
                id=one["HostedZoneId"],
                name=one["Name"].lower().removesuffix("."),
                private=True,
                owner=one["Owner"].get("OwningAccount", ""),
            )
            for one in page["HostedZoneSummaries"]
        ]
        if not page.get("NextToken"):
            return tuple(found)
        more = {"NextToken": page["NextToken"]}
