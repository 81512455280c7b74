import aiohttp

from tests.support.camera import FakeCamera


async def test_a_camera_gives_stills_to_who_knows_its_password() -> None:
    async with FakeCamera(username="cam", password="pw") as camera, aiohttp.ClientSession() as web:
        assert (await web.get(camera.still)).status == 401
        response = await web.get(camera.still, headers={"Authorization": aiohttp.encode_basic_auth("cam", "pw")})
        assert (await response.read()).startswith(b"\xff\xd8\xff")


async def test_a_camera_knows_who_watches() -> None:
    async with FakeCamera() as camera, aiohttp.ClientSession() as web:
        async with web.get(camera.stream) as response:
            await camera.watched_by(1)
            assert (await response.content.readline()) == b"--picture\r\n"
        await camera.watched_by(0)
