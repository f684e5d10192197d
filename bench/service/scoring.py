"""Scores customers by a model file, in plain Python.

The FastAPI rival answers by it, and the stress driver checks answers with it.
"""

import json
from dataclasses import dataclass
from math import log1p
from pathlib import Path
from typing import Self

# Days, invoices, and units of money, in the order of the model file.
Rfm = tuple[float, float, float]


@dataclass(frozen=True)
class Segment:
    """A segment's label, name, and centroid in standardised log space."""

    label: int
    name: str
    centroid: Rfm


@dataclass(frozen=True)
class Model:
    """What of a model file is needed to score.

    `lowest` and `highest` are the range seen in training, in raw units;
    `mean` and `deviation` are those of the logarithms.
    """

    checksum: str
    lowest: Rfm
    highest: Rfm
    mean: Rfm
    deviation: Rfm
    segments: tuple[Segment, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a model file; nothing is checked but that the members exist."""
        document = json.loads(path.read_text(encoding="utf-8"))
        scaler = document["scaler"]
        return cls(
            checksum=document["checksum"],
            lowest=tuple(scaler["min"]),
            highest=tuple(scaler["max"]),
            mean=tuple(scaler["mean"]),
            deviation=tuple(scaler["deviation"]),
            segments=tuple(
                Segment(s["label"], s["name"], tuple(s["centroid"]))
                for s in sorted(document["segments"], key=lambda s: s["label"])
            ),
        )

    def score(self, recency: float, frequency: float, monetary: float) -> Segment:
        """The segment with the nearest centroid; a tie goes to the lower label."""
        r, f, m = (
            (log1p(min(max(value, lowest), highest)) - mean) / deviation
            for value, lowest, highest, mean, deviation in zip(
                (recency, frequency, monetary),
                self.lowest,
                self.highest,
                self.mean,
                self.deviation,
                strict=True,
            )
        )
        best, least = self.segments[0], float("inf")
        for segment in self.segments:
            c = segment.centroid
            distance = (r - c[0]) ** 2 + (f - c[1]) ** 2 + (m - c[2]) ** 2
            if distance < least:
                best, least = segment, distance
        return best
