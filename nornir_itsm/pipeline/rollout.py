"""A change goes over its devices batch by batch: each is verified and saved before the next is begun.

Between two batches nothing is half done, so that is where a run may stop: to wait, because too much failed,
or because somebody said so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nornir_itsm.errors import ChangeError, NeedsPerson, PartlyDone, RolledBack
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.run import devices
from nornir_itsm.pipeline.tools import Done, Tools
from nornir_itsm.stages.batches import Rollout, batches


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with the turns of a batch; both lock their devices for as long as it takes."""

    push: Callable[[tuple[Cell, ...]], Done]
    """Raises RolledBack where they are back at where they were."""
    take_back: Callable[[tuple[Cell, ...]], Done]
    """Raises ChangeError where they are not."""


def roll_out(id: str, tools: Tools, group: Sequence[Cell], rollout: Rollout, work: Work) -> Done:
    """Carry turns out batch by batch.

    Raises RolledBack where nothing of them is left on a device, PartlyDone where some devices failed and
    others are done.
    """
    planned = batches(group, rollout, tools.site.pairs) or ((),)  # with nothing to do it is done all the same
    whole, sent = len(devices(group)), 0
    said: list[str] = []
    doubts: tuple[str, ...] = ()
    done: list[tuple[Cell, ...]] = []
    failed: dict[str, str] = {}
    for number, batch in enumerate(planned, start=1):
        if len(planned) > 1:
            tools.tell(f"第 {number} 批，共 {len(planned)} 批：{'、'.join(devices(batch))}")
        try:
            ended = work.push(batch)
        except RolledBack as why:
            failed |= dict.fromkeys(devices(batch), why.problem)
            if not done:
                raise
            if not rollout.tolerate:
                raise _all_back(id, why, done, work) from why
            if len(failed) > rollout.tolerate * whole:
                raise _partly(id, failed, whole, planned[number:]) from why
            continue
        done.append(batch)
        sent, said, doubts = sent + ended.sent, [*said, *ended.verdicts], ended.doubts
        if number < len(planned) and rollout.soak:
            tools.tell(f"观察 {rollout.soak} 秒；此时可以 Ctrl-C，已做的各批都已验证并保存")
            tools.clock.sleep(rollout.soak)
    if failed:
        raise _partly(id, failed, whole, ())
    return Done(id, tools.changes.change(id).state, sent, tuple(said), doubts)


def _all_back(id: str, why: RolledBack, done: Sequence[tuple[Cell, ...]], work: Work) -> ChangeError:
    """Take the batches back that were done; return the error that says how everything ended."""
    try:
        work.take_back(tuple(cell for batch in done for cell in batch))
    except NeedsPerson:
        raise
    except ChangeError as error:
        said = f"{why.problem}；此前各批未能退回：{error.problem}"
        return PartlyDone(id, said, f"{error.hint}；或 apply {id} 继续")
    return RolledBack(id, f"{why.problem}；此前的 {len(done)} 批也已退回", why.hint)


def _partly(id: str, failed: dict[str, str], whole: int, left: Sequence[Sequence[Cell]]) -> PartlyDone:
    """Return the error that names what failed; nothing of it is left on these devices."""
    reasons = "；".join(f"{device}：{why}" for device, why in failed.items())
    said = f"{whole} 台设备中 {len(failed)} 台失败并已恢复（{reasons}）"
    if left:
        waiting = "、".join(dict.fromkeys(name for batch in left for name in devices(batch)))
        said += f"；超过允许的比例，{waiting} 没有开始"
    return PartlyDone(id, said, f"处理原因后 apply {id} 继续；不再继续则 rollback {id}")
