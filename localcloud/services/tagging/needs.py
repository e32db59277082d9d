"""What IAM must allow for the tagging API: its own action, and each service's own."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, request_tags, resource_tags

# Tagging through the tagging API needs the owning service's own permission as well.
_TAG_ACTIONS = {
    "acm": ("acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate"),
    "ec2": ("ec2:CreateTags", "ec2:DeleteTags"),
    "elasticloadbalancing": ("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"),
    "lambda": ("lambda:TagResource", "lambda:UntagResource"),
    "s3": ("s3:PutBucketTagging", "s3:PutBucketTagging"),
    "ssm": ("ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"),
    "sqs": ("sqs:TagQueue", "sqs:UntagQueue"),
}


def needs(call: Call) -> list[Requirement]:
    if call.operation not in ("TagResources", "UntagResources"):
        return [(call.action, "*", {})]
    asked = request_tags(call.params.get("Tags"), call.params.get("TagKeys"))
    found: list[Requirement] = [(call.action, "*", asked)]
    for arn in call.params.get("ResourceARNList", []):
        service = arn.split(":")[2]
        pair = _TAG_ACTIONS.get(service, (f"{service}:TagResource", f"{service}:UntagResource"))
        action = pair[call.operation == "UntagResources"]
        found.append((action, arn, asked | resource_tags(arn, call.tags)))
    return found
