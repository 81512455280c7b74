"""The WebRTC session of a browser; its parts live in `pbx_lite.calls.webrtc`."""

from pbx_lite.calls.webrtc.session import WebRtcSession, prepare

__all__ = ["WebRtcSession", "prepare"]
