"""Joins parties that are up: sound passes undecoded between equal codecs and is converted where it must be."""

from pbx_lite.calls.bridge.bridge import Bridge
from pbx_lite.calls.bridge.feeding import Listeners, feed

__all__ = ["Bridge", "Listeners", "feed"]
