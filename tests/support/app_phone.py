"""A phone with the Home Assistant app: logs in as the app does, shows what is pushed to it, and presses buttons."""

from collections.abc import Mapping
from typing import Any, Self

import aiohttp

from tests.support.home_assistant import HomeAssistant
from tests.support.push_server import Push, PushServer, button, registration


class AppPhone:
    def __init__(self, home: HomeAssistant, tokens: Mapping[str, Any], name: str, server: PushServer) -> None:
        self.name = name
        self.server = server
        self._url = home.url
        self._headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        self._webhook = ""

    async def log_in(self) -> Self:
        made = await self._post("/api/mobile_app/registrations", registration(self.name, self.server.url))
        self._webhook = made["webhook_id"]
        return self

    async def log_out(self, home: HomeAssistant) -> None:
        """As an administrator who deletes the phone."""
        for entry in await home.command("config_entries/get", domain="mobile_app"):
            if entry["title"] == self.name:
                await home.delete(f"/api/config/config_entries/entry/{entry['entry_id']}")

    async def shows(self, message: str) -> Push:
        return await self.server.shows(self.name, message)

    async def shows_nothing(self) -> None:
        await self.server.shows_nothing(self.name)

    async def press(self, push: Push, title: str) -> None:
        """What Android's app says then: it knows itself by its webhook, and all that the notification had."""
        said = {"action": button(push, title)["action"], "tag": push["data"]["tag"], "webhook_id": self._webhook}
        data = {"event_type": "mobile_app_notification_action", "event_data": said}
        await self._post(f"/api/webhook/{self._webhook}", {"type": "fire_event", "data": data})

    async def picture(self, push: Push) -> bytes:
        """What the app fetches, with its user's token, to show it."""
        async with (
            aiohttp.ClientSession(self._url, headers=self._headers) as http,
            http.get(push["data"]["image"]) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        async with (
            aiohttp.ClientSession(self._url, headers=self._headers) as http,
            http.post(path, json=body) as answer,
        ):
            assert answer.status < 400, await answer.text()
            return await answer.json()
