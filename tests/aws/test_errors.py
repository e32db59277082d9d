"""What AWS answers, in the two words that the product knows: not yet, or a person must act."""

import pytest
from botocore.exceptions import ClientError
from onramp.aws.errors import Unclear, denied, missing, translate
from onramp.core.errors import NotYet, Refused


def error(code: str, message: str = "why", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the rest of the metadata is not looked at
        "AnOperation",
    )


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("ThrottlingException", "slow down", 429),
        ("InternalServerException", "sorry", 500),
        ("ConflictException", "Invalid resource status for this operation: status: CREATE_IN_PROGRESS", 409),
        ("ConflictException", "Association already exists", 409),
        ("ResourceNotFoundException", "not visible yet", 404),
        ("InvalidStateTransitionException", "ASSOCIATING", 400),
        # Rules of a security group that were read before an answer was lost, or somebody else changed them.
        ("InvalidPermission.Duplicate", "the specified rule already exists", 400),
        ("InvalidPermission.NotFound", "the specified rule does not exist", 400),
        # Records that were read before somebody else changed them, and a zone of which an earlier change is being made.
        ("InvalidChangeBatch", "[Tried to create resource record set but it already exists]", 400),
        ("PriorRequestNotComplete", "the request was rejected", 400),
        # What became of an invitation the next look sees, and decides.
        ("ResourceShareInvitationAlreadyRejectedException", "rejected", 400),
        ("ResourceShareInvitationExpiredException", "expired", 400),
        ("ResourceShareInvitationArnNotFoundException", "gone", 400),
    ],
)
def test_where_time_may_help_it_is_not_yet(code: str, message: str, status: int) -> None:
    found = translate(error(code, message, status))
    assert type(found) is NotYet
    assert found.detail == f"AnOperation: {code}: {message}"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDeniedException", "access-denied"),
        ("UnauthorizedOperation", "access-denied"),
        ("ServiceQuotaExceededException", "quota"),
        ("SecurityGroupLimitExceeded", "quota"),
        ("RulesPerSecurityGroupLimitExceeded", "quota"),
        ("InvalidGroup.Duplicate", "name-taken"),
        ("ValidationException", "invalid"),
        ("InvalidParameterValue", "invalid"),
    ],
)
def test_where_a_person_must_act_it_is_refused(code: str, told: str) -> None:
    found = translate(error(code))
    assert isinstance(found, Refused)
    assert found.code == told


def test_a_log_that_is_denied_says_whom_its_group_has_to_trust() -> None:
    denial = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    found = translate(ClientError(denial, "CreateAccessLogSubscription"))  # type: ignore[arg-type]  # botocore's own shape
    assert isinstance(found, Refused)
    assert found.message.startswith("let delivery.logs.amazonaws.com write to the log group by its resource policy")


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        ("AccessDenied", "no", "grant it to the role, or lift the policy above it that denies it"),
        (
            "AccessDeniedException",
            "with an explicit deny in a service control policy",
            "give what the service control policy above demands, tags by ExtraTagKeys, or have it lifted",
        ),
        (
            "AccessDeniedException",
            "because no permissions boundary allows it",
            "allow it in the permissions boundary of the role, BoundaryPolicy",
        ),
        (
            "OperationNotPermittedException",
            "no",
            "switch on sharing with the organization in RAM's management account",
        ),
        ("InvalidGroup.Duplicate", "no", "remove or rename it, since it is not ours"),
        ("ServiceQuotaExceededException", "no", "raise the quota or free something"),
    ],
)
def test_a_refusal_says_what_to_do_before_what_aws_said(code: str, text: str, says: str) -> None:
    found = translate(error(code, text))
    assert isinstance(found, Refused)
    assert found.message.startswith(f"{says}: ")
    assert found.message.endswith(f": {code}: {text}")
    assert found.code == ("sharing-off" if "sharing" in says else found.code)


def test_a_quota_that_aws_names_is_named() -> None:
    given = error("ServiceQuotaExceededException", "no")
    given.response["quotaCode"] = " L-1 "  # type: ignore[typeddict-unknown-key]  # Lattice's own field
    found = translate(given)
    assert isinstance(found, Refused)
    assert (found.code, found.message.partition(":")[0]) == ("quota", "raise quota L-1 or free something")


def test_what_nobody_has_classified_is_tried_a_few_times() -> None:
    wordless = translate(ClientError({}, "AnOperation"))
    assert (type(wordless), str(wordless)) == (Unclear, "AnOperation: : ")
    assert type(translate(error("SomethingNew"))) is Unclear
    assert type(translate(error("ConflictException", "for a reason of its own", 409))) is Unclear


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("You are not authorized. Encoded authorization failure message: {}", "You are not authorized."),
        (
            # Each run has a session of its own.
            "User: arn:aws:sts::222222222222:assumed-role/onramp-net-writer/222222222222-{}-1793534502400 is not"
            " authorized to perform: vpc-lattice:CreateListener on resource: arn:aws:vpc-lattice:x:2:service/svc-1",
            "User: arn:aws:sts::222222222222:assumed-role/onramp-net-writer is not authorized to perform:"
            " vpc-lattice:CreateListener on resource: arn:aws:vpc-lattice:x:2:service/svc-1",
        ),
    ],
)
def test_the_same_refusal_is_told_in_the_same_words_each_time(text: str, told: str) -> None:
    found = {str(translate(error("UnauthorizedOperation", text.format(n)))) for n in ("4fQz", "x9Pw")}
    assert len(found) == 1
    assert found.pop().endswith(f"UnauthorizedOperation: {told}")


def test_missing_and_denied_are_told_by_the_code() -> None:
    assert missing(error("ResourceNotFoundException"))
    assert not missing(error("AccessDenied"))
    assert denied(error("AccessDenied"))


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        (
            "with an explicit deny in a service control policy",
            "service control policy above demands, tags by ExtraTagKeys",
        ),
        (
            "because no permissions boundary allows the x:Y action",
            "the permissions boundary of the role, BoundaryPolicy",
        ),
        ("because no identity-based policy allows the x:Y action", "grant it to the role"),
    ],
)
def test_what_denied_it_is_told_first(why: str, remedy: str) -> None:
    found = translate(
        error("AccessDeniedException", f"User: arn is not authorized to perform: x:Y on resource: * {why}")
    )
    assert remedy in str(found)[:120]
