"""What `script/fuzz` runs: atheris, guided by the branches of `pbx_lite.sip`. Takes libFuzzer's arguments."""

import random
import sys

import atheris

with atheris.instrument_imports(include=["pbx_lite"]):
    from tests.pbx_lite.sip.exercise import digest_lines, exercise
    from tests.pbx_lite.sip.torture import MESSAGES

_LINES = digest_lines() + [line for case in MESSAGES for line in case.data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Half of the time put a whole header in; else change bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.5 and (lines := data.split(b"\r\n"))[1:]:
        lines.insert(chance.randrange(1, len(lines)), chance.choice(_LINES))
        return b"\r\n".join(lines)[:max_size]
    changed: bytes = atheris.Mutate(data, max_size)
    return changed


atheris.Setup(sys.argv, exercise, custom_mutator=mutate)
atheris.Fuzz()
