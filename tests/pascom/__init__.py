"""Tests of the integration, in Home Assistant's way."""
