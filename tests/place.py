"""A network account as the functions find it: the table of accounts, the machine of the runs, bus and topic."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from onramp.aws.account import Account

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, EventRecord

NETWORK, TEAM = "111111111111", "222222222222"
TABLE = BUS = "onramp-net"
TOPIC = f"arn:aws:sns:ap-northeast-1:{NETWORK}:onramp-net"
MACHINE = f"arn:aws:states:ap-northeast-1:{NETWORK}:stateMachine:onramp-net"
NOW = 1793534400.0
FOREVER = {"StartAt": "Stay", "States": {"Stay": {"Type": "Wait", "Seconds": 999_999, "End": True}}}


class Place(NamedTuple):
    """`own`: the network account as the functions see it."""

    cloud: LocalCloud
    own: Account

    def item(self, account: str) -> dict[str, Any]:
        """The account's item, without DynamoDB's types; {} when there is none."""
        found = self.cloud.client("dynamodb", NETWORK).get_item(TableName=TABLE, Key={"account": {"S": account}})
        return {name: next(iter(value.values())) for name, value in found.get("Item", {}).items()}

    def begin(self, run: str) -> str:
        """Start a run of that name, which goes on; its ARN."""
        states = self.cloud.client("stepfunctions", NETWORK)
        return str(states.start_execution(stateMachineArn=MACHINE, name=run, input="{}")["executionArn"])

    def end(self, run: str) -> None:
        arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{run}"
        self.cloud.client("stepfunctions", NETWORK).stop_execution(executionArn=arn)

    def runs(self) -> dict[str, dict[str, Any]]:
        """Every run that was started, by name: what it was given."""
        states = self.cloud.client("stepfunctions", NETWORK)
        found = states.list_executions(stateMachineArn=MACHINE)["executions"]
        return {
            one["name"]: json.loads(states.describe_execution(executionArn=one["executionArn"])["input"])
            for one in found
        }

    def put(self) -> list[tuple[str, dict[str, Any]]]:
        """(detail-type, detail) of all that came on the network's bus."""
        events = [record.event for record in self.cloud.journal.of(EventRecord)]
        return [(one["detail-type"], one["detail"]) for one in events if one["source"] == "lattice.onramp"]

    def share(self) -> tuple[str, str]:
        """Make the network, and a share that holds it; their ARNs."""
        network = self.cloud.client("vpc-lattice", NETWORK).create_service_network(name="net")["arn"]
        made = self.cloud.client("ram", NETWORK).create_resource_share(
            name="onramp-net", resourceArns=[network], allowExternalPrincipals=True
        )
        return network, made["resourceShare"]["resourceShareArn"]

    def mails(self) -> list[tuple[str, str]]:
        """(subject, text) of what people were sent."""
        calls = [call for call in self.cloud.journal.of(CallRecord) if call.operation == "Publish"]
        return [(call.params["Subject"], call.params["Message"]) for call in calls]

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.cloud.journal.of(CallRecord))


class Body:
    """What comes over the wire, as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> list[bytes]:
        return [self._content]


@contextmanager
def network_account() -> Iterator[Place]:
    with LocalCloud(enforce_iam=False, start=NOW) as cloud:
        cloud.client("dynamodb", NETWORK).create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "account", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "account", "KeyType": "HASH"}],
        )
        role = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
        arn = cloud.client("iam", NETWORK).create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(role))
        cloud.client("stepfunctions", NETWORK).create_state_machine(
            name="onramp-net", definition=json.dumps(FOREVER), roleArn=arn["Role"]["Arn"]
        )
        cloud.client("events", NETWORK).create_event_bus(Name=BUS)
        cloud.client("sns", NETWORK).create_topic(Name="onramp-net")
        yield Place(cloud, Account(cloud.session(NETWORK), NETWORK))


def member_role(place: Place, what: str, account: str = TEAM) -> str:
    """Make the member's role `reader` or `writer`, which lets the network account in; its ARN."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{NETWORK}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam = place.cloud.client("iam", account)
    made = iam.create_role(RoleName=f"onramp-net-{what}", AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])
