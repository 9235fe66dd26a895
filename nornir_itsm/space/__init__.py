"""Exact sets of packets: ranges, boxes, rule lists and translations. Knows no outside library."""
