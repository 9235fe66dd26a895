"""Workers of a distributed installation and changes: none of them can leave a device half-way."""

import json
from pathlib import Path

from nornir_itsm.pipeline import carry_out
from tests.pipeline.row_kills import Benches, RowBench


def test_a_change_needs_no_worker(tmp_path: Path) -> None:
    """With the runner ``itsm-distributed`` and a queue that nobody reaches a change is carried out as ever.

    Reading for it, pushing, undoing and saving are sessions of the process that was approved, under its
    journal: no worker ever holds a session that writes, so none that is killed can leave one half-way.
    """
    benches = Benches(tmp_path, 1)
    bench = benches.on("")
    change = bench.ready()
    distributed(bench, tmp_path / "nobody.url")
    assert carry_out(change, bench.open()).state == "done"
    assert bench.row.states() == bench.target
    benches.close()


def distributed(bench: RowBench, url: Path) -> None:
    """Let the installation's hosts be worked on by workers of a queue where nothing listens."""
    url.write_text("postgresql://nobody@127.0.0.1:1/none")
    config = json.loads(bench.row.config.read_text("utf-8"))
    config["runner"] = {"plugin": "itsm-distributed", "options": {"database": f"file:{url}"}}
    bench.row.config.write_text(json.dumps(config), "utf-8")
