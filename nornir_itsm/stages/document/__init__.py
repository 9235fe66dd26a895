"""The change document: one model of what a board reads and a person does, said by a template in Markdown.

The template and the words of a language stand in ``templates/documents/``; every other format is made of
the same Markdown (room ``papers``), so that all of them say the same.
"""

from nornir_itsm.stages.document.draft import Around, draft
from nornir_itsm.stages.document.inert import hosts, md
from nornir_itsm.stages.document.model import Draft, Picture, Section, Step
from nornir_itsm.stages.document.said import Texts, written

__all__ = ["Around", "Draft", "Picture", "Section", "Step", "Texts", "draft", "hosts", "md", "written"]
