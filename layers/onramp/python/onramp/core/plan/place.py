"""One listener with its rules told apart: what is there, and what is wanted."""

from typing import NamedTuple

from onramp.core.desired import WantedService
from onramp.core.model import Forward, Listener, Match, Rule, Service
from onramp.core.plan.forwards import Sending
from onramp.core.plan.ground import Ground, known_groups
from onramp.core.rules import RULES_PER_LISTENER


class Place(NamedTuple):
    """A listener, and what is wanted there. `staying`: load balancers that are not let go of yet.

    `kept`: rules of ours that are asked for; `spare`: those that are not, in the order in which they are tried;
    `missing`: what is asked for, is not there, and may begin; `denied`: of that, what was given up; `number`: the
    priorities that they are to have. `cramped`: nothing else makes room for what is missing.
    """

    ground: Ground
    wanted: WantedService
    service: Service
    listener: Listener
    sending: Sending
    staying: frozenset[str]
    kept: dict[Match, Rule]
    spare: tuple[Rule, ...]
    missing: tuple[Match, ...] = ()
    denied: tuple[Match, ...] = ()
    number: dict[Match, int] = {}
    cramped: bool = False

    @property
    def name(self) -> str:
        return f"{self.service.name}/{self.listener.name}"

    @property
    def full(self) -> bool:
        return len(self.listener.found_rules) >= RULES_PER_LISTENER

    @property
    def late(self) -> frozenset[Match]:
        """What is asked for and is not there, whether it may begin or not."""
        return frozenset(self.wanted.rules.keys() - self.kept.keys())

    def asking(self, match: Match | None) -> frozenset[str]:
        return frozenset(one.load_balancer for one in self.wanted.backends if one.takes(match))

    def behind(self, has: Rule | Listener) -> frozenset[str]:
        """The load balancers that get requests by a rule, or by the listener's default action."""
        return self.sent_to(has.forwards)

    def sent_to(self, forwards: tuple[Forward, ...]) -> frozenset[str]:
        known = known_groups(self.ground.observed)
        ids = {to.target_group for to in forwards if to.target_group in known}
        return frozenset(found for group in ids for found in known[group].registered)

    @property
    def unheard(self) -> frozenset[str]:
        """Load balancers whose wish cannot be met or read now: what serves them goes on, for as long as that takes."""
        return self.staying & self.ground.frozen

    def leaving(self, balancers: frozenset[str]) -> frozenset[str]:
        """Those of them who ask for nothing any more and go on for their quiet time."""
        staying = balancers & self.staying
        return staying & self.ground.asking_nothing if staying else staying

    def fixed(self, rule: Rule) -> bool:
        """May it not be changed, since somebody took our mark off?"""
        return rule.arn in self.ground.observed.unmarked
