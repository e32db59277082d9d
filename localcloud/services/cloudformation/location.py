"""Where in S3 a template is, by its URL."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def in_s3(url: str) -> tuple[str, str]:
    """Bucket and key of an object's URL: of AWS's S3 in both styles, or of the one that is served here."""
    parts = urlsplit(url)
    host, path = parts.netloc, unquote(parts.path.lstrip("/"))
    if ".s3" in host:
        return host.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key
