"""For which host names a certificate stands, and which are below a domain."""

from collections.abc import Collection


def covers(name: str, host: str) -> bool:
    """Is a name in a certificate meant for this host? A wildcard stands for exactly one label, the first (facts R22).

    >>> covers("*.shop.example.jp", "api.shop.example.jp"), covers("*.example.jp", "api.shop.example.jp")
    (True, False)
    """
    name = name.lower().removesuffix(".")
    return name == host or (name.startswith("*.") and name[1:] == host[host.find(".") :])


def is_below(host: str, domains: Collection[str]) -> bool:
    """Is it below one of these, by whole labels and not that itself; or are there none, so that it may be any?"""
    return not domains or any(host.endswith(f".{above}") for above in domains)
