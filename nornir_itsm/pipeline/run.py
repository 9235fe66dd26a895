"""One run over the devices of a change: push, undo, verify, save, each step under the journal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

from nornir_itsm.errors import ChangeError, NeedsPerson, Refused, RolledBack, SourceError, StoreError
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.evidence import NAME, evidence
from nornir_itsm.pipeline.probes import doubts, hit, must_go_back, tried
from nornir_itsm.pipeline.tools import Done, End, Tools
from nornir_itsm.ports import Phase, PushResult, State
from nornir_itsm.stages.foretell.witness import Witness, witness
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.probing import Verdict
from nornir_itsm.stages.turns import back_of, changes_of, intents_of, moved, state_of
from nornir_itsm.stages.verify import back_to, baseline, differences, forward
from nornir_itsm.stages.window import clock

ATTEMPTS = 3
"""So often an undo is tried on one device, each time from what the device shows then."""

TICKET: Mapping[str, str] = {"done": "closed", "rolled_back": "rolled_back"}
"""State of a change -> state of its ticket; with any other a part of the work is still to come."""


@dataclass(slots=True)
class Run:
    """One run over some turns of a change, from a state that it can always lead back to."""

    id: str
    tools: Tools
    before: Facts
    """What the devices held when the run began, or, in ``resume``, before the run began."""
    plan: Plan
    cells: tuple[Cell, ...]
    """Every turn of the change."""
    group: tuple[Cell, ...]
    """The turns of this run."""
    until: str = ""
    """When the window ends (ISO 8601); empty: it does not."""
    sent: int = 0
    slowest: int = 0
    """Seconds that the slowest device of this run took to be pushed."""
    held: dict[str, PointFacts] = field(default_factory=dict)
    """What the devices held when they were last read in this run."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Their configuration as text before anything was sent; empty where a run is resumed."""
    typed: dict[str, list[list[str]]] = field(default_factory=dict)
    """Point -> the lines of each session that took effect: places in them are those that the device has."""
    witnesses: dict[str, Witness] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is sent in the turns of this run."""
        return changes_of(self.plan, self.group)

    def apply(self) -> Done:
        """Push the turns; on any failure lead back to *before*."""
        self._remember_rules()
        self._ticket("implementing", {"方案指纹": self.plan.fingerprint})
        self._begin("applying")
        self._push_all(self.changes, "rolled_back")
        self._state("verifying")
        return self._finish(self.changes, "done", "rolled_back")

    def revert(self) -> Done:
        """Push the way back of turns that were done; on any failure lead forward again."""
        changes = forward(back_of(self.changes), self.before, self.tools.site, self.tools.templates)
        self._remember_rules()
        self._begin("needs_person", "回退进行中：若在此中断，用 resume 继续")
        self._push_all(changes, "done")
        return self._finish(changes, "rolled_back", "done")

    def resume(self) -> Done:
        """Go on where everything arrived; else lead every device back to its baseline."""
        changes = self.changes
        left = forward(intents_of(changes), self.before, self.tools.site, self.tools.templates)
        pushing = self.tools.changes.change(self.id).state == "applying"
        self.before = baseline(back_of(changes), self.before, self._known_rules())
        if all(change.empty for change in left):
            if pushing:
                self._state("verifying")
            return self._finish(changes, "done", "rolled_back")
        # While lines are pushed nothing is saved: then what is saved is the baseline, and stays.
        self._restore(changes, () if pushing else changes)
        verdict = "中断后已恢复到基线"
        state = self._close("rolled_back", (verdict,))
        return Done(self.id, state, self.sent, (verdict,))

    def _push_all(self, changes: Sequence[Change], failed: End) -> None:
        touched: list[Change] = []
        self.texts = self.tools.fleet.texts(devices(changes))
        for change in (c for c in changes if not c.empty):
            if late := self._late(change.device):
                self._lead_back(touched, late, failed)
            touched.append(change)
            begun = self.tools.clock.now()
            result = self._push(change, "push")
            self.slowest = max(self.slowest, until(begun, self.tools.clock.now()))
            if result.problem:
                self._lead_back(touched, f"{change.device}：{result.problem}", failed)

    def _late(self, device: str) -> str:
        """Return why the window leaves no room for another device; empty where it does, or need not.

        A device is taken to need as long as the slowest one before it, and the site's spare time besides.
        """
        now, policy = self.tools.clock.now(), self.tools.site.policy
        if not self.until or until(now, self.until) > policy.spare + self.slowest:
            return ""
        words = f"{device} 之前：窗口 {clock(self.until)} 结束，余下的时间不够"
        if policy.past_end == "finish":
            self.tools.tell(f"{words}；按站点规定继续做完")
            return ""
        return words

    def _push(self, change: Change, phase: Phase) -> PushResult:
        count = len(change.commands) + len(change.calls)
        self.tools.tell(f"{change.device}：{'发送' if phase == 'push' else '恢复'} {count} 行")
        steps: list[int] = []
        lost: list[ChangeError] = []

        def intend(what: str) -> None:
            now = self.tools.clock.now()
            try:
                steps.append(self.tools.changes.intend(self.id, change.device, phase, what, now))
            except ChangeError as error:
                lost.append(error)
                raise

        result = self.tools.fleet.push(change, intend)
        if lost:  # no device is touched any more: neither on nor back
            raise lost[0]
        for step, sent in zip(steps, result.sent, strict=False):
            accepted = sent.accepted if sent.answer is not None else None
            self.tools.changes.outcome(step, accepted, sent.answer, self.tools.clock.now())
        self.sent += sum(sent.accepted for sent in result.sent)
        self.typed.setdefault(change.device, []).append([one.what for one in result.sent if one.accepted])
        return result

    def _lead_back(
        self, touched: Sequence[Change], why: str, state: End, saved: Sequence[Change] = ()
    ) -> NoReturn:
        """Bring every touched device back to *before* and say so; always raises."""
        self._restore(touched, saved)
        back = state == "rolled_back"
        what, again = ("变更", "重新 plan") if back else ("回退", f"重新 rollback {self.id}")
        note, left = f"{why}；所有设备已回到{what}前的状态", "设备上没有留下任何修改"
        if back and any(cell.in_effect for cell in self.cells if cell not in self.group):
            again, left = f"重新 apply {self.id}", "此前已执行的部分仍在设备上；不再继续则 rollback"
            note = f"{why}；本次写入的设备已回到写入前的状态"
        self._close(state, (note,))
        raise RolledBack(self.id, note, f"处理原因后{again}；{left}")

    def _restore(self, touched: Sequence[Change], saved: Sequence[Change]) -> None:
        """Bring every touched device back to *before*; those that may have *saved* save again."""
        stuck: dict[str, str] = {}
        for number, change in reversed(list(enumerate(touched))):
            # A device may have its turn more than once: it is where it was when its first turn is undone.
            whole = change.device not in devices(touched[:number])
            problem = self._restored(change, whole=whole)
            save = whole and change.device in devices(saved)
            if not problem and save and self.tools.fleet.preflight([change.device]):
                problem = self._save(change.device)
            if problem:
                stuck.setdefault(change.device, problem)
        if stuck:
            raise self._needs_person(stuck)

    def _restored(self, change: Change, *, whole: bool) -> str:
        """Undo one change, after which its device is *whole* again or not yet; return why not, or nothing."""
        point, problem = change.device, ""
        for _ in range(ATTEMPTS):
            try:
                now = Facts({**self.before.points, **self.tools.fleet.read([point])})
                problem = "；".join(
                    pushed
                    for back in self._back_to(change, now)
                    if (pushed := self._push(back, "undo").problem)
                )
                held = self.held[point] = self.tools.fleet.read([point])[point]
            except (StoreError, Refused):
                raise
            except ChangeError as error:
                problem = error.problem
                continue
            differing = differences(self.before.points[point], held) if whole else ()
            if not differing and (whole or not problem):
                return ""
            problem = problem or "；".join(differing)
        return problem

    def _back_to(self, change: Change, now: Facts) -> Sequence[Change]:
        changes = back_to(change.back, now, self._known_rules(), self.tools.site, self.tools.templates)
        return [back for back in changes if not back.empty]

    def _finish(self, changes: Sequence[Change], state: End, failed: End) -> Done:
        """Read back, compare with the prediction, try it out, save, and close."""
        wanted, points = after(intents_of(changes), self.before), devices(changes)
        self._compare(points, wanted)
        if soak := self.tools.site.policy.soak:
            self.tools.tell(f"观察 {soak} 秒再核对并保存")
            self.tools.clock.sleep(soak)
            self._compare(points, wanted)
        found = self._try_out(changes, failed) if state == "done" else ()
        if found:
            self._compare(points, wanted)  # what was tried is counted now
        self._hear_witnesses(changes)
        self._save_all(changes, failed)
        said = {point: f"；{one.verdict}" if one.verdict else "" for point, one in self.witnesses.items()}
        same = (f"{point}：读回的配置与预测一致{said[point]}" for point in points)
        counted = hit(intents_of(changes), self.before.points, self.held)
        verdicts = (*same, *counted, *(one.words for one in found))
        return Done(self.id, self._close(state, verdicts), self.sent, verdicts, doubts(found))

    def _compare(self, points: Sequence[str], wanted: Facts) -> None:
        """Demand that devices hold what was predicted."""
        held = self._read(points)
        self.held |= held
        wrong = {p: "；".join(found) for p in points if (found := differences(wanted.points[p], held[p]))}
        if wrong:
            raise self._needs_person(wrong)

    def _try_out(self, changes: Sequence[Change], failed: End) -> tuple[Verdict, ...]:
        """Let connections be tried once every turn is carried out; go back where the runbook wants that."""
        mine = {cell.turn for cell in self.group}
        if not all(cell.in_effect for cell in self.cells if cell.turn not in mine):
            return ()
        stored = self.tools.changes.change(self.id)
        facts = replace(self.before, points={**self.before.points, **self.held})
        found = tried(stored, self.tools, facts)
        if bad := must_go_back(stored, self.tools, found):
            self._lead_back(changes, f"探测失败：{'；'.join(bad)}", failed)
        return found

    def _hear_witnesses(self, changes: Sequence[Change]) -> None:
        """Hold the text that every device shows against the one foretold from what was typed.

        What nobody foretold is somebody else's, or our mistake: saving would make it stay. ``resume`` saves
        once a person has looked.
        """
        held = self.tools.fleet.texts(devices(changes))
        self.witnesses = {
            point: witness(
                next(change.platform for change in changes if change.device == point),
                self.texts.get(point, ""),
                self.typed.get(point, []),
                held.get(point, ""),
            )
            for point in devices(changes)
        }
        if strange := {point: one.verdict for point, one in self.witnesses.items() if one.unforeseen}:
            self._keep_evidence("needs_person", tuple(strange.values()))
            raise self._needs_person(strange)

    def _read(self, points: Sequence[str]) -> Mapping[str, PointFacts]:
        """Read devices that were just written to; a connection may need another try."""
        for attempt in range(ATTEMPTS):
            try:
                return self.tools.fleet.read(points)
            except SourceError as error:
                if attempt == ATTEMPTS - 1:
                    raise self._needs_person({error.where: error.problem}) from error
        raise AssertionError("unreachable")

    def _save_all(self, changes: Sequence[Change], failed: End) -> None:
        """Make every device keep its configuration; where one refuses, lead all of them back."""
        touched = devices(changes)
        for number, point in enumerate(touched, start=1):
            if problem := self._save(point):
                saved = [change for change in changes if change.device in touched[:number]]
                self._lead_back(changes, f"{point}：配置未能保存（{problem}）", failed, saved)

    def _save(self, point: str) -> str:
        """Save one device and return why that did not work; a lost answer is looked up on the device."""
        problem = ""
        for _ in range(ATTEMPTS):
            step = self.tools.changes.intend(self.id, point, "save", "save", self.tools.clock.now())
            result = self.tools.fleet.save(point)
            problem = result.problem
            lost = any(sent.answer is None for sent in result.sent)
            self.tools.changes.outcome(step, None if lost else not problem, problem, self.tools.clock.now())
            if not problem or not self.tools.fleet.preflight([point]):
                return ""
        return problem

    def _close(self, end: End, verdicts: Sequence[str]) -> State:
        """Say how it ended, the ticket first: a change that is over in the store is over there too.

        Returns the state that all turns of the change come to.
        """
        self.cells = moved(self.cells, self.group, "applied" if end == "done" else "waiting")
        state = state_of(self.cells) if self.cells else end
        self._keep_evidence(state, verdicts)
        said = "；".join(verdicts)
        try:
            self._ticket(TICKET.get(state, "implementing"), {"变更结果": said})
        except ChangeError as error:
            problem = f"{said}；但变更单未能更新（{error.where}：{error.problem}）"
            raise NeedsPerson(self.id, problem, f"处理变更单后 resume {self.id}") from error
        self.tools.changes.advance(self.id, state, self.tools.clock.now(), cells=self.cells, note=said)
        return state

    def _keep_evidence(self, state: State, verdicts: Sequence[str]) -> None:
        """Keep what was sent, said and read with the change, and attach it to the ticket."""
        now, changes = self.tools.clock.now(), self.tools.changes
        end = {"change": self.id, "state": state, "at": now}
        text = {point: one.lines for point, one in self.witnesses.items() if one.lines}
        content = evidence(end, verdicts, changes.steps(self.id), self.before, self.held, text)
        changes.keep_evidence(self.id, NAME, content, now)
        if number := changes.change(self.id).ticket:
            try:
                self.tools.desk.attach(number, NAME, content)
            except ChangeError as error:
                self.tools.tell(f"证据未能附到变更单：{error.problem}")

    def _needs_person(self, stuck: Mapping[str, str]) -> NeedsPerson:
        said = "；".join(f"{point}：{why}" for point, why in stuck.items())
        self._state("needs_person", said)
        try:
            self._ticket("failed", {"变更结果": said})
        except ChangeError as error:
            said += f"；变更单未能更新（{error.where}：{error.problem}）"
        return NeedsPerson(self.id, said, f"show {self.id} 查看逐行记录，人工处理后 resume {self.id}")

    def _remember_rules(self) -> None:
        """Keep which rules had no name before, so that a half-made one can be told apart."""
        ids = {
            point: [rule.id for rule in facts.rules if not rule.name]
            for point, facts in self.before.points.items()
            if isinstance(facts, FirewallFacts)
        }
        content = json.dumps(ids).encode()
        self.tools.changes.keep_evidence(self.id, "rules-before.json", content, self.tools.clock.now())

    def _known_rules(self) -> Mapping[str, frozenset[str]]:
        kept = self.tools.changes.evidence(self.id, "rules-before.json")
        content = kept[-1].content if kept else b"{}"
        return {point: frozenset(ids) for point, ids in json.loads(content).items()}

    def _begin(self, state: State, note: str = "") -> None:
        """Keep, durably, which turns are about to be touched."""
        self.cells = moved(self.cells, self.group, "applying")
        self.tools.changes.advance(self.id, state, self.tools.clock.now(), cells=self.cells, note=note)

    def _state(self, state: State, note: str = "") -> None:
        self.tools.changes.set_state(self.id, state, self.tools.clock.now(), note)

    def _ticket(self, state: str, fields: Mapping[str, str]) -> None:
        number = self.tools.changes.change(self.id).ticket
        if number:
            self.tools.desk.update(number, state, fields)


def until(now: str, then: str) -> int:
    """Return the seconds from one time to another."""
    return int((datetime.fromisoformat(then) - datetime.fromisoformat(now)).total_seconds())


def devices(parts: Sequence[Change | Cell]) -> list[str]:
    """Return the devices of some changes or turns, each once, in the order of their first turn."""
    return list(dict.fromkeys(one.device for one in parts))
