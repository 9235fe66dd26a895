"""Accounts: a token or the system account says who it is; nobody acts for others unasked."""

import hashlib
import os
from dataclasses import dataclass

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE, acting, approver, authenticate, os_account, require
from nornir_itsm.errors import Refused


@dataclass(frozen=True)
class Somebody:
    name: str
    roles: tuple[str, ...] = ("author",)
    account: str = ""
    token: str = ""
    acts_for: tuple[str, ...] = ()


def digest(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


AUTHOR = Somebody("甲", account="jia")
APPROVER = Somebody("乙", ("approver",), token=digest("乙的令牌"))
DEPUTY = Somebody("丙", ("author", "approver"), token=digest("c"), acts_for=("甲", "乙"))
USERS = (AUTHOR, APPROVER, DEPUTY)


def test_the_system_account_says_who_it_is() -> None:
    """Without a token the operating system's account counts."""
    assert authenticate(USERS, environ={}, account="jia") is AUTHOR


def test_a_token_goes_before_the_account() -> None:
    """With a token the account does not matter."""
    assert authenticate(USERS, environ={TOKEN_VARIABLE: "乙的令牌"}, account="jia") is APPROVER


@pytest.mark.parametrize("token", ["wrong", "sha256:" + "0" * 64, digest("c"), "\udcff"])
def test_a_wrong_token_is_refused(token: str) -> None:
    """A token that is not right does not fall back to the account, is not its own digest, is not repeated."""
    with pytest.raises(Refused) as caught:
        authenticate(USERS, environ={TOKEN_VARIABLE: token}, account="jia")
    assert token not in str(caught.value)


@pytest.mark.parametrize("account", ["", "root", "JIA"])
def test_an_unknown_account_is_refused(account: str) -> None:
    """An account that no user has is nobody; users without an account are not found by an empty one."""
    with pytest.raises(Refused) as caught:
        authenticate(USERS, environ={}, account=account)
    assert caught.value.exit_code == 5
    assert caught.value.hint


def test_acting_for_others_must_be_allowed() -> None:
    """--as works for oneself and for names under acts_for, and for nobody else."""
    assert acting(AUTHOR, None, USERS) is AUTHOR
    assert acting(AUTHOR, "甲", USERS) is AUTHOR
    assert acting(DEPUTY, "乙", USERS) is APPROVER
    for name in ("乙", "nobody"):
        with pytest.raises(Refused):
            acting(AUTHOR, name, USERS)


def test_a_role_must_be_held() -> None:
    """A role that the user does not have is refused with his roles."""
    require(AUTHOR, "author")
    with pytest.raises(Refused, match="approver"):
        require(AUTHOR, "approver")


def test_acting_for_an_approver_makes_no_second_pair_of_eyes() -> None:
    """An author cannot approve through somebody for whom he may act; another change he may."""
    with pytest.raises(Refused, match="cannot approve"):
        approver(DEPUTY, "乙", USERS, author="丙")
    assert approver(DEPUTY, "乙", USERS, author="甲") is APPROVER


def test_the_environment_cannot_claim_an_account() -> None:
    """The account comes from the system; LOGNAME and USER are anybody's words."""
    before = dict(os.environ)
    os.environ.update(LOGNAME="jia", USER="jia", LNAME="jia", USERNAME="jia")
    try:
        assert os_account() != "jia"
    finally:
        os.environ.clear()
        os.environ.update(before)
