"""A text-to-speech engine for the tests, in Home Assistant's own process: whatever it is to say, it hums."""
