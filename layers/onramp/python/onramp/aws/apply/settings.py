"""What a service is set to: timeout, certificate, who may call, where calls are logged."""

from onramp.aws.apply.scene import Scene, removed
from onramp.core.steps import (
    CreateAccessLog,
    DeleteAccessLog,
    DeleteAuthPolicy,
    PutAuthPolicy,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    UpdateAccessLog,
)


def set_idle_timeout(scene: Scene, step: SetIdleTimeout) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, idleTimeoutSeconds=step.seconds)
    return ""


def set_certificate(scene: Scene, step: SetCertificate) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, certificateArn=step.certificate)
    return ""


def put_auth_policy(scene: Scene, step: PutAuthPolicy) -> str:
    scene.lattice.put_auth_policy(resourceIdentifier=step.service, policy=step.policy)
    return ""


def set_auth_type(scene: Scene, step: SetAuthType) -> str:
    scene.lattice.update_service(serviceIdentifier=step.service, authType=step.auth)
    return ""


def delete_auth_policy(scene: Scene, step: DeleteAuthPolicy) -> str:
    return removed(lambda: scene.lattice.delete_auth_policy(resourceIdentifier=step.service))


def create_access_log(scene: Scene, step: CreateAccessLog) -> str:
    scene.lattice.create_access_log_subscription(
        resourceIdentifier=step.service,
        destinationArn=step.destination,
        clientToken=scene.token(step),
        tags=scene.tags(step),
    )
    return ""


def update_access_log(scene: Scene, step: UpdateAccessLog) -> str:
    scene.lattice.update_access_log_subscription(
        accessLogSubscriptionIdentifier=step.subscription, destinationArn=step.destination
    )
    return ""


def delete_access_log(scene: Scene, step: DeleteAccessLog) -> str:
    return removed(
        lambda: scene.lattice.delete_access_log_subscription(accessLogSubscriptionIdentifier=step.subscription)
    )
