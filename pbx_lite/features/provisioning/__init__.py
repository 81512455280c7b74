"""Configurations for phones: an address with a secret that is good for one of them, for a while."""
