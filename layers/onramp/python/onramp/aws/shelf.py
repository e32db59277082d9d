"""What grows with an account lies beside its item in the same table, so that no state, lease or event carries it."""

import hashlib

from onramp.aws.account import Account
from onramp.aws.table import Table, number

PART_AT_MOST = 350_000
"""Bytes of one part: an item holds 400 KB (facts 21), its key and what is said of it included."""


def is_part(account: str) -> bool:
    """Is this key of the table a part on the shelf, and no account's?"""
    return "/" in account


def parts(key: str) -> list[str]:
    """The table's keys of what lies under `key`, in order."""
    where, _, count = key.rpartition("/")
    return [f"{where}/{one}" for one in range(int(count))]


class Shelf:
    """Contents by keys that say what they are: the same content twice lies there once, and what was torn is not found.

    A key is ACCOUNT/DIGEST/PARTS. Nothing is changed in place, so whoever has a key reads what was put under it.
    """

    def __init__(self, own: Account, table: str) -> None:
        self._table = Table(own, table)

    def put(self, account: str, content: bytes, ends: float | None = None) -> str:
        """Its key. `ends`: epoch seconds after which DynamoDB may take it away. NotYet or Refused as every write."""
        cuts = range(0, max(len(content), 1), PART_AT_MOST)
        key = f"{account}/{_digest(content)}/{len(cuts)}"
        for part, begin in zip(parts(key), cuts, strict=True):
            until = {} if ends is None else {"ends": number(ends)}
            self._table.put({"account": {"S": part}, "part": {"B": content[begin : begin + PART_AT_MOST]}, **until})
        return key

    def get(self, key: str) -> bytes | None:
        """What lies under it; None where that is gone."""
        found = [self._table.get(part) for part in parts(key)]
        return put_together(key, [item["part"]["B"] for item in found if item is not None])

    def drop(self, key: str) -> None:
        """Take it away; what is not there is gone already."""
        for part in parts(key):
            self._table.drop(part)


def put_together(key: str, found: list[bytes]) -> bytes | None:
    """The content of these parts; None where it is not what the key says."""
    content = b"".join(found)
    return content if key.split("/")[1] == _digest(content) else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
