"""What happens in the panel, to be looked at: each scene is played up to the moment of its picture, then ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from playwright.async_api import Locator

from script.showroom import ME_NUMBER, Showroom
from tests.support.browser import Frontend

type Over = Callable[[], Awaitable[object]]
type Scene = Callable[[Showroom, Frontend], Awaitable[Over]]

PATIENCE = 60_000
DOOR = "Front door"

# What only a bad network or a microphone in other hands would show.
_FAULT = """(fault) => {
  const { house } = document.querySelector("pascom-overlay");
  const line = house.engine.current;
  const keep = () => Object.assign(line, fault);
  setInterval(() => { keep(); house.store.changed(); }, 50);
}"""

_DENIED = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };
}"""


def _button(page: Frontend, name: str) -> Locator:
    return page.page.get_by_role("button", name=name, exact=True).locator("visible=true").first


async def _press(page: Frontend, name: str) -> None:
    await _button(page, name).click(timeout=PATIENCE)


async def _rest(page: Frontend, milliseconds: int = 1000) -> None:
    await page.page.wait_for_timeout(milliseconds)


async def door_rings(shown: Showroom, page: Frontend) -> Over:
    await shown.house.press("ring")
    await page.until_picture(frames=20)
    return lambda: shown.house.press("hang_up")


async def door_large(shown: Showroom, page: Frontend) -> Over:
    """On a phone held upright the picture may fill the screen."""
    over = await door_rings(shown, page)
    larger = _button(page, "Larger picture")
    if await larger.count():
        await larger.click()
    await _rest(page, 300)
    return over


async def door_held(shown: Showroom, page: Frontend) -> Over:
    over = await door_rings(shown, page)
    await _button(page, f"Hold to open: {DOOR}").hover()
    await page.page.mouse.down()
    await _rest(page, 500)

    async def let_go() -> None:
        await page.page.mouse.up()
        await over()

    return let_go


async def door_opened(shown: Showroom, page: Frontend) -> Over:
    over = await door_held(shown, page)
    await page.page.get_by_text("Opened", exact=True).first.wait_for(timeout=PATIENCE)
    return over


async def door_talks(shown: Showroom, page: Frontend) -> Over:
    over = await door_rings(shown, page)
    await _press(page, "Talk")
    await _rest(page, 2500)
    return over


async def _rung(shown: Showroom, page: Frontend, name: str) -> Over:
    caller = shown.people[name].page
    leg = await caller.dial(ME_NUMBER)
    await _button(page, "Answer").wait_for(timeout=PATIENCE)
    await _rest(page)

    async def over() -> None:
        with suppress(AssertionError):  # whom we hung up on before
            await caller.ask("phone/hang_up", leg=leg)

    return over


async def call_rings(shown: Showroom, page: Frontend) -> Over:
    return await _rung(shown, page, "Anna Berger")


async def in_call(shown: Showroom, page: Frontend) -> Over:
    over = await call_rings(shown, page)
    await _press(page, "Answer")
    await _rest(page, 1500)
    if not await page.page.locator("pascom-call-view").count():  # a tablet has it in its bar
        await page.page.locator("pascom-panel nav").get_by_role("button", name="Phone", exact=True).click()
    await _rest(page)
    return over


def pressed(*names: str) -> Scene:
    """In a call, with these buttons pressed."""

    async def scene(shown: Showroom, page: Frontend) -> Over:
        over = await in_call(shown, page)
        for name in names:
            await _press(page, name)
        await _rest(page)
        return over

    return scene


async def bar(shown: Showroom, page: Frontend) -> Over:
    over = await in_call(shown, page)
    await page.open("/pascom/settings")
    await page.page.locator("pascom-call-bar").get_by_role("button", name="Hang up").wait_for(timeout=PATIENCE)
    await _rest(page)
    return over


async def second_rings(shown: Showroom, page: Frontend) -> Over:
    over = await in_call(shown, page)
    also = await _rung(shown, page, "Ben Berger")
    return lambda: asyncio.gather(over(), also())


async def two_calls(shown: Showroom, page: Frontend) -> Over:
    over = await second_rings(shown, page)
    await _press(page, "Answer")
    await _button(page, "Conference").wait_for(timeout=PATIENCE)
    await _rest(page)
    return over


async def conference(shown: Showroom, page: Frontend) -> Over:
    over = await two_calls(shown, page)
    await _press(page, "Conference")
    await _button(page, "Remove Ben Berger").wait_for(timeout=PATIENCE)
    await _rest(page)
    return over


async def transfer(shown: Showroom, page: Frontend) -> Over:
    over = await pressed("Transfer")(shown, page)
    await page.page.keyboard.type("be")
    await _rest(page)
    return over


async def transfer_menu(shown: Showroom, page: Frontend) -> Over:
    """Whom the call is passed on to, from the menu of a contact."""
    over = await in_call(shown, page)
    contacts = page.page.locator("pascom-contacts")
    if not await contacts.count():
        await _press(page, "Contacts")
    row = contacts.locator(".row").filter(has_text="Clara Berger").first
    await row.hover()
    await row.get_by_role("button", name="More: Clara Berger").click()
    await _rest(page)
    return over


def faulty(**fault: object) -> Scene:
    async def scene(shown: Showroom, page: Frontend) -> Over:
        over = await in_call(shown, page)
        await page.page.evaluate(_FAULT, fault)
        await _rest(page)
        return over

    return scene


async def denied(shown: Showroom, page: Frontend) -> Over:
    """The microphone is refused while it rings."""
    over = await call_rings(shown, page)
    await page.page.evaluate(_DENIED)
    await _press(page, "Answer")
    await _button(page, "Answer and only listen").wait_for(timeout=PATIENCE)
    return over


SCENES: dict[str, Scene] = {
    "door-rings": door_rings,
    "door-large": door_large,
    "door-held": door_held,
    "door-opened": door_opened,
    "door-talks": door_talks,
    "call-rings": call_rings,
    "in-call": in_call,
    "held": pressed("Hold"),
    "keypad": pressed("Keypad", "5", "6"),
    "sound": pressed("Sound"),
    "camera": pressed("Camera on"),
    "transfer": transfer,
    "transfer-menu": transfer_menu,
    "bar": bar,
    "second-rings": second_rings,
    "two-calls": two_calls,
    "conference": conference,
    "poor": faulty(quality="poor"),
    "reconnecting": faulty(path="lost"),
    "denied": denied,
}
