"""A browser as a party: offer and answer, ICE, DTLS-SRTP and RTP on aiortc's transports.

aiortc, aioice and av are loaded with the first session only.  RFC 8445, 8829, 8834, 5764, 4585, 4588.
"""
