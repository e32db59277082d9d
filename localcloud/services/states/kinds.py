"""State machines, as CloudFormation makes them."""

from __future__ import annotations

import json
import re

from localcloud.ground.kinds import Made, Properties, ResourceFailed, Work, camel_case, kind, there
from localcloud.services.states import asl


def _definition(work: Work) -> str:
    text = work.take("DefinitionString")
    value = work.take("Definition")
    location = work.take("DefinitionS3Location")
    if location is not None:
        extra = {"VersionId": location["Version"]} if location.get("Version") else {}
        found = work.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"], **extra)
        text = found["Body"].read().decode()
    if value is not None:
        text = json.dumps(value)
    if text is None:
        raise ResourceFailed(f"{work.logical}: there is no definition")
    for key, replacement in (work.take("DefinitionSubstitutions") or {}).items():
        text = text.replace("${" + key + "}", json.dumps(str(replacement))[1:-1])
    if missing := re.findall(r"\$\{[\w:.]+\}", text):
        raise ResourceFailed(f"{work.logical}: {missing[0]} is left in the definition")
    try:
        faults = asl.check(json.loads(text))
    except ValueError as error:
        faults = [f"the definition is not JSON: {error}"]
    if faults:
        raise ResourceFailed(f"{work.logical}: Invalid State Machine Definition: " + "; ".join(faults))
    return str(text)


def _read_state_machine(work: Work) -> Properties:
    """Its definition comes with names put in, and is taken as it was deployed."""
    found = work.client("stepfunctions").describe_state_machine(stateMachineArn=there(work).id)
    return {"RoleArn": found["roleArn"], "StateMachineName": found["name"]}


@kind(
    "AWS::StepFunctions::StateMachine",
    lambda work: work.client("stepfunctions").delete_state_machine(stateMachineArn=there(work).id),
    attributes=("Arn", "Name", "StateMachineRevisionId"),
    replaces=("StateMachineName", "StateMachineType"),
    read=_read_state_machine,
    requires=("RoleArn",),
)
def _state_machine(work: Work) -> Made:
    client = work.client("stepfunctions")
    name = work.name(work.take("StateMachineName"), 80)
    definition = _definition(work)
    role = work.require("RoleArn")
    given = camel_case(work.take_some("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"))
    kind_of = work.take("StateMachineType") or "STANDARD"
    if work.old is None:
        tags = work.tag_list("key", "value")
        arn = client.create_state_machine(
            name=name, definition=definition, roleArn=role, type=kind_of, tags=tags, **given
        )["stateMachineArn"]
    else:
        arn, name = work.old.id, work.old.attributes["Name"]
        client.update_state_machine(stateMachineArn=arn, definition=definition, roleArn=role, **given)
        work.take("Tags")
    return Made(arn, {"Arn": arn, "Name": name, "StateMachineRevisionId": "INITIAL"})
