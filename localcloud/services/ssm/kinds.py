"""Parameters, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, kind, there


@kind(
    "AWS::SSM::Parameter",
    lambda work: work.client("ssm").delete_parameter(Name=there(work).id),
    attributes=("Type", "Value"),
    replaces=("Name",),
    requires=(
        "Value",
        "Type",
    ),
)
def _ssm_parameter(work: Work) -> Made:
    name = work.name(work.take("Name"))
    given = work.take_some("AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value")
    work.tags()
    work.client("ssm").put_parameter(Name=name, Overwrite=work.old is not None, **given)
    return Made(name, {"Type": given.get("Type", ""), "Value": given.get("Value", "")})
