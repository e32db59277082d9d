"""Read the network's own table, all of it, for those who ask what is joined."""

from typing import NamedTuple

import msgspec

from onramp.aws.account import Account
from onramp.aws.accounts import NONE, entry
from onramp.aws.lease import outside_at, words
from onramp.aws.shelf import is_part, parts, put_together
from onramp.aws.table import Item, Table
from onramp.core.digest import Joined
from onramp.core.fleet import Kept
from onramp.core.infra import Word, read_back
from onramp.core.run import Memory
from onramp.core.state import memory_of, remembered
from onramp.core.watch import Entry

_OF_ENTRY = tuple(name for name in Entry.__struct_fields__ if name not in ("notices", "unsaid"))


def told(own: Account, network: str) -> list[Joined]:
    """What of each account was joined when the week was told last."""
    found = _read(own, network, "account", "digested")
    return [Joined(item["account"]["S"], _digested(found, item)) for item in found.accounts]


def inventory(own: Account, network: str) -> list[Kept]:
    """Every account's item, as the network's table has it; no member is asked. NotYet or Refused."""
    found = _read(own, network, *_OF_ENTRY, "summary", "remembered_at", "words", "words_at")
    return [Kept(entry(item), _memory(found, item), _words(found, item)) for item in found.accounts]


class _Table(NamedTuple):
    """The items of accounts, and the parts on the shelf by their keys."""

    accounts: list[Item]
    shelf: dict[str, bytes]

    def content(self, key: str) -> bytes | None:
        return put_together(key, [self.shelf[part] for part in parts(key) if part in self.shelf])


def _read(own: Account, network: str, *names: str) -> _Table:
    found = _scan(own, network, *names)
    keys = [key for item in found.accounts for key in (_digested_at(item), outside_at(item), _aside_at(item)) if key]
    if all(found.content(key) is not None for key in keys):
        return found
    return _scan(own, network, *names)  # a run replaced what it had kept, while the table was read


def _scan(own: Account, network: str, *names: str) -> _Table:
    accounts: list[Item] = []
    shelf: dict[str, bytes] = {}
    for item in Table(own, f"onramp-{network}").all(*names, "part"):
        if is_part(item["account"]["S"]):
            shelf[item["account"]["S"]] = item["part"]["B"]
        else:
            accounts.append(item)
    return _Table(accounts, shelf)


def _digested_at(item: Item) -> str:
    """The key on the shelf of what was joined; '' where the item holds it."""
    [one, *_] = item.get("digested", {}).get("SS", [""])
    return one if one.startswith(f"{item['account']['S']}/") else ""


def _digested(found: _Table, item: Item) -> frozenset[str] | None:
    """None, as before the first digest, where it is gone: one account's loss keeps no others' week from being told."""
    if key := _digested_at(item):
        content = found.content(key)
        return None if content is None else frozenset(msgspec.json.decode(content, type=list[str]))
    return frozenset(item["digested"]["SS"]) - {NONE} if "digested" in item else None


def _aside_at(item: Item) -> str:
    key: str = item.get("words_at", {}).get("S", "")
    return key


def _words(found: _Table, item: Item) -> tuple[Word, ...]:
    aside = found.content(key) if (key := _aside_at(item)) else None
    return (*(() if aside is None else read_back(aside)), *words(item))


def _memory(found: _Table, item: Item) -> Memory:
    """An empty one where it is gone, as its next run takes it, which keeps it anew."""
    if key := outside_at(item):
        return memory_of(found.content(key) or b"")
    return remembered(item.get("summary", {}).get("S", ""))
