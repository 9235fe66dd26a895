"""Writing annotated copies: whole or not at all, and never over a file that is there."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nornir_itsm.errors import ChangeError
from nornir_itsm.forms.annotate import annotate
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.notes import AUDIENCES
from nornir_itsm.forms.verdicts import notes_of
from nornir_itsm.model.plan import Plan


def copies_of(form: Form, plan: Plan | None = None) -> dict[str, bytes]:
    """Return audience -> annotated workbook; nothing for a form that was no workbook. Raises FormError."""
    if form.data is None:
        return {}
    return {audience: annotate(form, notes_of(form, audience, plan)) for audience in AUDIENCES}


def write_copies(folder: Path, name: str, copies: Mapping[str, bytes]) -> dict[str, Path]:
    """Write ``NAME.<audience>.xlsx`` into a folder, under one name; a taken name gets a number.

    Raises ChangeError where the folder cannot be written to.
    """
    number = 1
    while True:
        stem = name if number == 1 else f"{name}-{number}"
        paths = {audience: folder / f"{stem}.{audience}.xlsx" for audience in copies}
        if not any(path.exists() for path in paths.values()):
            break
        number += 1
    for audience, path in paths.items():
        _write(path, copies[audience])
    return paths


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ChangeError(str(path), f"不能写入：{error.strerror}", "检查目录、权限和磁盘空间") from None
