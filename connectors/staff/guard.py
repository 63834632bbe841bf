"""Who may see the staff pages: session cookie, CSRF tokens, and the lock-out after failed logins."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from connectors.errors import StoreError
from connectors.sessions import AgeingCache
from connectors.store.accounts import StaffAccounts, StaffUser

SESSION_COOKIE = "motcua_staff"
LOGIN_COOKIE = "motcua_login"


class LoginThrottle:
    """Locks a name out after failures in a row. Names that do not exist count too, so none can be probed."""

    def __init__(self, failures: int, lockout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_failures = failures
        self._failures: AgeingCache[int] = AgeingCache(10_000, lockout_s, clock)

    def is_locked(self, name: str) -> bool:
        return (self._failures.get(_key(name)) or 0) >= self._max_failures

    def failed(self, name: str) -> None:
        self._failures.set(_key(name), (self._failures.get(_key(name)) or 0) + 1)

    def succeeded(self, name: str) -> None:
        self._failures.drop(_key(name))


class StaffGate:
    """Reads and writes the cookies."""

    def __init__(self, accounts: StaffAccounts, session_s: float) -> None:
        self._accounts, self._session_s = accounts, session_s

    def user(self, request: Request) -> StaffUser:
        """FastAPI dependency: who is signed in.

        Raises:
            HTTPException: 303 to the login page when nobody is; 503 when the database is away.
        """
        token = request.cookies.get(SESSION_COOKIE, "")
        try:
            user = self._accounts.user_of(token) if token else None
        except StoreError as exc:
            raise HTTPException(503) from exc
        if user is None:
            raise HTTPException(303, headers={"Location": "/staff/login"})
        return user

    def open(self, request: Request, token: str) -> Response:
        response = RedirectResponse("/staff", status_code=303)
        response.delete_cookie(LOGIN_COOKIE, path="/staff")
        self._set(request, response, SESSION_COOKIE, token, int(self._session_s))
        return response

    def close(self, request: Request) -> Response:
        self._accounts.sign_out(request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/staff/login", status_code=303)
        response.delete_cookie(SESSION_COOKIE, path="/staff")
        return response

    def set_login_token(self, request: Request, response: Response, token: str) -> None:
        """The login form has no session yet: its hidden field must equal this cookie."""
        self._set(request, response, LOGIN_COOKIE, token, 3600)

    def _set(self, request: Request, response: Response, name: str, value: str, max_age_s: int) -> None:
        response.set_cookie(
            name, value, max_age=max_age_s, path="/staff", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip


def check_token(given: str, expected: str) -> None:
    """Raises HTTPException 403 when a form's CSRF token is not the one expected."""
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403)


def _key(name: str) -> str:
    return name.strip().lower()[:64]
