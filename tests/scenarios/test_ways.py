"""How calls find phones: through proxies, by the address of one device, through what is left of the ways there."""

from tests.support.house import House
from tests.support.watcher import Watcher


async def test_a_call_to_one_phones_own_address_rings_that_phone_alone(house: House) -> None:
    caller = await house.phone("ben")
    async with (
        Watcher(house.address(), "101", "secret101", registers=False) as desk,
        Watcher(house.address(), "101", "secret101") as other,
    ):
        answer = await desk.send(
            "REGISTER",
            "101",
            ("Contact", f'<sip:101@127.0.0.1:{desk.address.port}>;+sip.instance="<urn:uuid:7>"'),
            ("Supported", "gruu"),
        )
        gruu = next(value for contact in answer.contacts if (value := contact.param("pub-gruu")))
        assert ";gr=urn:uuid:7" in gruu
        call = await caller.invite(gruu)
        await (await desk.rings()).answer()
        assert await call.final_status() == 200
        assert other.calls.entries == []
        gone = await caller.invite(gruu.replace("uuid:7", "uuid:8"))
        assert await gone.final_status() == 480


async def test_a_call_takes_the_path_that_the_registration_came_by(house: House) -> None:
    caller = await house.phone("ben")
    async with Watcher(house.address(), "101", "secret101", registers=False) as phone:
        contact = ("Contact", f"<sip:101@10.1.2.3:{phone.address.port}>")
        path = f"<sip:127.0.0.1:{phone.address.port};lr>"
        answer = await phone.send("REGISTER", "101", contact, ("Path", path), ("Supported", "path"))
        assert answer.headers.all("path") == [path]
        call = await caller.invite("101")
        ringing = await phone.rings()
        assert ringing.header("Route") == path
        await ringing.answer()
        assert await call.final_status() == 200
