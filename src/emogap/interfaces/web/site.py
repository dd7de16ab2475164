"""What every page of the app is given: what was opened, the templates, the words."""

import json
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from emogap.errors import EmogapError
from emogap.interfaces.web.messages import line_in, message_in, problem_in
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.study_words import consent_in, use_in
from emogap.interfaces.web.words import LANGUAGES, emotions_in, words_in

__all__ = ["Link", "Site"]

LANGUAGE_COOKIE = "emogap-language"
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation.

    Attributes
    ----------
    path : str
    word : str
        Key of its words.
    order : int
        Lower stands further left.
    """

    path: str
    word: str
    order: int


@dataclass(frozen=True)
class Site:
    """Shared by all requests and never changed.

    Attributes
    ----------
    opened : Opened
    links : tuple of Link
        The navigation.
    """

    opened: Opened
    links: tuple[Link, ...] = ()

    @cached_property
    def environment(self) -> Environment:
        """The templates; what is put into them is escaped, what they lack is an error."""
        return Environment(
            loader=PackageLoader("emogap.interfaces.web"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A template as a page in the reader's language.

        Parameters
        ----------
        request : Request
        template : str
            Name of a file in ``templates/``.
        status : int
        **values
            What the template names besides ``t`` (words), ``problem_of`` (an error as a problem), ``sentence`` (an
            English sentence as a message), ``emotion`` (a word of emotion7 or emotion3, several with a slash at a tie),
            ``emotions`` (all of them), ``use`` and ``consent`` (codes of a study in words), ``language``,
            ``languages``, ``links``, ``path``, ``opened``.
        """
        language = language_of(request)
        emotions = emotions_in(language)
        html = self.environment.get_template(template).render(
            t=words_in(language),
            problem_of=partial(problem_in, language),
            sentence=partial(message_in, language),
            emotions=emotions,
            emotion=lambda said: "/".join(emotions.get(word, word) for word in said.split("/")),
            use=partial(use_in, language),
            consent=partial(consent_in, language),
            language=language,
            languages=LANGUAGES,
            links=self.links,
            path=request.url.path,
            opened=self.opened,
            **values,
        )
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})


def language_of(request: Request) -> str:
    """The language that the reader chose, or the first that the browser asks for and the app has."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    asked = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in (chosen, *asked) if language in LANGUAGES), "en")


def wants_json(request: Request) -> bool:
    """Whether an answer is read by a script: everything below ``/api``."""
    return request.url.path.startswith("/api/")


def error_json(language: str, error: EmogapError) -> bytes:
    """An error as scripts get it: the same three fields as ``--json`` on the command line, in the reader's language."""
    fix = None if error.fix is None else message_in(language, error.fix).text
    return json.dumps({"error": line_in(language, error.what), "where": error.where, "fix": fix}).encode()
