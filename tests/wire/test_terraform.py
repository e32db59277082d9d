"""Terraform with the AWS provider: the nine steps without the product, and two tags with it."""

import re
from pathlib import Path

import pytest

from tests.wire.served import up
from tests.wire.terraformed import Terraform, lacking

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(lacking()), reason=lacking())]

BALANCER = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:"
    "loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
)
LEAVE = "-var=join=false"
SPEED = "60"
"""Terraform's waits are real ones: a minute of the cloud passes in a second of the test."""


def test_two_owners_keep_the_walk_through_with_terraform_and_take_it_down(tmp_path: Path) -> None:
    with up("--story", "by-hand", "--speed", SPEED) as served:
        start = served.ask("world")["things"]
        terraform = Terraform(tmp_path, served)
        terraform.prepare("by_hand")
        # A share reaches who accepted it some seconds later (facts 17), for which the provider does not wait.
        made = terraform.apply("-target=aws_ram_resource_share_accepter.development")
        served.ask("advance", seconds=10)
        made += terraform.apply()
        assert sum(map(int, re.findall(r"(\d+) added, 0 changed, 0 destroyed", made))) == 17
        domain = terraform.run("output", "-raw", "domain")
        reached = served.ask("request", **{"from": "10.1.33.54", "url": f"http://{domain}/"})
        assert (reached["status"], reached["server"]) == (200, "nginx")
        assert terraform.plans_nothing()

        told = terraform.run("destroy", "-auto-approve")
        assert "17 destroyed" in told
        served.ask("advance")
        assert served.ask("world")["things"] == start
        # What a provider sees when it looks whether something is gone; and a consumer cannot leave a share (facts 10).
        met = {
            (it["operation"], it["outcome"])
            for it in served.happenings
            if it["kind"] == "call" and it["outcome"] != "ok"
        }
        assert met == {
            ("GetServiceNetworkVpcAssociation", "ResourceNotFoundException"),
            ("GetServiceNetworkServiceAssociation", "ResourceNotFoundException"),
            ("GetService", "ResourceNotFoundException"),
            ("GetTargetGroup", "ResourceNotFoundException"),
            ("DescribeSecurityGroups", "InvalidGroup.NotFound"),
            ("DisassociateResourceShare", "OperationNotPermittedException"),
        }
        assert not [it for it in served.happenings if it["kind"] == "problem"]


def test_tags_that_terraform_sets_are_answered_and_its_next_plan_leaves_the_answer_alone(tmp_path: Path) -> None:
    with up("--story", "walkthrough", "--speed", SPEED) as served:
        terraform = Terraform(tmp_path, served)
        terraform.prepare("by_tag")
        assert "1 imported, 2 added, 1 changed, 0 destroyed" in terraform.apply()
        served.ask("advance")
        balancers = served.client("elbv2", "222222222222")
        described = balancers.describe_tags(ResourceArns=[BALANCER])["TagDescriptions"][0]["Tags"]
        answer = {tag["Key"]: tag["Value"] for tag in described}
        assert answer["lattice-onramp:status"] == "connected"
        reached = served.ask("request", **{"from": "10.1.33.54", "url": f"http://{answer['lattice-onramp:domain']}/"})
        assert (reached["status"], reached["server"]) == (200, "nginx")
        assert terraform.plans_nothing()

        assert "0 added, 1 changed, 2 destroyed" in terraform.apply(LEAVE)
        served.ask("advance", seconds=7200)  # the name is kept for half an hour, and the next sweep lets it go
        served.ask("advance")
        things = served.ask("world")["things"]
        assert not [it for it in things if re.search(r"tag lattice|^\d+ (service |target|association)(?!network)", it)]
        assert terraform.plans_nothing(LEAVE)
        assert not [it for it in served.happenings if it["kind"] == "problem"]
