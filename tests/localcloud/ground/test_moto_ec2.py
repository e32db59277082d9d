"""What moto is not let read as it is imported is there for whoever asks."""

from __future__ import annotations

import subprocess
import sys

from localcloud.cloud import LocalCloud


def test_the_types_of_instances_that_a_place_offers_are_listed() -> None:
    with LocalCloud() as cloud:
        ec2 = cloud.client("ec2", "111111111111")
        for kind, place in (("region", "ap-northeast-1"), ("availability-zone", "ap-northeast-1a")):
            told = ec2.describe_instance_type_offerings(
                LocationType=kind, Filters=[{"Name": "location", "Values": [place]}]
            )["InstanceTypeOfferings"]
            assert {"InstanceType": "t3.micro", "LocationType": kind, "Location": place} in told


def test_whatever_is_imported_first_they_are_not_read_before() -> None:
    """A service's room that asks moto's EC2 is the first that imports it."""
    script = (
        "import localcloud.services.lattice.outside\n"
        "from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS as told\n"
        "print({type(one).__name__ for regions in told.values() for one in regions.values()})"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "{'_Offered'}"
