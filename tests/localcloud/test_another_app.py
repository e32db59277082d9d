"""An app of somebody else's, deployed by its own template and used: a queue, a function, a table, an alarm."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from moto.backends import get_backend

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import InvocationRecord

ACCOUNT = "444444444444"
APP = Path(__file__).parent / "apps" / "bookings" / "template.yaml"


class Cinema(NamedTuple):
    cloud: LocalCloud
    outputs: dict[str, str]

    def wish(self, *bodies: str) -> None:
        for body in bodies:
            self.cloud.client("sqs", ACCOUNT).send_message(QueueUrl=self.outputs["Wishes"], MessageBody=body)

    def seats(self) -> dict[str, str]:
        items = self.cloud.client("dynamodb", ACCOUNT).scan(TableName=self.outputs["Seats"])["Items"]
        return {item["seat"]["S"]: item["name"]["S"] for item in items}


@pytest.fixture
def cinema() -> Iterator[Cinema]:
    with LocalCloud() as cloud:
        cloud.stacks.deploy(APP, ACCOUNT, "cinema")
        [stack] = cloud.client("cloudformation", ACCOUNT).describe_stacks(StackName="cinema")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        yield Cinema(cloud, {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]})


def test_who_asks_first_gets_the_seat(cinema: Cinema) -> None:
    cinema.wish(
        *(json.dumps({"seat": seat, "name": name}) for seat, name in (("A1", "Ko"), ("A1", "Mai"), ("B2", "Mai")))
    )
    cinema.cloud.settle()
    assert cinema.seats() == {"A1": "Ko", "B2": "Mai"}
    assert [record.error for record in cinema.cloud.journal.of(InvocationRecord)] == [""]


def test_what_nobody_can_read_is_laid_aside_and_the_manager_is_rung(cinema: Cinema) -> None:
    cinema.wish("a seat, please", json.dumps({"seat": "C3", "name": "Jun"}))
    cinema.cloud.clock.advance(600)
    assert cinema.seats() == {"C3": "Jun"}
    sqs, watch = cinema.cloud.client("sqs", ACCOUNT), cinema.cloud.client("cloudwatch", ACCOUNT)
    [aside] = sqs.receive_message(QueueUrl=cinema.outputs["Unreadable"])["Messages"]
    assert aside["Body"] == "a seat, please"
    [alarm] = watch.describe_alarms(AlarmNames=[cinema.outputs["Alarm"]])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    topic: Any = get_backend("sns")[ACCOUNT][cinema.cloud.region].topics[cinema.outputs["Manager"]]
    assert [json.loads(sent[1])["NewStateValue"] for sent in topic.sent_notifications] == ["ALARM"]


def test_its_function_may_do_what_its_template_says_and_no_more(cinema: Cinema) -> None:
    iam = cinema.cloud.client("iam", ACCOUNT)
    [role] = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith("cinema")]
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)
    cinema.wish(json.dumps({"seat": "A1", "name": "Ko"}))
    cinema.cloud.clock.advance(300)
    assert cinema.seats() == {}
    assert {record.error for record in cinema.cloud.journal.of(InvocationRecord)} == {"ClientError"}
