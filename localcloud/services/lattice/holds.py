"""What EC2 and ACM must not delete while Lattice uses it: VPCs, subnets, security groups and certificates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.lattice import endpoints
from localcloud.services.lattice.estate import Estate


def guard(estate: Estate) -> Callable[[str, str, dict[str, Any], Caller], None]:
    """Refuses with EC2's DependencyViolation and ACM's ResourceInUseException."""

    def refuse(service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> None:
        if (service, operation) == ("acm", "DeleteCertificate"):
            arn = params.get("CertificateArn")
            if any(one.certificate == arn for one in estate.services.where("home", caller.account, caller.region)):
                raise AwsError("ResourceInUseException", f"Certificate {arn} is in use.", 400)
        if service != "ec2":
            return
        if operation == "CreateVpcEndpoint":
            endpoints.check(estate, params, caller)
        if operation == "DeleteVpc" and _in_vpc(estate, str(params.get("VpcId", "")), caller):
            text = f"The vpc '{params['VpcId']}' has dependencies and cannot be deleted."
            raise AwsError("DependencyViolation", text, 400)
        if operation == "DeleteSubnet" and _with_subnet(estate, str(params.get("SubnetId", "")), caller):
            text = f"The subnet '{params['SubnetId']}' has dependencies and cannot be deleted."
            raise AwsError("DependencyViolation", text, 400)
        if operation == "DeleteSecurityGroup" and _with_group(estate, str(params.get("GroupId", "")), caller):
            raise AwsError("DependencyViolation", f"resource {params['GroupId']} has a dependent object", 400)

    return refuse


def _in_vpc(estate: Estate, vpc: str, caller: Caller) -> bool:
    return bool(
        estate.vpc_associations.where("vpc", caller.region, vpc) or estate.gateways.where("vpc", caller.region, vpc)
    )


def _with_group(estate: Estate, group: str, caller: Caller) -> bool:
    home = ("home", caller.account, caller.region)
    held = [one.security_groups for one in estate.vpc_associations.where(*home)]
    held += [one.security_groups for one in estate.gateways.where(*home)]
    return any(group in groups for groups in held)


def _with_subnet(estate: Estate, subnet: str, caller: Caller) -> bool:
    return any(subnet in one.subnets for one in estate.gateways.where("home", caller.account, caller.region))
