"""Offers in the manner of real door stations and phones, each with what is odd about it."""


def sdp(*lines: str, end: str = "\r\n") -> bytes:
    return (end.join(lines) + end).encode()


DOOR_H264 = sdp(  # video in both modes, feedback for all formats, an m-line's own address
    "v=0",
    "o=door 4242 1 IN IP4 192.0.2.20",
    "s=Door",
    "c=IN IP4 192.0.2.20",
    "t=0 0",
    "m=audio 4900 RTP/AVP 0 8 101",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=sendrecv",
    "m=video 4902 RTP/AVP 98 99 34",
    "c=IN IP4 192.0.2.21",
    "b=AS:2000",
    "a=rtpmap:98 H264/90000",
    "a=fmtp:98 profile-level-id=64001f;packetization-mode=0",
    "a=rtpmap:99 H264/90000",
    "a=fmtp:99 packetization-mode=1; profile-level-id=42E01F; sprop-parameter-sets=Z0LgH5ZUBQHogA==,aM48gA==",
    "a=rtcp-fb:* nack pli",
    "a=sendonly",
)

LINEAR_FIRST = sdp(  # linear sound first, bare line feeds, no rtpmap for static types, trailing spaces
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.30 ",
    "s=VTO",
    "c=IN IP4 192.0.2.30",
    "t=0 0",
    "m=audio 20000 RTP/AVP 97 8 0 101 ",
    "a=rtpmap:97 PCM/16000",
    "a=rtpmap:101 telephone-event/8000",
    end="\n",
)

ROUTER_10MS = sdp(  # packets of 10 ms, a non-RTP application line, telephone-event with a low number
    "v=0",
    "o=user 1 1 IN IP4 192.0.2.1",
    "s=call",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=audio 7078 RTP/AVP 8 9 96",
    "a=rtpmap:96 telephone-event/8000",
    "a=ptime:10",
    "a=rtcp:7079",
    "m=image 7080 udptl t38",
)

ENCRYPTED_FIRST = sdp(  # the same sound twice: encrypted and plain
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.40",
    "s=-",
    "c=IN IP4 192.0.2.40",
    "t=0 0",
    "m=audio 5000 RTP/SAVP 8",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "m=audio 5002 RTP/AVP 8",
    "m=application 5004 UDP/BFCP *",
)

FEEDBACK_PROFILE = sdp(
    "v=0",
    "o=- 1 1 IN IP6 2001:db8::1",
    "s=-",
    "c=IN IP6 2001:db8::1",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "m=audio 5000 RTP/AVPF 9",
    "a=rtcp-mux",
    "a=mid:0",
)


def offer(*media: str, host: str = "127.0.0.1", direction: str = "") -> bytes:
    """A minimal offer of these lines."""
    head = ("v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0")
    return sdp(*head, *((f"a={direction}",) if direction else ()), *media)
