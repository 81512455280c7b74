"""Which sound was made from what: `sounds.json` has a fingerprint of text, voice and encoding for each."""

import hashlib
import json
from pathlib import Path

from pbx_lite.speech.loudness import SPEECH_DB
from pbx_lite.speech.opus_file import BITS
from pbx_lite.speech.sentence import stored
from pbx_lite.speech.shelf import BUILT_IN
from pbx_lite.speech.synthesis import VOICES
from pbx_lite.speech.texts import LANGUAGES

NOTES = Path(__file__).parent / "sounds.json"

type Fingerprints = dict[str, dict[str, str]]


def wanted() -> Fingerprints:
    """Language to key to fingerprint, as the texts are now."""
    return {language: {key: _of(text, language) for key, text in stored(language).items()} for language in LANGUAGES}


def made() -> Fingerprints:
    """As the sounds are, those that lie there."""
    noted: Fingerprints = json.loads(NOTES.read_text()) if NOTES.exists() else {}
    return {
        language: {key: print_ for key, print_ in keys.items() if path_of(language, key).is_file()}
        for language, keys in noted.items()
    }


def note(fingerprints: Fingerprints) -> None:
    ordered = {language: dict(sorted(keys.items())) for language, keys in sorted(fingerprints.items())}
    NOTES.write_text(json.dumps(ordered, indent=0) + "\n")


def stale() -> list[tuple[str, str]]:
    """Sounds that are missing, or that say something else than their text."""
    there = made()
    return [
        (language, key)
        for language, keys in wanted().items()
        for key, fingerprint in keys.items()
        if there.get(language, {}).get(key) != fingerprint
    ]


def left_over() -> list[Path]:
    """Sounds that nobody says."""
    needed = {path_of(language, key) for language, keys in wanted().items() for key in keys}
    return sorted(path for path in BUILT_IN.glob("*/*") if path not in needed)


def path_of(language: str, key: str) -> Path:
    return BUILT_IN / language / f"{key}.opus"


def _of(text: str, language: str) -> str:
    return hashlib.sha256(repr((text, VOICES[language], SPEECH_DB, BITS)).encode()).hexdigest()[:10]
