"""A PBX that only speaks: the wire of the golden messages on a real socket, without a call behind it."""

import asyncio
import copy
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

WIRE = Path(__file__).parent.parent / "wire"
TOKEN = "golden-token"
CODE = "123456"
NOW = "2026-11-21T10:00:00.000+00:00"

# Commands whose answer is that they were carried out.
_SIMPLE = (
    "call/hang_up",
    "call/answer",
    "call/hold",
    "call/resume",
    "call/send_dtmf",
    "call/transfer",
    "message/send",
    "route/answer",
    "room/mute",
    "room/mute_all",
    "room/drop",
    "room/lock",
    "room/record",
    "room/invite",
    "room/play",
    "room/remove",
    "room/forget_recording",
    "voicemail/mark",
    "voicemail/remove",
    "voicemail/set",
    "voicemail/set_greeting",
    "prompt/replace",
)


def golden(name: str) -> list[dict[str, Any]]:
    """The frames of a golden conversation."""
    return [frame["frame"] for frame in json.loads((WIRE / f"{name}.json").read_text())["frames"]]


def golden_result(name: str) -> Any:
    """The result of a golden conversation's last answer."""
    return [frame for frame in golden(name) if frame.get("type") == "result"][-1]["result"]


class Refused(Exception):
    """`reason` and what stands in its sentence, where the PBX has one for it."""

    def __init__(self, code: str, message: str, reason: str = "", **values: str) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"code": code, "message": message}
        if reason:
            self.error |= {"reason": reason, "values": values}


class FakePbx:
    def __init__(self) -> None:
        self.info = golden("server_info")[0]
        self.snapshot: dict[str, Any] = copy.deepcopy(
            next(frame for frame in golden("subscribe") if frame.get("type") == "result")["result"]
        )
        self.tokens = {TOKEN}
        self.received: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": lambda _: {},
            "door/open": lambda frame: {"how": "dtmf", "by": "anna" if "as" in frame else "system"},
            "door/call": lambda _: {},
            "door/end": lambda _: {},
            "door/watch": lambda _: {"answer": "v=0\r\no=answer"},
            "webrtc/candidate": lambda _: {},
            "webrtc/close": lambda _: {},
            "room/watch": lambda _: {"answer": "v=0\r\no=answer"},
            "door/image": lambda _: golden_result("door_image"),
            "door/last_visitor": lambda _: {
                "content_type": "image/jpeg",
                "data": "/9j/2Q==",
                "at": "2026-11-20T18:30:00.000+00:00",
            },
            "profile/list": lambda _: golden_result("profile_list"),
            "door/add": self._add_door,
            "door/update": self._update_door,
            "door/remove": self._remove_door,
            "door/account": lambda _: golden_result("door_account"),
            "user/link": self._link_user,
            "user/unlink": self._unlink_user,
            "user/update": self._update_user,
            "user/set": self._set_user,
            "user/account": lambda _: golden_result("user_account"),
            "call/dial": lambda _: {"call": "c4"},
            "call/announce": lambda frame: {"reached": frame["targets"], "failed": {}},
            "user/follow_me": lambda _: golden_result("user_follow_me"),
            "user/add_device": lambda _: golden_result("user_add_device"),
            "user/remove_device": lambda _: {},
            "provision/link": lambda _: golden_result("provision_link"),
            **dict.fromkeys(_SIMPLE, lambda _: {}),
            "user/rights": self._rights,
            "phone/here": lambda _: {"legs": []},
            "phone/gone": lambda _: {},
            "role/list": lambda _: golden_result("role_list"),
            "role/save": lambda frame: {"role": {"name": frame["role"], "see": frame["see"], "open": frame["open"]}},
        }
        self.hold: dict[str, asyncio.Event] = {}
        self.unseen: set[str] = set()
        self._subscribers: set[web.WebSocketResponse] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    # Its life

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=tls, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        """Gone, as after SIGKILL: no close frame says so."""
        for socket in tuple(self._sockets):
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # What it says

    async def tell(self, kind: str, **fields: Any) -> None:
        frame = {"type": "event", "event": {"kind": kind, **fields, "at": NOW}}
        for socket in tuple(self._subscribers):
            await socket.send_json(frame)

    async def tell_golden(self, name: str) -> None:
        """Every event of a golden conversation."""
        for frame in golden(name):
            if frame["type"] == "event":
                for socket in tuple(self._subscribers):
                    await socket.send_json(frame)

    async def change_door(self, door: str, **fields: Any) -> None:
        self.door(door).update(fields)
        await self.tell("door_changed", door=door, ring="", state=self.door(door))

    async def change_user(self, user: str, **fields: Any) -> None:
        self.user(user).update(fields)
        await self.tell("user_changed", user=user, state=self.user(user))

    async def change_call(self, call: str, state: dict[str, Any] | None) -> None:
        """The call's new state, None once it is over."""
        calls = [known for known in self.snapshot["calls"] if known["id"] != call]
        self.snapshot["calls"] = calls if state is None else [*calls, state]
        await self.tell("call_changed", call=call, state=state)

    async def change_trunk(self, trunk: str, **fields: Any) -> None:
        state = next(known for known in self.snapshot["trunks"] if known["name"] == trunk)
        state.update(fields)
        await self.tell("trunk_changed", trunk=trunk, state=state)

    async def change_room(self, room: str, **fields: Any) -> None:
        self.room(room).update(fields)
        await self.tell("room_changed", room=room, state=self.room(room))

    async def change_directory(self) -> None:
        await self.tell("directory_changed", snapshot=self.snapshot)

    def door(self, name: str) -> dict[str, Any]:
        return next(door for door in self.snapshot["doors"] if door["name"] == name)

    def user(self, name: str) -> dict[str, Any]:
        return next(user for user in self.snapshot["users"] if user["name"] == name)

    def room(self, name: str) -> dict[str, Any]:
        return next(room for room in self.snapshot["rooms"] if room["name"] == name)

    def refuse(self, command: str, code: str, message: str, reason: str = "", **values: str) -> None:
        def refused(_frame: dict[str, Any]) -> Any:
            raise Refused(code, message, reason, **values)

        self.answers[command] = refused

    def commands(self, kind: str) -> list[dict[str, Any]]:
        """The frames of this kind that came, without their numbers."""
        return [
            {key: value for key, value in frame.items() if key not in {"id", "type"}}
            for frame in self.received
            if frame["type"] == kind
        ]

    # What it hears

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await socket.send_json(self.info)
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                if not await self._take(socket, json.loads(message.data)):
                    await socket.close()
                    break
        finally:
            self._sockets.discard(socket)
            self._subscribers.discard(socket)
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> bool:
        self.received.append(frame)
        kind = frame["type"]
        if kind in self.hold:
            await self.hold[kind].wait()
        answer: dict[str, Any] = {"id": frame["id"], "type": "result"}
        try:
            answer |= {"success": True, "result": self._answer(socket, frame)}
        except Refused as err:
            answer |= {"success": False, "error": err.error}
        await socket.send_json(answer)
        return bool(answer["success"]) or kind not in {"auth", "pair"}

    def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> Any:
        match frame["type"]:
            case "auth":
                if frame["token"] not in self.tokens:
                    raise Refused("unauthorized", "The token is not valid; pair this client again.")
                return {}
            case "pair":
                if frame["code"] != CODE:
                    raise Refused("unauthorized", "The pairing code is wrong or has expired.")
                self.tokens.add("golden-new-token")
                return {"token": "golden-new-token"}
            case "subscribe":
                self._subscribers.add(socket)
                return self.snapshot
        if (make := self.answers.get(frame["type"])) is None:
            raise Refused("unknown_command", f"There is no command {frame['type']}.")
        return make(frame)

    # Its directory

    def _rights(self, frame: dict[str, Any]) -> Any:
        """Who is linked may see all but `unseen`, doors and rooms."""
        ha_user = frame["as"]["ha_user"]
        name = next((user["name"] for user in self.snapshot["users"] if user["ha_user"] == ha_user), None)
        if name is None:
            return {"user": None, "doors": {}, "rooms": []}
        doors = [door["name"] for door in self.snapshot["doors"]]
        rooms = [room["name"] for room in self.snapshot.get("rooms", ()) if room["name"] not in self.unseen]
        rights = {door: dict.fromkeys(("see", "talk", "open"), door not in self.unseen) for door in doors}
        return {"user": name, "doors": rights, "rooms": rooms}

    def _later(self) -> None:
        asyncio.get_running_loop().create_task(self.change_directory(), name="fake directory change")

    def _add_door(self, frame: dict[str, Any]) -> Any:
        result = copy.deepcopy(golden_result("door_add"))
        result["door"]["display_name"] = frame["display_name"]
        result["door"]["name"] = frame["display_name"].lower().replace(" ", "-")
        result["door"]["model"] = frame["model"]
        self.snapshot["doors"].append(result["door"])
        self._later()
        return result

    def _update_door(self, frame: dict[str, Any]) -> Any:
        door = self.door(frame["door"])
        if "display_name" in frame:
            door["display_name"] = frame["display_name"]
        self._later()
        return {"door": door}

    def _remove_door(self, frame: dict[str, Any]) -> Any:
        self.snapshot["doors"].remove(self.door(frame["door"]))
        self._later()
        return {}

    def _link_user(self, frame: dict[str, Any]) -> Any:
        if frame["user"] is None:
            user = {**golden_result("user_link_new")["user"], "display_name": frame["name"]}
            user["roles"] = frame.get("roles", [])
            user["name"] = frame["name"].lower().replace(" ", "-")
            self.snapshot["users"].append(user)
        else:
            user = self.user(frame["user"])
        user["ha_user"] = frame["ha_user"]
        self._later()
        return {"user": copy.deepcopy(user)}

    def _unlink_user(self, frame: dict[str, Any]) -> Any:
        for user in self.snapshot["users"]:
            if user["ha_user"] == frame["ha_user"]:
                user["ha_user"] = None
        self._later()
        return {}

    def _set_user(self, frame: dict[str, Any]) -> Any:
        user = self.user(frame["user"])
        user.update({key: frame[key] for key in ("do_not_disturb", "availability", "idle", "profile") if key in frame})
        asyncio.get_running_loop().create_task(
            self.tell("user_changed", user=user["name"], state=user), name="fake user change"
        )
        return {"user": user}

    def _update_user(self, frame: dict[str, Any]) -> Any:
        user = self.user(frame["user"])
        user["roles"] = frame["roles"]
        self._later()
        return {"user": user}
