"""Phases of overload on one server, and how it comes out of each."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import crowd
from crowd import Client, Tally
from load import wrk
from servers import EXAMPLE, HERE, Running
from wire import Connection, Lost, post, stop

EXAMPLE_REQUEST = post("/api/v1/segment", json.dumps(EXAMPLE).encode())
PROBE_SECONDS = 0.2
ANSWER_SECONDS = 30.0
QUICK_SECONDS = 0.1
RECOVERY_SECONDS = 1.0
MOST_RESIDENT_MB = 150.0
# Clients that are started at once: fewer than wait for an accept.
BURST = 200

# What is right for whom. A large body can be too slow where all are slow.
SERVED = ("200", "408", "503")
DEAF = ("cut off", "sent")
CUT_OFF = ("400", "408", "503", "closed", "reset")


@dataclass(frozen=True)
class Group:
    """So many clients of one kind, and those of their outcomes that are right."""

    name: str
    count: int
    client: Client
    right: Collection[str]


@dataclass(frozen=True)
class Phase:
    """What comes over the server at once; without wrk `connections` is 0."""

    name: str
    connections: int
    groups: Sequence[Group]


@dataclass
class Outcome:
    """What became of a phase.

    `peak_mb` is the most resident memory, `files` the most open files of the
    server, `recovery` the seconds from the end of the phase to a quick answer;
    `probes` counts what became of normal requests meanwhile.
    """

    name: str
    peak_mb: float = 0.0
    files: int = 0
    recovery: float = 0.0
    probes: Tally = field(default_factory=Counter)
    slowest_probe: float = 0.0
    wrk: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def phases(connections: int, idle: int) -> list[Phase]:
    """All phases: too many requests, slow clients, many connections, and all."""
    array, stream = crowd.array_request(), crowd.stream_request()
    batches = [
        Group("JSON batches of 4 MiB", 64, crowd.greedy(array), SERVED),
        Group("NDJSON batches of 16 MiB", 64, crowd.greedy(stream), SERVED),
        Group("NDJSON, answers not read", 64, crowd.deaf(stream), DEAF),
    ]
    slow = [
        Group("headers, a byte a second", 500, crowd.SLOW_HEADERS, CUT_OFF),
        Group("body, a byte a second", 500, crowd.SLOW_BODY, CUT_OFF),
        Group("NDJSON, a byte a second", 500, crowd.SLOW_STREAM, CUT_OFF),
        Group("half a request, then nothing", 500, crowd.HALF_A_REQUEST, CUT_OFF),
        Group("half a request, half closed", 100, crowd.HALF_CLOSED, CUT_OFF),
    ]
    idling = [Group("idle", idle, crowd.IDLE, CUT_OFF)]
    return [
        Phase("too many requests", connections, batches),
        Phase("slow clients", 0, slow),
        Phase("idle connections", 0, idling),
        Phase("all at once", connections, [*batches, *slow, *idling]),
    ]


async def probe(running: Running, outcome: Outcome) -> None:
    """Sends a normal request now and then, on a connection of its own."""
    while True:
        start = time.perf_counter()
        outcome.probes[await answer(running)] += 1
        elapsed = time.perf_counter() - start
        outcome.slowest_probe = max(outcome.slowest_probe, elapsed)
        outcome.files = max(outcome.files, running.open_files())
        await asyncio.sleep(PROBE_SECONDS)


async def answer(running: Running) -> str:
    """The status of the answer to the example, or what happened instead."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            connection = await Connection.open(running.port)
            try:
                return str((await connection.ask(EXAMPLE_REQUEST)).status)
            finally:
                connection.close()
    except TimeoutError:
        return f"no answer in {ANSWER_SECONDS:.0f} s"
    except Lost as lost:
        return f"lost: {lost}"


async def recovery(running: Running) -> float:
    """Seconds until a normal request is answered quickly."""
    end = time.perf_counter()
    while True:
        start = time.perf_counter()
        status = await answer(running)
        now = time.perf_counter()
        if status == "200" and now - start < QUICK_SECONDS:
            return now - end
        if now - end > ANSWER_SECONDS:
            return now - end


async def run(running: Running, phase: Phase, seconds: float) -> Outcome:
    """Brings a phase over the server and waits until it has recovered."""
    outcome = Outcome(phase.name)
    running.reset_peak()
    tasks = [asyncio.create_task(probe(running, outcome))]
    try:
        for group in phase.groups:
            tally = outcome.tallies.setdefault(group.name, Counter())
            for number in range(group.count):
                tasks.append(asyncio.create_task(group.client(running.port, tally)))
                if number % BURST == 0:
                    await asyncio.sleep(0.02)
        if phase.connections:
            outcome.wrk = await asyncio.to_thread(
                wrk,
                running.port,
                HERE / "stress.lua",
                seconds=seconds,
                connections=phase.connections,
                path="/api/v1/segment",
            )
        else:
            await asyncio.sleep(seconds)
    finally:
        await stop(tasks)
    running.check_alive()
    outcome.recovery = await recovery(running)
    outcome.peak_mb = running.peak_mb()
    outcome.faults = list(faults(phase, outcome))
    return outcome


def faults(phase: Phase, outcome: Outcome) -> Iterator[str]:
    """What must not have happened in a phase."""
    if outcome.peak_mb >= MOST_RESIDENT_MB:
        yield f"{outcome.peak_mb:.0f} MB resident, not under {MOST_RESIDENT_MB:.0f}"
    if outcome.recovery > RECOVERY_SECONDS:
        yield f"no quick answer {RECOVERY_SECONDS:.0f} s after the end"
    for group in phase.groups:
        for what, count in outcome.tallies[group.name].items():
            if what not in group.right:
                yield f"{group.name}: {count} times {what}"
    for what, count in outcome.probes.items():
        if what not in ("200", "503"):
            yield f"normal requests: {count} times {what}"
    if outcome.wrk.get("wrong"):
        yield (
            f"{outcome.wrk['wrong']} wrong answers, the last one "
            f"with status {outcome.wrk['last_wrong']}"
        )
    for what in ("not_connected", "broken", "timed_out"):
        if outcome.wrk.get(what):
            yield f"connections of wrk: {outcome.wrk[what]} times {what}"
