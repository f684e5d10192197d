"""What schemathesis cannot read from the OpenAPI document of the service."""

import json
import re
from datetime import datetime

import schemathesis
from hypothesis import strategies as st

#: A customer, as the schema SegmentRequest has it.
customers = st.fixed_dictionaries(
    {
        "recency": st.integers(0, 100_000),
        "frequency": st.integers(1, 1_000_000_000),
        "monetary": st.floats(0, exclude_min=True, allow_infinity=False),
    }
)


def csv_of(rows: list[dict]) -> bytes:
    """A table with a header, a row for each customer."""
    lines = [f"{row['recency']},{row['frequency']},{row['monetary']}" for row in rows]
    return "\n".join(["recency,frequency,monetary", *lines]).encode()


def ndjson_of(rows: list[dict]) -> bytes:
    """A customer in JSON on each line."""
    return "\n".join(json.dumps(row) for row in rows).encode()


schemathesis.openapi.media_type("text/csv", st.lists(customers).map(csv_of))
schemathesis.openapi.media_type("application/x-ndjson", st.lists(customers).map(ndjson_of))

# The service reads dates from the year 1000 on, and counts to 100,000 days.
schemathesis.openapi.format(
    "date-time",
    st.datetimes(
        min_value=datetime(2000, 1, 1),
        max_value=datetime(2030, 1, 1),
    ).map(lambda time: time.isoformat(timespec="seconds") + "Z"),
)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Leaves out examples that are texts: where a strategy makes bytes, only
    bytes can be sent. The commands of the documentation send them."""
    batch = raw_schema["paths"]["/api/v1/segment/batch"]["post"]["requestBody"]
    for name in ("text/csv", "application/x-ndjson"):
        del batch["content"][name]["example"]


#: Texts that stand for a missing value in every format.
MISSING = re.compile(r"(null|nan|n/a|na|none|\\n|#n/a)?", re.IGNORECASE)


@schemathesis.hook
def map_body(context, body):
    """Keeps sums of amounts below the limit that no schema can express."""
    if not isinstance(body, dict) or not isinstance(body.get("transactions"), list):
        return body
    for line in body["transactions"]:
        if not isinstance(line, dict):
            continue
        for member in ("quantity", "unit_price"):
            value = line.get(member)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and 1000 < abs(value) <= 9_223_372_036_854:
                line[member] = value % 1000
        invoice = line.get("invoice")
        if isinstance(invoice, str) and invoice and MISSING.fullmatch(invoice.strip()):
            line["invoice"] = f"{invoice}1" if invoice.strip() else invoice
    return body
