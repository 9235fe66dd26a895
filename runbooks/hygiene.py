"""卫生检查: what in rule bases, objects and records nobody needs, or nobody should trust. Reads only."""

from nornir_itsm.runbook import Review
from nornir_itsm.stages.hygiene import findings

RUNBOOK = Review(title="卫生检查", findings=findings)
