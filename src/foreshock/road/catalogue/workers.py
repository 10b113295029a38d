"""Workers: tasks done here, by processes of this machine, or by a Dask cluster. Knows nothing of what is done.

Answers come as they are ready; whoever asks puts them in order. A worker that dies takes its tasks with it: these are
done once more, one in one process at a time, and what kills its process again comes back as `Lost`.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from foreshock.errors import MissingExtraError, NetworkError

TaskT = TypeVar("TaskT")
AnswerT = TypeVar("AnswerT")

AHEAD = 2
"""Tasks given to each worker before it has ended the one it has."""
WATCH_S = 1.0
CONNECT_S = 20


@dataclass(frozen=True)
class Lost(Generic[TaskT]):
    """A task whose worker died, perhaps of another task that it had, too; and why."""

    task: TaskT
    reason: str


@dataclass(frozen=True)
class Crew:
    """Who does the work, and what memory each may take: processes of this machine, or workers of a Dask scheduler."""

    workers: int = 1
    cluster: str | None = None
    memory_mb: int = 400


Work = Callable[[TaskT], AnswerT]
Answers = Iterator[tuple[TaskT, AnswerT] | Lost[TaskT]]


def done(
    tasks: Sequence[TaskT],
    work: Work[TaskT, AnswerT],
    crew: Crew,
    *,
    parts: Callable[[TaskT], Sequence[TaskT]] = lambda task: (task,),
) -> Answers[TaskT, AnswerT]:
    """Do the tasks, and give (task, answer), or `Lost` where a process died twice.

    Arguments:
        parts: what a lost task is cut into before it is tried again.

    Raises:
        NetworkError: the cluster does not answer, or goes away.
    """
    again: list[TaskT] = []
    for answer in _once(tasks, work, crew):
        if isinstance(answer, Lost):
            again += parts(answer.task)
        else:
            yield answer
    if again:
        yield from cluster(again, work, address=crew.cluster) if crew.cluster else local(again, work, n=1, ahead=1)


def _once(tasks: Sequence[TaskT], work: Work[TaskT, AnswerT], crew: Crew) -> Answers[TaskT, AnswerT]:
    if crew.cluster is not None:
        yield from cluster(tasks, work, address=crew.cluster)
    elif crew.workers == 1:
        yield from here(tasks, work)
    else:
        yield from local(tasks, work, n=crew.workers)


def here(tasks: Sequence[TaskT], work: Work[TaskT, AnswerT]) -> Iterator[tuple[TaskT, AnswerT]]:
    """Do the tasks one after the other in this process."""
    for task in tasks:
        yield task, work(task)


def local(tasks: Sequence[TaskT], work: Work[TaskT, AnswerT], *, n: int, ahead: int = AHEAD) -> Answers[TaskT, AnswerT]:
    """Do the tasks in `n` processes of this machine, and give (task, answer), or `Lost` where a process died.

    Arguments:
        ahead: tasks given to each process at once; with one process and one task, what is lost has killed it.
    """
    left = deque(tasks)
    while left:
        pool = _pool(n)
        running: dict[Future[AnswerT], TaskT] = {}
        try:
            while left or running:
                while left and len(running) < n * ahead:
                    task = left.popleft()
                    running[pool.submit(work, task)] = task
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running[future], future.result()
                    del running[future]
        except BrokenProcessPool:
            for future, task in running.items():
                if future.done() and not future.cancelled() and future.exception() is None:
                    yield task, future.result()
                else:
                    yield Lost(task, "its process died")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool(n: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(n, mp_context=context, initializer=end_with, initargs=(os.getpid(),))


def end_with(parent: int) -> None:
    """Let this process end when its parent is gone, however that ended; else it would wait for work for ever."""

    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def cluster(tasks: Sequence[TaskT], work: Work[TaskT, AnswerT], *, address: str) -> Answers[TaskT, AnswerT]:
    """Do the tasks on the workers of a Dask scheduler.

    Raises:
        MissingExtraError: Dask is not installed.
        NetworkError: the scheduler does not answer, or goes away.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise NetworkError(
            f"scheduler {address}", f"it does not answer ({error})", "start one with: dask scheduler"
        ) from error
    try:
        yield from _on(client, distributed, tasks, work)
    except (distributed.comm.CommClosedError, distributed.client.FutureCancelledError) as error:
        raise NetworkError(f"scheduler {address}", "it went away", "start it again, then add --resume") from error
    finally:
        client.close(timeout=2)


def _on(client: Any, distributed: Any, tasks: Sequence[TaskT], work: Work[TaskT, AnswerT]) -> Answers[TaskT, AnswerT]:
    left, running = deque(tasks), dict[str, TaskT]()
    ready = distributed.as_completed(loop=client.loop)
    while left or running:
        while left and len(running) < max(2, AHEAD * _threads(client)):
            task = left.popleft()
            future = client.submit(work, task, pure=False, retries=0)
            running[future.key] = task
            ready.add(future)
        future = next(ready)
        task = running.pop(future.key)
        if future.status == "finished":
            yield task, future.result()
        elif future.status == "error" and isinstance(future.exception(), distributed.KilledWorker):
            yield Lost(task, "its worker died")
        elif future.status == "error":
            raise future.exception()
        else:
            raise distributed.comm.CommClosedError(future.status)


def _threads(client: Any) -> int:
    return sum(client.nthreads().values())


def _distributed() -> Any:
    try:
        import distributed
        import distributed.client
        import distributed.comm
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("a Dask cluster", extra="scale", package=str(error.name)) from error
    return distributed
