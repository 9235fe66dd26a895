"""FRR: static routes and prefix lists, as vtysh prints them (FRR 8 and its documentation)."""

from nornir_itsm.stages.foretell.grammar import Form, Grammar, Numbering, View
from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import ipv4, name_quoted_at_need, number, shaped

GRAMMAR = Grammar(
    views={
        "": View(
            (
                Form("ip route <net> <hop:ipv4>"),
                Form(
                    "ip prefix-list <name> seq <seq:number> <action:permit|deny> <net>",
                    typed=("ip prefix-list <name> <action:permit|deny> <net>",),
                    undo=(
                        "ip prefix-list <name>",
                        "ip prefix-list <name> [seq <seq:number>] <action:permit|deny> <net>",
                    ),
                    number=Numbering("seq", first=None, step=5, per="name"),
                    ordered=True,
                ),
            )
        )
    },
    readers={
        "name": name_quoted_at_need,
        "net": shaped(r"\d+(?:\.\d+){3}/\d{1,2}"),
        "ipv4": ipv4,
        "number": number,
    },
    layout=Layout(step=1, end="end"),
    negation="no",
    leave=("exit",),
)
