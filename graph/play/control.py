"""`ControlThread`: a thread that owns resources and runs other threads' requests in order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from graph.errors import DeviceError

T = TypeVar("T")


class ControlThread:
    """[control] A thread with a queue of requests. Only this thread opens, closes and swaps the resources it owns.

    Any thread may call any method. A request from the thread itself runs immediately, so it never waits for itself.
    No lock is held while a request runs. The only lock is a leaf: it guards the state of the requests.

    name      name of the thread
    stopped   message of the DeviceError for requests after `end`
    tick      called every `interval` seconds between requests; it handles its own errors
    """

    def __init__(
        self, name: str, stopped: str, tick: Callable[[], None] | None = None, interval: float | None = None
    ) -> None:
        self._stopped = stopped
        self._tick, self._interval = tick, interval
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._open: set[_Request] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts accepting requests."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def current(self) -> bool:
        """Whether the caller is this thread."""
        return threading.current_thread() is self._thread

    @property
    def waiting(self) -> int:
        """Number of pending requests."""
        return len(self._open)

    def do(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Runs `work` on the thread; returns its result or raises its error. DeviceError after `end` or on timeout.

        On timeout a request that has not started is withdrawn; one that has started runs to completion.
        """
        if self.current:
            return work()
        request = self._put(work)
        try:
            answered = request.answered.wait(seconds)
        except BaseException:  # Ctrl-C: without a waiter, the request must not start
            self._withdraw(request)
            raise
        if not answered and self._withdraw(request):
            raise DeviceError(f"busy for {seconds:g} s with an earlier request: nothing was changed, try again")
        if not answered and not request.answered.is_set():
            raise DeviceError(f"not done after {seconds:g} s; it takes effect when it is done")
        if request.error is not None:
            raise request.error
        result: T = request.result
        return result

    def later(self, work: Callable[[], object]) -> None:
        """Queues `work` without waiting for it; does nothing after `end`."""
        with suppress(DeviceError):
            self._put(work)

    def end(self, seconds: float) -> bool:
        """Rejects all requests and waits up to `seconds` for the thread to end; returns whether it has ended.

        Callers, including that of the running request, get the error immediately. A request that hangs is abandoned.
        """
        with self._lock:
            self._ended = True
            left = list(self._open)
        for request in left:
            self._settle(request, None, DeviceError(self._stopped))
        self._requests.put(None)
        if self.alive and not self.current:
            self._thread.join(seconds)
        return not self.alive

    def _put(self, work: Callable[[], Any]) -> _Request:
        request = _Request(work)
        with self._lock:
            if self._ended:
                raise DeviceError(self._stopped)
            self._open.add(request)
            self._requests.put(request)
        return request

    def _withdraw(self, request: _Request) -> bool:
        """Withdraws a request that has not started; returns whether it did."""
        with self._lock:
            if request.begun or request not in self._open:
                return False
            self._open.discard(request)
        return True

    def _begin(self, request: _Request) -> bool:
        with self._lock:
            request.begun = request in self._open
        return request.begun

    def _settle(self, request: _Request, result: Any, error: BaseException | None) -> None:
        with self._lock:
            if request not in self._open:  # already answered by `end`
                return
            self._open.discard(request)
            request.result, request.error = result, error
        request.answered.set()

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            try:
                patience = None if self._interval is None else max(0.0, due - time.monotonic())
                request = self._requests.get(block=patience != 0.0, timeout=patience)
            except queue.Empty:
                pass
            else:
                if request is None:
                    return
                self._answer(request)
                del request  # it may refer to the graph that was just swapped out
            if self._tick is not None and self._interval is not None and time.monotonic() >= due:
                self._tick()
                due = time.monotonic() + self._interval

    def _answer(self, request: _Request) -> None:
        if not self._begin(request):
            return
        try:
            result = request.work()
        except BaseException as error:
            self._settle(request, None, error)
        else:
            self._settle(request, result, None)


class _Request:
    """A request to a ControlThread, whose lock guards all fields but `answered`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.begun = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.answered = threading.Event()
