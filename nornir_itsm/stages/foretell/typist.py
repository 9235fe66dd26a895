"""Types lines into a configuration that is held as a tree of lines."""

from itertools import takewhile

from nornir_itsm.stages.foretell import order
from nornir_itsm.stages.foretell.grammar import Form, Grammar, Numbering, View
from nornir_itsm.stages.foretell.reading import Reading, own
from nornir_itsm.stages.foretell.template import Bound, rendered, template
from nornir_itsm.stages.foretell.tree import Node, UnforeseenError
from nornir_itsm.stages.foretell.words import in_ranges, ranges

FRESH = "?"
"""Stands for a number that only the device knows; a second one is ``??``."""
_MOST = 10
"""Spans of numbers on one line: with more a device begins another line, and it is not known where."""


class Typist:
    """A session in configuration mode. Where a line raises UnforeseenError its tree is of no use any more."""

    def __init__(self, grammar: Grammar, root: Node) -> None:
        """Begin in the outermost view."""
        self.grammar = grammar
        self.root = root
        self._read = Reading(grammar)
        self._open: list[tuple[str, Node]] = [("", root)]
        self._made_here: list[tuple[Node, Form]] = []

    @property
    def _within(self) -> str:
        """The innermost view where it is printed as nothing."""
        name = self._open[-1][0]
        return name if name in self.grammar.through else ""

    @property
    def _view(self) -> View:
        return self.grammar.views.get(self._open[-2 if self._within else -1][0], View(()))

    @property
    def _where(self) -> Node:
        """The line below which the lines of the innermost view stand."""
        node = self._open[-1][1]
        return self._open[-2][1] if self._within and not node.below else node

    def type(self, line: str) -> None:
        """Type one line. Raises UnforeseenError."""
        if not self._open:
            raise UnforeseenError("此行之前已退出配置模式")
        if line.strip().lower() in self.grammar.leave:
            self._open.pop()
        elif line.strip():
            readings = self._read.typed(line.strip(), self._view, self._within)
            said = next(
                (one for one in readings if one.act == "take away" and self._agreeing(one.at, one.bound)),
                readings[0],
            )
            match said.act:
                case "move":
                    self._move(said.at, said.bound)
                case "set":
                    self._set(said.at, said.bound)
                case "take away":
                    self._take_away(said.at, said.bound)
                case "nothing":
                    return

    def finish(self) -> None:
        """Raise UnforeseenError where a new line lacks what it needs, or may be printed with another."""
        self._spans()
        there = {id(node) for node in self.root.all()}
        for node, form in self._made_here:
            inner = self.grammar.views[form.opens] if form.needs else None
            said = (
                {inner.forms[at].name for one in node.below if (at := self._read.form(one, inner)) >= 0}
                if inner
                else set()
            )
            if inner and id(node) in there and form.needs not in said:
                raise UnforeseenError(f"新建的“{node.text}”没有 {form.needs}，设备的缺省值未知")

    def _spans(self) -> None:
        view = self.grammar.views[""]
        for node, form in self._made_here:
            if form.spans and form in view.forms:
                peers = self._read.of(view.forms.index(form), self.root, view)
                bare = {int(one.bound[form.spans]) for one in peers if not one.below}
                number = int(node.bound[form.spans])
                if number in bare and bare & {number - 1, number + 1}:
                    raise UnforeseenError(f"“{node.text}”与相邻编号会否合并成一行未知")

    def _set(self, at: int, bound: Bound) -> None:
        form = self._view.forms[at]
        if form.unsure:
            raise UnforeseenError(form.unsure)
        if template(form.says).valued or form.gathers:
            self._no_stranger(form)
        bound = {slot: words for slot, words in bound.items() if (slot, words) not in form.hushed}
        if form.gathers or form.joins:
            self._gather(at, bound, remove=False)
        if form.opens:
            self._enter(at, bound, self._same(at, bound))
        elif not form.gathers and template(form.says).valued:
            self._overwrite(at, bound, self._same(at, bound))
        elif not form.gathers:
            self._add(at, bound, self._same(at, bound))

    def _no_stranger(self, form: Form) -> None:
        """Raise UnforeseenError where a line that is not understood may be the one that is overwritten."""
        begins = list(takewhile(lambda part: isinstance(part, str), template(form.says).parts))
        for node in self._where.below if begins else ():
            if self._read.form(node, self._view) < 0 and node.text.split()[: len(begins)] == begins:
                raise UnforeseenError(f"已有的“{node.text}”无法理解")

    def _agreeing(self, at: int, bound: Bound) -> list[Node]:
        return self._read.agreeing(at, bound, self._where, self._view)

    def _same(self, at: int, bound: Bound) -> list[Node]:
        """Return the lines that this one is, or that it takes the place of."""
        form = self._view.forms[at]
        number = {form.number.slot} if form.number else set[str]()
        identity = template(form.says).identity - number
        said = {slot: words for slot, words in bound.items() if slot in identity}
        found = []
        if said or not (identity or form.number):
            # A part that may be left out tells two lines apart, too.
            found = [
                n for n in self._agreeing(at, said) if {s for s in n.bound if s in identity} == set(said)
            ]
        if form.number and form.number.slot in bound:
            slot = form.number.slot
            peers = self._read.beside(at, self._where, self._view)
            own_pool = (
                node for node in peers if node.bound.get(form.number.per) == bound.get(form.number.per)
            )
            found += [node for node in own_pool if node.bound.get(slot) == bound[slot]]
        return list({id(node): node for node in found}.values())

    def _enter(self, at: int, bound: Bound, found: list[Node]) -> None:
        form = self._view.forms[at]
        if len(found) > 1 and not (len(found) == 2 and form.declared and not found[0].below):
            raise UnforeseenError(f"配置中有 {len(found)} 处“{found[0].text}”")
        if found:
            node = found[-1]
            if any(node.bound.get(slot) != words for slot, words in own(bound).items()):
                raise UnforeseenError(f"与已有的“{node.text}”不同")
            if "where" in bound:
                raise UnforeseenError(f"“{node.text}”已存在，设备是否移动它未知")
        else:
            node = self._made(at, bound)
        self._open.append((form.opens, node))

    def _made(self, at: int, bound: Bound) -> Node:
        view, form = self._view, self._view.forms[at]
        if form.unmade:
            raise UnforeseenError(form.unmade)
        bound = self._numbered(form.number, at, bound)
        try:
            text = rendered(template(form.says), bound)
        except KeyError as missing:
            raise UnforeseenError(f"新建时缺少 {missing.args[0]}") from None
        self._clear(form)
        if form.declared and self._declares(at):
            early = self._node(at, text, bound)
            self._put(early, view, early=True)
        node = self._node(at, text, bound)
        self._put(node, view)
        if form.ordered and "where" in bound:
            self._reorder(at, node, bound)
        self._made_here.append((node, form))
        return node

    def _node(self, at: int, text: str, bound: Bound) -> Node:
        form = self._view.forms[at]
        closed = bool(form.opens and self.grammar.layout.closing)
        node = Node(text, closed=closed, form=at, bound=own(bound), indent=form.indent)
        node.silent = bool(form.joins or form.unprinted)
        return node

    def _put(self, node: Node, view: View, *, early: bool = False) -> None:
        where = self._where
        ranks = [self._rank(one, view) for one in where.below]
        mine = order.rank(node, view, early=early)
        assert mine is not None
        assert node.form is not None
        parting = bool(self.grammar.layout.parting) and where is self.root
        joined = self._read.beside(node.form, where, view) if view.forms[node.form].together else []
        order.put(node, order.place(ranks, mine), where, parting=parting, joined=joined)

    def _rank(self, node: Node, view: View) -> order.Rank | None:
        at = self._read.form(node, view)
        twins = at >= 0 and view.forms[at].declared and self._twin(node)
        return order.rank(node, view, early=twins)

    def _twin(self, node: Node) -> bool:
        return early(node, self._where)

    def _declares(self, at: int) -> bool:
        """Tell whether lines of this form are declared early here; without any, other forms tell, else
        yes.
        """
        view = self._view
        of_form = self._read.of(at, self._where, view)
        others = [
            n for n in self._where.below if view.forms[self._read.form(n, view)].declared and n.form != -1
        ]
        found = of_form or others
        return not found or any(self._twin(node) for node in found)

    def _numbered(self, rule: Numbering | None, at: int, bound: Bound) -> Bound:
        if rule is None or rule.slot in bound:
            return bound
        peers = self._read.beside(at, self._where, self._view)
        peers = [node for node in peers if node.bound.get(rule.per) == bound.get(rule.per)]
        taken = [node.bound[rule.slot] for node in peers if rule.slot in node.bound]
        return {rule.slot: self._next(rule, taken), **bound}

    def _next(self, rule: Numbering, taken: list[str]) -> str:
        fresh = [one for one in taken if not one.isdigit()]
        if rule.pick == "unknown" or fresh:
            return FRESH * (1 + len(fresh))
        numbers = sorted(map(int, taken))
        if rule.pick == "one more":
            if numbers != list(range(len(numbers))):
                raise UnforeseenError("已有编号不连续，设备取哪个编号未知")
            return str(len(numbers))
        step = self._step(rule)
        return str((numbers[-1] // step + 1) * step if numbers else _first(rule, step))

    def _step(self, rule: Numbering) -> int:
        for node in self._where.below:
            at = self._read.form(node, self._view)
            if at >= 0 and rule.step_line and self._view.forms[at].name == rule.step_line:
                return int(next(iter(node.bound.values())))
        return rule.step

    def _overwrite(self, at: int, bound: Bound, found: list[Node]) -> None:
        form = self._view.forms[at]
        text = rendered(template(form.says), bound)
        if len(found) > 1:
            raise UnforeseenError(f"配置中有 {len(found)} 处“{found[0].text}”")
        if text == form.unsettled and not (found and found[0].text == text):
            raise UnforeseenError(f"“{text}”是否印出未知")
        if text == form.default:
            self._remove(found)
        elif not found:
            self._made(at, bound)
        elif found[0].text != text:
            self._clear(form)
            found[0].text, found[0].bound = text, own(bound)
        if form.renumbers:
            self._renumber(form.renumbers, int(next(iter(bound.values()))))

    def _renumber(self, name: str, step: int) -> None:
        """Number the lines of a form anew, in their order."""
        at = next(i for i, one in enumerate(self._view.forms) if one.name == name)
        rule = self._view.forms[at].number
        assert rule is not None
        for count, node in enumerate(self._read.beside(at, self._where, self._view)):
            node.bound = {**node.bound, rule.slot: str(_first(rule, step) + count * step)}
            node.text = rendered(template(self._view.forms[node.form or 0].says), node.bound)

    def _add(self, at: int, bound: Bound, found: list[Node]) -> None:
        form = self._view.forms[at]
        if not found:
            self._made(at, bound)
            return
        there, rule = found[0], form.number
        whole = {**there.bound, **bound}
        if len(found) == 1 and there.form == at and there.bound == whole:
            if (form.repeated or self.grammar.repeated) == "refused":
                raise UnforeseenError(f"“{there.text}”已存在，设备会拒绝")
        elif len(found) > 1 or rule is None or there.bound.get(rule.slot) != bound.get(rule.slot):
            raise UnforeseenError(f"与已有的“{there.text}”冲突")
        else:
            self._change(at, there, bound)

    def _change(self, at: int, there: Node, bound: Bound) -> None:
        """Type another line with a number that is taken."""
        rule = self._view.forms[at].number
        assert rule is not None
        if rule.taken == "refused" or (rule.taken == "edited" and there.form != at):
            raise UnforeseenError(f"与已有的“{there.text}”冲突")
        if rule.taken == "edited":
            bound = {**there.bound, **bound}
        said = {slot: words for slot, words in bound.items() if slot != rule.slot}
        for peer in self._read.of(at, self._where, self._view):
            if peer is not there and {s: w for s, w in peer.bound.items() if s != rule.slot} == said:
                raise UnforeseenError(f"与已有的“{peer.text}”相同，设备会拒绝")
        there.form, there.bound = at, own(bound)
        there.text = rendered(template(self._view.forms[at].says), there.bound)

    def _gather(self, at: int, bound: Bound, *, remove: bool) -> None:
        """Put numbers into the one line that holds all of them, or take them out."""
        view, form = self._view, self._view.forms[at]
        line = next(i for i, one in enumerate(view.forms) if one.name == form.joins) if form.joins else at
        slot = view.forms[line].gathers
        said = ranges(bound[slot] if slot in bound else next(iter(bound.values())))
        found = self._read.of(line, self._where, view)
        if len(found) > 1:
            raise UnforeseenError(f"“{found[0].text}”印成多行，如何换行未知")
        held = ranges(found[0].bound[slot]) if found else set[int]()
        if remove and not said <= held:
            raise UnforeseenError("要删除的编号不在配置中")
        wanted = held - said if remove else held | said
        text = in_ranges(wanted)
        if len(text.replace(" to ", "-").split()) > _MOST:
            raise UnforeseenError("编号太多，设备如何换行未知")
        if not wanted:
            self._remove(found)
        elif found:
            found[0].bound = {slot: text}
            found[0].text = rendered(template(view.forms[line].says), found[0].bound)
        elif view.forms[line].unmade:
            raise UnforeseenError(view.forms[line].unmade)
        else:
            said_text = rendered(template(view.forms[line].says), {slot: text})
            self._put(self._node(line, said_text, {slot: text}), view)

    def _take_away(self, at: int, bound: Bound) -> None:
        form = self._view.forms[at]
        if form.unsure or form.renumbers:
            raise UnforeseenError(form.unsure or "已有编号会否恢复未知")
        if form.gathers and form.gathers in bound:
            self._gather(at, bound, remove=True)
            return
        found = self._agreeing(at, bound)
        if form.joins:
            self._unused(form, [*found, Node("", bound=bound)])
            self._gather(at, bound, remove=True)
        elif not found:
            if (
                template(form.says).valued
                and not form.opens
                and not self._read.of(at, self._where, self._view)
            ):
                return  # nothing was said: what is so anyway stays so
            raise UnforeseenError("配置中没有它要删除的内容")
        self._unused(form, found)
        self._remove(found)

    def _unused(self, form: Form, found: list[Node]) -> None:
        """Raise UnforeseenError where a line names what is taken away: a device refuses, or takes that
        line, too.
        """
        gone = {id(inner) for node in found for inner in (node, *node.all())}
        slots = template(form.says).identity
        names = {node.bound[slot] for node in found for slot in slots if slot in node.bound}
        for user, kind, name in (
            self._read.users(self.root, self.grammar.views[""], gone) if form.name else ()
        ):
            if kind == form.name and name in names:
                raise UnforeseenError(f"“{user.text}”还在引用它")

    def _clear(self, form: Form) -> None:
        for at, other in enumerate(self._view.forms):
            if other.name and other.name in form.clears:
                self._remove(self._read.of(at, self._where, self._view))

    def _remove(self, found: list[Node]) -> None:
        below = self._where.below
        for node in found:
            at = below.index(node)
            if node.parted and at + 1 < len(below):
                below[at + 1].parted = True
            del below[at]

    def _move(self, at: int, bound: Bound) -> None:
        form = next(i for i, one in enumerate(self._view.forms) if one.name == self._view.moves[at].what)
        self._reorder(form, self._one(form, own(bound)), bound)

    def _reorder(self, at: int, node: Node, bound: Bound) -> None:
        where = self._where
        peers = self._read.of(at, where, self._view)
        said = {s.removeprefix("anchor-"): w for s, w in bound.items() if s.startswith("anchor-")}
        wanted = iter(order.moved(node, peers, bound["where"], self._one(at, said) if said else None))
        where.below = [next(wanted) if one in peers else one for one in where.below]

    def _one(self, at: int, bound: Bound) -> Node:
        found = self._agreeing(at, bound)
        if len(found) != 1:
            raise UnforeseenError("要移动的或作为参照的行在配置中不是恰好一行")
        return found[0]


def _first(rule: Numbering, step: int) -> int:
    return step if rule.first is None else rule.first


def early(node: Node, where: Node) -> bool:
    """Tell whether a line is an early declaration: nothing stands below it, and it comes again later."""
    if node.below:
        return False
    at = where.below.index(node)
    return any(one.text == node.text for one in where.below[at + 1 :])
