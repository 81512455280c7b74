"""What is asked of a PBX and what it says, typed.  Knows nothing of Home Assistant."""
