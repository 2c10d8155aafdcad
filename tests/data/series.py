# series.py: the change-point tests of tests/lua/trend_test.lua by scipy, a line of results for each line of input.
#   pettitt x x x … | poisson margin count size count size …
# Results: name=value …; nothing when there is no place for a change.
import sys

import numpy as np
from scipy import stats


def pettitt(*x):
    n, best, at = len(x), 0, 0
    for t in range(1, n):
        u = 2 * stats.mannwhitneyu(x[:t], x[t:], method="asymptotic").statistic - t * (n - t)
        if abs(u) > best:
            best, at = abs(u), t
    return {"at": at + 1, "statistic": best, "p": min(1, 2 * np.exp(-6 * best**2 / (n**3 + n**2)))} if at else {}


def poisson(margin, *cells):
    count, size = np.array(cells[::2]), np.array(cells[1::2])
    margin, best, at = int(margin), 0, 0
    used = np.nonzero(size)[0]
    c, s = count[used], size[used]

    def log_likelihood(a, b):
        return stats.poisson.logpmf(a, s_of(a, b)).sum()

    def s_of(a, b):
        return b * a.sum() / b.sum()

    for t in range(margin, len(used) - margin + 1):
        ratio = 2 * (log_likelihood(c[:t], s[:t]) + log_likelihood(c[t:], s[t:]) - log_likelihood(c, s))
        if ratio > best * (1 + 1e-12) + 1e-11:
            best, at = ratio, used[t]
    return {"at": at + 1, "statistic": best} if at else {}


for line in sys.stdin:
    kind, *words = line.split()
    print(" ".join("%s=%.17g" % item for item in globals()[kind](*map(float, words)).items()))
