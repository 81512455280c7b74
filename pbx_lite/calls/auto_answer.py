"""What makes a phone take a call by itself, by its User-Agent; where that is not known, everything together."""

type Fields = tuple[tuple[str, str], ...]

_CALL_INFO = ("Call-Info", "<sip:pbx>;answer-after=0")
_ALERT_INFO = ("Alert-Info", "<http://127.0.0.1/autoanswer>;info=alert-autoanswer;delay=0")
_RING_ANSWER = ("Alert-Info", "Ring Answer")
_ANSWER_MODE = ("Answer-Mode", "Auto")  # RFC 5373
_P_AUTO_ANSWER = ("P-Auto-Answer", "normal")

_KNOWN: tuple[tuple[str, Fields], ...] = (
    ("snom", (_CALL_INFO, _ALERT_INFO)),
    ("yealink", (_CALL_INFO, _ALERT_INFO)),
    ("grandstream", (_CALL_INFO, _ALERT_INFO)),
    ("poly", (_RING_ANSWER,)),
    ("cisco", (_CALL_INFO,)),
    ("linksys", (_CALL_INFO,)),
    ("aastra", (_ALERT_INFO,)),
    ("mitel", (_ALERT_INFO,)),
    ("gigaset", (_ALERT_INFO,)),
    ("fanvil", (_ALERT_INFO,)),
    ("baresip", (_CALL_INFO, _ANSWER_MODE)),
)
"""A part of the User-Agent in lower case; the first that fits counts."""
_ALL = (_CALL_INFO, _ALERT_INFO, _ANSWER_MODE, _P_AUTO_ANSWER)


def auto_answer(user_agent: str) -> Fields:
    """The headers of the INVITE."""
    name = user_agent.lower()
    return next((fields for part, fields in _KNOWN if part in name), _ALL)
