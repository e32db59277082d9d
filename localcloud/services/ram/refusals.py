"""RAM's errors, each with the code and status of its model (facts 17: all 400 here)."""

from localcloud.ground.errors import AwsError
from localcloud.services.ram.model import Invitation


def invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterException", text)


def malformed(arn: str) -> AwsError:
    return AwsError("MalformedArnException", f"The ARN {arn} is not valid. Verify the ARN and try again.")


def not_shareable() -> AwsError:
    return AwsError("MalformedArnException", "You cannot share the selected resource type.")


def missing(members: str) -> AwsError:
    return AwsError("MissingRequiredParameterException", f"{members} is required")


def unknown(text: str) -> AwsError:
    return AwsError("UnknownResourceException", text)


def unknown_type(name: str) -> AwsError:
    return AwsError("InvalidResourceTypeException", f"The resource type {name} is not valid")


def not_permitted(text: str) -> AwsError:
    return AwsError("OperationNotPermittedException", text)


def organisation_only(principal: str) -> AwsError:
    return not_permitted(
        f"The resource share can only be shared within your AWS Organization, and {principal} is not in it, "
        "or sharing with the organization is not enabled"
    )


def transition(text: str) -> AwsError:
    return AwsError("InvalidStateTransitionException", text)


def limit(text: str) -> AwsError:
    return AwsError("ResourceShareLimitExceededException", f"The limit is {text}")


def tag_limit(most: int) -> AwsError:
    return AwsError("TagLimitExceededException", f"A resource share can have {most} tags")


def reserved_tag(key: str) -> AwsError:
    return AwsError("TagPolicyViolationException", f"The tag key {key} is reserved")


def invalid_token() -> AwsError:
    return AwsError("InvalidClientTokenException", "The client token is not valid")


def mismatch(token: str) -> AwsError:
    text = f"The client token {token} was used with other parameters before"
    return AwsError("IdempotentParameterMismatchException", text)


def invalid_next_token() -> AwsError:
    return AwsError("InvalidNextTokenException", "The next token is not valid for this request")


def no_invitation(arn: str) -> AwsError:
    return AwsError("ResourceShareInvitationArnNotFoundException", f"The invitation {arn} could not be found")


def answered(invitation: Invitation) -> AwsError:
    """The error of answering an invitation that is no longer pending."""
    word = {"ACCEPTED": "AlreadyAccepted", "REJECTED": "AlreadyRejected"}.get(invitation.status, "Expired")
    text = f"The invitation {invitation.arn} is {invitation.status}"
    return AwsError(f"ResourceShareInvitation{word}Exception", text)


def permission_exists(name: str) -> AwsError:
    return AwsError("PermissionAlreadyExistsException", f"The permission {name} already exists", 409)


def permission_limit(most: int) -> AwsError:
    return AwsError("PermissionLimitExceededException", f"An account can have {most} customer managed permissions", 400)


def permission_versions_limit(most: int) -> AwsError:
    return AwsError("PermissionVersionsLimitExceededException", f"A permission can have {most} versions", 400)


def malformed_template(why: str) -> AwsError:
    return AwsError("MalformedPolicyTemplateException", f"The policy template is not valid: {why}", 400)


def invalid_policy(text: str) -> AwsError:
    return AwsError("InvalidPolicyException", text, 400)


def no_resource(arn: str) -> AwsError:
    return AwsError("ResourceArnNotFoundException", f"The resource {arn} could not be found", 400)
