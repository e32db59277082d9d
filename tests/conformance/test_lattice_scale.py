"""A call costs what its own account holds, however many others there are."""

import sys
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, REGION

from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller

OTHERS = 100

QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("lattice", "ListServices", {}),
    ("lattice", "ListTargetGroups", {}),
    ("lattice", "ListServiceNetworks", {}),
    ("lattice", "GetService", {"serviceIdentifier": "service"}),
    ("lattice", "GetServiceNetwork", {"serviceNetworkIdentifier": "network"}),
    ("lattice", "GetServiceNetworkServiceAssociation", {"serviceNetworkServiceAssociationIdentifier": "association"}),
    ("lattice", "ListServiceNetworkServiceAssociations", {"serviceIdentifier": "service"}),
    ("lattice", "ListServiceNetworkServiceAssociations", {"serviceNetworkIdentifier": "network", "maxResults": 1}),
    ("lattice", "ListServiceNetworkVpcAssociations", {"vpcIdentifier": "vpc-0a1b2c3d"}),
    ("lattice", "ListTagsForResource", {"resourceArn": "service"}),
    ("ram", "GetResourceShares", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("ram", "ListResources", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("ram", "GetResourceShareInvitations", {}),
    ("tagging", "GetResources", {}),
]


def owner(account: str) -> Caller:
    return Caller(account, REGION, f"arn:aws:iam::{account}:root")


def populate(cloud: LocalCloud, account: str, network: str) -> dict[str, str]:
    """A service in the shared network, and a network shared with the account's own unit; ARNs by what they are."""
    caller, lattice, ram = owner(account), cloud.lattice, cloud.ram
    unit = cloud.organization.add_unit(f"ou-ab12-{account}")
    cloud.organization.add(account, f"ou-ab12-{account}")
    [share] = ram.shares.owned(NETWORK)
    ram.handle("AssociateResourceShare", {"resourceShareArn": share.arn, "principals": [account]}, owner(NETWORK))
    cloud.settle()
    own = lattice.handle("CreateServiceNetwork", {"name": "net"}, caller)["arn"]
    ram.handle("CreateResourceShare", {"name": "own", "resourceArns": [own], "principals": [unit]}, caller)
    service = lattice.handle("CreateService", {"name": "orders", "tags": {"a": "b"}}, caller)["arn"]
    cloud.settle()
    ends = {"serviceIdentifier": service, "serviceNetworkIdentifier": network}
    joined = lattice.handle("CreateServiceNetworkServiceAssociation", ends, caller)["arn"]
    cloud.settle()
    return {"service": service, "network": network, "association": joined}


def steps(cloud: LocalCloud, component: str, operation: str, params: dict[str, Any]) -> int:
    """How many functions are called to answer."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        getattr(cloud, component).handle(operation, params, owner(MEMBER))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.fact("issue 3: the time for a list or a get does not grow with the number of other accounts")
def test_an_answer_costs_the_same_among_a_hundred_accounts() -> None:
    with LocalCloud(enforce_iam=False) as cloud:
        cloud.organization.create(NETWORK, ram_sharing=True)
        shared: str = cloud.lattice.handle("CreateServiceNetwork", {"name": "net"}, owner(NETWORK))["arn"]
        cloud.ram.handle("CreateResourceShare", {"name": "all", "resourceArns": [shared]}, owner(NETWORK))
        known = populate(cloud, MEMBER, shared)
        populate(cloud, OTHER, shared)
        asked = [
            (component, operation, {name: known.get(value, value) for name, value in params.items()})
            for component, operation, params in QUESTIONS
        ]
        for question in asked:
            steps(cloud, *question)
        among_two = [steps(cloud, *question) for question in asked]
        for number in range(OTHERS):
            populate(cloud, f"{400000000000 + number}", shared)
        among_many = [steps(cloud, *question) for question in asked]
        names = [operation for _, operation, _ in asked]
        assert list(zip(names, among_many, strict=True)) == list(zip(names, among_two, strict=True))
