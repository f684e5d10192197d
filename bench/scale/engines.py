"""The features step in other tools: `engines.py ENGINE INPUT OUTPUT`.

Lines without a customer go, then lines that equal another in every column, then
amounts not above zero. The rest becomes one row for each customer: days from the
last purchase to 24 hours after the last of all, distinct invoices, and the sum of
the amounts. INPUT is CSV or Parquet as `rfm sample` has it; OUTPUT is CSV.
"""

import sys
from collections.abc import Callable

COLUMNS = {
    "InvoiceNo": "VARCHAR",
    "StockCode": "VARCHAR",
    "Description": "VARCHAR",
    "Quantity": "INTEGER",
    "InvoiceDate": "TIMESTAMP",
    "UnitPrice": "DECIMAL(12, 4)",
    "CustomerID": "VARCHAR",
    "Country": "VARCHAR",
}
# Monetary values are decimals where the engine has them.
SQL = """
with kept as (
  select * from (select distinct * from {lines} where "CustomerID" is not null)
  where "Quantity" * "UnitPrice" > 0
),
last as (select max("InvoiceDate") as time from kept)
select
  "CustomerID" as customer,
  max("InvoiceDate") as last_purchase,
  count(distinct "InvoiceNo") as frequency,
  sum("Quantity" * "UnitPrice") as monetary
from kept group by "CustomerID" order by "CustomerID"
"""


def duckdb(source: str, output: str) -> None:
    """DuckDB, with exact decimals."""
    import duckdb as engine

    lines = f"read_csv('{source}', header=true, columns={COLUMNS})"
    if source.endswith(".parquet"):
        lines = f"read_parquet('{source}')"
    engine.sql(f"copy ({SQL.format(lines=lines)}) to '{output}' (header)")


def datafusion(source: str, output: str) -> None:
    """DataFusion, with exact decimals."""
    import pyarrow
    from datafusion import SessionContext

    context = SessionContext()
    if source.endswith(".parquet"):
        context.register_parquet("lines", source)
    else:
        types = {
            "VARCHAR": pyarrow.string(),
            "INTEGER": pyarrow.int32(),
            "TIMESTAMP": pyarrow.timestamp("us"),
            "DECIMAL(12, 4)": pyarrow.decimal128(12, 4),
        }
        schema = pyarrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        # An empty field is an empty text here, and no missing one.
        context.register_csv("raw", source, schema=schema)
        context.sql(
            """create view lines as select * replace
            (nullif("CustomerID", '') as "CustomerID") from raw"""
        )
    context.sql(SQL.format(lines="lines")).write_csv(output, with_header=True)


def polars(source: str, output: str) -> None:
    """Polars, streaming, with binary doubles: it has no exact product."""
    import polars as engine

    if source.endswith(".parquet"):
        lines = engine.scan_parquet(source)
    else:
        types = {
            "VARCHAR": engine.String,
            "INTEGER": engine.Int32,
            "TIMESTAMP": engine.Datetime("us"),
            "DECIMAL(12, 4)": engine.Float64,
        }
        schema = {name: types[kind] for name, kind in COLUMNS.items()}
        lines = engine.scan_csv(source, schema=schema, try_parse_dates=True)
    amount = (engine.col("Quantity") * engine.col("UnitPrice")).alias("amount")
    table = (
        lines.filter(engine.col("CustomerID").is_not_null())
        .unique()
        .with_columns(amount)
        .filter(engine.col("amount") > 0)
        .group_by(customer="CustomerID")
        .agg(
            last_purchase=engine.col("InvoiceDate").max(),
            frequency=engine.col("InvoiceNo").n_unique(),
            monetary=engine.col("amount").sum(),
        )
        .sort("customer")
    )
    table.collect(engine="streaming").write_csv(output)


def pandas(source: str, output: str) -> None:
    """pandas, with binary doubles."""
    import pandas as engine

    if source.endswith(".parquet"):
        lines = engine.read_parquet(source)
    else:
        texts = [name for name, kind in COLUMNS.items() if kind == "VARCHAR"]
        lines = engine.read_csv(
            source, dtype=dict.fromkeys(texts, "string"), parse_dates=["InvoiceDate"]
        )
    lines = lines.dropna(subset=["CustomerID"]).drop_duplicates()
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"].astype(float)
    lines = lines[lines["amount"] > 0]
    table = lines.groupby("CustomerID").agg(
        last_purchase=("InvoiceDate", "max"),
        frequency=("InvoiceNo", "nunique"),
        monetary=("amount", "sum"),
    )
    table.sort_index().rename_axis("customer").to_csv(output)


ENGINES: dict[str, Callable[[str, str], None]] = {
    engine.__name__: engine for engine in (duckdb, polars, pandas, datafusion)
}

if __name__ == "__main__":
    ENGINES[sys.argv[1]](sys.argv[2], sys.argv[3])
