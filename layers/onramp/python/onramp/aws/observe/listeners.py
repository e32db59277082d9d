"""What stands on a service of Lattice: its listeners, and the rules of each."""

from collections.abc import Collection
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws import matching
from onramp.aws.errors import denied
from onramp.aws.observe.reader import Reader, id_of, tail
from onramp.core import names
from onramp.core.model import UNREAD, Listener, Match, Rule, Service


class Listeners:
    """`marked`, `for_hands`: as of Lattice. `touched`: names of the services of which nothing is taken to be as it was.
    `by_hand`: ARNs of listeners on which somebody else was seen to have made a rule.
    `uses`: service -> ids of the target groups that it uses, as far as a list of all groups told.
    """

    def __init__(
        self,
        reader: Reader,
        marked: frozenset[str],
        touched: frozenset[str],
        *,
        for_hands: bool,
        by_hand: frozenset[str] = frozenset(),
    ) -> None:
        self._reader = reader
        self._marked = marked
        self._for_hands = for_hands
        self._by_hand = by_hand
        self._touched = touched
        self._below: dict[str, set[str]] = {}
        for arn in marked:
            self._below.setdefault(tail(arn).rpartition("/")[0].rpartition("/")[0], set()).add(arn)
        self.uses: dict[str, set[str]] = {}

    def added_to(self, service: Service, wanted: set[int], *, ruled: bool = False) -> Service:
        """With its listeners. Known ones are read by ARN. Where one of the `wanted` ports is not among them, or none is
        known, they are listed, since somebody else's may be there, unless the service is this run's. `ruled`: tags ask
        for rules; they are read where there are some of ours, too.
        """
        if service.status in {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", UNREAD} or service.listeners:
            return service
        if not service.owned:
            return service
        found = self._reader.one(service.arn, lambda: self._listeners(service, wanted, ruled=ruled))
        if service.arn in self._reader.unread:
            # All of them, or it is not known which: a listener that is there and was not read is not missing.
            return replace(service, status=UNREAD)
        return service if found is None else replace(service, listeners=found)

    def _listeners(self, service: Service, wanted: set[int], *, ruled: bool) -> tuple[Listener, ...]:
        known = self._below.get(f"service/{id_of(service.arn)}", set())
        found = [] if ruled else [*self._as_seen_last(service, known)]
        if not found:
            found = [one for arn in sorted(known) if (one := self._listener(service.arn, arn, ruled=ruled)) is not None]
        if service.arn not in self._reader.run.made and (not found or wanted - {one.port for one in found}):
            items = self._reader.pages("vpc-lattice", "list_listeners", "items", serviceIdentifier=service.arn)
            others = sorted({item["arn"] for item in items} - known)
            found += [one for arn in others if (one := self._listener(service.arn, arn, ruled=ruled)) is not None]
        return tuple(found)

    def _as_seen_last(self, service: Service, known: set[str]) -> tuple[Listener, ...]:
        """Its listeners as the run's last look saw them, or at its first the last run: where they are the same ones,
        and send to all target groups that it uses now, and to no others. None where they have to be asked.
        """
        run = self._reader.run
        last = run.listeners if run.round else run.memory.listeners
        kept = () if service.name in self._touched else last.get(service.arn, ())
        sent = {to.target_group for one in kept for to in one.forwards}
        same = {one.arn for one in kept} == known and sent == self.uses.get(service.arn)
        return kept if same else ()

    def _listener(self, service: str, arn: str, *, ruled: bool) -> Listener | None:
        reader = self._reader
        item = reader.one(
            service, lambda: reader.lattice.get_listener(serviceIdentifier=service, listenerIdentifier=arn)
        )
        if item is None:
            return None
        mark = reader.network.name if arn in self._marked else reader.mark(arn)
        # On a service of ours, by the name that we would have given it: whoever made it, it is told of as ours without
        # a mark, and left as it is, where it bears none.
        name = names.listener(item["protocol"], item["port"])
        taken_over = arn in reader.known and mark == reader.network.name
        owned = taken_over or (item["name"] == name and mark not in reader.network.siblings)
        reader.unmarked |= {arn: item["name"]} if owned and mark != reader.network.name else {}
        default = item.get("defaultAction", {})
        rules = self._rules(service, arn, ruled=ruled) if owned else ()
        return Listener(
            arn=arn,
            name=name if owned else item["name"],
            protocol=item["protocol"],
            port=item["port"],
            owned=owned,
            forwards=matching.forwards(default),
            answers=default.get("fixedResponse", {}).get("statusCode", 0),
            rules=tuple(sorted(rule.name for rule in rules if not rule.owned)) if self._for_hands else (),
            found_rules=rules,
        )

    def _rules(self, service: str, listener: str, *, ruled: bool) -> tuple[Rule, ...]:
        """Those beside the default one. What others made is of interest where some of ours are, or are to be, and to a
        look for hands: a reader of release 0.1.0 may not list them, and what a hand changed is not known then.
        """
        known = self._below.get(tail(listener), set())
        if not (known or ruled or self._for_hands or listener in self._by_hand):
            return ()
        read = partial(
            self._reader.pages,
            "vpc-lattice",
            "list_rules",
            "items",
            serviceIdentifier=service,
            listenerIdentifier=listener,
        )

        def listed() -> list[dict[str, Any]]:
            try:
                return read()
            except ClientError as error:
                if known or ruled or not denied(error):
                    raise
                return []

        items = self._reader.patiently(service, listed) or ()
        found = [self._rule(service, listener, item, known, ruled=ruled) for item in items if not item["isDefault"]]
        return tuple(rule for rule in found if rule is not None)

    def _of_others(self, service: str, listener: str, rule: Rule) -> Rule:
        """With what it asks for and sends to: it may take all requests, or lead them to who asks for them in vain."""

        def read() -> dict[str, Any] | None:
            try:
                asked: dict[str, Any] = self._reader.lattice.get_rule(
                    serviceIdentifier=service, listenerIdentifier=listener, ruleIdentifier=rule.arn
                )
            except ClientError as error:
                if not denied(error):
                    raise
                return None
            return asked

        found = self._reader.patiently(service, read)
        if found is None:
            return rule
        return replace(rule, match=matching.read(found["match"]), forwards=matching.forwards(found["action"]))

    def every_rule(self, service: str, listener: str, ours: Collection[Match]) -> tuple[Rule, ...]:
        """All but the default one, whoever made them, with what they ask for where we could have asked for it. `ours`:
        what those that ask for it are as good as ours for.
        """
        reader = self._reader
        where = {"serviceIdentifier": service, "listenerIdentifier": listener}
        listed = reader.one(service, partial(reader.pages, "vpc-lattice", "list_rules", "items", **where)) or ()
        items = (
            reader.one(service, partial(reader.lattice.get_rule, **where, ruleIdentifier=one["arn"]))
            for one in listed
            if not one["isDefault"]
        )
        return tuple(
            Rule(
                arn=one["arn"],
                name=one["name"],
                priority=one["priority"],
                owned=match in ours,
                match=match,
                forwards=matching.forwards(one["action"]),
            )
            for one in items
            if one is not None
            for match in [matching.read(one["match"])]
        )

    def _rule(self, service: str, listener: str, item: dict[str, Any], known: set[str], *, ruled: bool) -> Rule | None:
        """Ours is what bears our mark, and the name that we give to what it asks for or is remembered as made by us."""
        reader, arn, name = self._reader, item["arn"], item["name"]
        plain = Rule(arn=arn, name=name, priority=item["priority"], owned=False)
        # One of ours that the index does not have yet bears a name of ours.
        asks = arn not in known and ruled and names.is_rule(name)
        mark = reader.patiently(service, partial(reader.mark, arn)) if asks else ""
        if arn not in known and mark != reader.network.name:
            return self._of_others(service, listener, plain)
        asked = reader.patiently(
            service,
            lambda: reader.lattice.get_rule(serviceIdentifier=service, listenerIdentifier=listener, ruleIdentifier=arn),
        )
        if asked is None:
            return None
        match = matching.read(asked["match"])
        ours = arn in reader.known or (match is not None and name.startswith(names.rule(match)))
        return replace(plain, owned=ours, match=match, forwards=matching.forwards(asked["action"])) if ours else plain
