"""Read what an examination needs: the network account's machinery and network, and one resource's way to it.

What cannot be read is None, and why is told: nobody's rights are assumed.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.at_once import each
from onramp.aws.errors import missing, translated
from onramp.aws.eyes import Eyes
from onramp.aws.lease import is_alive
from onramp.aws.reading import listed, pages
from onramp.core import names, versions
from onramp.core.doctor import SERVICES_PER_NETWORK, VPCS_PER_NETWORK, Asker, Deployed, Share
from onramp.core.errors import NotYet, Refused
from onramp.core.fleet import Kept

FUNCTIONS = ("intake", "plan", "apply", "report", "watch")
QUOTAS = ("L-75D4A19E", "L-EF6E2D62")


class _Notes:
    """Asks, and remembers what could not be answered."""

    def __init__(self) -> None:
        self.unread: dict[str, str] = {}

    def ask[T](self, what: str, question: Callable[[], T]) -> T | None:
        try:
            with translated():
                return question()
        except Refused as no:
            self.unread[what] = no.message
        except NotYet as no:
            self.unread[what] = no.detail
        return None


def deployed(own: Account, network: str, arn: str, eyes: Eyes, settings: dict[str, str] | None) -> Deployed:
    """The network account as it stands. `settings`: the watch function's environment, None where unread."""
    notes = _Notes()
    name = f"onramp-{network}"
    lattice = own.client("vpc-lattice")
    whole = notes.ask("network", lambda: lattice.get_service_network(serviceNetworkIdentifier=arn)) or {}
    joined = notes.ask(
        "services", lambda: listed("list_service_network_service_associations", own, serviceNetworkIdentifier=arn)
    )
    listed_accounts = frozenset((settings or {}).get("ONRAMP_MEMBER_ACCOUNTS", "").replace(",", " ").split())
    return Deployed(
        network=network,
        arn=arn,
        functions=notes.ask("functions", lambda: _functions(own, network)),
        rules=notes.ask("rules", lambda: _rules(own, name)),
        admits=notes.ask("bus", lambda: bool(own.client("events").describe_event_bus(Name=name).get("Policy"))),
        archive=notes.ask("archive", lambda: _archive(own, name)),
        letters=notes.ask("dead letters", lambda: {f"{name}--dead-letters": _messages(own, f"{name}--dead-letters")}),
        alarms=notes.ask("alarms", lambda: _alarms(own, name)),
        version=_function_version(own, network),
        versions=_versions(own, network, eyes),
        share=notes.ask("share", lambda: _share(own, name)),
        auth=whole.get("authType", ""),
        policy=notes.ask("auth policy", lambda: _policy(own, arn)) if whole.get("authType") == "AWS_IAM" else "",
        log_destinations=notes.ask(
            "access log", lambda: len(listed("list_access_log_subscriptions", own, resourceIdentifier=arn))
        ),
        services=whole.get("numberOfAssociatedServices", 0),
        vpcs=whole.get("numberOfAssociatedVPCs", 0),
        quotas=_quotas(own),
        concurrency=notes.ask(
            "concurrency",
            lambda: int(own.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]),
        ),
        joined={it["serviceArn"]: it["serviceName"] for it in joined or ()},
        guards=_guards(notes, eyes, [it["serviceArn"] for it in joined or ()]),
        listed=listed_accounts,
        unread=notes.unread,
        others=notes.ask("other shares", lambda: _other_shares(own, name, arn)) or {},
    )


def _functions(own: Account, network: str) -> dict[str, str]:
    client = own.client("lambda")
    found = {}
    for what in FUNCTIONS:
        name = names.role(network, what)
        try:
            with translated():
                found[name] = str(client.get_function_configuration(FunctionName=name).get("State", "Active"))
        except NotYet as no:
            if "ResourceNotFoundException" not in no.detail:
                raise
            found[name] = "gone"
    return found


def _rules(own: Account, bus: str) -> dict[str, str]:
    # EventBridge fills an archive by a rule of its own, which leads nowhere else.
    return {
        it["Name"]: it["State"]
        for it in pages(own.client("events"), "list_rules", "Rules", EventBusName=bus)
        if not it.get("ManagedBy") and not it["Name"].startswith("Events-Archive-")
    }


def _archive(own: Account, name: str) -> str:
    events = own.client("events")
    found = events.list_archives(NamePrefix=name)["Archives"]
    return next((it["State"] for it in found if it["ArchiveName"] == name), "")


def _messages(account: Account, queue: str) -> int:
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def _alarms(own: Account, name: str) -> tuple[str, ...]:
    cloudwatch = own.client("cloudwatch")
    found = pages(cloudwatch, "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{name}--", StateValue="ALARM")
    return tuple(it["AlarmName"] for it in found if it["StateValue"] == "ALARM")


def _share(own: Account, name: str) -> Share | None:
    ram = own.client("ram")
    found = pages(ram, "get_resource_shares", "resourceShares", resourceOwner="SELF", name=name)
    share = next((it for it in found if it["status"] not in ("DELETED", "DELETING")), None)
    if share is None:
        return Share("", "gone", {})
    principals = pages(
        ram,
        "get_resource_share_associations",
        "resourceShareAssociations",
        associationType="PRINCIPAL",
        resourceShareArns=[share["resourceShareArn"]],
    )
    return Share(
        share["resourceShareArn"],
        share["status"],
        {it["associatedEntity"]: it["status"] for it in principals if it["status"] != "DISASSOCIATED"},
        {it["associatedEntity"]: it["statusMessage"] for it in principals if it.get("statusMessage")},
    )


def _other_shares(own: Account, name: str, network: str) -> dict[str, str]:
    """Principal -> name of a share, not the stack's, that gives it the network."""
    asks = partial(pages, own.client("ram"), "get_resource_share_associations", "resourceShareAssociations")
    there = ("ASSOCIATING", "ASSOCIATED")
    found = [it for it in asks(associationType="RESOURCE", resourceArn=network) if it["status"] in there]
    shares = {it["resourceShareArn"]: it.get("resourceShareName", "") for it in found}
    others = {arn: called or arn for arn, called in shares.items() if called != name}
    if not others:
        return {}
    given = asks(associationType="PRINCIPAL", resourceShareArns=sorted(others))
    return {it["associatedEntity"]: others[it["resourceShareArn"]] for it in given if it["status"] in there}


def _policy(account: Account, arn: str) -> str:
    """'' where there is none, which AWS tells by 404 or by an empty answer (facts 28)."""
    try:
        answer = account.client("vpc-lattice").get_auth_policy(resourceIdentifier=arn)
    except ClientError as error:
        if missing(error):
            return ""
        raise
    return str(answer.get("policy") or "")


def _guards(notes: _Notes, eyes: Eyes, services: Sequence[str]) -> dict[str, str | None]:
    """ARN -> auth policy, None of those that ask nobody, of the accounts that there are sessions for."""
    found: dict[str, str | None] = {}
    for account in eyes.own:
        here = [arn for arn in services if arn.split(":")[4] == account]
        read = partial(each, partial(_guard, eyes.of(account)), here)
        told = notes.ask(f"auth policies of services of {account}", read)
        found |= dict(zip(here, told or (), strict=False))
    return found


def _guard(account: Account, arn: str) -> str | None:
    service = account.client("vpc-lattice").get_service(serviceIdentifier=arn)
    return _policy(account, arn) if service.get("authType") == "AWS_IAM" else None


def _quotas(own: Account) -> tuple[int, int]:
    """As Service Quotas has them; AWS's defaults where it may not be asked, which no reading here needs."""
    found = [SERVICES_PER_NETWORK, VPCS_PER_NETWORK]
    for place, quota in enumerate(QUOTAS):
        try:
            with translated():
                answer = own.client("service-quotas").get_service_quota(ServiceCode="vpc-lattice", QuotaCode=quota)
            found[place] = int(answer["Quota"]["Value"])
        except (NotYet, Refused):
            continue
    return found[0], found[1]


def _versions(own: Account, network: str, eyes: Eyes) -> dict[str, str]:
    """Account -> version, of the roles of those members that there are sessions for; of the others the table tells."""
    found: dict[str, str] = {}
    for account in eyes.own:
        if account != own.account:
            with suppress(NotYet, Refused), translated():
                found[account] = _role_tags(eyes.of(account), network)
    return found


def _function_version(own: Account, network: str) -> str:
    """'' where it may not be read."""
    client = own.client("lambda")
    with suppress(NotYet, Refused), translated():
        arn = client.get_function_configuration(FunctionName=names.role(network, "plan"))["FunctionArn"]
        return str(client.list_tags(Resource=arn)["Tags"].get("lattice-onramp:version", ""))
    return ""


def _role_tags(member: Account, network: str) -> str:
    role = member.client("iam").get_role(RoleName=names.role(network, "reader"))["Role"]
    tags = {it["Key"]: it["Value"] for it in role.get("Tags", ())}
    return str(tags.get("lattice-onramp:version", versions.FIRST))


def environment(own: Account, network: str, function: str) -> dict[str, str] | None:
    """A function's environment, which is what the stack is set to; None where it may not be read."""
    try:
        with translated():
            answer = own.client("lambda").get_function_configuration(FunctionName=names.role(network, function))
    except (NotYet, Refused):
        return None
    found: dict[str, str] = answer.get("Environment", {}).get("Variables", {})
    return found


# --- one resource


def asker(
    eyes: Eyes,
    own: Account | None,
    network: str,
    region: str,
    key: str,
    account: str,
    settings: dict[str, str],
    kept: Kept | None,
    *,
    table: bool,
    now: float = 0.0,
    at: str = "",
    eyes_in: str = "",
    machine: str = "",
) -> Asker:
    """A resource's way to the network. `settings`: the stack's; `kept`: its account's item, if the `table` was read.

    `now`: epoch seconds by AWS's clock, for how long ago the account's last event is.
    `region`: the network's, '' where it cannot be seen; `at`: a VPC's, and `eyes_in` the one that is looked into, both
    the network's where they are not given. `machine`: the state machine's ARN, to ask whether a run that holds the
    account lives.
    """
    notes = _Notes()
    kind = kind_of(key)
    member = notes.ask("account", lambda: eyes.of(account))
    if member is None:
        why = notes.unread["account"]
        notes.unread |= dict.fromkeys(("tags", "rules", "roles", "letters"), why)
    if not table:
        notes.unread["table"] = "the network account's table could not be read: name a profile of it as well"
    if not settings:
        notes.unread["list"] = "the network account's stack could not be read: name a profile of it as well"
    at = at or region if kind == "VPC" else key.split(":")[3]
    looked_into = eyes_in or region
    if member and at != looked_into:
        notes.unread["tags"] = f"it is in {at}, and what was looked into is {looked_into}: add --region {at}"
    holder = kept.entry.holder if kept else ""
    listed_accounts = settings.get("ONRAMP_MEMBER_ACCOUNTS")
    is_listed = None
    if listed_accounts:
        is_listed = account in listed_accounts.replace(",", " ").split() or (own is not None and account == own.account)
    return Asker(
        key=key,
        kind=kind,
        account=account,
        at=at,
        region=region,
        network=network,
        siblings=frozenset(settings.get("ONRAMP_SIBLING_NETWORKS", "").replace(",", " ").split()),
        prefix=settings.get("ONRAMP_TAG_PREFIX", "lattice:"),
        tags=notes.ask("tags", lambda: tags_of(member, key)) if member and at == looked_into else None,
        rules=notes.ask("rules", lambda: _forwarding(member, network)) if member else None,
        roles=notes.ask("roles", lambda: _roles(member, network)) if member else None,
        letters=notes.ask("letters", lambda: _messages(member, f"onramp-{network}--member-dead-letters"))
        if member
        else None,
        listed=is_listed,
        known=(kept is not None) if table else None,
        heard_at=kept.entry.heard_at if kept else 0.0,
        now=now,
        looked_at=kept.entry.looked_at if kept else 0.0,
        running=holder,
        failed=kept.entry.failed if kept else 0,
        answer=_answer(kept, key) if kept else ("", ""),
        waiting=notes.ask("queue", lambda: _messages(own, f"onramp-{network}")) if own else None,
        refusals=kept.memory.refusals if kept else (),
        status_tags=settings.get("ONRAMP_STATUS_TAGS", "on") == "on",
        unread=notes.unread,
        ended=bool(machine and own and holder and notes.ask("run", lambda: not is_alive(own, machine, holder))),
    )


def _answer(kept: Kept, key: str) -> tuple[str, str]:
    """Status and message that the last run had for a resource; both '' where it had none."""
    found = [(it.status, it.message) for it in kept.memory.services if key in (it.arn, *it.load_balancers)]
    found += [(it.status, it.message) for it in kept.memory.clients if key == it.vpc]
    return found[0] if found else ("", "")


def kind_of(key: str) -> Literal["load balancer", "VPC", "Lattice service"]:
    """What an ARN, or a VPC's id, is of."""
    if not key.startswith("arn:"):
        return "VPC"
    return "Lattice service" if key.split(":")[2] == "vpc-lattice" else "load balancer"


def tags_of(member: Account, key: str) -> dict[str, str]:
    """All tags of a load balancer or Lattice service, by its ARN, or of a VPC, by its id."""
    kind = kind_of(key)
    if kind == "Lattice service":
        found: dict[str, str] = member.client("vpc-lattice").list_tags_for_resource(resourceArn=key)["tags"]
        return found
    if kind == "load balancer":
        told = member.client("elbv2").describe_tags(ResourceArns=[key])["TagDescriptions"]
        return {it["Key"]: it["Value"] for one in told for it in one["Tags"]}
    [vpc] = member.client("ec2").describe_vpcs(VpcIds=[key])["Vpcs"]
    return {it["Key"]: it["Value"] for it in vpc.get("Tags", ())}


_BUS = ":event-bus/onramp-"


def _buses(member: Account) -> dict[str, dict[str, str]]:
    """Network -> the rules that forward to its bus, with their states: the rules' names are CloudFormation's."""
    events = member.client("events")
    found: dict[str, dict[str, str]] = {}
    for rule in pages(events, "list_rules", "Rules"):
        for target in pages(events, "list_targets_by_rule", "Targets", Rule=rule["Name"]):
            before, _, network = target["Arn"].partition(_BUS)
            if before != target["Arn"]:
                found.setdefault(network, {})[rule["Name"]] = rule["State"]
    return found


def _forwarding(member: Account, network: str) -> dict[str, str]:
    return _buses(member).get(network, {})


def forwards_to(member: Account) -> tuple[str, ...]:
    """The networks whose member stack the account has, by where its rules lead; none where they may not be read."""
    try:
        with translated():
            return tuple(sorted(_buses(member)))
    except (NotYet, Refused):
        return ()


def _roles(member: Account, network: str) -> frozenset[str]:
    iam = member.client("iam")
    found = set()
    for what in ("reader", "writer"):
        try:
            with translated():
                iam.get_role(RoleName=names.role(network, what))
            found.add(what)
        except (NotYet, Refused) as no:
            told = no.detail if isinstance(no, NotYet) else no.message
            if "NoSuchEntity" not in told:
                raise
    return frozenset(found)
