"""The person of a request: a label that the caller chooses, for grouping, canaries and deletion, never for access.

It is the query parameter or field `user`, else the header X-Plait-User, else the session of a browser, else "".
"""

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.feedback import check_label

USER = "user"
USER_HEADER = "x-plait-user"
SESSION_COOKIE = "plait_session"  # ends with the browser; it is given by pages alone
SESSION = re.compile(r"[0-9a-f]{16}")


def request_person(request: Request, field: object = None) -> str:
    """The person of a request; `field` is the one in its body. Raises InputError for what is not a label."""
    if field is not None:
        return check_label(field, USER)
    if USER in request.query_params:
        return check_label(request.query_params[USER], USER)
    header = request.headers.get(USER_HEADER)
    if header is not None:
        return check_label(header_text(header), USER_HEADER)
    session = page_session(request)
    return f"session-{session}" if session else ""


def header_text(header: str) -> str:
    """The text of a header, which Starlette reads as Latin-1 and most clients write as UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def page_session(request: Request) -> str:
    """The session that the browser sent; "" without a valid one."""
    session = request.cookies.get(SESSION_COOKIE, "")
    return session if SESSION.fullmatch(session) else ""


def new_session(request: Request) -> str:
    """A session for a browser without one; "" if it has one."""
    return "" if page_session(request) else secrets.token_hex(8)


def set_session(response: Response, session: str) -> None:
    response.set_cookie(SESSION_COOKIE, session, samesite="strict", httponly=True)
