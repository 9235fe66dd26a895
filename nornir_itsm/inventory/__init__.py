"""Nornir inventory plugins."""
