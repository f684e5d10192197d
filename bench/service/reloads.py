"""Reloads of the model under load: each answer by one model, none lost."""

import asyncio
import itertools
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import batch
from overload import EXAMPLE_REQUEST
from scoring import Model
from servers import RunError, Running
from wire import Connection, Lost, Message, post, stop

CUSTOMERS = 1000
BATCH_CUSTOMERS = 500
SINGLE_CLIENTS = 16
BATCH_CLIENTS = 4
LOAD_SECONDS = 0.02
MOST_RELOAD_SECONDS = 5.0
POLL_SECONDS = 0.002
NAME_DIGITS = 16


@dataclass(frozen=True)
class Question:
    """A request and the labels that its answer must have by each model's name."""

    request: bytes
    labels: dict[str, list[int]]


def questions(models: Sequence[Model]) -> tuple[list[Question], list[Question]]:
    """Single requests and batches.

    Only customers that the two models give different labels: others could not
    show which model has answered.
    """
    rows = batch.customers(CUSTOMERS)
    expected = [batch.labels(model, rows) for model in models]
    names = [model.checksum[:NAME_DIGITS] for model in models]
    first, second = expected
    told = [number for number in range(CUSTOMERS) if first[number] != second[number]]
    if len(told) < BATCH_CUSTOMERS // 10:
        raise RunError("the two models are too much alike to tell them apart")

    def ask(path: str, body: str, numbers: Sequence[int]) -> Question:
        labels = [[one[number] for number in numbers] for one in expected]
        return Question(
            post(path, body.encode()), dict(zip(names, labels, strict=True))
        )

    texts = [batch.as_object(row) for row in rows]
    single = [ask("/api/v1/segment", texts[number], [number]) for number in told]
    many = list(itertools.islice(itertools.cycle(told), BATCH_CUSTOMERS))
    body = f"[{','.join(texts[number] for number in many)}]"
    return single, [ask(batch.PATH, body, many)]


@dataclass
class State:
    """Which models may answer: the numbers of reloads, counted from 0.

    `loaded` is known to be in use; `written` may be by now.
    """

    names: list[str]
    loaded: int = 0
    written: int = 0

    def may_answer(self, loaded_when_asked: int) -> set[str]:
        """Names that an answer may bear whose question was asked back then."""
        numbers = range(loaded_when_asked, self.written + 1)
        return {self.names[number % len(self.names)] for number in numbers}


@dataclass
class Outcome:
    """What became of the reloads; times in seconds from file to first answer."""

    answers: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    peak_mb: float = 0.0


def fault(answer: Message, question: Question, allowed: set[str]) -> str | None:
    """What is wrong with an answer, if anything."""
    if answer.status != 200:
        return f"status {answer.status}"
    name = answer.headers.get("x-rfm-model", "none")
    if name not in allowed:
        return f"model {name}, one of {sorted(allowed)} expected"
    found = json.loads(answer.body)
    rows = found if isinstance(found, list) else [found]
    if [row["cluster_label"] for row in rows] != question.labels[name]:
        return f"labels that are not those of model {name}"
    return None


async def client(
    port: int, asked: Sequence[Question], state: State, outcome: Outcome
) -> None:
    """Asks questions on one connection until cancelled."""
    connection = await Connection.open(port)
    try:
        while True:
            question = random.choice(asked)
            loaded = state.loaded
            try:
                answer = await connection.ask(question.request)
            except Lost as lost:
                outcome.faults.append(f"lost: {lost}")
                connection.close()
                connection = await Connection.open(port)
                continue
            if found := fault(answer, question, state.may_answer(loaded)):
                outcome.faults.append(found)
            outcome.answers[answer.headers.get("x-rfm-model", "none")] += 1
            if answer.closes:
                connection.close()
                connection = await Connection.open(port)
    finally:
        connection.close()


def write(path: Path, content: bytes) -> None:
    """Replaces a file at once."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(path)


async def wait_for(running: Running, name: str) -> float:
    """Seconds until an answer names a model."""
    start = time.perf_counter()
    connection = await Connection.open(running.port)
    try:
        while time.perf_counter() - start < MOST_RELOAD_SECONDS:
            answer = await connection.ask(EXAMPLE_REQUEST)
            if answer.headers.get("x-rfm-model") == name:
                return time.perf_counter() - start
            await asyncio.sleep(POLL_SECONDS)
    finally:
        connection.close()
    running.check_alive()
    raise RunError(f"model {name} is not in use after {MOST_RELOAD_SECONDS:.0f} s")


async def run(
    running: Running, path: Path, files: Sequence[Path], count: int, *, by_signal: bool
) -> Outcome:
    """Replaces the model at `path` by turns, `count` times.

    The first of `files` is in use already. With `by_signal` the server gets
    SIGHUP each time, else it must see the new file by itself.
    """
    models = [Model.load(file) for file in files]
    contents = [file.read_bytes() for file in files]
    single, many = questions(models)
    outcome = Outcome()
    state = State([model.checksum[:NAME_DIGITS] for model in models])
    running.reset_peak()
    tasks = [
        asyncio.create_task(client(running.port, asked, state, outcome))
        for asked, clients in ((single, SINGLE_CLIENTS), (many, BATCH_CLIENTS))
        for _ in range(clients)
    ]
    try:
        for number in range(1, count + 1):
            state.written = number
            write(path, contents[number % len(contents)])
            if by_signal:
                running.process.send_signal(signal.SIGHUP)
            name = state.names[number % len(contents)]
            outcome.times.append(await wait_for(running, name))
            state.loaded = number
            await asyncio.sleep(LOAD_SECONDS)
    finally:
        await stop(tasks)
    outcome.peak_mb = running.peak_mb()
    return outcome
