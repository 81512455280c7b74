import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509

from pbx_lite.errors import TransportError
from pbx_lite.sip.certificate import tls_material


def test_a_certificate_is_made_once_and_kept(tmp_path: Path):
    first = tls_material(tmp_path / "tls", ["pbx.home", "192.168.1.2", "straße"])
    second = tls_material(tmp_path / "tls")
    assert first.fingerprint == second.fingerprint
    assert len(first.fingerprint) == 64
    assert first.key.stat().st_mode & 0o077 == 0
    certificate = x509.load_pem_x509_certificate(first.certificate.read_bytes())
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"pbx.home", "192.168.1.2", "localhost", "127.0.0.1"} <= {str(name.value) for name in alternatives}
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == ["certificate.key", "certificate.pem"]


def test_a_broken_certificate_is_said_in_a_sentence(tmp_path: Path):
    made = tls_material(tmp_path)
    made.certificate.write_text("nonsense")
    with pytest.raises(TransportError, match=r"Remove certificate\.pem and certificate\.key"):
        tls_material(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TransportError, match="see that the folder can be written"):
        tls_material(tmp_path / "file" / "tls")


def test_an_expired_certificate_is_used_but_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    tls_material(tmp_path, now=dt.datetime(2010, 1, 1, tzinfo=dt.UTC))
    assert caplog.records == []
    tls_material(tmp_path, now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert "expired on 2019-12-30" in caplog.text
