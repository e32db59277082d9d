"""A call costs what its own account holds, however many others there are."""

import sys
from typing import Any

import pytest
from lattice_world import MEMBER, REGION

from localcloud.caller import Caller
from localcloud.cloud import LocalCloud

QUESTIONS: dict[str, dict[str, str]] = {
    "ListServices": {},
    "ListTargetGroups": {},
    "ListServiceNetworks": {},
    "GetService": {"serviceIdentifier": "svc"},
    "ListServiceNetworkServiceAssociations": {"serviceIdentifier": "svc"},
    "ListTagsForResource": {"resourceArn": "arn"},
}


def owner(account: str) -> Caller:
    return Caller(account, REGION, f"arn:aws:iam::{account}:root")


def populate(cloud: LocalCloud, account: str) -> dict[str, Any]:
    """A network, a service and its association; answers the service."""
    caller, lattice = owner(account), cloud.lattice
    network = lattice.handle("CreateServiceNetwork", {"name": "net"}, caller)
    service = lattice.handle("CreateService", {"name": "orders"}, caller)
    cloud.settle()
    ends = {"serviceIdentifier": service["id"], "serviceNetworkIdentifier": network["id"]}
    lattice.handle("CreateServiceNetworkServiceAssociation", ends, caller)
    cloud.settle()
    return service


def steps(cloud: LocalCloud, operation: str, params: dict[str, str]) -> int:
    """How many functions are called to answer."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        cloud.lattice.handle(operation, params, owner(MEMBER))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.fact("issue 3: the time for a list or a get does not grow with the number of other accounts")
@pytest.mark.parametrize("operation", QUESTIONS)
def test_an_answer_costs_the_same_among_a_hundred_accounts(operation: str) -> None:
    with LocalCloud(enforce_iam=False) as cloud:
        service = populate(cloud, MEMBER)
        known = {"svc": service["id"], "arn": service["arn"]}
        params = {name: known[what] for name, what in QUESTIONS[operation].items()}
        steps(cloud, operation, params)
        alone = steps(cloud, operation, params)
        for number in range(100):
            populate(cloud, f"{400000000000 + number}")
        assert steps(cloud, operation, params) == alone
