"""The walk-through as AWS calls and events on a deployed product: the story that events/walkthrough tells."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml
from deployed import NETWORK, REGION, ROOT, Deployed

from replay.standing import Standing, stand

FOLDER = ROOT / "events" / "walkthrough"
STORY = yaml.safe_load((FOLDER / "story.yaml").read_text())
MEMBER = "222222222222"


@dataclass
class Walkthrough:
    """The story's world in MiniStack; `member` may play the part of 222222222222.

    Ids are MiniStack's own, so they are put in the place of the story's.
    """

    at: Deployed
    member: str = MEMBER
    ids: dict[str, str] = field(default_factory=dict)
    """What stands in the story -> what stands in its place here."""
    inbox: str = ""

    def prepare(self) -> None:
        """Make the story's networks, load balancers and an inbox that hears what the product announces."""
        self.ids[MEMBER] = self.member
        for account in STORY["world"]["accounts"]:
            for vpc in account["vpcs"]:
                subnets = self.network(self._ours(account["id"]), vpc)
                for balancer in account.get("load_balancers", []):
                    if balancer["vpc"] == vpc["name"]:
                        self.balancer(self._ours(account["id"]), balancer, subnets)

    def network(self, account: str, vpc: dict[str, Any]) -> list[str]:
        """A VPC as a story tells it; the ids of its subnets."""
        ec2 = self.at.client("ec2", account)
        made = ec2.create_vpc(CidrBlock=vpc["cidr"])["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[made], Tags=[{"Key": "Name", "Value": vpc["name"]}])
        # Off unless somebody turns it on, here as on AWS; without it no name of Lattice resolves in the VPC.
        ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
        self.ids[vpc["id"]] = made
        return [
            ec2.create_subnet(VpcId=made, CidrBlock=cidr, AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
            for cidr, zone in zip(vpc["subnets"], "ac", strict=False)
        ]

    def balancer(self, account: str, balancer: dict[str, Any], subnets: list[str]) -> str:
        """A load balancer as a story tells it; its ARN."""
        elb = self.at.client("elbv2", account)
        made = elb.create_load_balancer(Name=balancer["name"], Scheme="internal", Subnets=subnets)["LoadBalancers"][0]
        arn: str = made["LoadBalancerArn"]
        self.ids[balancer["id"]] = arn.rsplit("/", 1)[-1]
        for listener in balancer["listeners"]:
            elb.create_listener(
                LoadBalancerArn=arn,
                Port=listener["port"],
                Protocol=listener["protocol"],
                DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
            )
        return arn

    def listen(self) -> None:
        """Hear from now on what the product announces on its bus."""
        events, sqs, bus = self.at.client("events", NETWORK), self.at.client("sqs", NETWORK), self.at.bus
        self.inbox = sqs.create_queue(QueueName="announcements")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{NETWORK}:announcements"
        rule = events.put_rule(
            Name="announcements", EventBusName=bus, EventPattern=json.dumps({"source": ["lattice.onramp"]})
        )
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=self.inbox, Attributes={"Policy": policy})
        events.put_targets(Rule="announcements", EventBusName=bus, Targets=[{"Id": "inbox", "Arn": arn}])

    # --- what people do ---

    def act(self, file: str) -> list[dict[str, str]]:
        """Make the AWS call that rings this event, then hand the event in; answers what the rules did with it."""
        calls = [entry["do"] for entry in STORY["script"] if "do" in entry]
        call = self._ours(next(one for one in calls if one["rings"] == file))
        service, operation = call["call"].split(".")
        getattr(self.at.client(service, call["account"]), operation)(**call["with"])
        return self.tell(file)

    def tell(self, file: str) -> list[dict[str, str]]:
        """Hand this event in, as AWS does after the call that rings it; answers what the rules did with it."""
        event = self._ours(json.loads((FOLDER / file).read_text()))
        event |= {"id": str(uuid.uuid4()), "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self.at.doors.hand_in(event)

    def resource(self, file: str) -> str:
        """The ARN of what this event is about."""
        found: str = self._ours(json.loads((FOLDER / file).read_text()))["resources"][0]
        return found

    def play(self, file: str) -> None:
        """`act`, and wait for what comes of it."""
        account = self._ours(json.loads((FOLDER / file).read_text()))["account"]
        runs = len(self.at.runs(account))
        told = self.act(file)
        assert [one["how"] for one in told] == ["delivered", "delivered"], told
        self.at.settle(account, runs)

    def _ours(self, told: Any) -> Any:
        text = json.dumps(told)
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        return json.loads(text)

    # --- what is there ---

    def stand(self) -> Standing:
        """What a run may make or change in both accounts, read as their owners would."""
        return stand(self.at, (NETWORK, self.member))

    def announced(self) -> list[str]:
        """The detail-types of all announcements since the last time, in order."""
        sqs, found = self.at.client("sqs", NETWORK), []
        while told := sqs.receive_message(QueueUrl=self.inbox, MaxNumberOfMessages=10).get("Messages"):
            for message in told:
                found.append(json.loads(message["Body"])["detail-type"])
                sqs.delete_message(QueueUrl=self.inbox, ReceiptHandle=message["ReceiptHandle"])
        return found
