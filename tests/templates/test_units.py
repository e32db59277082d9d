"""In one organisation, the units of an environment are its border: the others' accounts cannot ring it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.services.cloudformation.model import StackFailed
from replay.stage import deploy
from replay.story import Network

OWN, TEAM, BELOW, TEST = "111111111111", "222222222222", "333333333333", "444444444444"
UNIT, SUBUNIT, TESTS = "ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"
WHOLE, ALONE = f"o-a1b2c3d4e5/r-ab12/{UNIT}/*", f"o-a1b2c3d4e5/r-ab12/{UNIT}/"
NETWORK = "production-mesh"


@pytest.fixture(scope="module", params=["", WHOLE, ALONE])
def admitted(request: pytest.FixtureRequest) -> Iterator[tuple[str, set[str]]]:
    """The paths that the stack was given, and the accounts whose own forwarders may ring it."""
    with LocalCloud() as cloud:
        cloud.organization.create(OWN, ram_sharing=True)
        cloud.organization.add_unit(UNIT)
        cloud.organization.add_unit(SUBUNIT, UNIT)
        cloud.organization.add_unit(TESTS)
        for account, unit in {TEAM: UNIT, BELOW: SUBUNIT, TEST: TESTS}.items():
            cloud.organization.add(account, unit)
        given = {"NetworkName": NETWORK, "OrganizationId": cloud.organization.id, "OrganizationPaths": request.param}
        deploy(cloud, Network(account=OWN, name=NETWORK, parameters=given), ())
        yield request.param, {account for account in (OWN, TEAM, BELOW, TEST) if _joins(cloud, given, account)}


def _joins(cloud: LocalCloud, given: dict[str, str], account: str) -> bool:
    """Whether the account may ring; whoever may not cannot even deploy its side."""
    network = Network(account=OWN, name=NETWORK, parameters=given)
    rings = _rings(cloud, account)
    with nullcontext() if rings else pytest.raises(StackFailed, match="does not admit"):
        deploy(cloud, network, (account,))
    return rings


def _rings(cloud: LocalCloud, account: str) -> bool:
    entry = {
        "EventBusName": f"arn:aws:events:ap-northeast-1:{OWN}:event-bus/onramp-{NETWORK}",
        "Source": "lattice.onramp",
        "DetailType": "Sweep",
        "Detail": "{}",
    }
    try:
        cloud.client("events", account).put_events(Entries=[entry])
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def test_only_accounts_of_the_given_units_may_ring(admitted: tuple[str, set[str]]) -> None:
    paths, accounts = admitted
    # The network account's own events need no grant of the bus.
    assert accounts == {"": {OWN, TEAM, BELOW, TEST}, WHOLE: {OWN, TEAM, BELOW}, ALONE: {OWN, TEAM}}[paths]
