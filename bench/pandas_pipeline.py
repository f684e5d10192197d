"""The steps of `rfm all` in pandas and scikit-learn: the rival of compare.py.

Usage: python pandas_pipeline.py INPUT OUTDIR

INPUT is an .xlsx or .csv file with the columns of UCI Online Retail. Writes
rfm_features.csv and customer_segments.csv into OUTDIR, one row per customer.
"""

import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

RFM = ["recency", "frequency", "monetary"]
LOGS = [f"{name}_log" for name in RFM]
DAY = pd.Timedelta(days=1)

# Position is the label; the corner is the sign of recency, frequency, monetary.
SEGMENTS = np.array(["Champions", "Lost Customers", "New Customers", "At-Risk"])
CORNERS = np.array([[-1, 1, 1], [1, -1, -1], [-1, -1, -1], [1, 1, 1]])


def read_lines(path: Path) -> pd.DataFrame:
    """Reads all transaction lines, every column of the file."""
    if path.suffix.lower() == ".xlsx":
        return pd.read_excel(path, engine="openpyxl")
    identifiers = dict.fromkeys(["InvoiceNo", "StockCode", "CustomerID"], str)
    return pd.read_csv(path, dtype=identifiers, parse_dates=["InvoiceDate"])


def clean(lines: pd.DataFrame) -> pd.DataFrame:
    """Keeps distinct lines with a customer and an amount above zero.

    Adds the column `amount`, quantity times unit price.
    """
    lines = lines.dropna(subset="CustomerID").drop_duplicates()
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])
    return lines[lines["amount"] > 0]


def country_of_last_purchase(lines: pd.DataFrame, last: pd.Series) -> pd.Series:
    """The country of each customer's line at `last`, the first by text at a tie."""
    is_last = lines["InvoiceDate"] == lines["CustomerID"].map(last)
    return lines[is_last].groupby("CustomerID")["Country"].min()


def roll_up(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer, indexed by the identifier as text.

    The snapshot is the last line plus 24 hours; recency is in whole periods
    of 24 hours before it, rounded down.
    """
    snapshot = lines["InvoiceDate"].max() + DAY
    table = lines.groupby("CustomerID").agg(
        last=("InvoiceDate", "max"),
        frequency=("InvoiceNo", "nunique"),
        monetary=("amount", "sum"),
    )
    table["recency"] = (snapshot - table["last"]) // DAY
    table[LOGS] = np.log1p(table[RFM])
    if "Country" in lines:
        table["country"] = country_of_last_purchase(lines, table["last"])
    # A column of numbers with gaps is read as floating point: 17850.0.
    table.index = table.index.astype(str).str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    return table


def labels_of_clusters(centroids: np.ndarray) -> np.ndarray:
    """The segment label of each cluster; `centroids` has shape (4, 3).

    Of the 24 assignments of clusters to corners, the one with the greatest sum
    of dot products. Clusters are taken in ascending order of centroid and the
    first best assignment wins.
    """
    order = np.lexsort(centroids.T[::-1])
    fit = centroids[order] @ CORNERS.T
    clusters = np.arange(len(order))
    best = max(
        permutations(range(len(SEGMENTS))),
        key=lambda labels: fit[clusters, list(labels)].sum(),
    )
    labels = np.empty(len(order), dtype=int)
    labels[order] = best
    return labels


def segment(table: pd.DataFrame) -> pd.DataFrame:
    """Adds `segment_name` and `cluster_label`, the label of the segment."""
    points = StandardScaler().fit_transform(table[LOGS])
    model = KMeans(n_clusters=4, n_init=100, random_state=42).fit(points)
    labels = labels_of_clusters(model.cluster_centers_)[model.labels_]
    return table.assign(segment_name=SEGMENTS[labels], cluster_label=labels)


def write(table: pd.DataFrame, outdir: Path) -> None:
    """Writes the features and the segments with the columns that rfm writes."""
    outdir.mkdir(parents=True, exist_ok=True)
    country = [name for name in ["country"] if name in table]
    table[RFM + LOGS + country].to_csv(outdir / "rfm_features.csv")
    table[[*RFM, "segment_name", "cluster_label"]].to_csv(
        outdir / "customer_segments.csv"
    )


def main() -> None:
    """Runs the steps on the two arguments of the command line."""
    if len(sys.argv) != 3:
        sys.exit("usage: python pandas_pipeline.py INPUT OUTDIR")
    source, outdir = map(Path, sys.argv[1:])
    write(segment(roll_up(clean(read_lines(source)))), outdir)


if __name__ == "__main__":
    main()
