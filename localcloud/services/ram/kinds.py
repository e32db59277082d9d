"""Resource shares, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, kind, there


@kind(
    "AWS::RAM::ResourceShare",
    lambda work: work.client("ram").delete_resource_share(resourceShareArn=there(work).id),
    attributes=("Arn",),
)
def _share(work: Work) -> Made:
    ram = work.client("ram")
    name = work.require("Name")
    external = work.take("AllowExternalPrincipals", default=True)
    parts = {
        "principals": work.take("Principals") or [],
        "resourceArns": work.take("ResourceArns") or [],
        "sources": work.take("Sources") or [],
    }
    permissions = work.take("PermissionArns") or []
    if work.old is None:
        answer = ram.create_resource_share(
            name=name,
            allowExternalPrincipals=external,
            tags=work.tag_list("key", "value"),
            **{key: value for key, value in parts.items() if value},
            **({"permissionArns": permissions} if permissions else {}),
        )
        arn = answer["resourceShare"]["resourceShareArn"]
        return Made(arn, {"Arn": arn})
    arn = work.old.id
    work.take("Tags")
    ram.update_resource_share(resourceShareArn=arn, name=name, allowExternalPrincipals=external)
    before = {
        "principals": work.old_properties.get("Principals") or [],
        "resourceArns": work.old_properties.get("ResourceArns") or [],
    }
    for key, old in before.items():
        if more := [one for one in parts[key] if one not in old]:
            ram.associate_resource_share(resourceShareArn=arn, **{key: more})
        if less := [one for one in old if one not in parts[key]]:
            ram.disassociate_resource_share(resourceShareArn=arn, **{key: less})
    return work.old
