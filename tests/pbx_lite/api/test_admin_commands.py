"""What golden messages cannot show of administration: who is refused, what is waited for, what never crosses."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pbx_lite.api.command import COMMANDS, Actor, Ask
from pbx_lite.api.commands import run
from pbx_lite.errors import Forbidden, Unavailable
from pbx_lite.log_book import Line
from tests.pbx_lite.api.world import NOW, FakeLog, World

SOMEBODY, ADMIN = Actor(ha_user="ha-anna"), Actor(ha_user="ha-owner", admin=True)


@pytest.fixture
def world() -> World:
    return World()


async def ask(world: World, name: str, actor: Actor | None = ADMIN, **fields: Any) -> Any:
    connection, _ = world.client()
    return await run(name, Ask(services=world.services, sessions=connection._sessions, fields=fields, actor=actor))


@pytest.mark.parametrize("name", ["door/settings", "user/settings", "log/read"])
async def test_only_administrators_look_into_it(world: World, name: str) -> None:
    fields: dict[str, Any] = {"door/settings": {"door": "front"}, "user/settings": {"user": "anna"}}.get(name, {})
    assert COMMANDS[name].admin
    with pytest.raises(Forbidden):
        await ask(world, name, SOMEBODY, **fields)
    assert await ask(world, name, **fields)


async def test_settings_of_a_door_hold_neither_passwords_nor_codes_nor_accounts(world: World) -> None:
    door = {
        "name": "side",
        "extension": "152",
        "password": "hidden-station",
        "video": {"url": "rtsp://hidden-user:hidden-word@192.0.2.9/live", "username": "u", "password": "hidden-camera"},
        "open": [{"dtmf": "4711"}, {"http": "http://192.0.2.9/?key=hidden-key", "password": "hidden-relay"}],
    }
    await world.directory.add_door(door)
    settings = (await ask(world, "door/settings", door="side"))["settings"]
    assert "hidden" not in json.dumps(settings)
    assert "4711" not in json.dumps(settings)
    assert settings["video_url"] == "rtsp://192.0.2.9/live"
    assert settings["has_password"]
    assert [way["kind"] for way in settings["open"]] == ["dtmf", "http"]


class WaitingLog(FakeLog):
    """A line that fits comes with the second news."""

    def __init__(self) -> None:
        self.last = 20
        self.now = 100.0
        self.waits: list[float] = []

    def read(self, **_: Any) -> list[Line]:
        return [Line(22, NOW, "warning", "doorbell", "here")] if self.last == 22 else []

    async def more(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.last += 1
        self.now += 4


async def test_who_waits_gets_the_next_line_that_fits(world: World) -> None:
    log = WaitingLog()
    world.services = replace(world.services, log=log, clock=lambda: log.now)
    result = await ask(world, "log/read", after=20, wait=25)
    assert [line["id"] for line in result["lines"]] == [22]
    assert log.waits == [25, 21]


async def test_who_waits_in_vain_is_told_how_far_they_have_read(world: World) -> None:
    log = WaitingLog()
    world.services = replace(world.services, log=log, clock=lambda: log.now)
    assert await ask(world, "log/read", after=20, wait=3) == {"lines": [], "last": 21, "parts": ["calls", "doorbell"]}


async def test_a_pbx_without_a_log_says_so(world: World) -> None:
    world.services = replace(world.services, log=None)
    with pytest.raises(Unavailable):
        await ask(world, "log/read")
