"""Batches of customers, sent to `rfm serve` in its three forms.

Every answer is compared with what scoring.py says.
"""

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from operator import ne

from scoring import Model
from servers import TICKS_PER_SECOND, RunError, Running

SEED = 42
PATH = "/api/v1/segment/batch"
ARRAY_CUSTOMERS = 10_000
SECONDS = 120

# Days, invoices, and hundredths of the currency.
Customer = tuple[int, int, int]


def customers(count: int) -> list[Customer]:
    """Made-up customers, always the same ones.

    Recency is even in 0..=373; invoices are 1..=200, most of them few; money
    has two decimals.
    """
    numbers = random.Random(SEED)
    made = []
    for _ in range(count):
        frequency = min(200, int(numbers.paretovariate(1.2)))
        cents = max(1, round(numbers.lognormvariate(5.7, 0.8) * frequency * 100))
        made.append((numbers.randrange(374), frequency, cents))
    return made


def money(cents: int) -> str:
    """An amount with its two decimals."""
    return f"{cents // 100}.{cents % 100:02}"


def as_object(customer: Customer) -> str:
    """A customer as a JSON object."""
    recency, frequency, cents = customer
    return (
        f'{{"recency": {recency}, "frequency": {frequency}, '
        f'"monetary": {money(cents)}}}'
    )


def labels(model: Model, rows: list[Customer]) -> list[int]:
    """The expected label of each customer."""
    return [model.score(r, f, float(money(cents))).label for r, f, cents in rows]


@dataclass(frozen=True)
class Form:
    """One way to send a batch: bodies to send one after the other, and how to
    read the labels out of an answer."""

    name: str
    content_type: str
    bodies: list[bytes]
    read: Callable[[bytes], Iterator[int]]


def read_json(body: bytes) -> Iterator[int]:
    """The labels in an array."""
    return (row["cluster_label"] for row in json.loads(body))


def read_ndjson(body: bytes) -> Iterator[int]:
    """The labels of lines."""
    return (json.loads(line)["cluster_label"] for line in body.splitlines())


def read_csv(body: bytes) -> Iterator[int]:
    """The labels in a table; no field of ours needs quotes."""
    header, *rows = body.decode().splitlines()
    column = header.split(",").index("cluster_label")
    return (int(row.split(",")[column]) for row in rows)


def forms(rows: list[Customer]) -> list[Form]:
    """The same customers in each form."""
    objects = [as_object(row) for row in rows]
    lines = (f"{r},{f},{money(cents)}\n" for r, f, cents in rows)
    return [
        Form(
            f"JSON, {ARRAY_CUSTOMERS:,} an array",
            "application/json",
            [
                f"[{','.join(objects[start : start + ARRAY_CUSTOMERS])}]".encode()
                for start in range(0, len(objects), ARRAY_CUSTOMERS)
            ],
            read_json,
        ),
        Form(
            "NDJSON, one stream",
            "application/x-ndjson",
            ["".join(f"{line}\n" for line in objects).encode()],
            read_ndjson,
        ),
        Form(
            "CSV, one stream",
            "text/csv",
            ["".join(["recency,frequency,monetary\n", *lines]).encode()],
            read_csv,
        ),
    ]


def post(connection: HTTPConnection, content_type: str, body: bytes) -> bytes:
    """Posts a batch and returns the answer, which is read while it is sent.

    Raises RunError unless it is a 200.
    """
    connection.putrequest("POST", PATH)
    connection.putheader("Content-Type", content_type)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    sender = threading.Thread(target=send, args=(connection.sock, body))
    sender.start()
    try:
        response = connection.getresponse()
        answer = response.read()
    finally:
        # The timeout of the socket ends it where the server does not read on.
        sender.join()
    if response.status != 200:
        raise RunError(f"a batch is answered with {response.status} {answer[:200]!r}")
    return answer


def send(sock: socket.socket, body: bytes) -> None:
    """Sends a body; a failure shows in the answer, or in the lack of one."""
    with contextlib.suppress(OSError):
        sock.sendall(body)


def exchange(running: Running, form: Form) -> tuple[float, list[bytes]]:
    """Sends all bodies of a form on one connection.

    Returns the CPU seconds of the server and the answers.
    """
    connection = HTTPConnection("127.0.0.1", running.port, timeout=SECONDS)
    try:
        before = running.cpu()
        answers = [post(connection, form.content_type, body) for body in form.bodies]
        return running.cpu() - before, answers
    except (OSError, HTTPException) as error:
        running.check_alive()
        raise RunError(f"{form.name}: {error!r}") from error
    finally:
        connection.close()


@dataclass(frozen=True)
class BatchResult:
    """Customers a second and core in each round, and wrong labels in all."""

    name: str
    customers: int
    per_second: list[float]
    wrong: int


def measure(
    running: Running, model: Model, count: int, rounds: int
) -> list[BatchResult]:
    """Sends `count` customers in each form, `rounds` times alternately."""
    rows = customers(count)
    expected = labels(model, rows)
    prepared = forms(rows)
    rates: list[list[float]] = [[] for _ in prepared]
    wrong = [0 for _ in prepared]
    for _ in range(rounds):
        for number, form in enumerate(prepared):
            cpu, answers = exchange(running, form)
            found = [label for answer in answers for label in form.read(answer)]
            if len(found) != count:
                raise RunError(f"{form.name}: {len(found):,} of {count:,} answers")
            wrong[number] += sum(map(ne, found, expected))
            # A clock tick at the least, so that nothing divides by zero.
            rates[number].append(count / max(cpu, 1 / TICKS_PER_SECOND))
    return [
        BatchResult(form.name, count, rates[number], wrong[number])
        for number, form in enumerate(prepared)
    ]
