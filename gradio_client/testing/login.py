"""Who may use the app: the login form's cookies (protocol section 3.1)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.testing.line import Line


class Login:
    """Users and their cookies; without users everybody may."""

    def __init__(self, users: Mapping[str, str] | None, line: Line, message: str | None) -> None:
        self._users = users
        self._line = line
        self._message = message
        self._id = secrets.token_urlsafe(16)
        self._tokens: dict[str, str] = {}

    @property
    def required(self) -> bool:
        """Whether there are users at all."""
        return self._users is not None

    def user(self, request: web.Request) -> str | None:
        """The name of the user who sent the request, if one is logged in."""
        for name in (f"access-token-{self._id}", f"access-token-unsecure-{self._id}"):
            if (found := self._tokens.get(request.cookies.get(name, ""))) is not None:
                return found
        return None

    def allows(self, request: web.Request) -> bool:
        """Whether the request may see what a login protects."""
        return not self.required or self.user(request) is not None

    def refusal(self) -> web.Response:
        """What everybody else gets."""
        detail = {"error": "Not authenticated", "auth_message": self._message}
        return web.json_response(
            {"detail": detail if self._line.structured_401 else "Not authenticated"}, status=401
        )

    def page_config(self, root: str) -> dict[str, object]:
        """What the page holds instead of the configuration."""
        return {"auth_required": True, "auth_message": self._message, "space_id": None, "root": root}

    async def log_in(self, request: web.Request) -> web.Response:
        """``POST /login``."""
        if self._users is None:
            return web.Response(status=302, headers={"Location": "/"})
        form = await request.post()
        missing = [name for name in ("username", "password") if not isinstance(form.get(name), str)]
        if missing:
            return web.json_response({"detail": [_missing(name) for name in missing]}, status=422)
        user, password = str(form["username"]).strip(), str(form["password"])
        if self._users.get(user) != password:
            return web.json_response({"detail": "Incorrect credentials."}, status=400)
        return self._welcome(user)

    async def log_out(self, request: web.Request) -> web.Response:
        """``GET /logout``: all sessions of the user end."""
        user = self.user(request)
        self._tokens = {token: name for token, name in self._tokens.items() if name != user}
        answer = web.Response(status=302, headers={"Location": "/"})
        answer.del_cookie(f"access-token-{self._id}")
        answer.del_cookie(f"access-token-unsecure-{self._id}")
        return answer

    def _welcome(self, user: str) -> web.Response:
        token = secrets.token_urlsafe(16)
        self._tokens[token] = user
        answer = web.json_response({"success": True})
        answer.set_cookie(
            f"access-token-{self._id}", token, httponly=True, samesite="none", secure=True, path="/"
        )
        answer.set_cookie(f"access-token-unsecure-{self._id}", token, httponly=True, samesite="lax", path="/")
        return answer


def _missing(name: str) -> dict[str, object]:
    return {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": None}
