"""What IAM must allow for Elastic Load Balancing: what is made or named, and its tags."""

from __future__ import annotations

from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, resource_tags, tags_asked


def needs(call: Call) -> list[Requirement]:
    operation, params = call.operation, call.params
    if operation.startswith("Describe"):
        return [(call.action, "*", {})]
    asked = tags_asked(call)
    if operation in ("AddTags", "RemoveTags"):
        arns = params.get("ResourceArns", [])
        return [(call.action, arn, asked | _of_elb(call, arn)) for arn in arns]
    if operation.startswith("Create"):
        arn = _new_elb(call)
        found: list[Requirement] = [(call.action, arn, asked | _of_elb(call, arn))]
        if asked:
            made = arn if arn.endswith("*") else arn.replace(":loadbalancer/", ":listener/") + "/*"
            found.append(
                (
                    "elasticloadbalancing:AddTags",
                    made,
                    asked | {"elasticloadbalancing:CreateAction": operation},
                )
            )
        return found
    arn = call.get("LoadBalancerArn", "ListenerArn", "TargetGroupArn", "RuleArn") or "*"
    return [(call.action, arn, asked | _of_elb(call, arn))]


def _new_elb(call: Call) -> str:
    """What a creation acts on: the object to be, or the parent that it is made in."""
    kinds = {"network": "net", "gateway": "gwy"}
    if call.operation == "CreateLoadBalancer":
        return call.arn(f"loadbalancer/{kinds.get(call.get('Type'), 'app')}/{call.get('Name')}/*")
    if call.operation == "CreateTargetGroup":
        return call.arn(f"targetgroup/{call.get('Name')}/*")
    return call.get("LoadBalancerArn", "ListenerArn") or "*"


def _of_elb(call: Call, arn: str) -> dict[str, Values]:
    context = resource_tags(arn, call.tags)
    own = {
        f"elasticloadbalancing:{key[4:]}": value for key, value in context.items() if key.startswith("aws:ResourceTag/")
    }
    return context | own
