"""Whatever JSON a client sends, it gets an answer with a code, or is disconnected; nothing raises, nothing hangs."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.api.command import COMMANDS
from tests.pbx_lite.api.world import World

KEYS = sorted({str(key) for command in COMMANDS.values() for key in command.fields.schema} | {"as", "id"})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["front", "anna", "*", "table", "office", "p1", "m2", "door:front", "T2dnUw=="]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*KEYS, "dtmf", "http", "urls"]), inner, max_size=3),
    ),
    max_leaves=8,
)
ACTORS = st.sampled_from(
    [{"ha_user": "ha-anna"}, {"ha_user": "ha-x", "admin": True}, {"ha_user": "ha-ben", "name": "B"}]
)
FRAMES = st.builds(
    lambda kind, fields, actor: {"id": 2, "type": kind, **({"as": actor} if actor else {}), **fields},
    st.sampled_from(sorted(COMMANDS)),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5),
    st.one_of(st.none(), ACTORS),
)
EXPECTED = {"forbidden", "not_found", "invalid", "conflict", "busy", "unavailable", "unknown_command", "unauthorized"}


async def _answers(frame: dict[str, Any], *, rooms: bool) -> list[dict[str, Any]]:
    connection, socket = World(rooms=rooms).client()
    connection.received(json.dumps(frame))
    await socket.has(1)
    connection.closed()
    await connection.ended()
    return [frame for frame in socket.take() if frame["type"] == "result"]


@settings(max_examples=300)
@given(frame=FRAMES, rooms=st.booleans())
def test_any_command_with_any_fields_is_answered(frame: dict[str, Any], *, rooms: bool) -> None:
    (answer,) = asyncio.run(_answers(frame, rooms=rooms))
    assert answer["success"] or answer["error"]["code"] in EXPECTED
    assert answer["success"] or answer["error"]["message"]
