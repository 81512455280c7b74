"""What a client may ask and hear: typed commands and events over one WebSocket.

Imports `features` and below, but never `sip` or `media` directly.
"""
