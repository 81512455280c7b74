"""Numbers as people type or copy them."""

from pbx_lite.errors import Invalid

SEPARATORS = str.maketrans("", "", " \t().-/")


def dialled_number(text: str) -> str:
    """What people type or copy, as it is dialled: without `tel:` and separators.  Raises Invalid."""
    number = text.strip().removeprefix("tel:").translate(SEPARATORS)
    if not number or not all(char.isascii() and (char.isalnum() or char in "+*#_") for char in number):
        raise Invalid(f"number: {text[:40]!r} cannot be dialled")
    return number
