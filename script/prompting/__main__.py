"""Makes the sounds that are missing or stale, or tells how they sound."""

import argparse
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from pbx_lite.speech.opus_file import encode
from pbx_lite.speech.sentence import stored
from pbx_lite.speech.shelf import BUILT_IN
from pbx_lite.speech.synthesis import VOICES, speak
from script.prompting.listening import faults
from script.prompting.made import left_over, made, note, path_of, stale, wanted


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/prompts")
    parser.add_argument("--all", action="store_true", help="make those again that are there")
    parser.add_argument("--check", action="store_true", help="tell lengths and levels, make nothing")
    asked = parser.parse_args()
    if not asked.check:
        _make(everything=asked.all)
    wrong = faults()
    for sentence in wrong:
        print(sentence)
    size = sum(path.stat().st_size for path in BUILT_IN.glob("*/*.opus"))
    count = sum(len(keys) for keys in made().values())
    print(f"{count} sounds, {size / 1024:.0f} KiB, {len(stale())} stale, {len(wrong)} that sound wrong")
    sys.exit(1 if wrong or stale() else 0)


def _make(*, everything: bool) -> None:
    program = shutil.which("espeak-ng")
    assert program, "script/setup/packages prompts installs espeak-ng"
    todo = [(language, key) for language, keys in wanted().items() for key in keys] if everything else stale()
    for path in left_over():
        path.unlink()

    def make(each: tuple[str, str]) -> None:
        language, key = each
        sound = encode(speak(program, stored(language)[key], VOICES[language]))
        path = path_of(language, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sound)

    with ThreadPoolExecutor() as pool:
        for done, _ in enumerate(pool.map(make, todo), start=1):
            if done % 200 == 0:
                print(f"{done} of {len(todo)}", flush=True)
    note(wanted())


main()
