"""bootstrap.py: any Python from 3.8 on reads it, it finds a living interpreter, it fails in plain words."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "bootstrap.py"
POSIX = pytest.mark.skipif(os.name == "nt", reason="shims are shell scripts here")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap = _load()


def _executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def _run(script: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        env={**os.environ, **env},
        cwd=script.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_reads_on_an_old_python() -> None:
    """Its grammar is that of Python 3.8 and it imports the standard library only."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("arguments", "code"), [(["-h"], 0), ([], 2), (["nonsense"], 2), (["test", "-k", "x"], 2)]
)
def test_wrong_usage_is_told_before_anything_is_done(arguments: list[str], code: int) -> None:
    """Help is 0, wrong usage 2, and neither sets anything up."""
    done = _run(SCRIPT, *arguments)
    assert done.returncode == code
    assert "usage: bootstrap.py" in done.stdout + done.stderr
    assert "==>" not in done.stderr


def test_arguments_are_passed_on() -> None:
    """demo hands everything to the command, test hands what follows -- to pytest."""
    assert bootstrap.arguments(["demo", "--lang", "zh", "--keep"])[1] == ["--lang", "zh", "--keep"]
    options, rest = bootstrap.arguments(["test", "--real", "--", "-k", "lab"])
    assert bootstrap.nox_command(options.real, rest)[2:] == ["nox", "-s", "tests", "real", "--", "-k", "lab"]


@POSIX
def test_a_dead_shim_is_passed_over(tmp_path: Path) -> None:
    """A python3.12 that exits 127 does not count; the one behind it on PATH does."""
    dead = _executable(tmp_path / "shims" / "python3.12", "#!/bin/sh\nexit 127\n")
    living = _executable(tmp_path / "bin" / "python3.12", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    env = {"PATH": f"{dead.parent}{os.pathsep}{living.parent}", "HOME": str(tmp_path)}
    assert [[str(dead)], [str(living)]] == list(bootstrap.candidates(env, own=""))
    assert bootstrap.find_python(bootstrap.candidates(env, own="")).version == sys.version_info[:3]


@POSIX
def test_pyenv_is_searched_oldest_fitting_release_first(tmp_path: Path) -> None:
    """Versions folders of pyenv count, active or not, from 3.12 on; of a release the newest patch."""
    for version in ("3.9.18", "3.13.0", "3.12.1", "3.12.10", "miniconda3-latest"):
        _executable(tmp_path / "versions" / version / "bin" / "python", "#!/bin/sh\n")
    found = list(bootstrap.candidates({"PATH": "", "PYENV_ROOT": str(tmp_path), "HOME": "/nowhere"}, own=""))
    assert [Path(command[0]).parts[-3] for command in found] == ["3.12.10", "3.12.1", "3.13.0"]


@POSIX
def test_no_python_is_told_with_the_way_to_one(tmp_path: Path) -> None:
    """Nothing that runs, or only what cannot make an environment: the remedy is named."""
    bare = '["/usr/bin/python3.12", [3, 12, 3], "/usr", false]'
    lame = _executable(tmp_path / "python3.12", f"#!/bin/sh\necho '{bare}'\n")
    with pytest.raises(bootstrap.Problem, match=r"python3\.12-venv"):
        bootstrap.find_python([[str(lame)]])
    with pytest.raises(bootstrap.Problem, match="pyenv install"):
        bootstrap.find_python([[str(tmp_path / "nothing")]])


def test_wheels_decide_where_packages_come_from() -> None:
    """All wheels there: no index is asked. Some: both. None: the index alone."""
    wanted = {"a==1", "b==2"}
    assert "--no-index" in bootstrap._origin(wanted, {"a==1", "b==2", "c==3"})[1]
    assert bootstrap._origin(wanted, {"a==1"})[1][:1] == ["--find-links"]
    assert bootstrap._origin(wanted, {"a==9"})[1] == []


def test_names_of_lists_wheels_and_environment_meet(tmp_path: Path) -> None:
    """One package is one name, however list, wheel file and environment spell it."""
    listing = tmp_path / "list.txt"
    listing.write_text(
        "ruamel-yaml==0.19.1 \\\n    --hash=sha256:00\nonly==1 ; sys_platform == 'x' \\\n", "utf-8"
    )
    (tmp_path / "ruamel.yaml-0.19.1-py3-none-any.whl").touch()
    (tmp_path / "lib/python3.12/site-packages/ruamel_yaml-0.19.1.dist-info").mkdir(parents=True)
    expected = {"ruamel-yaml==0.19.1"}
    assert bootstrap.pins(listing) == bootstrap.wheels(tmp_path) == bootstrap.installed(tmp_path) == expected


def test_a_failed_installation_ends_in_plain_words_and_is_taken_up_again(tmp_path: Path) -> None:
    """A wheel that is not the pinned one: exit 1, the cause, no traceback; the next run goes on."""
    clone = tmp_path / "clone"
    folder = clone / bootstrap.LISTS.name
    folder.mkdir(parents=True)
    shutil.copy(SCRIPT, clone)
    shutil.copy(ROOT / "pyproject.toml", clone)
    (folder / "runtime.txt").write_text(f"forged==1 \\\n    --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with zipfile.ZipFile(folder / "forged-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("forged.py", "")
    first = _run(clone / "bootstrap.py", "setup")
    assert first.returncode == 1
    assert "not the one that was pinned" in first.stderr
    assert "Traceback" not in first.stdout + first.stderr
    again = _run(clone / "bootstrap.py", "setup")
    assert again.returncode == 1
    assert "making .venv" in first.stderr
    assert "making .venv" not in again.stderr
