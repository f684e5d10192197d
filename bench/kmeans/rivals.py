"""K-Means in other libraries: `rivals.py RIVAL FILE lloyd|default SEED`.

FILE has the three columns one behind the other, as doubles. `lloyd` iterates from
the first points on: the CPU time of one iteration is that of many less that of few,
so that checks, copies and the last labels do not count. `default` clusters as the
library does unless told otherwise. Prints JSON.
"""

import json
import resource
import sys
from pathlib import Path

import numpy

CLUSTERS = 4
FEW, MANY, ENOUGH = 5, 20, 60


def cpu_seconds() -> float:
    """User and system time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Sklearn:
    """scikit-learn, or an extension that has its classes."""

    def __init__(self, package: str, precision: type) -> None:
        if package == "sklearnex":
            from sklearnex.cluster import KMeans
        else:
            from sklearn.cluster import KMeans
        self.fit, self.precision = KMeans, precision

    def lloyd(self, points: numpy.ndarray, passes: int) -> tuple[int, float]:
        """Iterates from the first points on; gives iterations and inertia."""
        settings = {"init": points[:CLUSTERS], "n_init": 1, "tol": 0}
        found = self.fit(CLUSTERS, max_iter=passes, **settings).fit(points)
        return found.n_iter_, float(found.inertia_)

    def default(self, points: numpy.ndarray, seed: int) -> float:
        """The inertia of the default settings."""
        return float(self.fit(CLUSTERS, random_state=seed).fit(points).inertia_)


class Faiss:
    """faiss, which has single precision alone."""

    precision = numpy.float32

    def __init__(self) -> None:
        import faiss

        self.fit = faiss.Kmeans

    def lloyd(self, points: numpy.ndarray, passes: int) -> tuple[int, float]:
        """Iterates from the first points on; gives iterations and inertia."""
        kmeans = self.fit(3, CLUSTERS, niter=passes, max_points_per_centroid=len(points))
        kmeans.train(points, init_centroids=points[:CLUSTERS])
        return passes, inertia(points, kmeans.centroids)


def inertia(points: numpy.ndarray, centroids: numpy.ndarray) -> float:
    """The sum of squared distances to the nearest centroids, in doubles: in single
    precision it loses digits.
    """
    total = 0.0
    for start in range(0, len(points), 100_000):
        part = points[start : start + 100_000, None].astype(numpy.float64)
        squared = ((part - centroids.astype(numpy.float64)) ** 2).sum(axis=2)
        total += squared.min(axis=1).sum()
    return float(total)


RIVALS = {
    "scikit-learn": lambda: Sklearn("sklearn", numpy.float64),
    "scikit-learn-intelex": lambda: Sklearn("sklearnex", numpy.float64),
    "scikit-learn-intelex, single": lambda: Sklearn("sklearnex", numpy.float32),
    "faiss, single": Faiss,
}


def main() -> None:
    """Runs one rival."""
    _, name, file, what, seed = sys.argv
    rival = RIVALS[name]()
    columns = numpy.frombuffer(Path(file).read_bytes()).reshape(3, -1)
    points = numpy.ascontiguousarray(columns.T, dtype=rival.precision)
    if what == "default":
        start = cpu_seconds()
        found = {"inertia": rival.default(points, int(seed)), "cpu": cpu_seconds() - start}
    else:
        # First, so that nothing is set up in the timed runs.
        _, least = rival.lloyd(points, ENOUGH)
        used = []
        for passes in (FEW, MANY):
            start = cpu_seconds()
            made, _ = rival.lloyd(points, passes)
            used.append((made, cpu_seconds() - start))
        (few, before), (many, after) = used
        found = {"ms": (after - before) / (many - few) * 1000, "inertia": least}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
