"""One run over the devices of a change: push, undo, verify, save, each step under the journal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from nornir_itsm.errors import NeedsPerson, RolledBack, SourceError
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts, FirewallFacts, PointFacts
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline.tools import Done, Tools
from nornir_itsm.ports import Phase, PushResult, State
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import back_to, differences, forward

ATTEMPTS = 3
"""So often an undo is tried on one device, each time from what the device shows then."""


@dataclass(slots=True)
class Run:
    """One run over the devices of a change, from a state that it can always lead back to."""

    id: str
    tools: Tools
    before: Facts
    sent: int = 0

    def apply(self, plan: Plan) -> Done:
        """Push a plan; on any failure lead back to *before*."""
        self._remember_rules()
        self._state("applying")
        self._ticket("implementing", {"方案指纹": plan.fingerprint})
        self._push_all(plan.to_do)
        self._state("verifying")
        return self._finish(plan.to_do, "done", "closed")

    def revert(self, plan: Plan) -> Done:
        """Push the way back of a plan that was done; on any failure lead forward again."""
        intents = [i for change in reversed(plan.to_do) for i in change.back]
        changes = forward(intents, self.before, self.tools.site, self.tools.templates)
        self._remember_rules()
        self._push_all(changes, failed="done")
        return self._finish(changes, "rolled_back", "rolled_back")

    def resume(self, plan: Plan) -> Done:
        """Go on where everything arrived; else lead every device back."""
        intents = [i for change in plan.to_do for i in change.intents]
        left = forward(intents, self.before, self.tools.site, self.tools.templates)
        if all(change.empty for change in left):
            if self.tools.changes.change(self.id).state == "applying":
                self._state("verifying")
            return self._finish(plan.to_do, "done", "closed")
        back = [i for change in reversed(plan.to_do) for i in change.back]
        for change in back_to(back, self.before, self._known_rules(), self.tools.site, self.tools.templates):
            result = self._push(change, "undo")
            if result.problem:
                raise self._needs_person({change.device: result.problem})
        for change in plan.to_do:
            self._save(change.device)
        self._close("rolled_back", "rolled_back", ("中断后已恢复到基线",))
        return Done(self.id, "rolled_back", self.sent, ("中断后已恢复到基线",))

    def _push_all(self, changes: Sequence[Change], failed: State = "rolled_back") -> None:
        touched: list[Change] = []
        for change in (c for c in changes if not c.empty):
            touched.append(change)
            result = self._push(change, "push")
            if result.problem:
                self._lead_back(touched, f"{change.device}：{result.problem}", failed)

    def _push(self, change: Change, phase: Phase) -> PushResult:
        count = len(change.commands) + len(change.calls)
        self.tools.tell(f"{change.device}：{'发送' if phase == 'push' else '恢复'} {count} 行")
        steps: list[int] = []

        def intend(what: str) -> None:
            steps.append(
                self.tools.changes.intend(self.id, change.device, phase, what, self.tools.clock.now())
            )

        result = self.tools.fleet.push(change, intend)
        for step, sent in zip(steps, result.sent, strict=False):
            accepted = sent.accepted if sent.answer is not None else None
            self.tools.changes.outcome(step, accepted, sent.answer, self.tools.clock.now())
        self.sent += sum(sent.accepted for sent in result.sent)
        return result

    def _lead_back(
        self, touched: Sequence[Change], why: str, state: State, saved: Sequence[str] = ()
    ) -> NoReturn:
        """Bring every touched device back to *before* and say so; always raises."""
        stuck: dict[str, str] = {}
        for change in reversed(touched):
            problem = self._restored(change) or (self._save(change.device) if change.device in saved else "")
            if problem:
                stuck[change.device] = problem
        if stuck:
            raise self._needs_person(stuck)
        note = f"{why}；所有设备已回到变更前的状态"
        if state != "done":
            self._close("rolled_back", "rolled_back", (note,))
        raise RolledBack(self.id, note, "处理原因后重新 plan；设备上没有留下任何修改")

    def _restored(self, change: Change) -> str:
        """Lead one device back; return why that did not work, or nothing."""
        point, problem = change.device, ""
        for _ in range(ATTEMPTS):
            try:
                now = Facts({**self.before.points, **self.tools.fleet.read([point])})
                for back in back_to(
                    change.back, now, self._known_rules(), self.tools.site, self.tools.templates
                ):
                    problem = self._push(back, "undo").problem
                held = self.tools.fleet.read([point])[point]
            except SourceError as error:
                problem = error.problem
                continue
            differing = differences(self.before.points[point], held)
            if not differing:
                return ""
            problem = problem or "；".join(differing)
        return problem

    def _finish(self, changes: Sequence[Change], state: State, ticket: str) -> Done:
        """Read back, compare with the prediction, save, and close."""
        wanted = after([i for change in changes for i in change.intents], self.before)
        points = [change.device for change in changes]
        held = self._read(points)
        wrong = {p: "；".join(found) for p in points if (found := differences(wanted.points[p], held[p]))}
        if wrong:
            raise self._needs_person(wrong)
        self._save_all(changes)
        verdicts = tuple(f"{point}：读回的配置与预测一致" for point in points)
        self._close(state, ticket, verdicts)
        return Done(self.id, state, self.sent, verdicts)

    def _read(self, points: Sequence[str]) -> Mapping[str, PointFacts]:
        """Read devices that were just written to; a connection may need another try."""
        for attempt in range(ATTEMPTS):
            try:
                return self.tools.fleet.read(points)
            except SourceError as error:
                if attempt == ATTEMPTS - 1:
                    raise self._needs_person({error.where: error.problem}) from error
        raise AssertionError("unreachable")

    def _save_all(self, changes: Sequence[Change]) -> None:
        """Make every device keep its configuration; where one refuses, lead all of them back."""
        saved: list[str] = []
        for change in changes:
            problem = self._save(change.device)
            if problem:
                self._lead_back(changes, f"{change.device}：配置未能保存（{problem}）", "rolled_back", saved)
            saved.append(change.device)

    def _save(self, point: str) -> str:
        """Save one device and return why that did not work; a lost answer is looked up on the device."""
        problem = ""
        for _ in range(ATTEMPTS):
            step = self.tools.changes.intend(self.id, point, "save", "save", self.tools.clock.now())
            problem = self.tools.fleet.save(point).problem
            self.tools.changes.outcome(step, not problem, problem, self.tools.clock.now())
            if not problem or not self.tools.fleet.preflight([point]):
                return ""
        return problem

    def _close(self, state: State, ticket: str, verdicts: Sequence[str]) -> None:
        self._state(state)
        self._ticket(ticket, {"变更结果": "；".join(verdicts)})

    def _needs_person(self, stuck: Mapping[str, str]) -> NeedsPerson:
        said = "；".join(f"{point}：{why}" for point, why in stuck.items())
        self._state("needs_person", said)
        self._ticket("failed", {"变更结果": said})
        return NeedsPerson(self.id, said, f"show {self.id} 查看逐行记录，人工处理后 resume {self.id}")

    def _remember_rules(self) -> None:
        """Keep the identifiers of the rules that were there, so that a half-made one can be told apart."""
        ids = {
            p: [r.id for r in f.rules] for p, f in self.before.points.items() if isinstance(f, FirewallFacts)
        }
        content = json.dumps(ids).encode()
        self.tools.changes.keep_evidence(self.id, "rules-before.json", content, self.tools.clock.now())

    def _known_rules(self) -> Mapping[str, frozenset[str]]:
        kept = self.tools.changes.evidence(self.id, "rules-before.json")
        content = kept[-1].content if kept else b"{}"
        return {point: frozenset(ids) for point, ids in json.loads(content).items()}

    def _state(self, state: State, note: str = "") -> None:
        self.tools.changes.set_state(self.id, state, self.tools.clock.now(), note)

    def _ticket(self, state: str, fields: Mapping[str, str]) -> None:
        number = self.tools.changes.change(self.id).ticket
        if number:
            self.tools.desk.update(number, state, fields)
