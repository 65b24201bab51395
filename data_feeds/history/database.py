"""One DuckDB file, owned by one process: a thread that writes, cursors that read, and errors that people understand."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import queue
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from data_feeds.history.store import Options, StoreBroken, StoreBusy, StoreClosed, StoreError, StoreFull

log = logging.getLogger(__name__)
T = TypeVar("T")
Read = Callable[..., pa.Table]  # a statement and its parameters
Job = Callable[[duckdb.DuckDBPyConnection], T]
FILE, LOCK, TEMP = "history.duckdb", "owner.lock", "temp"
CHECKPOINT = "64MB"  # of changes that wait beside the file: more makes a start after a crash slower, less an append
_CLOSE_S = 10.0
_PID = re.compile(r"PID (\d+)")
_FULL = ("no space left", "file too large", "disk quota exceeded", "max_temp_directory_size", "disk full")
_BROKEN = ("not a valid duckdb database", "corrupt", "checksum", "failed to load", "deserializ", "replaying wal",
           "wal file", "trying to read a database file with version")  # fmt: skip


class Database:
    """The file in ``folder``. Raises StoreBusy, StoreBroken, StoreFull or StoreError when it cannot be opened."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.folder, self.path, self._options = folder, folder / FILE, options
        self._lock_fd = _owned(folder)
        self._guard = threading.Lock()
        self._reading: set[duckdb.DuckDBPyConnection] = set()
        self._idle = threading.Condition(self._guard)
        self._jobs: queue.SimpleQueue[tuple[Job[Any], Callable[[Any], None] | None, Future[Any]] | None]
        self._jobs = queue.SimpleQueue()
        self._closed = False
        self.on_tick: Callable[[], None] | None = None  # by the writer: before each job, or once in tick_s
        self.tick_s = 1.0
        try:
            self._con: duckdb.DuckDBPyConnection | None = self._connect()
        except BaseException:
            os.close(self._lock_fd)
            raise
        self._writer = threading.Thread(target=self._write_all, name="history-writer", daemon=True)
        self._writer.start()

    def read(self, text: str, values: Sequence[Any] = ()) -> pa.Table:
        """The answer to a statement, on a cursor of its own: many threads may read while one writes."""
        with self._cursor() as cursor:
            return cursor.sql(text, params=list(values)).to_arrow_table()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Read]:
        """A function like ``read`` whose answers are all of one moment."""
        with self._cursor() as cursor:
            cursor.begin()
            yield lambda text, values=(): cursor.sql(text, params=list(values)).to_arrow_table()

    @contextlib.contextmanager
    def reading(self, text: str, values: Sequence[Any], rows: int) -> Iterator[pa.RecordBatchReader]:
        """The answer in batches of about ``rows``, for what does not fit into memory."""
        with self._cursor() as cursor:
            yield cursor.sql(text, params=list(values)).to_arrow_reader(rows)

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._guard:
            if self._con is None:
                raise StoreClosed("the history is closed" if self._closed else f"{self.path} is being opened again")
            cursor = self._con.cursor()
            self._reading.add(cursor)
        try:
            yield cursor
        except (duckdb.Error, pa.ArrowException) as error:
            raise self._told(error) from error
        finally:
            cursor.close()
            with self._guard:
                self._reading.discard(cursor)
                self._idle.notify_all()

    def write(self, job: Job[T], after: Callable[[T], None] | None = None) -> T:
        """Run ``job`` on the writer's thread in a transaction of its own, then ``after`` with its result. Blocks; what
        ``job`` raises is raised here, and then nothing of it was written."""
        if threading.current_thread() is self._writer:
            result = self._transaction(job)
            if after:
                after(result)
            return result
        future: Future[T] = Future()
        with self._guard:
            if self._closed:
                raise StoreClosed("the history is closed")
            self._jobs.put((job, after, future))
        return future.result()

    def close(self) -> None:
        """Finish what was asked for, and let go of the file."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        if (con := self._freed()) is not None:
            con.close()
        os.close(self._lock_fd)

    def _write_all(self) -> None:
        while True:
            self._tick()
            try:
                item = self._jobs.get(timeout=self.tick_s)
            except queue.Empty:
                continue
            if item is None:
                return
            job, after, future = item
            try:
                result = self._transaction(job)
                if after:
                    after(result)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

    def _tick(self) -> None:
        if self._con is None:
            with contextlib.suppress(StoreError):  # whoever writes or asks is told
                self._reopen()
        if self.on_tick:
            self.on_tick()

    def _transaction(self, job: Job[T]) -> T:
        if self._con is None:
            self._reopen()
        assert self._con is not None
        try:
            cursor = self._con.cursor()
        except duckdb.Error as error:
            raise self._told(error) from error
        try:
            cursor.begin()
            result = job(cursor)
            cursor.commit()
        except duckdb.Error as error:
            told = self._told(error)
            _undo(cursor)
            if isinstance(error, duckdb.FatalException) or "invalidated" in str(error):
                self._drop()
            raise told from error
        except BaseException:
            _undo(cursor)
            raise
        finally:
            cursor.close()
        return result

    def _drop(self) -> None:
        """After a fatal error DuckDB answers nothing more: the file is closed, and opened again at the next turn."""
        if (con := self._freed()) is not None:
            try:
                con.close()
            except duckdb.Error as error:
                log.warning("history: %s", error)

    def _freed(self) -> duckdb.DuckDBPyConnection | None:
        """The connection, taken from everybody: what reads by it is interrupted."""
        with self._guard:
            for cursor in self._reading:
                cursor.interrupt()
            self._idle.wait_for(lambda: not self._reading, _CLOSE_S)
            con, self._con = self._con, None
        return con

    def _reopen(self) -> None:
        con = self._connect()
        with self._guard:
            self._con = con
        log.warning("history: %s was opened again after a failure", self.path)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": self._options.threads, "memory_limit": f"{self._options.memory_mb}MB",
            "temp_directory": str(self.folder / TEMP), "checkpoint_threshold": CHECKPOINT,
            "autoinstall_known_extensions": False, "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }  # fmt: skip
        try:
            return duckdb.connect(str(self.path), config=config)
        except duckdb.Error as error:
            raise self._told(error, opening=True) from error

    def _told(self, error: Exception, opening: bool = False) -> StoreError:
        """What happened, in the words of StoreError."""
        text = str(error)
        low = text.lower()
        if any(sign in low for sign in _FULL):
            return StoreFull(f"no room on the disk of {self.folder}: {_first(text)}; make some, then it goes on")
        if ".parquet" in low and not opening:
            return StoreBroken(f"a file of tracks cannot be read: {_first(text)}; move it aside and start again")
        if "could not set lock" in low or "conflicting lock" in low:
            found = _PID.search(text)
            return _busy(self.path, int(found[1]) if found else None)
        broken = isinstance(error, (duckdb.SerializationException, duckdb.InternalException))
        if any(sign in low for sign in _BROKEN) or (opening and broken):
            return StoreBroken(broken_text(self.path, _first(text)), self.path)
        if isinstance(error, duckdb.InterruptException):
            return StoreClosed("the history was closed while it was asked")
        if isinstance(error, duckdb.OutOfMemoryException):
            return StoreError(f"history: {_first(text)}; ask for a shorter period, or give it more memory")
        return StoreError(f"history {self.path}: {_first(text)}")


def broken_text(path: Path, why: str) -> str:
    """What a person reads of a file that cannot be used."""
    return (
        f"{path} cannot be read: {why}. Nothing is deleted: put a copy of the whole folder {path.parent} back, or move "
        f"the file aside (mv '{path}' '{path}.broken'; its .wal too) and start again: what topics and files still "
        "have is then read again"
    )


def _owned(folder: Path) -> int:
    """Take hold of ``folder`` for this process; the descriptor must stay open."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; give history_dir a folder that may be written to") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        told = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise _busy(folder / FILE, int(told) if told.isdecimal() else None) from None
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except OSError as error:  # the lock holds all the same
        log.warning("history: %s cannot be written: %s", folder / LOCK, error)
    return descriptor


def _busy(path: Path, pid: int | None) -> StoreBusy:
    who = f"process {pid}" if pid else "another process"
    return StoreBusy(
        f"{path} belongs to {who}; ask that one over loopback, stop it, or choose another set with history_name", pid
    )


def _undo(cursor: duckdb.DuckDBPyConnection) -> None:
    with contextlib.suppress(duckdb.Error):  # a commit that failed has undone itself
        cursor.rollback()


def _first(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else "no reason given"
