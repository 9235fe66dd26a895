"""The pure arrows: data in, data out; no I/O, no clock, no randomness."""
