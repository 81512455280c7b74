"""Many parties in one room (numpy: load it in a thread, it takes a quarter of a second)."""

from pbx_lite.media.mixer.member import Member
from pbx_lite.media.mixer.mixer import TICK, Mixer
from pbx_lite.media.mixer.sounds import Sound

__all__ = ["TICK", "Member", "Mixer", "Sound"]
