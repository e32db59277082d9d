"""Read the network's own table, all of it, for those who ask what is joined."""

from typing import Any

from onramp.aws.account import Account
from onramp.aws.accounts import NONE, entry
from onramp.aws.lease import words
from onramp.aws.table import Table
from onramp.core.digest import Joined
from onramp.core.fleet import Kept
from onramp.core.steps import Memory, remembered
from onramp.core.watch import Entry

_READ = tuple(name for name in Entry.__struct_fields__ if name not in ("notices", "unsaid"))


def told(own: Account, network: str) -> list[Joined]:
    """What of each account was joined when the week was told last."""
    items = Table(own, f"onramp-{network}").all("account", "digested")
    return [
        Joined(item["account"]["S"], frozenset(item["digested"]["SS"]) - {NONE} if "digested" in item else None)
        for item in items
    ]


def inventory(own: Account, network: str) -> list[Kept]:
    """Every account's item, as the network's table has it; no member is asked. NotYet or Refused."""
    items = Table(own, f"onramp-{network}").all(*_READ, "summary", "words")
    return [Kept(entry(item), _memory(item), words(item)) for item in items]


def _memory(item: dict[str, Any]) -> Memory:
    return remembered(item.get("summary", {}).get("S", ""))
