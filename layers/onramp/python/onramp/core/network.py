"""What one stack serves: its network, and what infra has set for it."""

from typing import Literal

from onramp.core.hosts import is_below
from onramp.core.language import Language
from onramp.core.model import Value


class Network(Value, frozen=True):
    """What one stack serves. `arn`, `share` and `account` are the network account's.

    `invites`: RAM sends the accounts invitations, since no organisation is given.
    `quiet_seconds`: how long what nobody asks for any more goes on serving. `keep_seconds`: how long after that its
    service, with the name that clients have written down, is kept. `vanish`: what may go at all; the rest is told as
    what would go. `kept_out`: services (NAME or ACCOUNT/NAME) and accounts that infra keeps off the network.
    `extra_tags`: what is put on all that is made besides our own tags; a key without a value is copied, where it is
    there, from the resource that asks. `hands_seconds`: how often at least a run looks for what only a hand can have
    changed on what is ours. `share_permission`: ARN of infra's own RAM permission by which the network is shared.
    `approval`: what infra has to approve before it is made.
    `records`: for which domains there are records in hosted zones, those that tags ask for or all that a zone fits.
    `record_domains`: below which domains they have to be, none where they may be anywhere in the zones.
    `associates_zones`: clients' VPCs are put into private hosted zones that hold such records.
    `organization`: the id of the organisation whose accounts may join, '' where accounts are listed.
    `offboarding`: the network is being given up; no tag asks for anything any more, and nothing is kept.
    `signed`: its own policy lets nobody through who does not sign, as far as the stack that made it knows.
    `language`: in which people read its answers and mails.
    """

    name: str
    arn: str
    account: str
    share: str
    acceptance: Literal["automatic", "manual"] = "automatic"
    invites: bool = False
    prefix: str = "lattice:"
    siblings: frozenset[str] = frozenset()
    status_tags: bool = True
    deletion_limit: int = 10
    quiet_seconds: int = 60
    keep_seconds: int = 86400
    vanish: Literal["everything", "associations", "nothing"] = "everything"
    kept_out: frozenset[str] = frozenset()
    extra_tags: dict[str, str] = {}
    hands_seconds: int = 21600
    records: Literal["tags", "domains"] = "tags"
    record_domains: frozenset[str] = frozenset()
    associates_zones: bool = False
    organization: str = ""
    share_permission: str = ""
    offboarding: bool = False
    approval: Literal["never", "services", "clients", "both"] = "never"
    signed: bool = False
    language: Language = "en"

    @property
    def region(self) -> str:
        """Where it is, and with it every VPC on it."""
        return self.arn.split(":")[3]

    def is_named(self, network: str) -> bool:
        """Is this the network that Lattice names so, by ARN or by id? Shared objects come back either way (facts 5)."""
        return network.rpartition("/")[2] == self.arn.rpartition("/")[2]

    def has_records_of(self, domain: str) -> bool:
        """Does infra let writers make records of this domain? By whole labels, and of none that it names itself."""
        return is_below(domain, self.record_domains)

    def keeps_out(self, account: str, service: str = "") -> bool:
        """Has infra taken this account, or this service of it, off the network for now?"""
        return not self.kept_out.isdisjoint({account, service, f"{account}/{service}"} - {""})
