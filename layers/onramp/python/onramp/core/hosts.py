"""For which host names a certificate stands."""


def covers(name: str, host: str) -> bool:
    """Is a name in a certificate meant for this host? A wildcard stands for exactly one label, the first (facts R22).

    >>> covers("*.shop.example.jp", "api.shop.example.jp"), covers("*.example.jp", "api.shop.example.jp")
    (True, False)
    """
    name = name.lower().removesuffix(".")
    return name == host or (name.startswith("*.") and name[1:] == host[host.find(".") :])
