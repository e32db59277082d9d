"""VPCs and their place on the network."""

from onramp.aws.apply.scene import Scene, removed
from onramp.core.steps import AssociateVpc, DisassociateVpc, UpdateVpcAssociation


def associate_vpc(scene: Scene, step: AssociateVpc) -> str:
    return str(
        scene.lattice.create_service_network_vpc_association(
            serviceNetworkIdentifier=scene.network.arn,
            vpcIdentifier=step.vpc,
            securityGroupIds=list(step.security_groups or (scene.made[step.needs],)),
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def update_vpc_association(scene: Scene, step: UpdateVpcAssociation) -> str:
    scene.lattice.update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=step.association, securityGroupIds=list(step.security_groups)
    )
    return ""


def disassociate_vpc(scene: Scene, step: DisassociateVpc) -> str:
    return removed(
        lambda: scene.lattice.delete_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=step.association
        )
    )
