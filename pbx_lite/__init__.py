"""A lean PBX for the home: door stations, SIP phones, trunks and browsers meet in it.

Runs alone, without Home Assistant.  ARCHITECTURE.md draws the rooms and who may import whom.
"""

__version__ = "0.1.0"
