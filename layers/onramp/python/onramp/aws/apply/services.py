"""Services, and their place on the network."""

from onramp.aws.apply.scene import Scene, removed
from onramp.core.steps import AssociateService, CreateService, DeleteService, DisassociateService


def create_service(scene: Scene, step: CreateService) -> str:
    given = {"customDomainName": step.domain, "certificateArn": step.certificate}
    return str(
        scene.lattice.create_service(
            name=step.name,
            **{key: value for key, value in given.items() if value},
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def associate_service(scene: Scene, step: AssociateService) -> str:
    return str(
        scene.lattice.create_service_network_service_association(
            serviceIdentifier=step.service,
            serviceNetworkIdentifier=scene.network.arn,
            clientToken=scene.token(step),
            tags=scene.tags(step),
        )["arn"]
    )


def disassociate_service(scene: Scene, step: DisassociateService) -> str:
    return removed(
        lambda: scene.lattice.delete_service_network_service_association(
            serviceNetworkServiceAssociationIdentifier=step.association
        )
    )


def delete_service(scene: Scene, step: DeleteService) -> str:
    # Its listeners and rules go with it (facts 9).
    return removed(lambda: scene.lattice.delete_service(serviceIdentifier=step.service))
