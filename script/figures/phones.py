"""Many simple phones in a process of their own: they register, and come again when the PBX was restarted.

`python -m script.figures.phones PORT COUNT` prints one JSON line for each line it reads: `udp` or `tcp`, and the
seconds within which all phones are to begin.
"""

import asyncio
import json
import random
import resource
import socket
import sys
import time

from pbx_lite.sip.digest import response_for, strongest
from pbx_lite.sip.message import Response, parse

FIRST = 1000
_T1, _T2, _TRIES = 0.5, 4.0, 11  # RFC 3261 section 17.1.2


class Phone:
    """One account on a host and a socket of its own, as after a power cut: 127.0.16.0 and up."""

    def __init__(self, number: int, server: tuple[str, int]) -> None:
        self.account = str(FIRST + number)
        self.host = f"127.0.{16 + number // 250}.{1 + number % 250}"
        self._address = server
        self._server = f"{server[0]}:{server[1]}"
        self._socket: socket.socket | None = None
        self._transport = "udp"
        self._seq = 0
        self._challenge = ""
        self._count = 0
        self.sent = 0

    async def come(self, transport: str) -> None:
        """Open the phone's socket anew, as after a power cut."""
        if self._socket is not None:
            self._socket.close()
        self._transport = transport
        kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.host, 0 if transport == "tcp" else 5060))
        await asyncio.get_running_loop().sock_connect(self._socket, self._address)

    async def register(self) -> bool:
        """Whether the registrar took it; an old challenge is answered unasked, as phones do."""
        for _ in range(3):
            answer = await self._ask()
            if answer is None:
                return False
            if answer.status == 200:
                return True
            self._challenge = strongest(answer.headers.all("www-authenticate")) or ""
            self._count = 0
        return False

    async def _ask(self) -> Response | None:
        assert self._socket is not None
        loop = asyncio.get_running_loop()
        self._seq += 1
        message = self._message()
        wait = _T1 if self._transport == "udp" else _T1 * 64
        for _ in range(_TRIES if self._transport == "udp" else 1):
            self._socket.send(message)
            self.sent += 1
            end = loop.time() + wait
            while (left := end - loop.time()) > 0:
                try:
                    async with asyncio.timeout(left):
                        answer = parse(await loop.sock_recv(self._socket, 4096))
                except TimeoutError:
                    break
                if isinstance(answer, Response) and answer.cseq.number == self._seq:
                    return answer
            wait = min(2 * wait, _T2)
        return None

    def _message(self) -> bytes:
        uri = f"sip:{self._server}"
        branch = f"z9hG4bK{self.account}.{self._seq}.{random.random()}"
        lines = [
            f"REGISTER {uri} SIP/2.0",
            f"Via: SIP/2.0/{self._transport.upper()} {self.host}:5060;branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.account}@{self._server}>;tag=t{self.account}",
            f"To: <sip:{self.account}@{self._server}>",
            f"Call-ID: {self.account}@{self.host}",
            f"CSeq: {self._seq} REGISTER",
            f"Contact: <sip:{self.account}@{self.host}:5060;transport={self._transport}>;expires=3600",
            "User-Agent: Desk Phone 1.0",
            "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, OPTIONS, UPDATE, PRACK, INFO, MESSAGE",
            "Supported: path, replaces",
        ]
        if self._challenge:
            self._count += 1
            password = f"secret{self.account}"
            given = response_for("REGISTER", uri, self._challenge, self.account, password, nonce_count=self._count)
            lines.append(f"Authorization: {given}")
        return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


async def register_all(phones: list[Phone], transport: str, within: float) -> dict[str, float | str]:
    """Let them begin at random within so many seconds; how many were served, and how long it took."""
    begun = time.monotonic()
    times: list[float] = []

    async def one(phone: Phone) -> None:
        await asyncio.sleep(random.random() * within)
        start = time.monotonic()
        await phone.come(transport)
        if await phone.register():
            times.append(time.monotonic() - start)

    await asyncio.gather(*(one(phone) for phone in phones))
    sent = sum(phone.sent for phone in phones)
    for phone in phones:
        phone.sent = 0
    return {
        "transport": transport,
        "within": within,
        "served": len(times),
        "seconds": round(time.monotonic() - begun, 2),
        "slowest": round(max(times, default=0.0), 2),
        "sent": sent,
    }


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 200)), hard))
    phones = [Phone(number, ("127.0.0.1", port)) for number in range(count)]
    print("phones", flush=True)
    for line in sys.stdin:
        transport, within = line.split()
        print(json.dumps(asyncio.run(register_all(phones, transport, float(within)))), flush=True)


if __name__ == "__main__":
    main()
