import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from pbx_lite.errors import Unavailable
from pbx_lite.features.doorbell.http import StationHttp
from tests.support.relay import FakeRelay
from tests.support.tls import self_signed

JPEG = b"\xff\xd8\xff\xe0picture\xff\xd9"


@pytest.fixture
async def http() -> AsyncIterator[StationHttp]:
    station = StationHttp(timeout=20.0, max_bytes=100_000)
    yield station
    await station.close()


async def refusal(http: StationHttp, url: str, **fields: str) -> str:
    with pytest.raises(Unavailable) as caught:
        await http.request(url, **fields)
    assert caught.value.__cause__ is None, "a cause may carry the address with its secrets into a log"
    return caught.value.message


async def test_a_request_reaches_the_relay(http):
    async with FakeRelay() as relay:
        answer = await http.request(relay.url("/open?door=1"))
        assert (answer.status, answer.body) == (200, b"OK")
        assert (await relay.opened()).path == "/open?door=1"


async def test_a_put_carries_its_body_with_the_type_it_has(http):
    async with FakeRelay() as relay:
        await http.request(relay.url(), method="PUT", body="<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>")
        received = await relay.opened()
        assert (received.method, received.content_type) == ("PUT", "application/xml")
        assert "<cmd>open</cmd>" in received.body
        await http.request(relay.url(), method="POST", body='{"relay": 1}')
        assert (await relay.opened()).content_type == "application/json"
        await http.request(relay.url(), method="POST", body="relay=1")
        assert (await relay.opened()).content_type == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("auth", ["basic", "digest", "both"])
async def test_the_account_is_given_as_the_station_asks_for_it(http, auth):
    async with FakeRelay(auth=auth) as relay:
        await http.request(relay.url("/x?a=%2F&b=*"), method="PUT", body="<x/>", username="admin", password="secret")
        assert (await relay.opened()).body == "<x/>"
        assert relay.refused == 1


async def test_digest_with_sha_256_is_understood(http):
    async with FakeRelay(auth="digest", algorithm="SHA-256") as relay:
        await http.request(relay.url(), username="admin", password="secret")
        await relay.opened()


async def test_without_a_challenge_no_password_is_sent(http):
    async with FakeRelay(auth="digest") as relay:
        assert "does not accept" in await refusal(http, relay.url())
        assert relay.refused == 1


async def test_the_account_may_stand_in_the_address(http):
    async with FakeRelay(auth="basic", password="s&e") as relay:
        await http.request(relay.url().replace("http://", "http://admin:s%26e@"))
        await relay.opened()
        await http.request(relay.url("/?key={password}&trigger"), username="admin", password="s&e")
        assert (await relay.opened()).path == "/?key=s%26e&trigger"


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_a_wrong_password_is_a_sentence_without_the_password(http, auth, caplog):
    caplog.set_level(logging.DEBUG)
    async with FakeRelay(auth=auth) as relay:
        message = await refusal(http, relay.url("/p?key={password}"), username="admin", password="hunter2")
        assert message == (
            f"http://127.0.0.1:{relay.port} does not accept user name and password (401): "
            "correct them in the door's settings."
        )
        assert "hunter2" not in caplog.text


async def test_nobody_there_is_a_sentence(http):
    async with FakeRelay() as relay:
        url = relay.url()
    assert "cannot be reached" in await refusal(http, url)


async def test_an_unknown_name_is_a_sentence(http):
    assert await refusal(http, "http://door.invalid/") == "http://door.invalid cannot be found: no such name."


async def test_a_station_that_never_answers_is_given_up():
    station = StationHttp(timeout=0.1)
    async with FakeRelay(silent=True) as relay:
        assert "did not answer within 0.1 seconds" in await refusal(station, relay.url())
    await station.close()


async def test_an_unpinned_certificate_is_named_for_pinning_and_then_taken(http):
    identity = self_signed()
    async with FakeRelay(identity=identity) as relay:
        message = await refusal(http, relay.url())
        assert message == (
            f"https://127.0.0.1:{relay.port} has a certificate that nobody vouches for: if this is your station, "
            f"pin its fingerprint {identity.fingerprint}."
        )
        assert not relay.requests
        await http.request(relay.url(), fingerprint=identity.fingerprint)
        await http.request(relay.url(), fingerprint=identity.fingerprint.replace(":", "").lower())
        assert len(relay.requests) == 2


async def test_an_expired_certificate_is_said_to_be_expired_and_works_once_pinned(http):
    identity = self_signed(days=-2)
    async with FakeRelay(identity=identity) as relay:
        message = await refusal(http, relay.url())
        assert "expired" in message or "nobody vouches" in message
        assert identity.fingerprint in message
        await http.request(relay.url(), fingerprint=identity.fingerprint)


async def test_another_certificate_than_the_pinned_one_is_refused_before_anything_is_sent(http):
    identity = self_signed()
    async with FakeRelay(identity=identity) as relay:
        message = await refusal(http, relay.url(), fingerprint=self_signed().fingerprint)
        assert "another certificate" in message
        assert identity.fingerprint in message
        assert not relay.requests


async def test_a_pin_that_is_no_sha_256_is_refused(http):
    assert "64 hexadecimal digits" in await refusal(http, "https://127.0.0.1:1/", fingerprint="AA:BB")


async def test_https_to_a_plain_server_is_a_sentence(http):
    async with FakeRelay() as relay:
        assert "does not speak TLS" in await refusal(http, relay.url().replace("http:", "https:"))


async def test_plain_text_that_is_no_http_is_a_sentence(http):
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-door\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert "does not speak HTTP" in await refusal(http, f"http://127.0.0.1:{port}/")
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("url", ["", "ftp://door/", "http://", "192.168.1.9/open", "http://door:99999/"])
async def test_what_is_no_address_is_refused(http, url):
    assert "no http:// or https://" in await refusal(http, url)


async def test_a_user_name_with_a_colon_is_refused(http):
    assert "colon" in await refusal(http, "http://127.0.0.1:1/", username="a:b", password="x")


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "is the model right"), (405, "is the model right"), (403, "does not accept"), (500, "answered 500")],
)
async def test_a_wrong_status_is_a_sentence(http, status, words):
    async with FakeRelay(answer=(status, "text/plain", b"")) as relay:
        assert words in await refusal(http, relay.url())


async def test_a_redirect_is_not_followed_but_told(http):
    async with FakeRelay(answer=(302, "text/plain", b""), headers={"Location": "https://10.0.0.9/login?k=v"}) as relay:
        message = await refusal(http, relay.url(), username="admin", password="secret")
        assert "redirects to https://10.0.0.9 (302)" in message


@pytest.mark.parametrize(
    "body",
    [
        b"<Configuration><ResCode>1</ResCode><RetMsg>Authentication error</RetMsg></Configuration>",
        b"<ResponseStatus><statusCode>4</statusCode><statusString>Invalid Operation</statusString></ResponseStatus>",
        b'{"success" : false, "error" : {"code" : 12, "description" : "invalid parameter value"}}',
        b'{"retcode": -1, "message": "please use new interface"}',
        b"Error\r\nBad Request!",
    ],
)
async def test_a_station_that_says_no_with_200_is_not_believed_to_have_opened(http, body):
    async with FakeRelay(answer=(200, "text/plain", body)) as relay:
        assert "refused it" in await refusal(http, relay.url())


@pytest.mark.parametrize(
    "body",
    [
        b"<Configuration><ResCode>0</ResCode></Configuration>",
        b"<ResponseStatus><statusCode>1</statusCode><statusString>OK</statusString></ResponseStatus>",
        b'{"success" : true}',
        b'{"retcode": 0}',
        b"OK",
        b"",
    ],
)
async def test_a_station_that_says_yes_is_believed(http, body):
    async with FakeRelay(answer=(200, "text/plain", body)) as relay:
        assert (await http.request(relay.url())).body == body


async def test_a_picture_comes_with_its_type(http):
    async with FakeRelay(auth="digest", answer=(200, "image/jpeg", JPEG)) as relay:
        picture = await http.fetch_image(relay.url("/picture.jpg"), username="admin", password="secret")
        assert picture == ("image/jpeg", JPEG)


async def test_a_picture_of_unknown_type_is_recognised_and_anything_else_refused(http):
    async with FakeRelay(answer=(200, "application/octet-stream", JPEG)) as relay:
        assert (await http.fetch_image(relay.url()))[0] == "image/jpeg"
        relay.answer = (200, "text/html", b"<html>login</html>")
        with pytest.raises(Unavailable, match="text/html instead of a picture"):
            await http.fetch_image(relay.url())


async def test_a_picture_without_end_is_cut_off(http):
    async with FakeRelay(answer=(200, "image/jpeg", JPEG * 10_000)) as relay:
        with pytest.raises(Unavailable, match="more than"):
            await http.fetch_image(relay.url())
