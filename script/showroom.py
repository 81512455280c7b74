"""A home to be looked at: a family, two rooms, a door with visitors, and what was telephoned in the last days."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pbx_lite.store.sought import sought
from script.playground import Playground
from script.portraits import PEOPLE, drawn
from tests.support.home_assistant import Account
from tests.support.panel_page import PanelPage
from tests.support.pascom import add_person, add_room, loaded
from tests.support.ports import free_port

FAMILY = ("Anna Berger", "Ben Berger", "Clara Berger", "Oma Gerda")
# Who left a message, and how many seconds they spoke.
CALLERS = {"Oma Gerda": 9, "Anna Berger": 5}
UPSTAIRS = ("Anna Berger", "Ben Berger")
# In Home Assistant, without an extension yet.
NEWCOMER = "Tante Rosi"
ROOMS = ("Kitchen table", "Workshop")
ME, ME_NUMBER = "demo", "101"
AVAILABILITY = {
    "Ben Berger": {"availability": "away", "availability_text": "Walking the dog"},
    "Clara Berger": {"availability": "busy", "availability_text": "Homework until 5"},
}
PHONEBOOK = (
    ("Lena", "Huber", "Gemeinschaftspraxis Dr. Huber", "work", "+49 89 55021"),
    ("Max-Andreas", "Mustermann", "", "mobile", "+49 171 5550123"),
    ("", "", "Elektro Schuster", "work", "+49 8152 9980"),
    ("Paula", "Engel", "Kindergarten Regenbogen", "work", "+49 8152 4411"),
    ("", "", "Paketdienst", "other", "+49 180 6345"),
    ("Jürgen", "Weiß", "Hausverwaltung Weiß & Söhne", "work", "+49 89 740021"),
    ("Sophie", "Okafor", "", "mobile", "+49 160 5550177"),
)


@dataclass(frozen=True, slots=True)
class Past:
    """A call of `minutes` ago with somebody, from or to whom it was; nobody answered where it took no seconds."""

    minutes: int
    name: str
    number: str
    seconds: int
    out: bool = False


JOURNAL = (
    Past(12, "Anna Berger", "102", 184),
    Past(47, "", "+49 89 2180 4471", 0),
    Past(95, "Dr. Lena Huber", "+49 89 55021", 312, out=True),
    Past(60 * 7, "Oma Gerda", "105", 1260),
    Past(60 * 26, "Elektro Schuster", "+49 8152 9980", 95, out=True),
    Past(60 * 27, "Ben Berger", "103", 0),
    Past(60 * 31, "Max-Andreas Mustermann", "+49 171 5550123", 640),
    Past(60 * 50, "Clara Berger", "104", 0, out=True),
    Past(60 * 52, "Paketdienst", "+49 180 6345", 33),
    Past(60 * 75, "Anna Berger", "102", 421, out=True),
)

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the family who is at home: their name in the PBX, and their open page."""

    user: str
    page: PanelPage


@dataclass(frozen=True, slots=True)
class Showroom:
    """`people` by their whole names."""

    house: Playground
    people: dict[str, Relative]


@asynccontextmanager
async def showroom(folder: Path, say: Say) -> AsyncIterator[Showroom]:
    """A running Home Assistant in this folder, furnished.  All of it ends with the block."""
    house = Playground(folder, port=free_port(), door_port=free_port(), sip_port=free_port())
    try:
        await house.start(say)
        say("Furnishing …")
        people = await _move_in(house)
        await _leave_messages(house, people)
        await _remember(house, people)
        await _visit(house)
        yield Showroom(house, people)
    finally:
        await house.stop()


async def _move_in(house: Playground) -> dict[str, Relative]:
    home = house.home
    people: dict[str, Relative] = {}
    [entry] = await home.command("config_entries/get", domain="pascom")
    for name in FAMILY:
        user, tokens = await home.new_user(Account(name, name.split()[0].lower(), "password"))
        await add_person(home, entry["entry_id"], user, name)
        socket = await home.socket_of(tokens)
        if looks := PEOPLE.get(name):
            await socket.command("pascom/picture/set", data=drawn(looks))
        page = PanelPage(socket, "browser", hertz=440)
        told = await page.open()
        people[name] = Relative(told["me"]["user"], page)
        if availability := AVAILABILITY.get(name):
            await page.ask("user/set", user=told["me"]["user"], **availability)
    for first, last, company, label, number in PHONEBOOK:
        fields = {"first": first, "last": last, "company": company, "numbers": [{"label": label, "number": number}]}
        await home.command("pascom/ask", command="phonebook/add", fields={"book": "company", **fields})
    for name in ROOMS:
        await add_room(home, entry["entry_id"], name)
    upstairs = {"display_name": "Upstairs", "members": [people[name].user for name in UPSTAIRS]}
    await home.command("pascom/ask", command="team/add", fields=upstairs)
    await home.new_user(Account(NEWCOMER, NEWCOMER.rsplit(maxsplit=1)[-1].lower(), "password"))
    return people


async def _leave_messages(house: Playground, people: Mapping[str, Relative]) -> None:
    """Nobody is at home, so that the mailbox takes the calls."""
    home = house.home
    await home.command("pascom/ask", command="voicemail/set", fields={"enabled": True, "seconds": 1})
    for name, seconds in CALLERS.items():
        page = people[name].page
        changes = await home.changes()
        leg = await page.dial(ME_NUMBER)
        await asyncio.sleep(3)
        await page.ask("phone/dtmf", leg=leg, digits="#")
        await asyncio.sleep(seconds)
        await page.ask("phone/hang_up", leg=leg)
        await changes.until("sensor.demo_voicemail")
    await home.command("pascom/ask", command="voicemail/set", fields={"seconds": 60})


async def _remember(house: Playground, people: Mapping[str, Relative]) -> None:
    """Past calls are written while the PBX is away."""
    home = house.home
    assert house.entities
    [entry] = await home.command("config_entries/get", domain="pascom")
    await home.command("config_entries/disable", entry_id=entry["entry_id"], disabled_by="user")
    with closing(sqlite3.connect(house.home.config / "pascom/data/pbx.sqlite3")) as connection, connection:
        for table in ("journal_user", "journal"):
            connection.execute(f"DELETE FROM {table}")  # the calls that left messages
        for number, past in enumerate(reversed(JOURNAL), start=1):
            _write(connection, number, past, people[past.name].user if past.name in people else "")
    back = await home.changes()
    await home.command("config_entries/disable", entry_id=entry["entry_id"], disabled_by=None)
    await loaded(home, entry["entry_id"])
    await back.until(house.entities.connected, state="on")


def _write(connection: sqlite3.Connection, number: int, past: Past, user: str) -> None:
    at = datetime.now(UTC) - timedelta(minutes=past.minutes)
    up = at + timedelta(seconds=6)
    over = up + timedelta(seconds=past.seconds)
    mine = (ME_NUMBER, "Demo", ME)
    other = (past.number, past.name, user)
    (caller, caller_name, caller_user), (callee, callee_name, callee_user) = (
        (mine, other) if past.out else (other, mine)
    )
    row = {
        "id": number,
        "call": f"past-{number}",
        "at": at.isoformat(timespec="seconds"),
        "answered_at": up.isoformat(timespec="seconds") if past.seconds else None,
        "ended_at": over.isoformat(timespec="seconds"),
        "seen_at": over.isoformat(timespec="seconds"),
        "seconds": float(past.seconds),
        "direction": "internal" if user else "outbound" if past.out else "inbound",
        "caller": caller,
        "caller_name": caller_name,
        "caller_user": caller_user,
        "number": callee,
        "callee_name": callee_name,
        "callee_user": callee_user,
        "answered_by": (callee_user or callee_name) if past.seconds else "",
        "outcome": "answered" if past.seconds else "missed",
        "reason": "" if past.seconds else "No answer",
    }
    marks = ", ".join(f":{column}" for column in row)
    connection.execute(f"INSERT INTO journal ({', '.join(row)}) VALUES ({marks})", row)  # names of our own
    words = sought(caller, caller_name, callee, callee_name)
    for whose in ("", ME):
        connection.execute("INSERT INTO journal_user (user, id, sought) VALUES (?, ?, ?)", (whose, number, words))


async def _visit(house: Playground) -> None:
    """Somebody rang while nobody was at home: the door has a last visitor."""
    assert house.entities
    changes = await house.home.changes()
    await house.press("ring")
    await changes.until(house.entities.event, event_type="ring")
    await changes.until(house.entities.image)
    await house.press("hang_up")
    await changes.until(house.entities.ringing, state="off")
