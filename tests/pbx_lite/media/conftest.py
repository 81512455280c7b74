import asyncio

import pytest

from pbx_lite.media.session import MediaSession

from .peers import POOL


@pytest.fixture
async def make():
    sessions = []

    async def build(**options):
        session = MediaSession(
            POOL, options.pop("host", "127.0.0.1"), **{"clock": asyncio.get_running_loop(), **options}
        )
        await session.open()
        sessions.append(session)
        return session

    yield build
    for session in sessions:
        session.close()
