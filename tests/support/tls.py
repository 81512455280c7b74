"""Self-signed certificates for test servers, as a station brings them."""

import datetime as dt
import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pbx_lite.sip.certificate import TlsMaterial


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key in PEM; `fingerprint` is SHA-256 with colons."""

    certificate: bytes
    key: bytes
    fingerprint: str

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with TemporaryDirectory() as folder:
            pair = Path(folder, "pair.pem")
            pair.write_bytes(self.key + self.certificate)
            context.load_cert_chain(pair)
        return context


def self_signed(*, name: str = "door", address: str = "127.0.0.1", days: int = 365) -> Identity:
    """A certificate that nobody vouches for; negative `days` make one that ended that many days ago."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - dt.timedelta(days=730))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Identity(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest().hex(":").upper(),
    )


def trusting() -> TlsMaterial:
    """What a station brings that checks nobody's certificate, as most do."""
    client = ssl.create_default_context()
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    identity = self_signed()
    return TlsMaterial(Path(), Path(), identity.fingerprint, identity.server_context(), client)
