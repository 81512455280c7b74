"""The faces of people: set by a page, seen by others, gone with their user."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.pascom.pages.pictures import MOST, PICTURES
from tests.pascom.browser import Browse, Browser
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx


@pytest.fixture(autouse=True)
def _folder(hass: HomeAssistant, tmp_path: Path) -> None:
    hass.config.config_dir = str(tmp_path)


def picture(*, kind: str = "PNG", size: tuple[int, int] = (300, 200), colour: str = "red") -> str:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return base64.b64encode(written.getvalue()).decode()


async def change(browser: Browser, **fields: Any) -> dict[str, Any]:
    return await browser.result(await browser.send("pascom/picture/set", **fields))


def files(folder: Path) -> list[Path]:
    return list(folder.glob(".storage/pascom.pictures/*"))


async def test_a_picture_is_drawn_anew_and_seen_by_all_pages(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    browse: Browse,
    hass_client_no_auth: ClientSessionGenerator,
    tmp_path: Path,
) -> None:
    ben, anna = await browse("ben"), await browse("anna")
    page = await anna.subscribe()
    assert (await anna.begun(page))["pictures"] == {}
    url = (await change(ben, data=picture()))["result"]["url"]
    assert await anna.message(page) == {"type": "picture", "user": "ben", "url": url}
    answer = await (await hass_client_no_auth()).get(url)
    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    with Image.open(BytesIO(await answer.read())) as seen:
        assert (seen.format, seen.size) == ("JPEG", (256, 256))

    another = (await change(ben, data=picture(kind="JPEG", colour="blue")))["result"]["url"]
    assert another != url
    client = await hass_client_no_auth()
    assert [(await client.get(each)).status for each in (url, another, f"{url}/../x")] == [404, 200, 404]
    assert len(files(tmp_path)) == 1
    assert (await anna.begun(await anna.subscribe("phone")))["pictures"] == {"ben": another}

    assert (await change(ben, data=None))["result"] == {"url": ""}
    assert files(tmp_path) == []


async def test_who_has_set_none_looks_like_their_person_unless_they_want_initials(
    hass: HomeAssistant, loaded: MockConfigEntry, browse: Browse
) -> None:
    ben = await browse("ben")
    hass.states.async_set("person.ben", "home", {"user_id": "ha-ben", "entity_picture": "/api/image/serve/1/512x512"})
    assert (await ben.begun(await ben.subscribe()))["pictures"] == {"ben": "/api/image/serve/1/512x512"}
    assert (await change(ben, data=None, initials=True))["result"] == {"url": ""}
    assert (await change(ben, data=None))["result"] == {"url": "/api/image/serve/1/512x512"}
    for elsewhere in ("https://example.org/ben.jpg", "//example.org/ben.jpg", None):
        hass.states.async_set("person.ben", "home", {"user_id": "ha-ben", "entity_picture": elsewhere})
        assert hass.data[PICTURES].url_of("ha-ben") == ""


@pytest.mark.parametrize(
    "data",
    [
        base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>").decode(),
        base64.b64encode(base64.b64decode(picture())[:60]).decode(),
        base64.b64encode(b"\xff\xd8\xff\xe0nothing").decode(),
        picture(kind="GIF"),
        picture(size=(4000, 10)),
        "not base64!",
        "",
    ],
    ids=["svg", "cut off", "no jpeg", "gif", "too wide", "no base64", "empty"],
)
async def test_what_is_no_picture_is_refused(
    loaded: MockConfigEntry, browse: Browse, tmp_path: Path, data: str
) -> None:
    error = (await change(await browse("ben"), data=data))["error"]
    assert (error["code"], error["translation_key"]) == ("invalid", "panel_picture")
    assert files(tmp_path) == []


async def test_a_picture_may_be_so_large_and_no_larger(loaded: MockConfigEntry, browse: Browse) -> None:
    assert (await change(await browse("ben"), data="A" * (MOST * 2)))["error"]["code"] == "invalid_format"


async def test_a_picture_goes_with_its_user_and_those_of_nobody_at_the_start(
    hass: HomeAssistant, loaded: MockConfigEntry, browse: Browse, until: Until, tmp_path: Path
) -> None:
    browser = await browse("ben")
    await change(browser, data=picture())
    await browser.socket.close()
    user = await hass.auth.async_get_user("ha-ben")
    assert user is not None
    (kept,) = files(tmp_path)
    (kept.parent / "nobody.jpg").write_bytes(b"x")
    await hass.data[PICTURES].load()
    assert files(tmp_path) == [kept]
    await hass.auth.async_remove_user(user)
    await until(lambda: files(tmp_path) == [])
