"""Test doubles as products: a clock, a phone, a door station, a relay, cameras and the words to write ladders with."""
