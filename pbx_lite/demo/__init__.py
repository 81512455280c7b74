"""A door station for trying things: registers, rings, shows a picture with a clock, hears, and says when it is opened.

Stands beside `pbx`: may import `sip` and `media`, and knows nothing of the PBX it calls.
"""

from pbx_lite.demo.command_line import main

__all__ = ["main"]
