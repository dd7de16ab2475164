"""What Linux, macOS and Windows do differently, found in the source: what would only break on another's machine."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "emogap"

ONE_SYSTEM_ONLY = {
    *("crypt", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline", "resource", "spwd", "syslog"),
    *("termios", "tty"),
    *("_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound"),
}
"""Modules of the standard library that one family of systems lacks."""

NOT_ON_WINDOWS = {
    "os": {
        *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fchmod", "fchown", "fork", "forkpty"),
        *("getegid", "geteuid", "getgid", "getloadavg", "getpgid", "getuid", "killpg", "mkfifo", "nice", "openpty"),
        *("posix_spawn", "pread", "pwrite", "sched_getaffinity", "setsid", "statvfs", "sync", "sysconf", "uname"),
    },
    "signal": {"SIGALRM", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm", "pause", "setitimer"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset"},
}

PLACES = ("/dev/", "/proc/", "/tmp/", "/etc/", "/sys/", "/var/")


@cache
def trees() -> dict[str, ast.Module]:
    """Every file of the source, parsed, by its path."""
    files = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def imported_at_once(body: list[ast.stmt]) -> Iterator[str]:
    """Modules that are imported as soon as the file is: not those in functions, nor those only a type checker sees."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.ClassDef | ast.With | ast.For | ast.While):
            yield from imported_at_once(node.body)
        elif isinstance(node, ast.If):
            is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            yield from () if is_for_types else imported_at_once([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            rest = [line for handler in node.handlers for line in handler.body]
            yield from imported_at_once([*node.body, *rest, *node.orelse, *node.finalbody])


def calls_without_encoding(tree: ast.Module) -> Iterator[int]:
    """Lines that open a file as text in whatever code page the machine has."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(word.arg in ("encoding", None) for word in node.keywords):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_builtin = isinstance(node.func, ast.Name)
        given = {word.arg for word in node.keywords}
        is_text = {
            "open": opens_text(node, mode_at=1 if is_builtin else 0),
            "read_text": not node.args,
            "write_text": len(node.args) == 1,
            **dict.fromkeys(("run", "Popen", "check_output"), bool({"text", "universal_newlines"} & given)),
        }
        if is_text.get(name, False):
            yield node.lineno


def opens_text(call: ast.Call, *, mode_at: int) -> bool:
    """Whether an `open` opens text; the entries of a shelf are opened by names that are no modes."""
    modes = [word.value for word in call.keywords if word.arg == "mode"] + call.args[mode_at : mode_at + 1]
    if not modes:
        return mode_at == 1 or not call.args
    mode = modes[0].value if isinstance(modes[0], ast.Constant) else None
    return isinstance(mode, str) and set(mode) <= set("rwaxt+") and mode != ""


def writes_of_text(tree: ast.Module) -> Iterator[int]:
    """Lines that write text whose line ends are the machine's: the same content has other bytes there."""
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr == "write_text" and all(word.arg != "newline" for word in node.keywords):
            yield node.lineno


def only_here(tree: ast.Module) -> Iterator[str]:
    """What Windows lacks: members of modules, and places of the file system."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in NOT_ON_WINDOWS.get(node.value.id, ()):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(PLACES):
            yield node.value


def test_no_module_needs_one_system_to_be_imported() -> None:
    used = {(place, name.split(".")[0]) for place, tree in trees().items() for name in imported_at_once(tree.body)}
    assert sorted((place, name) for place, name in used if name in ONE_SYSTEM_ONLY) == []


def test_no_module_calls_what_windows_lacks() -> None:
    assert [(place, found) for place, tree in trees().items() for found in only_here(tree)] == []


def test_every_text_file_is_opened_in_a_stated_encoding() -> None:
    assert [f"{place}:{line}" for place, tree in trees().items() for line in calls_without_encoding(tree)] == []


def test_text_is_written_with_the_same_line_ends_everywhere() -> None:
    assert [f"{place}:{line}" for place, tree in trees().items() for line in writes_of_text(tree)] == []


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.read_text(encoding='utf-8')", False),
        ("path.write_text('x')", True),
        ("path.open()", True),
        ("path.open('w')", True),
        ("path.open('rb')", False),
        ("path.open('a', encoding='utf-8')", False),
        ("open(path)", True),
        ("open(path, mode='r')", True),
        ("open(path, 'wb')", False),
        ("SHELF.open(name)", False),
        ("SHELF.open('emert')", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command)", False),
    ],
)
def test_text_without_an_encoding_is_found(code: str, is_found: bool) -> None:
    assert bool(list(calls_without_encoding(ast.parse(code)))) == is_found


def test_what_is_imported_in_a_function_is_left_to_it() -> None:
    lines = ["import a", "if x:", "    import b", "else:", "    import c", "def f():", "    import fcntl"]
    lines += ["try:", "    import d", "except E:", "    import e"]
    assert list(imported_at_once(ast.parse("\n".join(lines)).body)) == ["a", "b", "c", "d", "e"]


def test_what_windows_lacks_is_found() -> None:
    code = "os.fork(); os.fsync(1); signal.SIGKILL; Path('/dev/null'); name = 'a/dev/null'"
    assert sorted(only_here(ast.parse(code))) == ["/dev/null", "os.fork", "signal.SIGKILL"]
