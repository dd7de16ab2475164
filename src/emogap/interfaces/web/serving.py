"""Running the app on 127.0.0.1 until it is stopped."""

import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from emogap.errors import UsageError
from emogap.interfaces.web.opened import open_place
from emogap.preprocessing import load_detectors

__all__ = ["listen", "serve"]

HOST = "127.0.0.1"


def serve(place: Path, *, port: int, store: str = "", tell: Callable[[str, str], None]) -> None:
    """Serve the app on `place`; returns when it is interrupted.

    Parameters
    ----------
    place : Path
        Folder of a study, a data set or a run.
    port : int
        0 = any that is free.
    store : str
        Where experts' answers are kept, an address of a database; the study's own rating files if empty.
    tell : function
        Called once the app answers, with the address, token included, and with one that signs in once: what a
        browser is started with stands in the list of processes, where everybody on the machine reads it.

    Raises
    ------
    UsageError
        If the packages of the extra ``web`` are absent, the port is taken, or the folder is nothing to open.
    DataError
        If what is in the folder is damaged.
    """
    opened = open_place(place, store=store)
    try:
        import uvicorn

        from emogap.interfaces.web.app import build_app
        from emogap.interfaces.web.security import new_token
    except ModuleNotFoundError as error:
        raise UsageError(f"the app needs {error.name}", fix='pip install "emogap[web]"') from error
    listening = listen(port)
    taken: int = listening.getsockname()[1]
    token, ticket = new_token(), new_token()
    app = build_app(opened, token=token, port=taken, ticket=ticket)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            tell(*(f"http://{HOST}:{taken}/?token={word}" for word in (token, ticket)))

    # Whoever comes reads the notice and the first page before a recording: its packages are loaded meanwhile.
    threading.Thread(target=load_detectors, daemon=True).start()
    options = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none")
    with listening:
        Server(options).run(sockets=[listening])


def listen(port: int) -> socket.socket:
    """A socket bound to `port` of this machine alone; 0 = any that is free.

    Raises
    ------
    UsageError
        If the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # There it would let two apps answer at one port.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"port {port} is taken: {error.strerror}", fix="give another --port, or none") from error
    return listening
