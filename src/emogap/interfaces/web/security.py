"""Who may ask: this machine, this browser, this page."""

import secrets
from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emogap.interfaces.web.messages import message_in
from emogap.interfaces.web.site import language_of

__all__ = ["COOKIE", "LocalOnly", "new_token"]

COOKIE = "emogap"
MOST_BYTES = 1 << 20
"""Of a request's body, unless its path is given more."""

MOST_DIGITS = 18
"""Of an announced length; longer numbers are not read."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
SAFE = ("GET", "HEAD")


def new_token() -> str:
    """A token of 256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


class LocalOnly:
    """Middleware that lets through what comes from the page of this app, and nothing else.

    Refused are: a ``Host`` that is not this machine's (status 421), a request without the token (403; the address that
    the command prints carries it once, then a cookie does), a change asked for by another page (403), and a body
    above the limit of its path (413) or of no announced length (411).

    Parameters
    ----------
    app : ASGIApp
    token : str
    port : int
        Of the address; 0 = any, for tests.
    larger : sequence of (str, int)
        Beginnings of paths that take more bytes.
    ticket : str
        Signs in once in place of the token; empty = none.
    """

    def __init__(
        self, app: ASGIApp, *, token: str, port: int, larger: Sequence[tuple[str, int]] = (), ticket: str = ""
    ) -> None:
        self.app = app
        self.ticket = ticket
        self.token = token
        self.port = port
        self.larger = tuple(larger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        await self.app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_here(headers.get("host", "")):
            return _refused(scope, 421, "this app answers at 127.0.0.1 only")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = "".join(query.get("token", []))
        if scope["method"] in SAFE and (self._is_token(given) or self._is_ticket(given)):
            return self._signed_in(scope, query)
        if not self._has_token(headers):
            return _refused(scope, 403, "open the address that 'emogap open' printed: it carries a token")
        if scope["method"] not in SAFE and not self._is_own_page(headers):
            return _refused(scope, 403, "a change may be asked for by a page of this app only")
        if scope["method"] in SAFE:
            return None
        # The server reads no more than was announced, except in chunks, which end when the sender likes.
        announced = headers.get("content-length", "")
        limit = next((size for start, size in self.larger if scope["path"].startswith(start)), MOST_BYTES)
        if "transfer-encoding" in headers or not (announced.isascii() and announced.isdigit()):
            return _refused(scope, 411, "the length of the request must be announced")
        if len(announced) > MOST_DIGITS or int(announced) > limit:
            return _refused(scope, 413, f"the request is larger than {limit} bytes")
        return None

    def _is_here(self, host: str) -> bool:
        name, _, port = host.rpartition(":") if ":" in host else (host, "", "80")
        return name in ("127.0.0.1", "localhost") and (port == str(self.port) or (self.port == 0 and port.isdigit()))

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self.token.encode())

    def _is_ticket(self, text: str) -> bool:
        """Whether it is the ticket, which then is spent."""
        is_ticket = self.ticket != "" and secrets.compare_digest(text.encode(), self.ticket.encode())
        if is_ticket:
            self.ticket = ""
        return is_ticket

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._is_token(bearer)
        cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        return any(name == f"{COOKIE}-{self.port}" and self._is_token(value) for name, _, value in cookies)

    def _is_own_page(self, headers: Headers) -> bool:
        if headers.get("authorization"):
            return True
        return headers.get("origin") == f"http://{headers.get('host', '')}"

    def _signed_in(self, scope: Scope, query: dict[str, list[str]]) -> Response:
        rest = urlencode({name: values for name, values in query.items() if name != "token"}, doseq=True)
        # A path may not name another host: '//elsewhere' would.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(path + (f"?{rest}" if rest else ""), 303)
        answer.set_cookie(f"{COOKIE}-{self.port}", self.token, httponly=True, samesite="strict", path="/")
        return answer


def _refused(scope: Scope, status: int, what: str) -> Response:
    """One line of text in the reader's language: whoever is refused gets no page of the app."""
    return PlainTextResponse(message_in(language_of(Request(scope)), what).text + "\n", status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name for name, _ in message["headers"]}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in known]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sending
