"""What no file of the project may hold: a package registry's host, a path of somebody's machine."""

import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = re.compile(
    r"pypi(?:\.[\w-]+)+|(?:[\w-]+\.)*pythonhosted\.\w+|registry\.npmjs\.\w+|https?://[^\s\"'<>]+/(?:simple|pypi)\b",
    re.IGNORECASE,
)
HOME = re.compile(r"(?<![\w.}/-])/(?:home|Users|root)/[\w.-]+|\b[A-Z]:\\+Users\\+[\w.-]+")
# this checkout and the folder around it, unless that is a place every machine has
EVERYWHERE = {Path(name) for name in ("/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/usr", "/var")}
PLACES = [ROOT, *({ROOT.parent} - EVERYWHERE)]
HERE = re.compile(rf"(?<![\w.:/-])(?:{'|'.join(re.escape(str(place)) for place in PLACES)})(?![\w-])")
UNKEPT = {".git", ".hypothesis", ".nox", ".venv", "build", "dist", "var"}


def _files() -> list[Path]:
    """Files that are tracked or would be; without git, those outside what is never kept."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [
            path for path in ROOT.rglob("*") if path.suffix not in {".pyc", ".whl"} and not _unkept(path)
        ]
    return [path for path in found if path.is_file()]


def _unkept(path: Path) -> bool:
    return any(part in UNKEPT or part.endswith(("cache", "cache__")) for part in path.relative_to(ROOT).parts)


def texts(path: Path) -> Iterator[str]:
    """The text of a file; of a workbook or document, the text of each of its parts."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    else:
        yield path.read_bytes().decode("utf-8", "replace")


def offences(path: Path) -> list[str]:
    """What in *path* names a registry or a place on a machine."""
    return [
        hit.group()
        for text in texts(path)
        for pattern in (REGISTRY, HOME, HERE)
        for hit in pattern.finditer(text)
    ]


def test_no_file_names_a_registry_or_this_machine() -> None:
    """A clone works behind any index, and tells nothing of where it was written."""
    files = _files()
    assert ROOT / "pyproject.toml" in files
    found = {str(path.relative_to(ROOT)): hits for path in files if (hits := offences(path))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "index-url = https://" + "pypi" + ".example/x",
        "https://files.python" + "hosted.org/a.whl",
        "see http://192.0.2.1/mirror/" + "simple/",
        "C:\\" + "Users\\someone\\orders",
        "opened from /" + "home/someone/orders",
        f"File {ROOT}/x.py",
    ],
)
def test_the_search_finds_what_it_looks_for(text: str, tmp_path: Path) -> None:
    """An offence is found in a text file and inside a workbook."""
    plain, book = tmp_path / "a.txt", tmp_path / "a.xlsx"
    plain.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docProps/app.xml", f"<a>{text}</a>")
    assert offences(plain)
    assert offences(book)
