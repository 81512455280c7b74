"""Who gets a configuration, and who does not."""

import logging
from datetime import UTC, datetime

import pytest

from pbx_lite.config import Config, Device, Door, OpenDtmf, OpenEvent, OpenHttp, Role, Secret, User, Workplace
from pbx_lite.directory import Directory
from pbx_lite.errors import Busy, NotFound, PbxError, Unavailable
from pbx_lite.features.provisioning import provisioning
from pbx_lite.features.provisioning.facts import Server
from pbx_lite.features.provisioning.provisioning import LINK_SECONDS, REPEAT_SECONDS, Page, Provisioning
from tests.support.clock import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SNOM = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.175.16 000413aabbcc)"
PHONE = "192.0.2.30"
CONFIG = Config(
    roles=(Role(name="family", see=("front",), open=("front", "garden")), Role(name="nobody", pickup=False)),
    users=(
        User(
            name="anna",
            display_name="Anna",
            extension="101",
            password=Secret("secret-of-anna"),
            roles=("family",),
            devices=(Device(name="cellar", account="101-2", password=Secret("secret-of-cellar"), codecs=("PCMU",)),),
        ),
        User(name="ben", display_name="Ben", extension="102", password=Secret("x"), roles=("nobody",)),
        User(name="carl", display_name="Carl", extension="103"),
    ),
    workplaces=(Workplace(name="desk", display_name="Desk", account="desk", password=Secret("secret-of-desk")),),
    doors=(
        Door(
            name="front",
            display_name="Front door",
            extension="150",
            open=(OpenHttp(url="http://192.0.2.9/open"), OpenDtmf(digits=Secret("00#"))),
        ),
        Door(name="garden", display_name="Garden", extension="151", open=(OpenEvent(),)),
    ),
)


class World:
    def __init__(self) -> None:
        self.clock = FakeClock(0)
        self.directory = Directory(CONFIG)
        self.provisioning = Provisioning(directory=self.directory, clock=self.clock, pickup="*8", wall=lambda: NOON)
        self.provisioning.server = lambda: Server(
            host="pbx.example", ports={"tcp": 5060}, page="https://192.0.2.10:8765"
        )

    def path(self, user: str = "anna", device: str = "", model: str = "snom") -> str:
        url, _ = self.provisioning.link(user, device, model)
        return url.removeprefix("https://192.0.2.10:8765")

    def fetch(self, path: str, *, user_agent: str = SNOM, source: str = PHONE) -> Page:
        return self.provisioning.fetch(path, user_agent=user_agent, source=source)

    def text(self, path: str, **options: str) -> str:
        page = self.fetch(path, **options)
        assert page.status == 200, page.body
        return page.body.decode()


@pytest.fixture
def world() -> World:
    return World()


def test_the_address_gives_the_configuration_until_it_expires(world: World) -> None:
    url, expires = world.provisioning.link("anna", "", "snom")
    assert url.startswith("https://192.0.2.10:8765/provision/")
    assert url.endswith("/snom.xml")
    assert (expires - NOON).total_seconds() == LINK_SECONDS
    path = url.removeprefix("https://192.0.2.10:8765")
    page = world.fetch(path)
    assert (page.status, page.content_type) == (200, "application/xml")
    assert b"secret-of-anna" in page.body
    world.clock.advance(LINK_SECONDS)
    assert world.fetch(path).status == 404


def test_the_same_phone_may_come_again_for_a_moment(world: World) -> None:
    path = world.path()
    assert world.fetch(path).status == 200
    world.clock.advance(REPEAT_SECONDS - 1)
    assert world.fetch(path).status == 200
    world.clock.advance(2)
    assert world.fetch(path).status == 404


def test_a_second_phone_gets_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    path = world.path()
    world.fetch(path)
    assert world.fetch(path, source="192.0.2.31").status == 404
    assert world.fetch(path, user_agent="snomD785-SIP another").status == 404
    assert "192.0.2.31 asked for the configuration" in caplog.text
    assert "secret-of-anna" not in caplog.text


def test_a_browser_does_not_use_it_up(world: World) -> None:
    path = world.path()
    page = world.fetch(path, user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    assert page.status == 403
    assert b"for the phone" in page.body
    assert world.fetch(path).status == 200


@pytest.mark.parametrize("path", ["/provision/", "/provision/x", "/provision/x/snom.xml", "/provision//", "/provision"])
def test_without_the_secret_there_is_nothing(world: World, path: str) -> None:
    world.path()
    assert world.fetch(path).status == 404


def test_who_guesses_is_kept_out_even_with_the_right_one(world: World) -> None:
    path = world.path()
    for number in range(5):
        assert world.fetch(f"/provision/{number}/snom.xml").status == 404
    assert world.fetch(path).status == 429
    assert world.fetch(path, source="192.0.2.40").status == 200


def test_only_a_hash_is_kept(world: World) -> None:
    token = world.path().split("/")[2]
    assert token not in repr(vars(world.provisioning))


@pytest.mark.parametrize(
    ("model", "user_agent", "asks"),
    [
        (
            "yealink",
            "Yealink SIP-T46U 108.86.0.20 80:5e:c0:00:00:01",
            {"y000000000108.boot": 404, "805ec0000001.boot": 404, "yealink.cfg": 200, "805ec0000001.cfg": 200},
        ),
        (
            "grandstream",
            "Grandstream Model HW GRP2614 SW 1.0.9.26 DevId c074ad000001",
            {"cfgc074ad000001": 404, "cfgc074ad000001.xml": 200, "cfg.xml": 200},
        ),
        ("linphone", "linphone-sdk/5.3 (belle-sip)", {"linphone.xml": 200}),
        ("snom", SNOM, {"snom.xml": 200, "snom-000413AABBCC.xml": 200}),
    ],
)
def test_each_model_asks_in_its_own_way(world: World, model: str, user_agent: str, asks: dict[str, int]) -> None:
    folder = world.path(model=model).rpartition("/")[0]
    got = {file: world.fetch(f"{folder}/{file}", user_agent=user_agent).status for file in asks}
    assert got == asks


def test_a_further_phone_has_an_account_of_its_own(world: World) -> None:
    text = world.text(world.path(device="cellar"))
    assert "101-2" in text
    assert "secret-of-cellar" in text
    assert "secret-of-anna" not in text
    assert ">pcmu,telephone-event<" in text
    assert "secret-of-anna" in world.text(world.path(device="phone"))


def test_a_shared_phone_is_nobodys(world: World) -> None:
    url, _ = world.provisioning.link_shared("desk", "snom")
    text = world.text(url.removeprefix("https://192.0.2.10:8765"))
    assert ">desk<" in text
    assert "secret-of-desk" in text
    assert "blf sip:101@pbx.example|*8" in text
    assert "sip:150@" not in text, "who may see and open depends on who is logged in"
    assert "dtmf" not in text
    with pytest.raises(NotFound, match="no workplace named garage"):
        world.provisioning.link_shared("garage", "snom")


def test_keys_are_what_the_person_may_do(world: World) -> None:
    text = world.text(world.path())
    assert 'label="Open Front door" perm="">dtmf 00#<' in text
    assert 'label="Open Garden" perm="">dtmf #<' in text
    assert "blf sip:150@pbx.example|*8" in text
    assert "sip:151@" not in text, "a door that Anna does not see has no lamp"
    assert "blf sip:102@pbx.example|*8" in text
    assert "sip:101@" not in text
    of_ben = world.text(world.path("ben"))
    assert "dtmf" not in of_ben
    assert "sip:150@" not in of_ben
    assert "*8" not in of_ben


async def test_it_is_what_holds_when_the_phone_comes(world: World) -> None:
    await world.directory.add_user({"name": "dora", "display_name": "Dora", "extension": "104"})
    path = world.path("dora")
    await world.directory.update_user("dora", {"display_name": "Dora Berger"})
    assert "Dora Berger" in world.text(path)
    await world.directory.remove_user("dora")
    assert world.fetch(path).status == 404


@pytest.mark.parametrize(
    ("user", "device", "model", "kind", "words"),
    [
        ("nobody", "", "snom", NotFound, "no user named nobody"),
        ("anna", "boat", "snom", NotFound, "no device named boat"),
        ("anna", "", "abacus", NotFound, "choose one of grandstream, linphone, snom, yealink"),
        ("carl", "", "snom", Unavailable, "Carl has no account"),
    ],
)
def test_what_cannot_be_is_told_at_once(
    world: World, user: str, device: str, model: str, kind: type[PbxError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        world.provisioning.link(user, device, model)


def test_a_pbx_that_phones_do_not_reach_says_so(world: World) -> None:
    world.provisioning.server = lambda: Server(host="pbx", ports={"udp": 5060})
    with pytest.raises(Unavailable, match=r"api\.listen"):
        world.path()


def test_addresses_do_not_pile_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "MOST_LINKS", 2)
    world.path()
    world.path()
    with pytest.raises(Busy):
        world.path()
    world.clock.advance(LINK_SECONDS)
    world.path()


def test_the_log_tells_which_phone_came(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    path = world.path()
    world.fetch(path)
    assert f"{PHONE} has the configuration of 101" in caplog.text
    assert path.split("/")[2] not in caplog.text
