"""What a rule asks for and where an action sends to, as Lattice's API spells it."""

from typing import Any

from onramp.core.model import Forward, Match
from onramp.core.plan.ground import id_of


def spelled(match: Match) -> dict[str, Any]:
    """With everything that Lattice has a default for, since its texts disagree on whether case counts (facts R19)."""
    http: dict[str, Any] = {}
    if match.method:
        http["method"] = match.method
    if match.path:
        http["pathMatch"] = {
            "match": {"prefix" if match.begins else "exact": match.path},
            "caseSensitive": True,
        }
    if match.header:
        http["headerMatches"] = [{"name": match.header, "match": {"exact": match.value}, "caseSensitive": True}]
    return {"httpMatch": http}


def read(given: dict[str, Any]) -> Match | None:
    """None for what we never ask for."""
    http = given.get("httpMatch", {})
    path, how = http.get("pathMatch", {}), http.get("pathMatch", {}).get("match", {})
    headers = http.get("headerMatches", ())
    header = headers[0] if headers else {}
    found = Match(
        path=how.get("exact", how.get("prefix", "")),
        begins="prefix" in how,
        method=http.get("method", ""),
        header=header.get("name", "").lower(),
        value=header.get("match", {}).get("exact", ""),
    )
    # What stands there by default may be left out: of a path case counts then, of a header it does not (facts R19).
    # A path that is all of them has no letters.
    cased = path.get("caseSensitive", True) or how == {"prefix": "/"}
    exact = cased and (not header or header.get("caseSensitive", False))
    plain = len(headers) <= 1 and exact
    return found if plain and bool(found.header) == bool(found.value) else None


def forwards(action: dict[str, Any]) -> tuple[Forward, ...]:
    """() where it answers by itself."""
    return tuple(
        Forward(target_group=id_of(one["targetGroupIdentifier"]), weight=one.get("weight", 100))
        for one in action.get("forward", {}).get("targetGroups", [])
    )
