"""What AWS refuses beyond its models is refused, and what is just within is taken."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT = "111111111111"
LEAVING: Any = Config(parameter_validation=False, retries={"total_max_attempts": 1})

ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "Namespace": "n",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def widgets(*given: Any) -> dict[str, Any]:
    return {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": list(given)})}


TEXT = {"type": "text", "width": 24, "height": 1, "properties": {"markdown": "x"}}


def parameter(**more: Any) -> dict[str, Any]:
    return {"Name": "/a", "Type": "String", "Value": "x", **more}


def query(id: str) -> dict[str, Any]:
    metric = {"Namespace": "n", "MetricName": "m"}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}


def queries(*ids: str) -> dict[str, Any]:
    return {"StartTime": 1793530000, "EndTime": 1793534400, "MetricDataQueries": [query(id) for id in ids]}


def redrive(count: Any) -> str:
    target = f"arn:aws:sqs:ap-northeast-1:{ACCOUNT}:dead"
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": count})


TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})}

TABLE: list[tuple[str, str, dict[str, Any], str]] = [
    ("ssm", "put_parameter", parameter(Value="x" * 4096), ""),
    ("ssm", "put_parameter", parameter(Value="x" * 4097), "ValidationException"),
    ("ssm", "put_parameter", parameter(Value="x" * 8192, Tier="Advanced"), ""),
    ("ssm", "put_parameter", parameter(Value="x" * 8193, Tier="Advanced"), "ValidationException"),
    ("ssm", "put_parameter", parameter(Value="{{x}}"), "ValidationException"),
    ("ssm", "put_parameter", parameter(Name="ssmx"), "ValidationException"),
    ("ssm", "put_parameter", parameter(Name="/a b"), "ValidationException"),
    ("ssm", "put_parameter", parameter(Name="a/b"), "ValidationException"),
    ("ssm", "put_parameter", parameter(Name="/" + "/".join("abcdefghijklmno")), ""),
    ("ssm", "put_parameter", parameter(Name="/" + "/".join("abcdefghijklmnop")), "HierarchyLevelLimitExceeded"),
    ("ssm", "put_parameter", parameter(AllowedPattern="^y$"), "ParameterPatternMismatch"),
    ("ssm", "put_parameter", parameter(AllowedPattern="("), "InvalidAllowedPattern"),
    ("cloudwatch", "put_metric_alarm", ALARM, ""),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "Period": 45}, "ValidationError"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "EvaluationPeriods": 1440}, ""),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "EvaluationPeriods": 1441}, "ValidationError"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "Period": 3600, "EvaluationPeriods": 168}, ""),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "Period": 3600, "EvaluationPeriods": 169}, "ValidationError"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "DatapointsToAlarm": 2}, "ValidationError"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "ExtendedStatistic": "p99"}, "ValidationError"),
    ("cloudwatch", "put_metric_alarm", without(ALARM, "Statistic"), "ValidationError"),
    ("cloudwatch", "put_metric_alarm", without(ALARM, "Namespace"), "ValidationError"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "TreatMissingData": "x"}, "ValidationError"),
    ("cloudwatch", "put_dashboard", widgets(*[TEXT] * 500), ""),
    ("cloudwatch", "put_dashboard", widgets(*[TEXT] * 501), "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", widgets({**TEXT, "width": 25}), "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", widgets({"type": "text"}), "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", widgets({"properties": {}}), "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", {"DashboardName": "d", "DashboardBody": "{}"}, "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", {"DashboardName": "d", "DashboardBody": "{"}, "InvalidParameterInput"),
    ("cloudwatch", "put_dashboard", {**widgets(TEXT), "DashboardName": "d d"}, "InvalidParameterValue"),
    ("cloudwatch", "get_metric_data", queries(*[f"q{n}" for n in range(500)]), ""),
    ("cloudwatch", "get_metric_data", queries(*[f"q{n}" for n in range(501)]), "ValidationError"),
    ("cloudwatch", "get_metric_data", queries("Q"), "ValidationError"),
    ("cloudwatch", "put_metric_data", {"Namespace": "AWS/x", "MetricData": [{"MetricName": "a"}]}, "Invalid"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"VisibilityTimeout": "43200"}}, ""),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"VisibilityTimeout": "43201"}}, "InvalidAttributeValue"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"DelaySeconds": "soon"}}, "InvalidAttributeValue"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"RedrivePolicy": "{"}}, "InvalidParameterValue"),
    ("sqs", "create_queue", {"QueueName": "a.fifo"}, "InvalidParameterValue"),
    ("sqs", "create_queue", {"QueueName": "a.fifo", "Attributes": {"FifoQueue": "true"}}, ""),
    (
        "sqs",
        "create_queue",
        {"QueueName": "a", "Attributes": {"ContentBasedDeduplication": "true"}},
        "InvalidAttributeName",
    ),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"FifoQueue": "false"}}, "InvalidAttributeName"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"Colour": "red"}}, "InvalidAttributeName"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"QueueArn": "x"}}, "InvalidAttributeName"),
    ("sqs", "get_queue_attributes", {"QueueUrl": "x", "AttributeNames": ["Colour"]}, "InvalidAttributeName"),
    ("sqs", "set_queue_attributes", {"QueueUrl": "x", "Attributes": {"Colour": "red"}}, "InvalidAttributeName"),
    ("sqs", "set_queue_attributes", {"QueueUrl": "x", "Attributes": {"QueueArn": "x"}}, "InvalidAttributeName"),
    ("sqs", "receive_message", {"QueueUrl": "x", "AttributeNames": ["Colour"]}, "InvalidAttributeName"),
    ("cloudwatch", "put_metric_alarm", without(ALARM, "Threshold"), "ValidationError"),
    ("cloudwatch", "describe_alarms", {"AlarmNames": ["a"], "AlarmNamePrefix": "a"}, "ValidationError"),
    ("resourcegroupstaggingapi", "get_resources", {"ExcludeCompliantResources": True}, "InvalidParameterException"),
    ("sns", "create_topic", {"Name": "a", "Attributes": {"Colour": "red"}}, "InvalidParameter"),
    ("sns", "create_topic", {"Name": "a", "Attributes": {"SQSSuccessFeedbackSampleRate": "5"}}, ""),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"RedrivePolicy": redrive(0)}}, "InvalidParameterValue"),
    ("sqs", "create_queue", {"QueueName": "a", "Attributes": {"RedrivePolicy": redrive("x")}}, "InvalidParameterValue"),
    ("sqs", "list_queues", {"MaxResults": 1001}, "InvalidParameterValue"),
    ("sqs", "list_queues", {"NextToken": "x"}, "InvalidParameterValue"),
    ("sns", "publish", {"TopicArn": "x", "Message": "m"}, "InvalidParameter"),
    ("sns", "publish", {"TopicArn": f"arn:aws:sns:ap-northeast-1:{ACCOUNT}:none", "Message": "m"}, "NotFound"),
    ("scheduler", "create_schedule_group", {"Name": "default"}, "ConflictException"),
    ("scheduler", "delete_schedule_group", {"Name": "default"}, "ValidationException"),
    ("iam", "create_role", {**ROLE, "Path": "/aws-service/"}, ""),
    ("iam", "create_role", {**ROLE, "Path": "/aws-service-role/ecs.amazonaws.com/"}, "InvalidInput"),
    ("iam", "create_role", {**ROLE, "Path": "/aws-reserved/"}, "InvalidInput"),
    ("iam", "delete_policy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}, "NoSuchEntity"),
    ("logs", "create_log_group", {"logGroupName": "aws/x"}, "InvalidParameterException"),
    ("logs", "create_log_group", {"logGroupName": "/aws/x"}, ""),
    ("secretsmanager", "create_secret", {"Name": "a b", "SecretString": "x"}, "ValidationException"),
    ("secretsmanager", "create_secret", {"Name": "a/b@c", "SecretString": "x"}, ""),
    ("vpc-lattice", "start_domain_verification", {"domainName": "shop.example.jp"}, ""),
    ("vpc-lattice", "start_domain_verification", {"domainName": "shop example"}, "ValidationException"),
    ("vpc-lattice", "create_service", {"name": "orders", "customDomainName": "a..jp"}, "ValidationException"),
    ("vpc-lattice", "create_service", {"name": "orders", "customDomainName": f"{'a' * 63}.jp"}, ""),
    ("vpc-lattice", "create_service", {"name": "orders", "customDomainName": f"{'a' * 64}.jp"}, "ValidationException"),
    ("route53", "create_hosted_zone", {"Name": "a b..jp", "CallerReference": "1"}, "InvalidDomainName"),
    ("route53", "create_hosted_zone", {"Name": f"{'a' * 63}.jp.", "CallerReference": "1"}, ""),
    ("route53", "create_hosted_zone", {"Name": f"{'a' * 64}.jp", "CallerReference": "1"}, "InvalidDomainName"),
]


def tried(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def aws(cloud: LocalCloud) -> Callable[[str], Any]:
    return lambda service: cloud.session(ACCOUNT).client(service, config=LEAVING)


@pytest.mark.parametrize(("service", "operation", "params", "code"), TABLE)
def test_a_limit_holds_where_it_stands(
    aws: Callable[[str], Any], service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    said = tried(lambda: getattr(aws(service), operation)(**params))
    assert said.startswith(code), said
    assert bool(said) == bool(code)


def test_a_message_is_what_sns_can_hand_on(aws: Callable[[str], Any]) -> None:
    sns = aws("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]

    def publish(**given: Any) -> str:
        return tried(lambda: sns.publish(TopicArn=topic, **{"Message": "m", **given}))

    taken = [{"Subject": "x" * 99}, {"Subject": "日本"}, {"MessageStructure": "json", "Message": '{"default": "m"}'}]
    assert [publish(**one) for one in taken] == ["", "", ""]
    refused: list[dict[str, Any]] = [
        {"Subject": "x" * 100},
        {"Subject": "a\nb"},
        {"Subject": ""},
        {"Message": ""},
        {"MessageStructure": "json"},
        {"MessageStructure": "json", "Message": '{"sqs": "m"}'},
        {"Message": "日" * 90_000},
    ]
    assert [publish(**one) for one in refused] == ["InvalidParameter"] * 7
    queue: dict[str, Any] = {
        "TopicArn": topic,
        "Protocol": "sqs",
        "Endpoint": f"arn:aws:sqs:ap-northeast-1:{ACCOUNT}:q",
    }
    once = sns.subscribe(**queue, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
    assert sns.subscribe(**queue, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"] == once
    for wrong in (
        lambda: sns.subscribe(**queue, Attributes={"RawMessageDelivery": "false"}),
        lambda: sns.subscribe(**queue, Attributes={"FilterPolicy": "{"}),
        lambda: sns.subscribe(**{**queue, "Protocol": "pigeon"}),
        lambda: sns.set_subscription_attributes(SubscriptionArn=once, AttributeName="Colour", AttributeValue="x"),
        lambda: sns.set_topic_attributes(TopicArn=topic, AttributeName="Colour", AttributeValue="x"),
        lambda: sns.confirm_subscription(TopicArn=topic, Token="x"),  # noqa: S106 - a word of SNS
        lambda: sns.create_topic(Name="t", Attributes={"DisplayName": "d"}),
        lambda: sns.create_topic(Name="t", Tags=[{"Key": "a", "Value": "b"}]),
    ):
        assert tried(wrong) == "InvalidParameter"
    assert sns.create_topic(Name="t")["TopicArn"] == topic
    batch = [{"Id": "1", "Message": "m", "Subject": "x" * 100}]
    assert tried(lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch)) == "InvalidParameter"


def test_who_has_not_confirmed_is_told_so_and_counted(aws: Callable[[str], Any]) -> None:
    sns = aws("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    queue = f"arn:aws:sqs:ap-northeast-1:{ACCOUNT}:q"
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.jp")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    assert tried(lambda: sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="nobody")) == "InvalidParameter"
    for listed in (sns.list_subscriptions(), sns.list_subscriptions_by_topic(TopicArn=topic)):
        arns = {one["Endpoint"]: one["SubscriptionArn"] for one in listed["Subscriptions"]}
        assert arns["a@example.jp"] == "PendingConfirmation"
        assert arns[queue].startswith(topic)
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "1")
    assert tried(lambda: sns.unsubscribe(SubscriptionArn="PendingConfirmation")) == "InvalidParameter"
    sns.unsubscribe(SubscriptionArn=arns[queue])
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "0"


def test_a_message_of_a_queue_can_be_written_down(aws: Callable[[str], Any]) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    many = {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}

    def send(**given: Any) -> str:
        return tried(lambda: sqs.send_message(QueueUrl=url, **{"MessageBody": "m", **given}))

    codes = ("MissingParameter", "InvalidMessageContents", *("InvalidParameterValue",) * 6, "")
    given: tuple[dict[str, Any], ...] = (
        {"MessageBody": ""},
        {"MessageBody": "\x01"},
        {"MessageAttributes": many},
        {"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
        {"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "x"}}},
        {"MessageAttributes": {"AWS.a": {"DataType": "String", "StringValue": "x"}}},
        {"MessageBody": "日" * 400_000},
        {"MessageDeduplicationId": "x"},
        {"MessageBody": "日本\n😀"},
    )
    assert tuple(send(**one) for one in given) == codes
    entries = [{"Id": "1", "MessageBody": "\x01"}]
    assert tried(lambda: sqs.send_message_batch(QueueUrl=url, Entries=entries)) == "InvalidMessageContents"


@pytest.mark.parametrize(
    ("record", "refused"),
    [
        ({"Type": "TXT", "ResourceRecords": [{"Value": '"a" "b"'}]}, False),
        ({"Type": "TXT", "ResourceRecords": [{"Value": "a"}]}, True),
        ({"Type": "TXT", "ResourceRecords": [{"Value": f'"{"x" * 255}"'}]}, False),
        ({"Type": "TXT", "ResourceRecords": [{"Value": f'"{"x" * 256}"'}]}, True),
        ({"Type": "A", "ResourceRecords": [{"Value": "10.0.0.1"}]}, False),
        ({"Type": "A", "ResourceRecords": [{"Value": "10.0.0.256"}]}, True),
        ({"Type": "AAAA", "ResourceRecords": [{"Value": "fd00::1"}]}, False),
        ({"Type": "AAAA", "ResourceRecords": [{"Value": "10.0.0.1"}]}, True),
        ({"Type": "A", "ResourceRecords": [{"Value": "10.0.0.1"}, {"Value": "10.0.0.1"}]}, True),
        ({"Type": "CNAME", "ResourceRecords": [{"Value": "a.jp"}, {"Value": "b.jp"}]}, True),
        ({"Type": "A", "TTL": None, "ResourceRecords": [{"Value": "10.0.0.1"}]}, True),
        ({"Type": "A", "Name": f"{'a' * 64}.example.jp", "ResourceRecords": [{"Value": "10.0.0.1"}]}, True),
        ({"Type": "A", "TTL": 60}, True),
    ],
)
def test_a_record_has_a_value_of_its_type(aws: Callable[[str], Any], record: dict[str, Any], refused: bool) -> None:
    route53 = aws("route53")
    zone = route53.create_hosted_zone(Name="example.jp", CallerReference="1")["HostedZone"]["Id"]
    given = {key: value for key, value in {"Name": "a.example.jp", "TTL": 60, **record}.items() if value is not None}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": given}]}
    said = tried(lambda: route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch))
    assert said == ("InvalidChangeBatch" if refused else "")
    assert tried(lambda: route53.create_hosted_zone(Name="other.jp", CallerReference="1")) == "HostedZoneAlreadyExists"


def test_a_zone_keeps_its_own_name_servers(aws: Callable[[str], Any]) -> None:
    route53 = aws("route53")
    zone = route53.create_hosted_zone(Name="example.jp", CallerReference="1")["HostedZone"]["Id"]
    [own] = [
        one for one in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if one["Type"] == "NS"
    ]
    batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": own}]}
    said = tried(lambda: route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch))
    assert said == "InvalidChangeBatch"


def test_a_security_group_is_described_in_its_letters(aws: Callable[[str], Any]) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def group(**given: Any) -> str:
        return tried(lambda: ec2.create_security_group(**{"GroupName": "g", "Description": "d", "VpcId": vpc, **given}))

    bad = ({"Description": "日本"}, {"Description": "<b>"}, {"Description": "d" * 256}, {"GroupName": "sg-a"})
    assert [group(**one) for one in bad] == ["InvalidParameterValue"] * 4
    made = ec2.create_security_group(GroupName="g", Description="a (b), c=d*", VpcId=vpc)["GroupId"]

    def rule(first: int, last: int, description: str = "d") -> str:
        ranges = [{"CidrIp": "10.0.0.0/8", "Description": description}]
        permission = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "IpRanges": ranges}
        return tried(lambda: ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission]))

    said = [rule(90, 80), rule(70_000, 70_000), rule(80, 80, "日本"), rule(80, 80, "d" * 256), rule(80, 80)]
    assert said == [*["InvalidParameterValue"] * 4, ""]


def test_a_vpcs_attributes_change_one_by_one(aws: Callable[[str], Any]) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    on, off = {"Value": True}, {"Value": False}

    def modify(**given: Any) -> str:
        return tried(lambda: ec2.modify_vpc_attribute(VpcId=vpc, **given))

    assert modify(EnableDnsSupport=on, EnableDnsHostnames=on) == "InvalidParameterCombination"
    assert modify(EnableDnsSupport=off) == ""
    assert modify(EnableDnsHostnames=on) == "InvalidParameterCombination"
    assert modify(EnableDnsSupport=on) == ""
    assert modify(EnableDnsHostnames=on) == ""


def test_an_endpoint_of_lattices_stands_in_subnets_of_its_vpc(aws: Callable[[str], Any]) -> None:
    ec2, lattice = aws("ec2"), aws("vpc-lattice")
    network = lattice.create_service_network(name="net")["arn"]
    vpc, other = (ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.0.0.0/16", "10.1.0.0/16"))
    subnet = ec2.create_subnet(VpcId=other, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]

    def endpoint(vpc: str, subnet: str, **more: Any) -> str:
        kind = {"VpcEndpointType": "ServiceNetwork", "ServiceNetworkArn": network}
        return tried(lambda: ec2.create_vpc_endpoint(VpcId=vpc, SubnetIds=[subnet], **kind, **more))

    assert endpoint(vpc, subnet) == "InvalidParameter"
    assert endpoint(vpc, "subnet-0123456789abcdef0") == "InvalidSubnetId.NotFound"
    resource = network.replace("servicenetwork/sn-", "resourceconfiguration/rcfg-")
    for more in ({"ServiceName": "com.amazonaws.ap-northeast-1.s3"}, {"ResourceConfigurationArn": resource}):
        assert endpoint(other, subnet, **more) == "InvalidParameterCombination"
    assert endpoint(other, subnet) == ""


def test_a_volume_is_in_a_zone_that_there_is(aws: Callable[[str], Any]) -> None:
    for zone, code in (("ap-northeast-1z", "InvalidZone.NotFound"), ("us-east-1a", "InvalidZone.NotFound")):
        assert tried(lambda zone=zone: aws("ec2").create_volume(AvailabilityZone=zone, Size=8)) == code
    assert tried(lambda: aws("ec2").create_volume(Size=8)) == "MissingParameter"


def test_a_load_balancers_name_is_in_the_zone_of_its_kind_and_region(aws: Callable[[str], Any]) -> None:
    ec2, elb = aws("ec2"), aws("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"ap-northeast-1{zone}")["Subnet"]
        for n, zone in enumerate("ac")
    ]
    zones = [
        elb.create_load_balancer(Name=kind, Type=kind, Scheme="internal", Subnets=[it["SubnetId"] for it in subnets])
        for kind in ("application", "network")
    ]
    told = [one["LoadBalancers"][0]["CanonicalHostedZoneId"] for one in zones]
    assert told == ["Z14GRHDCWA56QT", "Z31USIVHYNEOWT"]


def test_a_load_balancer_stands_in_two_zones_and_in_each_once(aws: Callable[[str], Any]) -> None:
    ec2, elb = aws("ec2"), aws("elbv2")
    vpc, other = (ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.0.0.0/16", "10.1.0.0/16"))

    def subnet(zone: str, number: int, vpc: str = vpc, net: int = 0) -> str:
        place = {"VpcId": vpc, "CidrBlock": f"10.{net}.{number}.0/24", "AvailabilityZone": f"ap-northeast-1{zone}"}
        return str(ec2.create_subnet(**place)["Subnet"]["SubnetId"])

    a, also_a, c, foreign = subnet("a", 0), subnet("a", 1), subnet("c", 2), subnet("c", 0, other, 1)

    def balancer(*subnets: str, **more: Any) -> str:
        return tried(lambda: elb.create_load_balancer(Name="b", Scheme="internal", Subnets=list(subnets), **more))

    assert balancer(a) == "ValidationError"
    assert balancer(a, also_a) == "InvalidConfigurationRequest"
    assert balancer(a, a) == "InvalidConfigurationRequest"
    assert balancer(a, foreign) == "InvalidConfigurationRequest"
    assert balancer(a, "subnet-0123456789abcdef0") == "SubnetNotFound"
    assert balancer(a, Type="network") == ""
    mappings = [{"SubnetId": a}, {"SubnetId": c}]
    made = elb.create_load_balancer(Name="m", Scheme="internal", SubnetMappings=mappings)["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    assert tried(lambda: elb.set_subnets(LoadBalancerArn=arn, Subnets=[a])) == "ValidationError"
    assert tried(lambda: elb.set_subnets(LoadBalancerArn=arn, Subnets=[also_a, c])) == ""


def test_the_name_of_a_deleted_queue_is_free_after_a_minute(cloud: LocalCloud, aws: Callable[[str], Any]) -> None:
    sqs = aws("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="a")["QueueUrl"])
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="a")
    assert tried(lambda: sqs.create_queue(QueueName="b")) == ""
    cloud.clock.advance(59)
    assert tried(lambda: sqs.create_queue(QueueName="a")) == "AWS.SimpleQueueService.QueueDeletedRecently"
    cloud.clock.advance(1)
    assert tried(lambda: sqs.create_queue(QueueName="a")) == ""


@pytest.mark.parametrize(
    ("low", "high", "code"),
    [
        ({"N": "9"}, {"N": "10"}, ""),
        ({"N": "10"}, {"N": "10.0"}, ""),
        ({"N": "10"}, {"N": "9"}, "ValidationException"),
        ({"S": "9"}, {"S": "10"}, "ValidationException"),
        ({"B": b"\x02"}, {"B": b"\x01\xff"}, "ValidationException"),
        ({"S": "1"}, {"N": "2"}, "ValidationException"),
    ],
)
def test_a_range_goes_upwards_wherever_it_stands(
    aws: Callable[[str], Any], low: dict[str, Any], high: dict[str, Any], code: str
) -> None:
    dynamodb = aws("dynamodb")
    kind = "N" if "N" in high else next(iter(high))
    dynamodb.create_table(
        TableName="tab",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": kind},
        ],
    )
    bounds = {":l": low, ":h": high}
    item: dict[str, Any] = {"pk": {"S": "a"}, "sk": high, "x": high}
    dynamodb.put_item(TableName="tab", Item=item)
    key = {"pk": item["pk"], "sk": item["sk"]}
    condition = {"ConditionExpression": "x between :l and :h", "ExpressionAttributeValues": bounds}
    keyed = {"KeyConditionExpression": "pk = :p AND sk BETWEEN :l AND :h"}
    calls: list[Callable[[], Any]] = [
        lambda: dynamodb.query(TableName="tab", **keyed, ExpressionAttributeValues={":p": item["pk"], **bounds}),
        lambda: dynamodb.scan(
            TableName="tab", FilterExpression="x BETWEEN :l AND :h", ExpressionAttributeValues=bounds
        ),
        lambda: dynamodb.put_item(TableName="tab", Item=item, **condition),
        lambda: dynamodb.delete_item(TableName="tab", Key=key, **condition),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "tab", "Item": item, **condition}}]),
    ]
    # Of the last the item is gone before: the range is taken, and nothing is in it.
    assert [tried(call) for call in calls] == [code] * 4 + [code or "TransactionCanceledException"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ExpressionAttributeValues": {":v": {"S": "x"}}}, "can only be specified when using expressions"),
        (
            {"FilterExpression": "x = :v", "ExpressionAttributeValues": {":v": {"S": "x"}, ":w": {"S": "x"}}},
            "unused in expressions: keys: {:w}",
        ),
        (
            {"FilterExpression": "x = :w", "ExpressionAttributeValues": {":v": {"S": "x"}}},
            "not defined; attribute value: :w",
        ),
        (
            {"FilterExpression": "attribute_exists(x)", "ExpressionAttributeNames": {"#n": "x"}},
            "unused in expressions: keys: {#n}",
        ),
        ({"ProjectionExpression": "#n"}, "not defined; attribute name: #n"),
    ],
)
def test_each_placeholder_stands_for_something(aws: Callable[[str], Any], given: dict[str, Any], words: str) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="tab",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    with pytest.raises(ClientError, match=re.escape(words)):
        dynamodb.scan(TableName="tab", **given)


KEY = {"k": {"S": "1"}}
SET_A = {"UpdateExpression": "SET a = :a"}


def condition(text: str, *values: Any) -> dict[str, Any]:
    named = {f":{letter}": one for letter, one in zip("abc", values, strict=False)}
    return {"ConditionExpression": text, "ExpressionAttributeValues": named}


VALUES: list[tuple[str, dict[str, Any], str]] = [
    ("put_item", {"Item": {**KEY, "a": {}}}, "is empty, must contain exactly one"),
    ("put_item", {"Item": {**KEY, "a": {"S": "x", "N": "1"}}}, "more than one datatypes set"),
    ("put_item", {"Item": {**KEY, "a": {"L": [{"M": {"b": {"SS": []}}}]}}}, "An string set  may not be empty"),
    ("put_item", {"Item": {**KEY, "a": {"SS": ["x", "x"]}}}, r"Input collection \[x, x\] contains duplicates"),
    ("put_item", {"Item": {**KEY, "a": {"NS": ["1", "1.0"]}}}, "contains duplicates"),
    ("put_item", {"Item": {**KEY, "a": {"SS": [""]}}}, "may not have a empty string as a member"),
    ("put_item", {"Item": {**KEY, "a": {"NULL": False}}}, "must have the value of true"),
    ("put_item", {"Item": {**KEY, "a": {"N": "one"}}}, "cannot be converted to a numeric value: one"),
    ("put_item", {"Item": {**KEY, "a": {"N": "NaN"}}}, "cannot be converted to a numeric value"),
    ("put_item", {"Item": {**KEY, "a": {"N": "1e126"}}}, "Number overflow"),
    ("put_item", {"Item": {**KEY, "a": {"N": "1e-131"}}}, "Number underflow"),
    ("put_item", {"Item": {**KEY, "a": {"N": "1" * 39}}}, "38 significant digits"),
    ("update_item", {"Key": KEY, **SET_A, "ExpressionAttributeValues": {":a": {"NS": []}}}, "An number set  may not"),
    ("delete_item", {"Key": KEY, **condition("begins_with(a, :a)", {"N": "1"})}, "begins_with, operand type: N"),
    ("delete_item", {"Key": KEY, **condition("attribute_type(a, :a)", {"S": "X"})}, "Invalid attribute type name"),
    (
        "delete_item",
        {"Key": KEY, **condition(f"a IN ({', '.join([':a'] * 101)})", {"N": "1"})},
        "too many operands; number of operands: 101",
    ),
    ("delete_item", {"Key": KEY, **condition("size(a) > :a", {"S": "x"})}, "ConditionalCheckFailed"),
    ("delete_item", {"Key": KEY, **condition("size(absent) > :a", {"N": "1"})}, "ConditionalCheckFailed"),
    ("delete_item", {"Key": KEY, **condition("k > :a", {"N": "1"})}, "ConditionalCheckFailed"),
    ("delete_item", {"Key": KEY, **condition("k BETWEEN :a AND :b", {"N": "1"}, {"N": "2"})}, "ConditionalCheckFailed"),
]


def test_a_value_is_one_and_is_compared_with_its_like(aws: Callable[[str], Any]) -> None:
    dynamodb = aws("dynamodb")
    definition = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}
    schema = [{"AttributeName": "k", "KeyType": "HASH"}]
    dynamodb.create_table(TableName="tab", BillingMode="PAY_PER_REQUEST", KeySchema=schema, **definition)
    dynamodb.put_item(TableName="tab", Item={**KEY, "a": {"S": "text"}, "n": {"N": "9.9e125"}, "e": {"S": ""}})
    for operation, given, words in VALUES:
        with pytest.raises(ClientError, match=words):
            getattr(dynamodb, operation)(TableName="tab", **given)
    twice = [{"DeleteRequest": {"Key": KEY}}, {"PutRequest": {"Item": {**KEY, "b": {"S": "x"}}}}]
    with pytest.raises(ClientError, match="Provided list of item keys contains duplicates"):
        dynamodb.batch_write_item(RequestItems={"tab": twice})
    with pytest.raises(ClientError, match="TransactionCanceled") as refused:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "tab", "Item": {"k": {"S": "2"}}}},
                {"ConditionCheck": {"TableName": "tab", "Key": KEY, "ConditionExpression": "attribute_not_exists(k)"}},
            ]
        )
    reasons: Any = refused.value.response
    assert [one["Code"] for one in reasons["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert [one["k"]["S"] for one in dynamodb.scan(TableName="tab")["Items"]] == ["1"]


def test_a_certificate_that_is_not_validated_is_not_shown(aws: Callable[[str], Any]) -> None:
    arn = aws("acm").request_certificate(DomainName="a.example.jp")["CertificateArn"]
    with pytest.raises(ClientError, match="RequestInProgressException"):
        aws("acm").get_certificate(CertificateArn=arn)


def test_a_log_group_has_the_class_that_it_was_given(aws: Callable[[str], Any]) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="a")
    logs.create_log_group(logGroupName="b", logGroupClass="INFREQUENT_ACCESS")
    told = {one["logGroupName"]: one["logGroupClass"] for one in logs.describe_log_groups()["logGroups"]}
    assert told == {"a": "STANDARD", "b": "INFREQUENT_ACCESS"}
    assert tried(lambda: logs.put_retention_policy(logGroupName="a", retentionInDays=2)) == "InvalidParameterException"
    assert tried(lambda: logs.put_retention_policy(logGroupName="a", retentionInDays=3)) == ""


def test_a_filter_does_not_speak_of_the_key(aws: Callable[[str], Any]) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="tab",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )

    def query(text: str, **names: str) -> str:
        given: dict[str, Any] = {"ExpressionAttributeNames": {f"#{key}": name for key, name in names.items()}}
        return tried(
            lambda: dynamodb.query(
                TableName="tab",
                KeyConditionExpression="pk = :v",
                FilterExpression=text,
                ExpressionAttributeValues={":v": {"S": "a"}},
                **(given if names else {}),
            )
        )

    assert query("pk = :v") == "ValidationException"
    assert query("#k = :v", k="pk") == "ValidationException"
    assert query("a.pk = :v") == ""
    assert query("begins_with(a, :v)") == ""
    for digits, said in (("1" * 38, ""), ("1" * 39, "ValidationException"), (f"1{'0' * 60}", "")):
        item = {"pk": {"S": "a"}, "n": {"N": digits}}
        assert tried(lambda item=item: dynamodb.put_item(TableName="tab", Item=item)) == said  # type: ignore[misc]


def test_a_role_takes_ten_managed_policies_and_tags_of_its_letters(aws: Callable[[str], Any]) -> None:
    iam = aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    arns = [iam.create_policy(PolicyName=f"p{n}", PolicyDocument=document)["Policy"]["Arn"] for n in range(11)]
    said = [tried(lambda arn=arn: iam.attach_role_policy(RoleName="r", PolicyArn=arn)) for arn in arns]  # type: ignore[misc]
    assert said == [*[""] * 10, "LimitExceeded"]
    assert tried(lambda: iam.attach_role_policy(RoleName="r", PolicyArn=arns[0])) == ""
    # The model writes these letters in Java's categories.
    assert tried(lambda: iam.tag_role(RoleName="r", Tags=[{"Key": "a", "Value": "(b)"}])) == "ValidationError"
    assert tried(lambda: iam.tag_role(RoleName="r", Tags=[{"Key": "a", "Value": "日本 é 1_.:/=+-@"}])) == ""


def test_a_key_that_is_about_to_go_encrypts_nothing(aws: Callable[[str], Any]) -> None:
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert tried(lambda: kms.encrypt(KeyId=key, Plaintext=b"x")) == ""
    kms.schedule_key_deletion(KeyId=key)
    assert tried(lambda: kms.encrypt(KeyId=key, Plaintext=b"x")) == "KMSInvalidStateException"


def test_data_are_of_these_weeks_and_come_compressed_as_well(cloud: LocalCloud, aws: Callable[[str], Any]) -> None:
    cloudwatch = aws("cloudwatch")

    def put(at: float, count: int = 1) -> str:
        data = [{"MetricName": "m", "Value": 1.0, "Timestamp": at, "Unit": "Count"}] * count
        return tried(lambda: cloudwatch.put_metric_data(Namespace="n", MetricData=data))

    now = cloud.clock.now
    assert [put(now - 15 * 86_400), put(now + 3 * 3_600)] == ["InvalidParameterValue"] * 2
    # A body as long as this is compressed by the client.
    assert put(now, 900) == ""
    cloud.clock.advance(60)
    told = cloudwatch.get_metric_data(
        StartTime=now - 300,
        EndTime=now + 300,
        MetricDataQueries=[query("q")],
    )
    assert told["MetricDataResults"][0]["Values"] == [900.0]


def test_a_state_machine_logs_to_a_group_or_not_at_all(aws: Callable[[str], Any]) -> None:
    iam, states = aws("iam"), aws("stepfunctions")
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})

    def machine(name: str, **logging: Any) -> str:
        return tried(
            lambda: states.create_state_machine(
                name=name, definition=definition, roleArn=role, loggingConfiguration=logging
            )
        )

    group = f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:g"
    to = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    assert machine("a", level="ALL") == "InvalidLoggingConfiguration"
    assert machine("b", level="ALL", destinations=to) == "InvalidLoggingConfiguration"
    to = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{group}:*"}}]
    assert machine("c", level="ALL", destinations=to) == ""
    assert machine("d", level="OFF") == ""


def test_a_fifo_queue_remembers_for_five_minutes_whose_message_it_has_taken(aws: Callable[[str], Any]) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]

    def send(id: str) -> tuple[str, str]:
        said = sqs.send_message(QueueUrl=url, MessageBody="m", MessageGroupId="g", MessageDeduplicationId=id)
        return said["MessageId"], said["SequenceNumber"]

    first, second = send("1"), send("2")
    assert first[1] < second[1]
    for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    assert send("1") == first
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_iam_keeps_what_is_in_use(aws: Callable[[str], Any]) -> None:
    iam, words = aws("iam"), {"Version": "2012-10-17", "Statement": []}
    allowing = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    arn = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps({**words, "Statement": [allowing]}))["Policy"]
    arn = arn["Arn"]
    iam.create_user(UserName="u")
    iam.create_group(GroupName="g")
    for begin, end in (
        (
            lambda: iam.attach_user_policy(UserName="u", PolicyArn=arn),
            lambda: iam.detach_user_policy(UserName="u", PolicyArn=arn),
        ),
        (
            lambda: iam.create_policy_version(
                PolicyArn=arn, PolicyDocument=json.dumps({**words, "Statement": [allowing]})
            ),
            lambda: iam.delete_policy_version(PolicyArn=arn, VersionId="v2"),
        ),
    ):
        begin()
        assert tried(lambda: iam.delete_policy(PolicyArn=arn)) == "DeleteConflict"
        end()
    iam.add_user_to_group(UserName="u", GroupName="g")
    assert tried(lambda: iam.delete_group(GroupName="g")) == "DeleteConflict"
    assert tried(lambda: iam.delete_user(UserName="u")) == "DeleteConflict"
    iam.remove_user_from_group(UserName="u", GroupName="g")
    key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    assert tried(lambda: iam.delete_user(UserName="u")) == "DeleteConflict"
    iam.delete_access_key(UserName="u", AccessKeyId=key)
    for gone in (
        lambda: iam.delete_policy(PolicyArn=arn),
        lambda: iam.delete_group(GroupName="g"),
        lambda: iam.delete_user(UserName="u"),
    ):
        assert tried(gone) == ""
