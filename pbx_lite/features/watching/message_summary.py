"""How many messages wait in somebody's mailbox (RFC 3842)."""

TYPE = "application/simple-message-summary"


def render(account: str, new: int, old: int) -> bytes:
    """`account` is the URI to call for hearing them."""
    waiting = "yes" if new else "no"
    return f"Messages-Waiting: {waiting}\r\nMessage-Account: {account}\r\nVoice-Message: {new}/{old} (0/0)\r\n".encode()
