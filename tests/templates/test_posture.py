"""What a reviewer looks for first: encryption, dead letters, TLS, retention, alarms, nothing public, parameters."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics
from onramp.core.metrics import METRICS

from localcloud.services.cloudformation.model import Resource, Stack, TemplateError
from localcloud.services.cloudformation.parameters import fit_parameters
from localcloud.services.cloudformation.read import read
from replay.story import ROOT
from tests.templates.rules import Deployed

TEMPLATES = [ROOT / "template.yaml", ROOT / "member.yaml"]


def stacks(deployed: Deployed) -> list[Stack]:
    return [deployed.stack, deployed.member]


def of_type(stack: Stack, kind: str) -> list[Resource]:
    return [resource for resource in stack.resources.values() if resource.type == kind]


def every(deployed: Deployed, kind: str) -> list[Resource]:
    return [resource for stack in stacks(deployed) for resource in of_type(stack, kind)]


def statements(policy: Any) -> list[dict[str, Any]]:
    found = policy["Statement"]
    return found if isinstance(found, list) else [found]


# --- queues and dead letters


def queue_arn(stack: Stack, queue: Resource) -> str:
    return f"arn:aws:sqs:{stack.region}:{stack.account}:{queue.properties['QueueName']}"


def dead_letter_queues(stack: Stack) -> set[str]:
    """ARNs of the queues that something names as where it puts what it could not deliver."""
    text = json.dumps([resource.properties for resource in stack.resources.values()])
    found = {part.split('"')[0] for key in ("deadLetterTargetArn", "DeadLetterConfig") for part in _after(text, key)}
    return {arn for arn in found if ":sqs:" in arn}


def _after(text: str, key: str) -> list[str]:
    return ["arn:" + part.partition("arn:")[2] for part in text.split(f'"{key}"')[1:]]


def test_every_queue_is_encrypted_and_has_dead_letters_or_holds_them(deployed: Deployed) -> None:
    for stack in stacks(deployed):
        queues = of_type(stack, "AWS::SQS::Queue")
        assert queues
        for queue in queues:
            given = queue.properties
            assert given.get("SqsManagedSseEnabled") or given.get("KmsMasterKeyId"), queue.logical
            if queue_arn(stack, queue) in dead_letter_queues(stack):
                assert int(given["MessageRetentionPeriod"]) == 14 * 86400, queue.logical  # the longest there is
            else:
                assert given["RedrivePolicy"]["deadLetterTargetArn"] in dead_letter_queues(stack), queue.logical


def test_every_rule_and_schedule_has_dead_letters(deployed: Deployed) -> None:
    for stack in stacks(deployed):
        holders = dead_letter_queues(stack)
        for rule in of_type(stack, "AWS::Events::Rule"):
            for target in rule.properties["Targets"]:
                assert target["DeadLetterConfig"]["Arn"] in holders, rule.logical
        for schedule in of_type(stack, "AWS::Scheduler::Schedule"):
            assert schedule.properties["Target"]["DeadLetterConfig"]["Arn"] in holders, schedule.logical


def test_a_queue_outlasts_the_function_that_reads_it(deployed: Deployed) -> None:
    """Lambda asks for six times the function's timeout, and the batching window beside it."""
    (mapping,) = every(deployed, "AWS::Lambda::EventSourceMapping")
    (queue,) = [
        queue
        for queue in every(deployed, "AWS::SQS::Queue")
        if queue_arn(deployed.stack, queue) == mapping.properties["EventSourceArn"]
    ]
    function = deployed.stack.resources["IntakeFunction"]
    window = int(mapping.properties["MaximumBatchingWindowInSeconds"])
    assert int(queue.properties["VisibilityTimeout"]) >= 6 * int(function.properties["Timeout"]) + window
    assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


# --- TLS, and nothing public


def test_what_guards_a_queue_or_topic_speaks_of_that_one_alone(deployed: Deployed) -> None:
    """SQS and SNS refuse a policy that names several resources in a statement, or another's."""
    seen = 0
    for stack in stacks(deployed):
        arns = {one.made.id: queue_arn(stack, one) for one in of_type(stack, "AWS::SQS::Queue")}
        arns |= {one.made.id: one.made.id for one in of_type(stack, "AWS::SNS::Topic")}
        for kind, named in (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics")):
            for policy in of_type(stack, kind):
                (guarded,) = policy.properties[named]
                for statement in statements(policy.properties["PolicyDocument"]):
                    assert statement["Resource"] == arns[guarded], policy.logical
                    seen += 1
    assert seen == 8


@pytest.mark.parametrize(("kind", "named"), [("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics")])
def test_queues_and_topics_are_spoken_to_by_tls_only(deployed: Deployed, kind: str, named: str) -> None:
    kept = {"Queues": "AWS::SQS::Queue", "Topics": "AWS::SNS::Topic"}[named]
    for stack in stacks(deployed):
        guarded = [
            thing
            for policy in of_type(stack, kind)
            for statement in statements(policy.properties["PolicyDocument"])
            if statement["Effect"] == "Deny"
            and statement["Principal"] == "*"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for thing in policy.properties[named]
        ]
        assert sorted(guarded) == sorted(resource.made.id for resource in of_type(stack, kept))


def resource_policies(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy that says who may come in."""
    for resource in stack.resources.values():
        for key in ("PolicyDocument", "Policy", "KeyPolicy", "AssumeRolePolicyDocument"):
            policy = resource.properties.get(key)
            policy = json.loads(policy) if isinstance(policy, str) and policy.startswith("{") else policy
            if isinstance(policy, dict) and "Statement" in policy:
                yield from ((resource.logical, statement) for statement in statements(policy))
        if resource.type == "AWS::Events::EventBusPolicy":
            yield resource.logical, resource.properties["Statement"]


def test_nobody_comes_in_without_a_condition(deployed: Deployed) -> None:
    seen = []
    for stack in stacks(deployed):
        for name, statement in resource_policies(stack):
            principal = statement.get("Principal", {})
            anybody = principal == "*" or (isinstance(principal, dict) and "*" in str(principal.get("AWS", "")))
            if statement["Effect"] == "Allow" and anybody:
                seen.append(name)
                assert statement.get("Condition"), name
            # An AWS service acts for every account there is: which one has to be said, but for Lambda, whose
            # functions are given their role by somebody of this account.
            service = principal.get("Service", "") if isinstance(principal, dict) else ""
            if statement["Effect"] == "Allow" and service not in ("", "lambda.amazonaws.com"):
                assert statement.get("Condition"), name
    assert "NetworkAuthPolicy" in seen


def test_no_function_has_an_address(deployed: Deployed) -> None:
    assert not every(deployed, "AWS::Lambda::Url")
    for permission in every(deployed, "AWS::Lambda::Permission"):
        assert permission.properties.get("SourceArn") or permission.properties.get("SourceAccount")


def test_the_share_leaves_the_organisation_only_where_there_is_none(deployed: Deployed) -> None:
    template = read((ROOT / "template.yaml").read_text())
    share = template["Resources"]["Share"]["Properties"]
    assert share["AllowExternalPrincipals"] == {"Fn::If": ["AccountsOnly", True, False]}


# --- logs, tables, functions


def test_every_log_group_forgets(deployed: Deployed) -> None:
    groups = every(deployed, "AWS::Logs::LogGroup")
    assert groups
    assert [group.logical for group in groups if not group.properties.get("RetentionInDays")] == []


def test_every_function_logs_to_a_group_of_the_stack_and_is_traced(deployed: Deployed) -> None:
    groups = {group.properties["LogGroupName"] for group in every(deployed, "AWS::Logs::LogGroup")}
    for function in every(deployed, "AWS::Lambda::Function"):
        assert function.properties["LoggingConfig"]["LogGroup"] in groups, function.logical
        assert function.properties["TracingConfig"] == {"Mode": "Active"}, function.logical
        assert function.properties["Runtime"] == "python3.13"
        assert function.properties["Architectures"] == ["arm64"]
    (machine,) = every(deployed, "AWS::StepFunctions::StateMachine")
    assert machine.properties["TracingConfiguration"] == {"Enabled": True}
    assert machine.properties["LoggingConfiguration"]["Level"] in ("ALL", "ERROR")


def test_the_table_is_encrypted_and_can_be_restored(deployed: Deployed) -> None:
    (table,) = every(deployed, "AWS::DynamoDB::Table")
    assert table.properties["SSESpecification"]["SSEEnabled"] is True
    assert table.properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


# --- alarms


def alarms(stack: Stack) -> list[dict[str, Any]]:
    return [alarm.properties for alarm in of_type(stack, "AWS::CloudWatch::Alarm")]


def watched_queues(stack: Stack) -> set[str]:
    return {
        dimension["Value"]
        for alarm in alarms(stack)
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }


def holders(stack: Stack) -> set[str]:
    return {arn.rpartition(":")[2] for arn in dead_letter_queues(stack)}


def test_the_network_account_s_dead_letters_have_an_alarm(deployed: Deployed) -> None:
    assert holders(deployed.stack)
    assert holders(deployed.stack) <= watched_queues(deployed.stack)


def test_a_member_s_dead_letters_have_an_alarm_where_it_is_asked_for(deployed: Deployed) -> None:
    member = deployed.member
    # An alarm costs as much as the sweeps; whose events do not get through, the watch misses.
    assert alarms(member) == []
    for switch in ("on", "off"):
        given = {**member.parameters, "MemberAlarms": switch}
        deployed.cloud.stacks.deploy(ROOT / "member.yaml", member.account, member.name, given)
        assert watched_queues(member) == (holders(member) if switch == "on" else set())
        for alarm in alarms(member):
            assert alarm["AlarmActions"] == [deployed.stack.resources["Notices"].made.id]
            assert len(alarm["AlarmDescription"]) > 30


def test_every_bad_end_of_a_run_has_an_alarm(deployed: Deployed) -> None:
    machine = deployed.stack.resources["Reconcile"].made.id
    watched = {
        alarm["MetricName"]
        for alarm in alarms(deployed.stack)
        if alarm.get("Dimensions") == [{"Name": "StateMachineArn", "Value": machine}]
    }
    assert watched >= {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}


def test_every_alarm_tells_somebody_what_to_do(deployed: Deployed) -> None:
    topic = deployed.stack.resources["Notices"].made.id
    for stack in stacks(deployed):
        for alarm in alarms(stack):
            assert alarm["AlarmActions"] == [topic], alarm["AlarmName"]
            assert len(alarm["AlarmDescription"]) > 30, alarm["AlarmName"]
            assert alarm["TreatMissingData"] == "notBreaching", alarm["AlarmName"]


# --- parameters


def test_what_is_shipped_can_be_deployed_by_nobody_before_it_is_filled_in() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    template = read((ROOT / "template.yaml").read_text())
    for environment in ("test", "production"):
        given = dict(one.split("=", 1) for one in config[environment]["deploy"]["parameters"]["parameter_overrides"])
        with pytest.raises(TemplateError, match="12-digit account ids"):
            fit_parameters(template, given)
        fit_parameters(template, given | {"MemberAccounts": "222222222222"})
    assert not re.search(r"[0-9]{12}", (ROOT / "samconfig.toml").read_text())


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("NetworkName", "*"),
        ("NetworkName", "mesh-*"),
        ("NetworkName", "a--b"),
        ("NetworkName", "mesh\n"),
        ("RolePath", "/*/"),
        ("RolePath", "/aws-service-role/onramp/"),
        ("RolePath", "/aws-reserved/"),
        ("SharePermissionArn", "arn:aws:ram::aws:permission/*"),
        ("SharePermissionArn", "arn:aws:ram:eu-west-1:111111111111:permission/join/${aws:username}"),
        ("BoundaryPolicy", "limits/*"),
        ("BoundaryPolicy", "/limits/boundary"),
        ("MemberAccounts", "*"),
        ("MemberAccounts", "22222222222?"),
        ("MemberAccounts", "arn:aws:iam::222222222222:root"),
        ("OrganizationId", "o-*"),
        ("OrganizationPaths", "*"),
        ("OrganizationPaths", "o-a1b2c3d4e5/*"),
        ("OrganizationPaths", "o-*/r-ab12/ou-ab12-11111111/*"),
        ("OrganizationPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111*"),
        ("OrganizationPaths", "o-a1b2c3d4e5/r-ab12/*/ou-ab12-11111111/*"),
        ("OrganizationPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-?1111111/"),
        ("AuthOrganizationPath", "o-a1b2c3d4e5/r-ab12/ou-ab12-1111*"),
        ("ExistingNetworkArn", "arn:aws:vpc-lattice:*:111111111111:servicenetwork/sn-0123456789abcdef0"),
        ("ExistingNetworkArn", "arn:aws:vpc-lattice:us-east-1:111111111111:servicenetwork/*"),
        ("KeyArn", "arn:aws:kms:us-east-1:111111111111:key/*"),
        ("ExtraTagKeys", "lattice-onramp:network"),
        ("ExtraTagKeys", "lattice-onramp:status"),
        ("ExtraTagKeys", "lattice:network"),
        ("ExtraTagKeys", "aws:cloudformation:stack-name"),
        ("ExtraTagKeys", "CostCentre*"),
        ("TagPrefix", "lattice-onramp:"),
        ("TagPrefix", "aws:"),
    ],
)
def test_no_parameter_takes_a_wildcard_or_what_is_ours(parameter: str, value: str) -> None:
    """It would stand in a policy, where `*` and `?` mean more than themselves."""
    template = read((ROOT / "template.yaml").read_text())
    with pytest.raises(TemplateError):
        fit_parameters(template, {"NetworkName": "mesh", parameter: value})


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_parameter_says_what_it_is_and_what_it_takes(template: Path) -> None:
    for name, rule in read(template.read_text())["Parameters"].items():
        assert len(rule["Description"]) > 15, name
        bounded = {"AllowedPattern", "AllowedValues"} & set(rule) or {"MinValue", "MaxValue"} <= set(rule)
        assert bounded, name
        if "AllowedPattern" in rule:
            assert rule["ConstraintDescription"], name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_output_says_what_it_is(template: Path) -> None:
    assert [name for name, rule in read(template.read_text())["Outputs"].items() if not rule.get("Description")] == []


def test_members_know_the_same_rules_for_what_both_stacks_are_given() -> None:
    network, member = (read(template.read_text())["Parameters"] for template in TEMPLATES)
    shared = set(network) & set(member)
    assert {"NetworkName", "TagPrefix"} <= shared
    for name in shared:
        for key in ("AllowedPattern", "AllowedValues", "MinLength", "MaxLength", "Default"):
            assert network[name].get(key) == member[name].get(key), f"{name}.{key}"


def named(path: Path) -> Iterator[tuple[str, str, str]]:
    """(type, name with ${NetworkName} in it, logical id) of all that a template names itself."""
    for logical, resource in read(path.read_text())["Resources"].items():
        for key, value in resource.get("Properties", {}).items():
            text = value.get("Fn::Sub") if isinstance(value, dict) else None
            if key.endswith("Name") and isinstance(text, str) and "${NetworkName}" in text:
                yield resource["Type"], text, logical


def test_no_networks_thing_is_called_as_another_networks_is() -> None:
    """Whatever comes after one network's name in a name would have to belong to another network's name."""
    pattern = read((ROOT / "template.yaml").read_text())["Parameters"]["NetworkName"]["AllowedPattern"]
    tails: dict[tuple[str, str], set[str]] = {}
    for path in TEMPLATES:
        for kind, text, _ in named(path):
            head, _, tail = text.partition("${NetworkName}")
            tails.setdefault((kind, head), set()).add(tail)
    assert len(tails) > 8
    for (kind, _), ends in tails.items():
        for one, other in product(ends, ends):
            if one != other and other.endswith(one):
                more = other.removesuffix(one)
                assert not re.fullmatch(pattern, f"abc{more}"), f"{kind}: a network called …{more}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_pattern_of_a_network_meets_what_is_another_networks(template: Path) -> None:
    """`NAME-*` would be NAME-test's, too; two hyphens, or a colon, are in no network's name."""
    texts = re.findall(r"onramp-\$\{NetworkName\}([^\s\"']*)\*", template.read_text())
    assert [tail for tail in texts if not tail.startswith(("--", ":"))] == []
    assert not re.fullmatch(read(template.read_text())["Parameters"]["NetworkName"]["AllowedPattern"], "a--b")


def test_names_made_of_the_longest_network_name_fit() -> None:
    """IAM 64, SQS 80, Lambda 64, EventBridge and Scheduler 64 characters, an archive 48."""
    template = read((ROOT / "template.yaml").read_text())
    longest = "n" * template["Parameters"]["NetworkName"]["MaxLength"]
    limits = {"RoleName": 64, "QueueName": 80, "FunctionName": 64, "TopicName": 256, "TableName": 255, "Name": 64}
    limits |= {"ArchiveName": 48, "StackSetName": 128, "AlarmName": 255, "DashboardName": 255, "LogGroupName": 512}
    for path in TEMPLATES:
        for logical, resource in read(path.read_text())["Resources"].items():
            for key, limit in limits.items():
                name = resource.get("Properties", {}).get(key)
                if isinstance(name, dict) and isinstance(name.get("Fn::Sub"), str):
                    assert len(name["Fn::Sub"].replace("${NetworkName}", longest)) <= limit, logical


def test_policies_of_roles_fit_whatever_the_network_is_called(deployed: Deployed) -> None:
    """IAM: 10,240 characters of inline policy a role, white space not counted."""
    name, longest = deployed.network.name, 40
    for stack in stacks(deployed):
        for role in of_type(stack, "AWS::IAM::Role"):
            text = json.dumps(role.properties["Policies"], separators=(",", ":"))
            assert len(text) + text.count(name) * (longest - len(name)) < 10_240, role.logical


# --- the member's template must be what a service-managed StackSet takes


def test_the_members_template_is_plain() -> None:
    text = (ROOT / "member.yaml").read_text()
    assert "Transform" not in read(text)
    lines = [line.split(" #")[0] for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert not [
        line for line in lines if ": &" in line or "- &" in line or ": *" in line or line.rstrip().endswith("<<")
    ]
    assert len(text.encode()) < 51_200  # bytes of a template that is sent as it is


# --- a key of one's own


def test_with_a_key_of_ones_own_all_that_is_kept_is_under_it(deployed: Deployed) -> None:
    cloud, account = deployed.cloud, deployed.network.account
    key = cloud.client("kms", account).create_key()["KeyMetadata"]["Arn"]
    given = {**deployed.network.parameters, "NetworkName": "kept-mesh", "KeyArn": key}
    cloud.stacks.deploy(ROOT / "template.yaml", account, "own-key", given)
    stack = cloud.stacks.stack(account, "own-key")
    names = {
        "AWS::SQS::Queue": "KmsMasterKeyId",
        "AWS::SNS::Topic": "KmsMasterKeyId",
        "AWS::Logs::LogGroup": "KmsKeyId",
    }
    kept = [(one.logical, one.properties.get(name)) for kind, name in names.items() for one in of_type(stack, kind)]
    kept += [
        (one.logical, one.properties["SSESpecification"].get("KMSMasterKeyId"))
        for one in of_type(stack, "AWS::DynamoDB::Table")
    ]
    assert len(kept) == 2 + 1 + 7 + 1
    assert [logical for logical, used in kept if used != key] == []
    assert not of_type(stack, "AWS::KMS::Key")


# --- numbers, and why


NUMBERS = ("Timeout", "MemorySize", "VisibilityTimeout", "maxReceiveCount", "MessageRetentionPeriod", "BatchSize")
NUMBERS += ("MaximumBatchingWindowInSeconds", "ScalingConfig")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_timeout_and_retry_says_why_beside_it(template: Path) -> None:
    lines = [line.strip() for line in template.read_text().splitlines()]
    numbered = [line for line in lines if line.partition(":")[0] in NUMBERS]
    assert numbered
    assert [line for line in numbered if len(line.partition(" # ")[2]) < 20] == []
    retries = [index for index, line in enumerate(lines) if line.startswith("RetryPolicy:")]
    assert retries
    if template.name == "template.yaml":
        assert [lines[at] for at in retries if " # " not in lines[at] and not lines[at - 1].startswith("#")] == []


def test_undelivered_events_are_tried_until_the_sweep_has_looked_and_no_longer(deployed: Deployed) -> None:
    for stack in stacks(deployed):
        targets = [one for rule in of_type(stack, "AWS::Events::Rule") for one in rule.properties["Targets"]]
        targets += [schedule.properties["Target"] for schedule in of_type(stack, "AWS::Scheduler::Schedule")]
        assert targets
        for target in targets:
            assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}


def test_every_task_of_the_machine_is_tried_again_and_says_why() -> None:
    machine = json.loads((ROOT / "functions" / "reconcile.asl.json").read_text())
    tasks = list(_tasks(machine))
    assert len(tasks) == 4
    for task in tasks:
        assert len(task["Comment"]) > 60
        assert task["TimeoutSeconds"]
        _, retry = task["Retry"]  # the first is for what Lambda throttles: test_machine
        assert retry["ErrorEquals"] == ["States.ALL"]
        assert retry["JitterStrategy"] == "FULL"


def _tasks(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for state in machine["States"].values():
        if state["Type"] == "Task":
            yield state
        if "ItemProcessor" in state:
            yield from _tasks(state["ItemProcessor"])


# --- what is measured, watched and shown


def test_alarms_and_dashboard_look_at_metrics_that_the_functions_send(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = deployed.stack.resources["ReportFunction"].properties["Environment"]["Variables"]
    for name, value in function.items():
        monkeypatch.setenv(name, value)
    sent = EphemeralMetrics()
    sent.add_metric(name="Refusals", unit="Count", value=1)
    (told,) = sent.serialize_metric_set()["_aws"]["CloudWatchMetrics"]
    assert told["Dimensions"] == [["service"]]
    seen = [(metric, dims) for space, metric, dims in shown(deployed.stack) if space == told["Namespace"]]
    looked_at = {metric for metric, _ in seen}
    assert looked_at >= {"Refusals", "Failures", "DeletionsHeld", "Waiting"}
    assert looked_at <= set(METRICS)  # tests/docs/test_metrics_page.py holds these to what is sent
    for metric, dims in seen:
        assert dims == {"service": sent.serialize_metric_set()["service"]}, metric


def shown(stack: Stack) -> list[tuple[str, str, dict[str, str]]]:
    """(namespace, metric, dimensions) of all that the dashboard draws and the alarms watch."""
    found: list[tuple[str, str, dict[str, str]]] = []
    for widget in dashboard(stack):
        last: list[str] = []
        for metric in widget["properties"].get("metrics", []):
            words = [part for part in metric if isinstance(part, str)]  # the rest says how it is drawn
            last = last if words == ["..."] else [last[at] if part == "." else part for at, part in enumerate(words)]
            space, name, *dimensions = last
            found.append((space, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))))
    for alarm in alarms(stack):
        if "Namespace" in alarm:
            dims = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
            found.append((alarm["Namespace"], alarm["MetricName"], dims))
    return found


def dashboard(stack: Stack) -> list[dict[str, Any]]:
    (board,) = of_type(stack, "AWS::CloudWatch::Dashboard")
    widgets: list[dict[str, Any]] = json.loads(board.properties["DashboardBody"])["widgets"]
    return widgets


def test_the_dashboard_answers_the_three_questions(deployed: Deployed) -> None:
    titles = [widget["properties"]["title"] for widget in dashboard(deployed.stack)]
    assert {"Is it well?", "What is waiting?", "What was refused?"} <= set(titles)


def test_what_is_counted_anew_every_few_minutes_is_not_added_up(deployed: Deployed) -> None:
    """One silent account is told twelve times an hour; by their sum twelve would be silent."""
    drawn = {
        metric[1]: next((part["stat"] for part in metric if isinstance(part, dict)), widget["properties"]["stat"])
        for widget in dashboard(deployed.stack)
        for metric in widget["properties"].get("metrics", [])
        if isinstance(metric[1], str) and metric[1] in METRICS and METRICS[metric[1]].by == "watch"
    }
    assert drawn == dict.fromkeys((name for name, it in METRICS.items() if it.by == "watch"), "Maximum")


def test_the_dashboard_shows_every_alarm_of_the_stack(deployed: Deployed) -> None:
    (well,) = [widget for widget in dashboard(deployed.stack) if widget["type"] == "alarm"]
    every_one = {alarm.made.attributes["Arn"] for alarm in of_type(deployed.stack, "AWS::CloudWatch::Alarm")}
    assert set(well["properties"]["alarms"]) == every_one


def test_the_dashboard_stays_on_the_page(deployed: Deployed) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(deployed.stack):
        x, y, wide, high = (widget[key] for key in ("x", "y", "width", "height"))
        cells = {(column, row) for column in range(x, x + wide) for row in range(y, y + high)}
        assert x + wide <= 24
        assert not taken & cells, widget["properties"]["title"]
        taken |= cells


def test_deletions_that_are_held_back_stay_an_alarm_from_sweep_to_sweep(deployed: Deployed) -> None:
    (alarm,) = [one for one in alarms(deployed.stack) if one.get("MetricName") == "DeletionsHeld"]
    (sweep,) = of_type(deployed.member, "AWS::Scheduler::Schedule")
    assert sweep.properties["ScheduleExpression"] == "rate(1 hour)"
    longest = 3600 + 60 * int(sweep.properties["FlexibleTimeWindow"]["MaximumWindowInMinutes"])
    assert int(alarm["Period"]) * int(alarm["EvaluationPeriods"]) > longest
    assert int(alarm["DatapointsToAlarm"]) == 1
