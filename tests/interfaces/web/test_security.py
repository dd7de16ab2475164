"""Nobody but the reader's own browser, on this machine, at a page of this app, is answered."""

import pytest
from fastapi.testclient import TestClient

from emogap.interfaces.web.app import build_app
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.security import MOST_BYTES, LocalOnly, new_token
from tests.interfaces.web.conftest import HOST, TOKEN, client_of


def stranger(opened: Opened, base_url: str = HOST, port: int = 0) -> TestClient:
    return TestClient(build_app(opened, token=TOKEN, port=port), base_url=base_url, follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/notice", "/static/app.css", "/api/openapi.json", "/no-such-page"])
@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=%C3%A9"])
def test_without_the_token_nothing_is_shown(opened: Opened, path: str, token: str) -> None:
    answer = stranger(opened).get(path + token)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_address_with_the_token_signs_in_and_leaves_no_token_in_the_address(opened: Opened) -> None:
    client = stranger(opened)
    answer = client.get(f"/notice?token={TOKEN}&a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice?a=1")
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert client.get("/notice").status_code == 200


def test_a_ticket_signs_in_once(opened: Opened) -> None:
    """What a browser is started with stands in the list of processes for everybody on the machine."""
    app = build_app(opened, token=TOKEN, port=0, ticket="k" * 43)
    first, second = (TestClient(app, base_url=HOST, follow_redirects=False) for _ in range(2))
    assert first.get("/?token=" + "k" * 42).status_code == 403
    assert first.get("/?token=" + "k" * 43).status_code == 303
    assert first.get("/notice").status_code == 200
    assert second.get("/?token=" + "k" * 43).status_code == 403
    assert second.get("/?token=").status_code == 403
    assert second.get(f"/?token={TOKEN}").status_code == 303


def test_signing_in_never_leads_to_another_host(opened: Opened) -> None:
    answer = stranger(opened).get(f"//evil.example/?token={TOKEN}")
    assert answer.headers.get("location", "/").startswith("/")
    assert not answer.headers.get("location", "/").startswith("//")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:1@evil", "", "[::1]:80", "0.0.0.0"]
)
def test_a_foreign_host_is_refused_whoever_asks(opened: Opened, host: str) -> None:
    answer = client_of(opened).get("/", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8765", 403), ("127.0.0.1:8766", 421), ("localhost", 421)])
def test_the_port_belongs_to_the_host(opened: Opened, host: str, status: int) -> None:
    assert stranger(opened, port=8765).get("/", headers={"host": host}).status_code == status


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:81", ""])
def test_a_change_that_another_page_asks_for_is_refused(opened: Opened, origin: str) -> None:
    client = client_of(opened)
    answer = client.post("/language", data={"chosen": "de"}, headers={"origin": origin})
    assert answer.status_code == 403
    assert "emogap-language" not in client.cookies


def test_a_change_without_an_origin_is_refused(opened: Opened) -> None:
    client = client_of(opened)
    del client.headers["origin"]
    assert client.post("/language", data={"chosen": "de"}).status_code == 403


def test_a_program_with_the_token_may_change_things(opened: Opened) -> None:
    client = stranger(opened)
    answer = client.post("/language", data={"chosen": "de"}, headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 303


def test_a_request_above_the_limit_is_refused_unread(opened: Opened) -> None:
    answer = client_of(opened).post("/language", content=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413


def test_a_request_of_unknown_length_is_refused(opened: Opened) -> None:
    def endless() -> object:
        yield b"chosen=de"

    assert client_of(opened).post("/language", content=endless()).status_code == 411  # type: ignore[arg-type]


@pytest.mark.parametrize("length", ["5", "0", "\xb2", "9" * 5000, "-1", ""])
def test_an_announced_length_does_not_hide_chunks_of_any_length(opened: Opened, length: str) -> None:
    """Of two lengths a server believes the chunks: a body of any size came in behind 'Content-Length: 5'."""

    def sent(headers: list[tuple[bytes, bytes]]) -> int:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/language",
            "query_string": b"",
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"authorization", f"Bearer {TOKEN}".encode()),
                *headers,
            ],
        }
        refused = LocalOnly(None, token=TOKEN, port=0)._refusal(scope)  # type: ignore[arg-type]
        return 0 if refused is None else refused.status_code

    announced = (b"content-length", length.encode("latin-1"))
    assert sent([announced, (b"transfer-encoding", b"chunked")]) == 411
    assert sent([announced]) == {"5": 0, "0": 0, "9" * 5000: 413}.get(length, 411)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/%5c..%5capp.py",
        "/static/words/en.toml",
    ],
)
def test_no_path_leads_out_of_the_static_folder(opened: Opened, path: str) -> None:
    answer = client_of(opened).get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_a_form_cannot_send_the_reader_to_another_host(opened: Opened, wanted: str) -> None:
    answer = client_of(opened).post("/notice", data={"wanted": wanted}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_pages_may_load_nothing_from_elsewhere(opened: Opened) -> None:
    policy = client_of(opened).get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_refusals_carry_the_policy_too(opened: Opened) -> None:
    assert "content-security-policy" in stranger(opened).get("/").headers


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43
