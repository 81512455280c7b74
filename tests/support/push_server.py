"""Phones with the Home Assistant app as far as pushes go, and what stands between them and Home Assistant."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import web

# Seconds.
PATIENCE = 60.0
CLEAR = "clear_notification"

type Push = dict[str, Any]


class Screens:
    """What phones show.  Each is known by its push token."""

    def __init__(self) -> None:
        self.received: list[Push] = []
        self._news = asyncio.Event()

    def take(self, push: Push) -> None:
        self.received.append(push)
        self._news.set()

    def pushes(self, phone: str) -> list[Push]:
        return [push for push in self.received if push["push_token"] == phone]

    def screen(self, phone: str) -> dict[str, Push]:
        """What the phone shows now, by tag."""
        shown: dict[str, Push] = {}
        for push in self.pushes(phone):
            tag = push["data"]["tag"]
            shown.pop(tag, None)
            if push["message"] != CLEAR:
                shown[tag] = push
        return shown

    async def until(self, phone: str, true: Callable[[Mapping[str, Push]], bool]) -> dict[str, Push]:
        """Wait until the phone's screen is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true(shown := self.screen(phone)):
                    self._news.clear()
                    await self._news.wait()
                return shown
        except TimeoutError:
            raise AssertionError(f"{phone} shows {self.screen(phone)}; it got {self.pushes(phone)}") from None

    async def shows(self, phone: str, message: str) -> Push:
        """The one notification with this message, once it is there."""
        shown = await self.until(phone, lambda screen: any(push["message"] == message for push in screen.values()))
        return next(push for push in shown.values() if push["message"] == message)

    async def shows_nothing(self, phone: str) -> None:
        await self.until(phone, lambda screen: not screen)


class PushServer(Screens):
    """Takes pushes over HTTP, as the app's own server does."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/push", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0]
        self.url = f"http://{host}:{port}/push"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.take(await request.json())
        return web.json_response({"target": "ok"}, status=201)


def registration(device: str, url: str) -> dict[str, Any]:
    """What the app says of itself when somebody logs in; the push token is the name of the device."""
    return {
        "app_data": {"push_token": device, "push_url": url},
        "app_id": "io.homeassistant.companion.android",
        "app_name": "Home Assistant",
        "app_version": "2026.11.1",
        "device_id": f"id-{device}",
        "device_name": device,
        "manufacturer": "Fairphone",
        "model": "FP6",
        "os_name": "Android",
        "os_version": "16",
        "supports_encryption": False,
    }


def button(push: Mapping[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(action for action in push["data"]["actions"] if action["title"] == title)
    return found


def buttons(push: Mapping[str, Any]) -> list[str]:
    return [action["title"] for action in push["data"].get("actions", ())]
