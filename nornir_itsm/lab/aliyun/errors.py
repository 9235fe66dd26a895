"""What the cloud answers when it does not do what was asked."""

from dataclasses import dataclass


@dataclass(eq=False)
class ApiError(Exception):
    """An error document: HTTP status, code and message."""

    status: int
    code: str
    message: str


class Lost(Exception):  # noqa: N818
    """No answer is given: the connection is cut."""


def missing(parameter: str) -> ApiError:
    """Return the answer to a call that lacks a parameter."""
    return ApiError(400, f"Missing{parameter}", f"{parameter} is mandatory for this action.")


def invalid(parameter: str, why: str = "is not valid") -> ApiError:
    """Return the answer to a parameter that cannot be."""
    return ApiError(400, f"InvalidParameter.{parameter}", f"The specified {parameter} {why}.")


def throttled() -> ApiError:
    """Return the answer to too many calls."""
    return ApiError(400, "Throttling.User", "Request was denied due to user flow control.")
