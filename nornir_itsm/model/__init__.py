"""Frozen nouns. Standard library only; no behaviour that needs anything but the value itself."""
