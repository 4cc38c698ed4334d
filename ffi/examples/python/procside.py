"""procside in Python, by ctypes: one file, nothing to install beside the shared library.

The library is found by the variable ``PROCSIDE_LIBRARY``, else where the system keeps libraries.

    with Project.init("work") as project:
        project.call("init", name="Move the wiki")
        project.call("add-step", name="Copy the pages")
        for event in project.events(after=0, timeout=1.0):
            print(event["event"]["type"])
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import json
import os
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

#: The version of the interface that this module speaks.
ABI_VERSION = 1

#: The statuses of the header; `call` raises for all but OK, FAILED, INVALID and WAITING with an answer.
OK, FAILED, USAGE, NOT_FOUND, CONFLICT, LOCKED, INVALID, WAITING = range(8)
_LATER = 100

#: What `Project.drive` returns.
IDLE, PROGRESS, TIMEOUT = range(3)

#: A handler takes an attempt and returns its output; `LATER` when `Project.complete` will say it.
Handler = Callable[[dict[str, Any]], Any]


class _Later:
    """The type of `LATER`."""


#: What a handler returns that will call `Project.complete` with the token of its attempt.
LATER = _Later()


class Error(Exception):
    """Why a call failed."""

    def __init__(self, code: int, kind: str, message: str, hint: str | None, details: Any) -> None:
        super().__init__(f"{kind}: {message}")
        #: The status, which is the exit code of the command line.
        self.code = code
        #: A stable word such as ``not_found``.
        self.kind = kind
        self.message = message
        self.hint = hint
        self.details = details


def _load() -> ctypes.CDLL:
    path = os.environ.get("PROCSIDE_LIBRARY") or ctypes.util.find_library("procside")
    if not path:
        raise OSError("libprocside is not found: set PROCSIDE_LIBRARY to its path")
    library = ctypes.CDLL(path)
    library.ps_abi_version.restype = ctypes.c_uint32
    if library.ps_abi_version() != ABI_VERSION:
        raise OSError(f"{path} speaks version {library.ps_abi_version()}, not {ABI_VERSION}")
    return library


_HANDLER = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64
)
_pointer, _text, _size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_out = ctypes.POINTER(ctypes.c_void_p)
_number = ctypes.POINTER(ctypes.c_int32)
_u32, _u64, _i64, _i32 = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int64, ctypes.c_int32

_lib = _load()
for _name, _result, _arguments in [
    ("ps_version", _text, []),
    ("ps_buf_data", _pointer, [_pointer]),
    ("ps_buf_len", _size, [_pointer]),
    ("ps_buf_free", None, [_pointer]),
    ("ps_error_code", _i32, [_pointer]),
    ("ps_error_kind", _text, [_pointer]),
    ("ps_error_message", _text, [_pointer]),
    ("ps_error_hint", _text, [_pointer]),
    ("ps_error_details", _text, [_pointer]),
    ("ps_error_free", None, [_pointer]),
    ("ps_project_init", _i32, [_text, _size, _out, _out]),
    ("ps_project_open", _i32, [_text, _size, _out, _out]),
    ("ps_project_close", None, [_pointer]),
    ("ps_project_notices", _i32, [_pointer, _out, _out]),
    ("ps_call", _i32, [_pointer, _text, _size, _out, _out]),
    ("ps_patch_text", _i32, [_text, _size, _text, _size, _out, _out, _out]),
    ("ps_handler_set", _i32, [_pointer, _text, _size, _HANDLER, _pointer, _pointer, _out]),
    ("ps_complete", _i32, [_pointer, _u64, _text, _size, _out]),
    ("ps_heartbeat", _i32, [_pointer, _u64, _text, _size, _number, _out]),
    ("ps_drive", _i32, [_pointer, _u32, _number, _out]),
    ("ps_drive_stop", _i32, [_pointer, _u32, _number, _out]),
    ("ps_events_open", _i32, [_pointer, _text, _size, _i64, _out, _out]),
    ("ps_events_next", _i32, [_pointer, _u32, _out, _out]),
    ("ps_events_close", None, [_pointer]),
]:
    _function = getattr(_lib, _name)
    _function.restype, _function.argtypes = _result, _arguments


def version() -> str:
    """Returns the version of procside."""
    return _lib.ps_version().decode()


def _error(err: ctypes.c_void_p) -> Error:
    try:
        hint = _lib.ps_error_hint(err)
        return Error(
            _lib.ps_error_code(err),
            _lib.ps_error_kind(err).decode(),
            _lib.ps_error_message(err).decode(),
            hint.decode() if hint else None,
            json.loads(_lib.ps_error_details(err)),
        )
    finally:
        _lib.ps_error_free(err)


def _check(function: Any, *arguments: Any) -> int:
    """Calls a function whose last argument takes an error, and raises it."""
    err = ctypes.c_void_p()
    status = function(*arguments, ctypes.byref(err))
    if err.value:
        raise _error(err)
    return int(status)


def _take(buf: ctypes.c_void_p) -> str:
    """Returns the text of a buffer, and frees it."""
    try:
        return ctypes.string_at(_lib.ps_buf_data(buf), _lib.ps_buf_len(buf)).decode()
    finally:
        _lib.ps_buf_free(buf)


def patch_text(document: str, patches: Any) -> tuple[dict[str, Any], Any]:
    """Patches a text that belongs to no project; returns what came of it, and the way back."""
    text, wanted = document.encode(), json.dumps(patches).encode()
    out, inverse = ctypes.c_void_p(), ctypes.c_void_p()
    _check(
        _lib.ps_patch_text,
        text,
        len(text),
        wanted,
        len(wanted),
        ctypes.byref(out),
        ctypes.byref(inverse),
    )
    return json.loads(_take(out)), json.loads(_take(inverse))


class Project:
    """A project that is open: a context manager, and safe to share between threads."""

    def __init__(self, path: str | os.PathLike[str], *, _make: bool = False) -> None:
        """Opens the project that a folder belongs to."""
        self._handle = ctypes.c_void_p()
        self._handlers: list[Any] = []
        text = os.fspath(path).encode()
        function = _lib.ps_project_init if _make else _lib.ps_project_open
        _check(function, text, len(text), ctypes.byref(self._handle))

    @classmethod
    def init(cls, path: str | os.PathLike[str]) -> Project:
        """Makes an empty project in a folder that is there, and opens it."""
        return cls(path, _make=True)

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the project; it may be closed twice."""
        _lib.ps_project_close(self._handle)

    def call(self, operation: str, /, **arguments: Any) -> Any:
        """Calls an operation by the name of its command; returns the data of its answer."""
        return self.call_with_status(operation, **arguments)[1]

    def call_with_status(self, operation: str, /, **arguments: Any) -> tuple[int, Any]:
        """Calls an operation; returns the exit code of the command as well."""
        request = json.dumps({"op": operation, "args": arguments}).encode()
        out, err = ctypes.c_void_p(), ctypes.c_void_p()
        status = _lib.ps_call(
            self._handle, request, len(request), ctypes.byref(out), ctypes.byref(err)
        )
        answer = json.loads(_take(out)) if out.value else None
        if err.value:
            raise _error(err)
        return status, answer["data"]

    def notices(self) -> list[str]:
        """Returns what people should be told since this was last asked."""
        out = ctypes.c_void_p()
        _check(_lib.ps_project_notices, self._handle, ctypes.byref(out))
        return json.loads(_take(out))

    def handler(self, slot: str) -> Callable[[Handler], Handler]:
        """Makes a function perform the steps of a type or an agent; a decorator."""

        def register(function: Handler) -> Handler:
            self.set_handler(slot, function)
            return function

        return register

    def set_handler(self, slot: str, function: Handler) -> None:
        """Makes a function perform the steps of a type or an agent.

        It is called inside `drive` with the attempt, which has a ``token`` beside what the header
        tells. What it returns is the output; what it raises fails the attempt.
        """

        def perform(_user: Any, work: int, size: int, token: int) -> int:
            attempt = {**json.loads(ctypes.string_at(work, size)), "token": token}
            try:
                output = function(attempt)
                if output is LATER:
                    return _LATER
                self.complete(token, output)
            except Exception as error:  # noqa: BLE001 - it would be lost behind the call
                # An attempt that is over has nobody to tell.
                with contextlib.suppress(Error):
                    self.fail(token, f"{type(error).__name__}: {error}")
            return OK

        callback = _HANDLER(perform)
        # It is called as long as the project is open.
        self._handlers.append(callback)
        name = slot.encode()
        _check(_lib.ps_handler_set, self._handle, name, len(name), callback, None, None)

    def complete(self, token: int, output: Any = None, cost: str | None = None) -> None:
        """Says what an attempt gave, from any thread."""
        self._finish(token, {"output": output, "cost": cost})

    def fail(self, token: int, error: str, cost: str | None = None) -> None:
        """Says why an attempt failed, from any thread."""
        self._finish(token, {"error": error, "cost": cost})

    def _finish(self, token: int, result: dict[str, Any]) -> None:
        text = json.dumps(result).encode()
        _check(_lib.ps_complete, self._handle, token, text, len(text))

    def heartbeat(self, token: int, context: Any = None) -> bool:
        """Gives a sign of life, and a context for the next attempt; returns whether to go on."""
        text = None if context is None else json.dumps(context).encode()
        wanted = ctypes.c_int32()
        _check(
            _lib.ps_heartbeat, self._handle, token, text, len(text or b""), ctypes.byref(wanted)
        )
        return bool(wanted.value)

    def drive(self, timeout: float = 1.0) -> int:
        """Drives until something happened, or nothing did in so many seconds."""
        state = ctypes.c_int32()
        _check(_lib.ps_drive, self._handle, int(timeout * 1000), ctypes.byref(state))
        return state.value

    def drive_until_idle(self) -> None:
        """Drives until nothing moves by itself any more."""
        while self.drive() != IDLE:
            pass

    def stop(self, timeout: float = 8.0) -> bool:
        """Ends driving; returns whether all that was performed has ended."""
        done = ctypes.c_int32()
        _check(_lib.ps_drive_stop, self._handle, int(timeout * 1000), ctypes.byref(done))
        return bool(done.value)

    def events(
        self, process: str | None = None, *, after: int | None = None, timeout: float | None = None
    ) -> Events:
        """Returns the events as they happen: an iterator, and a context manager.

        ``after`` is the number behind which events are told, 0 for all; without it, those from here
        on. It ends when nothing happened in ``timeout`` seconds; without one it never does.
        """
        return Events(self, process, after, timeout)


class Events(Iterator[dict[str, Any]]):
    """The events of a project, one after the other."""

    def __init__(
        self, project: Project, process: str | None, after: int | None, timeout: float | None
    ) -> None:
        self._handle = ctypes.c_void_p()
        self._timeout = timeout
        text = None if process is None else process.encode()
        _check(
            _lib.ps_events_open,
            project._handle,
            text,
            len(text or b""),
            -1 if after is None else after,
            ctypes.byref(self._handle),
        )

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> dict[str, Any]:
        while True:
            # In pieces, so that an interrupt from the keyboard is heard.
            wait = 0.5 if self._timeout is None else self._timeout
            out = ctypes.c_void_p()
            _check(_lib.ps_events_next, self._handle, int(wait * 1000), ctypes.byref(out))
            if out.value:
                return json.loads(_take(out))
            if self._timeout is not None:
                raise StopIteration

    def close(self) -> None:
        """Closes the feed; it may be closed twice."""
        _lib.ps_events_close(self._handle)
