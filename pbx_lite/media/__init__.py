"""Sound and pictures: SDP, RTP, codecs, DTMF, H.264, video sources and their viewers.

Knows nothing of SIP; imports only `errors`, `tasks` and `clock`.  RFC 3264, 3550, 3551, 4566, 4585, 4733, 6184.
"""
