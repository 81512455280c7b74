"""What a call is: legs over SIP or WebRTC, the bridge between them, the registrar and who may call.

Imports the configuration, directory and events, and the rooms `sip`, `media` and `store` below them.
"""
