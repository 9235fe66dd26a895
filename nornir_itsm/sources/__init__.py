"""Readers of exports and HTTP clients: what consoles and devices say, as facts."""
