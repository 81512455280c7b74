"""What `script/soak` runs: tests.support.soak on a whole PBX, and the census before and after."""

import asyncio
import contextlib
import gc
import logging
import secrets
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TextIO

from tests.support.house import FRONT, House, home_of
from tests.support.soak import Soak, census

_TRANSACTIONS = 40.0
"""Seconds until the last transaction of a call has ended (RFC 3261, 64*T1 and a little)."""


async def soak(seconds: float, seed: int) -> int:
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    with tempfile.TemporaryDirectory() as folder:
        async with House(home_of(Path(folder), FRONT)) as house:
            before, memory = census(house), _memory()
            run = Soak(house, seed=seed)
            working = asyncio.get_running_loop().create_task(run.run(seconds))
            began = asyncio.get_running_loop().time()
            while not working.done():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(working), 30)
                spent = asyncio.get_running_loop().time() - began
                print(f"{spent:6.0f} s  {sum(run.done.values())} flows  {_memory() - memory:+.1f} MB", flush=True)
            await working
            await asyncio.sleep(_TRANSACTIONS)
            gc.collect()
            after = census(house)
            busy = house.pbx.endpoint._layer.clients.busy
    for name, count in run.done.most_common():
        print(f"{count:8} {name}")
    print(f"seed {seed}, {errors.count} errors logged, transactions left: {busy}")
    print(f"before {before}\nafter  {after}")
    return 0 if before == after and not errors.count and not busy else 1


class _Errors(logging.StreamHandler[TextIO]):
    """Prints and counts what is logged as an error."""

    def __init__(self) -> None:
        super().__init__()
        self.setLevel(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        super().emit(record)


def _memory() -> float:
    """Megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    warnings.simplefilter("error")
    sys.exit(
        asyncio.run(
            soak(
                float(sys.argv[1]) if len(sys.argv) > 1 else 600.0,
                int(sys.argv[2]) if len(sys.argv) > 2 else secrets.randbelow(1 << 30),
            )
        )
    )
