"""Fetch ahead: while one page is normalized the next is on its way, also where the next is another reading's first.

readings, one way to ask -> (reading, its pages) in their order

What does not belong here: what a page is (paging.py), how hard a server may be asked (pace.py).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event

from edu_pipeline.landing.paging import Page, Pages
from edu_pipeline.landing.read import Reading

# Pages that wait to be taken, a reading: memory is bounded by this many of the largest pages and no more.
_WAITING = 1
_POLL_SECONDS = 0.2


class Abandoned(RuntimeError):
    """Whoever took the pages has stopped; so does the fetching."""


class Feed:
    """The pages of one reading, fetched by another thread; errors of the fetching are raised where pages are taken."""

    def __init__(self, reading: Reading, over: Event) -> None:
        self.reading, self._over = reading, over
        self._pages: Queue[Page | Exception | tuple[str | None]] = Queue(_WAITING)

    def fetch(self, ask: Callable[[Reading], Pages]) -> None:
        """Ask for all pages, each when the one before it has been taken."""
        told = ask(self.reading)
        try:
            while True:
                self._put(next(told))
        except StopIteration as end:
            self._put((end.value,))
        except Abandoned:
            told.close()
        except Exception as error:
            self._put(error)

    def _put(self, said: Page | Exception | tuple[str | None]) -> None:
        while not self._over.is_set():
            try:
                return self._pages.put(said, timeout=_POLL_SECONDS)
            except Full:
                continue
        raise Abandoned

    def pages(self) -> Pages:
        """The pages as they come; the value is the fault of the paging, or None."""
        while True:
            try:
                said = self._pages.get(timeout=_POLL_SECONDS)
            except Empty:
                if self._over.is_set():
                    raise Abandoned from None
                continue
            if isinstance(said, Page):
                yield said
            elif isinstance(said, Exception):
                raise said
            else:
                return said[0]


def ahead(readings: Iterable[Reading], ask: Callable[[Reading], Pages], parallel: int) -> Generator[Feed, None, None]:
    """The readings' feeds in their order, `parallel` of them fetched at the same time.

    `ask` is called in the fetching threads: what it uses must be one a thread.
    """
    waiting, feeds, over = iter(readings), deque[Feed](), Event()
    with ThreadPoolExecutor(parallel, thread_name_prefix="fetch") as threads:
        try:
            while True:
                while len(feeds) <= parallel and (reading := next(waiting, None)) is not None:
                    feeds.append(Feed(reading, over))
                    threads.submit(feeds[-1].fetch, ask)
                if not feeds:
                    return
                yield feeds.popleft()
        finally:
            over.set()
