"""One call: who is in it, what rings, and how it ends.  It decides; forks, bridges and legs do."""

from pbx_lite.calls.leg import Leg


class Call:
    """A call from its first ring to its end."""

    id: str
    origin: Leg | None
