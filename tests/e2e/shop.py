"""A shop that asks by tag for what came after the walk-through, and for MiniStack's own things by their names."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deployed import REGION
from walkthrough import MEMBER, Walkthrough

ZONE = "shop.example.jp"
DOMAIN = f"api.{ZONE}"
PARAMETER = "/lattice-onramp/shop"
LOG = "/lattice/shop"
GROUP = f"arn:aws:logs:{REGION}:{MEMBER}:log-group:{LOG}"
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}]}

DELIVERY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{GROUP}:*",
    },
}


@dataclass
class Shop:
    """In the account of the walk-through's service, beside it."""

    story: Walkthrough
    zone: str = ""
    certificate: str = ""
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """ARN -> what its owner says on it."""
    names: dict[str, str] = field(default_factory=dict)
    """ARN -> how it is called here."""

    def make(self) -> None:
        """What is there before anybody tags: the tags name it."""
        [vpc, *balancers] = self._ground()
        ec2, route53, logs = (self._client(service) for service in ("ec2", "route53", "logs"))
        offices = ec2.create_managed_prefix_list(
            PrefixListName="offices",
            MaxEntries=2,
            AddressFamily="IPv4",
            Entries=[{"Cidr": "10.7.2.0/24"}],
        )["PrefixList"]["PrefixListId"]
        web = ec2.create_security_group(GroupName="web", Description="Web", VpcId=_id(vpc))["GroupId"]
        self.names |= {offices: "offices", web: "web"}
        self.certificate = self._client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
        self.zone = _id(route53.create_hosted_zone(Name=ZONE, CallerReference="shop")["HostedZone"]["Id"])
        by_hand = {"Name": DOMAIN, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"by hand"'}]}
        route53.change_resource_record_sets(
            HostedZoneId=self.zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": by_hand}]}
        )
        self._client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=json.dumps(POLICY))
        logs.create_log_group(logGroupName=LOG)
        logs.put_resource_policy(policyName="lattice-access-logs", policyDocument=json.dumps(DELIVERY))
        said = {"lattice:domain": DOMAIN, "lattice:listen": "HTTPS:443 HTTP:80"}
        settings = {
            "lattice:zone": self.zone,
            "lattice:auth-policy": PARAMETER,
            "lattice:log": LOG,
            "lattice:idle-timeout": "300",
        }
        more = {"lattice:weight": "90", **settings}, {"lattice:weight": "10"}, {"lattice:path-prefix": "/beta"}
        self.tags = {arn: said | own for arn, own in zip(balancers, more, strict=True)}
        callers = f"10.7.1.0/24,2001:db8:7::/64,{offices},{web}"
        self.tags[vpc] = {"lattice:allow-from": callers, "lattice:ports": "80,443,8000-8010"}

    def _ground(self) -> list[str]:
        """The ARNs of a VPC and of three load balancers."""
        world = {"name": "shop-vpc", "id": "shop-vpc", "cidr": "10.7.0.0/16", "subnets": ["10.7.1.0/24", "10.7.2.0/24"]}
        subnets = self.story.network(MEMBER, world)
        vpc = f"arn:aws:ec2:{REGION}:{MEMBER}:vpc/{self.story.ids['shop-vpc']}"
        self.names[vpc] = "shop-vpc"
        for name in ("shop-web", "shop-next", "shop-beta"):
            world = {"name": name, "id": name, "listeners": [{"port": 80, "protocol": "HTTP"}]}
            self.names[self.story.balancer(MEMBER, world, subnets)] = name
        return list(self.names)

    def _client(self, service: str) -> Any:
        return self.story.at.client(service, MEMBER)

    # --- what its owner does ---

    def tag(self, network: str, *names: str) -> None:
        """Say all of it, on these or on all, and wait for what comes of it."""
        for arn, said in self.tags.items():
            if not names or self.names[arn] in names:
                listed = [{"Key": key, "Value": value} for key, value in {**said, "lattice:network": network}.items()]
                if ":vpc/" in arn:
                    self._client("ec2").create_tags(Resources=[_id(arn)], Tags=listed)
                else:
                    self._client("elbv2").add_tags(ResourceArns=[arn], Tags=listed)
        self._told()

    def untag(self) -> None:
        """Take all of it back, and wait for what comes of it."""
        for arn, said in self.tags.items():
            keys = ["lattice:network", *said]
            if ":vpc/" in arn:
                self._client("ec2").delete_tags(Resources=[_id(arn)], Tags=[{"Key": key} for key in keys])
            else:
                self._client("elbv2").remove_tags(ResourceArns=[arn], TagKeys=keys)
        self._told()

    def _told(self) -> None:
        """The event of one of them: a run looks at all of the account."""
        arn, runs = next(iter(self.tags)), len(self.story.at.runs(MEMBER))
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Tag Change on Resource",
            "source": "aws.tag",
            "account": MEMBER,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [arn],
            "detail": {
                "changed-tag-keys": ["lattice:network"],
                "service": "elasticloadbalancing",
                "resource-type": "loadbalancer",
                "version": 1,
                "tags": {},
            },
        }
        assert {one["how"] for one in self.story.at.doors.hand_in(event)} == {"delivered"}
        self.story.at.settle(MEMBER, runs)

    # --- what is there ---

    def answers(self) -> dict[str, tuple[str, str]]:
        """Name -> the status and the message on it."""
        found: dict[str, tuple[str, str]] = {}
        for arn in self.tags:
            if ":vpc/" in arn:
                [vpc] = self._client("ec2").describe_vpcs(VpcIds=[_id(arn)])["Vpcs"]
                listed = vpc.get("Tags", [])
            else:
                listed = self._client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
            tags = {one["Key"]: one["Value"] for one in listed}
            if "lattice-onramp:status" in tags:
                found[self.names[arn]] = tags["lattice-onramp:status"], tags.get("lattice-onramp:message", "")
        return found

    def service(self) -> dict[str, Any]:
        """The service with the domain, as VPC Lattice tells it."""
        lattice = self._client("vpc-lattice")
        [found] = [one for one in lattice.list_services()["items"] if one.get("customDomainName") == DOMAIN]
        told: dict[str, Any] = lattice.get_service(serviceIdentifier=found["id"])
        return told

    def policy(self) -> Any:
        return json.loads(
            self._client("vpc-lattice").get_auth_policy(resourceIdentifier=self.service()["id"])["policy"]
        )

    def logs(self) -> list[str]:
        """Where its access log goes."""
        lattice, service = self._client("vpc-lattice"), self.service()["id"]
        found = lattice.list_access_log_subscriptions(resourceIdentifier=service)["items"]
        return [one["destinationArn"] for one in found]

    def sends(self) -> dict[str, list[tuple[str, dict[str, int]]]]:
        """What it listens for -> in the order of the numbers, the default last, of each rule its path and shares."""
        lattice, service = self._client("vpc-lattice"), self.service()["id"]
        found: dict[str, list[tuple[str, dict[str, int]]]] = {}
        for listener in lattice.list_listeners(serviceIdentifier=service)["items"]:
            at = {"serviceIdentifier": service, "listenerIdentifier": listener["id"]}
            rules = lattice.list_rules(**at)["items"]
            found[f"{listener['protocol']}:{listener['port']}"] = [
                self._rule(lattice.get_rule(**at, ruleIdentifier=rule["id"]))
                for rule in sorted(rules, key=lambda it: it.get("priority", 101))
            ]
        return found

    def _rule(self, rule: dict[str, Any]) -> tuple[str, dict[str, int]]:
        path = rule.get("match", {}).get("httpMatch", {}).get("pathMatch", {}).get("match", {})
        shares = rule["action"]["forward"]["targetGroups"]
        return "".join(path.values()), {
            self._behind(one["targetGroupIdentifier"]): one.get("weight", 100) for one in shares
        }

    def _behind(self, group: str) -> str:
        [target] = self._client("vpc-lattice").list_targets(targetGroupIdentifier=group)["items"]
        return self.names[target["id"]]

    def records(self) -> dict[tuple[str, str], str]:
        """Name and type -> where it leads, or what it says."""
        found = self._client("route53").list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return {
            (one["Name"], one["Type"]): one.get("AliasTarget", {}).get("DNSName")
            or " ".join(value["Value"] for value in one["ResourceRecords"])
            for one in found
        }

    def admitted(self) -> set[str]:
        """Who is let in by security groups of runs in its VPC, as `10.7.1.0/24 80-80`."""
        filters = [{"Name": "vpc-id", "Values": [self.story.ids["shop-vpc"]]}]
        groups = self._client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
        ours = [one for one in groups if any(tag["Key"] == "lattice-onramp:network" for tag in one.get("Tags", []))]
        kinds = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"))
        return {
            f"{self.names.get(source[key], source[key])} {rule['FromPort']}-{rule['ToPort']}"
            for group in ours
            for rule in group["IpPermissions"]
            for kind, key in (*kinds, ("UserIdGroupPairs", "GroupId"))
            for source in rule.get(kind, [])
        }


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]
