"""What IAM must allow for Lambda: the function, the layer, the function that a mapping calls."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need, plain, tags_asked


def needs(call: Call) -> list[Requirement]:
    action = {"Invoke": "lambda:InvokeFunction", "InvokeAsync": "lambda:InvokeAsync"}.get(call.operation, call.action)
    name = call.get("FunctionName")
    if call.operation in ("CreateEventSourceMapping", "UpdateEventSourceMapping"):
        return need(call, "*", {"lambda:FunctionArn": _function(call, name)})
    if name:
        return need(call, _function(call, name), action=action)
    if call.get("LayerName"):
        version = f":{call.params['VersionNumber']}" if call.params.get("VersionNumber") else ""
        return need(call, call.arn(f"layer:{call.get('LayerName')}{version}"))
    arn = call.get("Resource")
    return [(action, arn, tags_asked(call))] if arn else plain(call)


def _function(call: Call, name: str) -> str:
    """A function's ARN by any of its spellings: name, name:version, account:function:name, ARN."""
    if not name.startswith("arn:"):
        name = call.arn(f"function:{name.rsplit('function:', 1)[-1]}")
    qualifier = call.get("Qualifier")
    return f"{name}:{qualifier}" if qualifier and name.count(":") == 6 else name
