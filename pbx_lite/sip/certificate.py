"""The certificate of TLS: made by itself at the first start, kept in a folder, pinned by who connects."""

import datetime as dt
import hashlib
import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path

from pbx_lite.errors import TransportError

_LOGGER = logging.getLogger(__name__)
_CERTIFICATE = "certificate.pem"
_KEY = "certificate.key"


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What listeners present, and what connections of ours check.  `fingerprint` is SHA-256 in lower-case hex.

    Without `client` the system's certificates are trusted; they take memory, so who connects loads them and keeps them.
    A `self_signed` one is nobody's but those who pin it.
    """

    certificate: Path
    key: Path
    fingerprint: str
    server: ssl.SSLContext = field(repr=False)
    client: ssl.SSLContext | None = field(repr=False)
    self_signed: bool = True


def tls_material(
    folder: Path, names: Iterable[str] = (), *, now: dt.datetime | None = None, trust: Iterable[Path] = ()
) -> TlsMaterial:
    """Load the certificate in `folder`, or make one for these host names and addresses at the first start.

    `trust` adds certificates of peers to those of the system.
    Reads, writes and computes: call it before the loop runs, or in a thread.  Raises TransportError.
    """
    now = now or dt.datetime.now(dt.UTC)
    certificate, key = folder / _CERTIFICATE, folder / _KEY
    try:
        if not (certificate.exists() and key.exists()):
            from pbx_lite.sip.self_signed import make_certificate

            make_certificate(certificate, key, names, now)
        der = ssl.PEM_cert_to_DER_cert(_first_certificate(certificate))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate, key)
        client = _trusting(trust)
    except (OSError, ValueError) as error:
        raise TransportError(
            f"The certificate in {folder} cannot be used ({error}). Remove {_CERTIFICATE} and {_KEY} to have a new one "
            "made, and see that the folder can be written."
        ) from error
    end = _end_of(certificate, der)
    if end is not None and end <= now:
        _LOGGER.warning(
            "The certificate %s expired on %s; remove it and %s to have a new one made, and pair clients again",
            certificate,
            end.date(),
            key,
        )
    return TlsMaterial(certificate, key, hashlib.sha256(der).hexdigest(), server, client, self_signed=end is not None)


def _trusting(trust: Iterable[Path]) -> ssl.SSLContext | None:
    client = None
    for path in trust:
        client = client or ssl.create_default_context()
        client.load_verify_locations(path)
    return client


def _first_certificate(file: Path) -> str:
    """The listener's own certificate; those after it are its issuers'.  Raises ValueError."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    _, found, rest = file.read_text(encoding="ascii").partition(begin)
    body, closed, _ = rest.partition(end)
    if not found or not closed:
        raise ValueError("it is not in PEM")
    return f"{begin}{body}{end}\n"


def _end_of(certificate: Path, der: bytes) -> dt.datetime | None:
    """When it expires, as far as the standard library tells: of one that is its own issuer, as ours is."""
    store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    store.load_verify_locations(certificate)
    for known, known_der in zip(store.get_ca_certs(), store.get_ca_certs(binary_form=True), strict=True):
        if known_der == der:
            # `ssl.cert_time_to_seconds` would load strptime: 1.5 MB for one date.
            return parsedate_to_datetime(str(known["notAfter"]))
    return None
