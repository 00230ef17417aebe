"""The metrics of the DualTalk paper (Peng et al., CVPR 2025, section 4.1), per sequence.

Motions are (n_frames, 56): FLAME expression 50 | jaw 3 | head 3. Lower is better, except for the
diversities SID and variance.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

FloatArray = NDArray[np.floating]

PARTS: dict[str, slice] = {"exp": slice(0, 50), "jaw": slice(50, 53), "pose": slice(53, 56)}
_CLUSTERS = {"exp": 40, "jaw": 10, "pose": 10}


def all_metrics(predicted: FloatArray, truth: FloatArray, partner: FloatArray) -> dict[str, float]:
    """Return every metric of every part, named like `fd_exp`."""
    result = {}
    for name, part in PARTS.items():
        ours, theirs, other = (np.asarray(x[:, part], float) for x in (predicted, truth, partner))
        result[f"fd_{name}"] = frechet(ours, theirs)
        result[f"pfd_{name}"] = frechet(np.hstack([other, ours]), np.hstack([other, theirs]))
        result[f"mse_{name}"] = float(np.square(ours - theirs).mean())
        result[f"sid_{name}"] = diversity(ours, theirs, _CLUSTERS[name])
        result[f"var_{name}"] = float(ours.var(axis=0).mean())
        result[f"rpcc_{name}"] = abs(_correlation(theirs, other) - _correlation(ours, other))
    return result


def frechet(a: FloatArray, b: FloatArray) -> float:
    """Return the Frechet distance of the Gaussians of two sets of frames, (n_frames, D) each.

    The trace of the square root of C_a C_b is that of the symmetric sqrt(C_a) C_b sqrt(C_a).
    """
    mean = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = _square_root(cov_a)
    cross = np.linalg.eigvalsh(root @ cov_b @ root)
    trace = np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(np.maximum(cross, 0)).sum()
    return float(mean + trace)


def diversity(predicted: FloatArray, truth: FloatArray, n_clusters: int) -> float:
    """Return SID as the released code computes it, in bits.

    Clusters are fitted on the prediction; the histogram whose entropy counts is the truth's.
    """
    means = KMeans(n_clusters, random_state=0, n_init="auto").fit(predicted)
    counts = np.bincount(means.predict(truth), minlength=n_clusters)
    share = counts / counts.sum()
    return float(-(share * np.log2(share + 1e-6)).sum())


def _correlation(a: FloatArray, b: FloatArray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _square_root(matrix: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    root: FloatArray = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root
