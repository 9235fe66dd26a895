"""Hillstone StoneOS (SG-6000, E and A series, CloudEdge). Source: StoneOS CLI manual 5.5R12, unless said."""

import re

from nornir_itsm.platforms.platform import Catalogue, CliPlatform, Platform

# ``FW-A# ``, ``FW-A(config-policy-rule)# ``. An HA master shows ``FW-A(M)# ``, a vsys ``FW-A(vsys-a)# ``,
# a trial ``FW-A[TRN]# ``: so ``)#`` says nothing of the mode, only a last mark that begins with "config".
# Assumed: no vsys is named "config" or "config-...".
_PROMPT = re.compile(
    r"(?P<base>[^\s#()\[\]]+(?:\((?!config[-)])[^()\s]*\)|\[TRN\])*)(?P<config>\(config(?:-[^()\s]*)?\))?# ?"
)

# Brackets mark the device's default answer; the second question defaults to no, and so do we: a backup
# generation is pushed out for each one that is made.
_SAVE_DIALOGUE: Catalogue = (
    (re.compile(r"Save configuration(?: for all VSYS)?, are you sure\?? *\[y\]/n *[:：]"), "y"),
    (re.compile(r"保存(?:所有VSYS的)?配置，请确认 *\[y\]/n *[:：]"), "y"),
    (re.compile(r"Backup (?:all )?start configuration files?, are you sure\?? *y/\[n\] *[:：]"), "n"),
    (re.compile(r"备份(?:所有)?启动配置文件，请确认 *y/\[n\] *[:：]"), "n"),
)

# Messages seen in public parsers and in the manual; the language follows the device's system language.
_REFUSALS: Catalogue = (
    (re.compile(r"\^-{3,}"), "syntax"),
    (re.compile(r"authorization failed|permission denied|权限不足|没有权限", re.IGNORECASE), "rights"),
    (re.compile(r"\blocked\b|锁定", re.IGNORECASE), "locked by another administrator"),
    (re.compile(r"name is (?:already )?used by another|名称已经被", re.IGNORECASE), "name taken"),
    (re.compile(r"\b(?:used|in use) by\b|被引用", re.IGNORECASE), "in use"),
    (re.compile(r"already (?:added|exists?|configured)|已经添加|已存在", re.IGNORECASE), "exists already"),
    (
        re.compile(
            r"not found|cannot be found|failed to find|has no member|not configured|不存在", re.IGNORECASE
        ),
        "missing",
    ),
    (re.compile(r"^(?:Error|错误)\s*[:：]", re.IGNORECASE), "error"),
)

_HEADERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"Building configuration\.*",
        r"正在收集配置\.*",
        r"(?:Running|Startup|Start|Saved|Current) configuration\s*[:：]?",
        r"!.*",
        r"\s*exit",  # the indentation says the same
        r"End",
    )
)

PLATFORM = Platform(
    name="hillstone_stoneos",
    port=22,
    cli=CliPlatform(
        device_type="hillstone_stoneos",
        prompt=_PROMPT,
        pager=re.compile(r" ?--More-- ?"),
        question=re.compile(r".*(?:\[?[yY]\]?/\[?[nN]\]?|yes/no)\]? *[:：?]? *"),
        # One author saw "terminal length 0" refused (SG-6000-VM00): paging is handled in any case.
        terminal=("terminal length 0", "terminal width 512"),
        show_configuration="show configuration",
        show_running="show configuration running",
        show_saved="show configuration startup",
        end_of_configuration="End",
        show_lock="show config-status",
        # The command is documented, its layout is not: assumed.
        locked=re.compile(r"[:：] *locked\b", re.IGNORECASE),
        enter="configure",
        leave="end",
        save="save",  # this vsys only: "save all" would save what others left unsaved elsewhere
        save_dialogue=_SAVE_DIALOGUE,
        # The manual says that a line tells when saving has finished, not its words: assumed.
        saved=re.compile(
            r".*\bsav(?:e|ed|ing)\b.*\b(?:finish(?:ed)?|completed?|done|succe(?:ss|eded|ssful(?:ly)?))\b.*"
            r"|.*保存.*(?:完成|成功).*",
            re.IGNORECASE,
        ),
        save_benign=(re.compile(r"(?:Building|Saving) configuration\.*|正在\S*配置\.*"),),
        refusals=_REFUSALS,
        # "rule id N" is for a rule that is there: where it makes one, somebody took that rule away.
        benign=(
            (re.compile(r"rule(?! +id\b).*"), re.compile(r"Rule id \d+ is created\.?")),
            (re.compile(r"[ds]natrule id \d+ .*"), re.compile(r"rule ID ?= ?\d+", re.IGNORECASE)),
        ),
        headers=_HEADERS,
        not_now=(
            # Only the master's (M) is documented by a sample; (B) for the backup member is assumed.
            (re.compile(r"\(B\)"), "this is the standby member of the HA pair: its master takes changes"),
            (re.compile(r"\[TRN\]"), "somebody's trial configuration is active: it must end first"),
        ),
        # Assumed: "?" asks for help at once and a tab completes, inside quotes too.
        unsendable=re.compile(r"[\x00-\x1f\x7f-\x9f?]"),
    ),
)
