"""Opening by the station's own relay, with no call at all."""

import pytest

from tests.end_to_end.conftest import Home, NewDoor
from tests.support.home_assistant import Account, CommandFailed
from tests.support.pascom import give_no_access
from tests.support.relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_lock_opens_by_a_request_to_the_stations_relay(home: Home, new_door: NewDoor) -> None:
    async with FakeRelay(auth="digest", username="admin", password="secret") as relay:
        address = f"http://127.0.0.1:{relay.port}/cgi-bin/open?relay=1"
        _, door = await new_door("Wine cellar", http={"url": address, "username": "admin", "password": "secret"})
        changes = await home.assistant.changes()
        await home.assistant.call("lock.open", target={"entity_id": door.lock})
        received = await relay.opened()
        assert received.path == "/cgi-bin/open?relay=1"
        await changes.until(door.event, event_type="opened", how="http", by="Demo")
        await changes.until(door.lock, state="open")
        await changes.until(door.lock, state="locked")


async def test_a_person_without_the_right_cannot_open(home: Home, new_door: NewDoor) -> None:
    async with FakeRelay() as relay:
        _, door = await new_door("Tool shed", http={"url": f"http://127.0.0.1:{relay.port}/open"})
        identity, tokens = await home.assistant.new_user(Account("Guest", "guest", "guest-password"))
        await give_no_access(home.assistant, home.entry, identity)
        guest = await home.assistant.socket_of(tokens)
        opening = {"domain": "lock", "service": "open", "service_data": {}, "target": {"entity_id": door.lock}}
        with pytest.raises(CommandFailed):
            await guest.command("call_service", **opening)
        await guest.close()
        assert relay.requests == []
