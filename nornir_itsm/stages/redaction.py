"""Secrets taken out of what devices say, before anything of it is kept or shown."""

import re

MASK = "******"

# "password cipher X", "snmp-server community X", "pre-shared-key X"; the kind of encryption may stand
# between. Broad on purpose: a masked word too many does no harm in a transcript; nor does what stands right
# behind a closing quote, which a second, odd quote may have made part of a secret.
_CLI = re.compile(
    r"(?i)(?P<key>(?<![\w-])(?:password|passwd|passphrase|secret|pre-?shared?(?:-?key)?|psk|community|token"
    r"|private-key|auth-key|irreversible-cipher|cipher|hash)"
    r"(?:\s+(?:encrypted|encrypt|(?:ir)?reversible-cipher|cipher|simple|plain|hash|md5|sha\d*|[0-9]))?\s+)(?P<value>\"[^\"]*\"\S*|\S+)"
)
_JSON = re.compile(
    r"(?i)(?P<key>\"[^\"]*(?:password|passwd|secret|token|private_key)[^\"]*\"\s*:\s*)(?P<value>\"(?:[^\"\\]|\\.)*\")"
)
_HEADER = re.compile(r"(?i)(?P<key>\b(?:authorization|x-token-sangforad)\s*[:=]\s*)(?P<value>[^\r\n]+)")


def redact(text: str, *secrets: str) -> str:
    """Return *text* without what looks like a secret, and without any of these *secrets*."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    text = _JSON.sub(rf'\g<key>"{MASK}"', text)
    text = _HEADER.sub(rf"\g<key>{MASK}", text)
    return _CLI.sub(rf"\g<key>{MASK}", text)
