"""What the newer tags ask for, on an engine that is not ours: rules, a domain and its records, who may call, idle time.

MiniStack has Route 53's records, which are made there by the roles of the deployed member's stack. It has no VPC
Lattice and no RAM (both answer 400), so rules, policies and idle times are made in the local cloud beside it, by the
deployed functions; and no CreateVPCAssociationAuthorization, so a private zone of another account is not tried here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import deployed
from deployed import Deployed
from walkthrough import MEMBER, Walkthrough

DOMAIN = "api.shop.example.jp"
NAME = "adways-vpc-lattice-network"


def test_the_newer_tags_are_met_on_ministack(built: Path, tmp_path: Path) -> None:
    with deployed.ministack(tmp_path) as product:
        zone = product.client("route53", MEMBER).create_hosted_zone(Name="shop.example.jp", CallerReference="1")
        zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
        product.deploy_network(built, "--parameter-overrides", f"NetworkName={NAME} MemberAccounts={MEMBER}")
        product.deploy_member(MEMBER, HostedZoneArns=f"arn:aws:route53:::hostedzone/{zone_id}")
        story = Walkthrough(product)
        story.prepare()
        wish = {
            "network": NAME,
            "service": "orders",
            "listen": "HTTP:80",
            "path-prefix": "/api",
            "domain": DOMAIN,
            "zone": zone_id,
            "auth": f"accounts {MEMBER}",
            "idle-timeout": "300",
        }
        tagged(story, wish)

        lattice = product.client("vpc-lattice", MEMBER)
        [listed] = lattice.list_services()["items"]
        service = lattice.get_service(serviceIdentifier=listed["id"])
        asked = (service["customDomainName"], service["authType"], service["idleTimeoutSeconds"])
        assert asked == (DOMAIN, "AWS_IAM", 300)
        policy = json.loads(lattice.get_auth_policy(resourceIdentifier=service["id"])["policy"])
        assert MEMBER in json.dumps(policy)
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        rules = lattice.list_rules(serviceIdentifier=service["id"], listenerIdentifier=listener["id"])["items"]
        assert len([rule for rule in rules if not rule["isDefault"]]) == 2  # /api itself, and what is below it
        assert records(product, zone_id) == {
            ("A", service["dnsEntry"]["domainName"]),
            ("AAAA", service["dnsEntry"]["domainName"]),
        }

        tagged(story, {**wish, "path-prefix": "/v2", "idle-timeout": "60", "auth": "none"})
        service = lattice.get_service(serviceIdentifier=service["id"])
        assert (service["authType"], service["idleTimeoutSeconds"]) == ("NONE", 60)
        rules = lattice.list_rules(serviceIdentifier=service["id"], listenerIdentifier=listener["id"])["items"]
        matches = [
            lattice.get_rule(
                serviceIdentifier=service["id"], listenerIdentifier=listener["id"], ruleIdentifier=rule["id"]
            )["match"]
            for rule in rules
            if not rule["isDefault"]
        ]
        assert "/v2" in json.dumps(matches)
        assert "/api" not in json.dumps(matches)


def tagged(story: Walkthrough, wish: dict[str, str]) -> None:
    """The load balancer bears the wish, and the run that hears of it is over."""
    product, arn = story.at, story.resource("02-alb-tagged.json")
    tags = [{"Key": f"lattice:{key}", "Value": value} for key, value in wish.items()]
    runs = len(product.runs(MEMBER))
    product.client("elbv2", MEMBER).add_tags(ResourceArns=[arn], Tags=tags)
    story.tell("02-alb-tagged.json")
    product.settle(MEMBER, runs)
    product.result(MEMBER)


def records(product: Deployed, zone: str) -> set[tuple[str, str]]:
    """The aliases of the domain, by type."""
    found: list[dict[str, Any]] = product.client("route53", MEMBER).list_resource_record_sets(HostedZoneId=zone)[
        "ResourceRecordSets"
    ]
    named = [one for one in found if one["Name"] == f"{DOMAIN}." and "AliasTarget" in one]
    return {(one["Type"], one["AliasTarget"]["DNSName"].rstrip(".")) for one in named}
