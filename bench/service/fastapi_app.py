"""The rival: `POST /api/v1/segment` in FastAPI, with the contract of `rfm serve`.

It checks the same ranges, scores by the same model and answers the same two
members. There are two applications:

- `contract` also takes and returns request ids and names the model in a header,
  by a middleware as FastAPI's documentation writes it.
- `lean` leaves that out, which no user of the contract could; it shows how
  little FastAPI can cost.

Neither counts requests or writes a log, as `rfm serve` does.
"""

import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field
from scoring import Model

MODEL = Model.load(Path(__file__).parents[2] / "models" / "reference.json")
MODEL_NAME = MODEL.checksum[:16]


class SegmentRequest(BaseModel):
    """One customer: days, invoices, and money in the currency of the data."""

    recency: Annotated[int, Field(ge=0, le=100_000)]
    frequency: Annotated[int, Field(ge=1, le=1_000_000_000)]
    monetary: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SegmentResponse(BaseModel):
    """The customer's segment."""

    segment_name: str
    cluster_label: int


# Both are `async`: a plain function goes through a pool of threads, which costs
# more CPU time than the scoring.
async def segment(request: SegmentRequest) -> SegmentResponse:
    """Scores one customer."""
    found = MODEL.score(request.recency, request.frequency, request.monetary)
    return SegmentResponse(segment_name=found.name, cluster_label=found.label)


async def ready() -> None:
    """Answers 200 as soon as the application has started."""


async def add_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Returns the request's id, or a new one, and names the model."""
    request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
    response = await call_next(request)
    response.headers["x-request-id"] = request_id
    response.headers["x-rfm-model"] = MODEL_NAME
    return response


def application() -> FastAPI:
    """The routes, without the headers."""
    app = FastAPI()
    app.post("/api/v1/segment")(segment)
    app.get("/readyz")(ready)
    return app


lean = application()
contract = application()
contract.middleware("http")(add_headers)
