"""Certificates that a team imports into its ACM."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from localcloud.cloud import LocalCloud


def certified(cloud: LocalCloud, account: str, *names: str, days: int = 365, size: int = 2048, arn: str = "") -> str:
    """The ARN of an imported certificate for these host names that ends in so many days; `arn`: imported anew there."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=size)
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.fromtimestamp(cloud.clock.now, datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    answer = cloud.client("acm", account).import_certificate(
        Certificate=made.public_bytes(serialization.Encoding.PEM),
        PrivateKey=key.private_bytes(*plain),
        **({"CertificateArn": arn} if arn else {}),
    )
    return str(answer["CertificateArn"])
