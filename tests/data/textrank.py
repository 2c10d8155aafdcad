# textrank.py: ranks of TextRank by solving the linear system, for tests/lua/keywords_test.lua.
#   a b weight a b weight …   -> word=rank …
import sys

import numpy as np

for line in sys.stdin:
    f = line.split()
    words = sorted(set(f[0::3]) | set(f[1::3]))
    at = {w: i for i, w in enumerate(words)}
    m = np.zeros((len(words), len(words)))
    for a, b, w in zip(f[0::3], f[1::3], f[2::3]):
        m[at[a], at[b]] += float(w)
        m[at[b], at[a]] += float(w)
    rank = np.linalg.solve(np.eye(len(words)) - 0.85 * m / m.sum(axis=0), np.full(len(words), 0.15))
    print(" ".join("%s=%.17g" % (w, r) for w, r in zip(words, rank)))
