"""Secrets taken out of transcripts: the same words as in what is parsed."""

from nornir_itsm.stages.redaction import MASK, redact

__all__ = ["MASK", "redact"]
