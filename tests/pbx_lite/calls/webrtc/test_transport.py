import datetime as dt

import pytest

from pbx_lite.calls.webrtc import transport
from pbx_lite.calls.webrtc.ice import IceConnection
from pbx_lite.calls.webrtc.transport import MediaTransport, shared_certificate


def test_all_sessions_share_a_certificate() -> None:
    assert shared_certificate() is shared_certificate()


def test_the_certificate_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    first = shared_certificate()
    monkeypatch.setattr(transport, "_RENEW_BEFORE", dt.timedelta(days=3650))
    assert shared_certificate() is not first


async def test_nothing_leaves_before_the_handshake() -> None:
    ice = IceConnection([], ["127.0.0.1"])
    media = MediaTransport(ice, role="client")
    media.send_rtp(b"\x80" + bytes(20))
    media.send_rtcp(b"\x80\xc8" + bytes(20))
    assert not media.connected
    await media.stop()
    await ice.close()
