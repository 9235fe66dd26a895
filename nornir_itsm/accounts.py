"""Who is at the keyboard, for whom he may act, and what he may do."""

import hashlib
import hmac
import os
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from nornir_itsm.errors import Refused

TOKEN_VARIABLE = "NORNIR_ITSM_TOKEN"


class Account(Protocol):
    """What has to be known of a user; the users of config.yaml have it."""

    @property
    def name(self) -> str:
        """The name that approvals carry."""
        ...

    @property
    def roles(self) -> Collection[str]:
        """``author``, ``approver`` or both."""
        ...

    @property
    def account(self) -> str:
        """Name of the operating system account, or empty."""
        ...

    @property
    def token(self) -> str:
        """``sha256:`` and the hex digest of the user's token, or empty."""
        ...

    @property
    def acts_for(self) -> Collection[str]:
        """Names that this user may give with ``--as``."""
        ...


def os_account() -> str:
    """Return the operating system's own name of this process's user, whatever the environment claims."""
    try:
        import pwd
    except ImportError:  # Windows: GetUserName
        return os.getlogin()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that has no name
        return ""


def authenticate[U: Account](users: Iterable[U], *, environ: Mapping[str, str], account: str) -> U:
    """Return the user who has the token in *environ* or, where none is set, the OS *account*.

    A token that belongs to nobody is refused; it does not fall back to the account. Raises Refused.
    """
    everyone = tuple(users)
    token = environ.get(TOKEN_VARIABLE, "")
    if token:
        found = _by_token(everyone, token)
        if found is None:
            hint = f"unset {TOKEN_VARIABLE} to use the system account, or put its digest under users"
            raise Refused(TOKEN_VARIABLE, "the token belongs to no user", hint)
        return found
    for user in everyone:
        if account and user.account == account:
            return user
    hint = f"add account: {account} to a user in config.yaml, or set {TOKEN_VARIABLE}"
    raise Refused("users", f"the system account {account!r} belongs to no user", hint)


def acting[U: Account](user: U, as_name: str | None, users: Iterable[U]) -> U:
    """Return the user that *user* acts as: himself, or the one of ``--as`` where he may. Raises Refused."""
    if not as_name or as_name == user.name:
        return user
    found = next((other for other in users if other.name == as_name), None)
    if found is None or as_name not in user.acts_for:
        hint = f"put {as_name} under acts_for of {user.name} in config.yaml, or leave --as out"
        raise Refused(f"--as {as_name}", f"{user.name} may not act for {as_name}", hint)
    return found


def require(user: Account, role: str) -> None:
    """Raise Refused where *user* does not have *role*."""
    if role not in user.roles:
        roles = ", ".join(user.roles) or "none"
        raise Refused(user.name, f"this needs the role {role}; roles: {roles}", "see users in config.yaml")


def approver[U: Account](user: U, as_name: str | None, users: Iterable[U], *, author: str) -> U:
    """Return who approves: ``acting``, with the role for it, and neither he nor *user* is the *author*.

    Acting for an approver does not make a second pair of eyes out of the first. Raises Refused.
    """
    found = acting(user, as_name, users)
    require(found, "approver")
    if author in (user.name, found.name):
        raise Refused(user.name, "wrote this change and cannot approve it", "ask another approver")
    return found


def _by_token[U: Account](users: Iterable[U], token: str) -> U | None:
    """Compare with every user, so that the time taken says nothing of who it was."""
    digest = "sha256:" + hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    found: U | None = None
    for user in users:
        if hmac.compare_digest(digest.encode(), user.token.encode()):
            found = user
    return found
