# measures.py: the measures of tests/lua/measures_test.lua by scipy, a line of numbers for each line of input.
#   assoc o11 r1 c1 n | keyness a c b d k | dispersion n size n size … | adjust p p p …
# Results: name=value …, the names as ds.stats has them; what is left out is undefined.  Logarithms of the
# log-likelihood are taken with 60 digits, so that a small difference is not lost in scipy's own rounding.
import sys
from decimal import Decimal, getcontext

import numpy as np
from scipy import stats
from scipy.spatial.distance import cityblock
from scipy.stats import contingency

getcontext().prec = 60


def log_likelihood(observed, expected):
    total = Decimal(0)
    for o, (num, den) in zip(observed, expected):
        if o > 0:
            total += o * (Decimal(o) * den / num).ln()
    return float(2 * total)


def assoc(o11, r1, c1, n):
    table = np.array([[o11, r1 - o11], [c1 - o11, n - r1 - c1 + o11]])
    r, c = [r1, n - r1], [c1, n - c1]
    e = contingency.expected_freq(table)[0, 0]
    out = {"o": o11, "e": e, "o_e": o11 / e}
    out["ll"] = log_likelihood([int(x) for x in table.flat], [(Decimal(ri) * ci, n) for ri in r for ci in c])
    scipy_ll = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[0]
    assert abs(out["ll"] - scipy_ll) < 1e-6 * max(1, out["ll"]), (out["ll"], scipy_ll)
    out["z"] = (o11 - e) / np.sqrt(e)
    if o11 > 0:
        out["mi"], out["mi2"], out["mi3"] = (np.log2(o11 ** k / e) for k in (1, 2, 3))
        out["t"] = (o11 - e) / np.sqrt(o11)
        x, y = np.zeros(r1 + c1 - o11, bool), np.zeros(r1 + c1 - o11, bool)
        x[:r1], y[r1 - o11:] = True, True
        out["log_dice"] = 14 + np.log2(1 - stats_dice(x, y))
    risk = contingency.relative_risk
    out["delta_p21"] = o11 / r1 - (c1 - o11) / (n - r1)
    out["delta_p12"] = o11 / c1 - (r1 - o11) / (n - c1)
    if 0 < o11 < c1:
        out["log_ratio"] = np.log2(risk(o11, r1, c1 - o11, n - r1).relative_risk)
    return out


def stats_dice(x, y):
    from scipy.spatial.distance import dice
    return dice(x, y)


def keyness(a, c, b, d, k):
    e = [(Decimal(c) * (a + b), c + d), (Decimal(d) * (a + b), c + d)]
    out = {"ll": log_likelihood([a, b], e)}
    scipy_ll = stats.power_divergence([a, b], [float(x / y) for x, y in e], lambda_="log-likelihood")[0]
    assert abs(out["ll"] - scipy_ll) < 1e-6 * max(1, out["ll"]), (out["ll"], scipy_ll)
    out["p"] = stats.chi2.sf(out["ll"], 1)
    out["bic"] = out["ll"] - np.log(c + d)
    out["simple_maths"] = (a / c * 1e6 + k) / (b / d * 1e6 + k)
    if a > 0 and b > 0:
        r = contingency.relative_risk(a, c, b, d)
        low, high = r.confidence_interval(0.95)
        out["log_ratio"], out["log_ratio_low"], out["log_ratio_high"] = np.log2([r.relative_risk, low, high])
    if b > 0:
        out["diff"] = 100 * (contingency.relative_risk(a, c, b, d).relative_risk - 1)
        out["odds_ratio"] = contingency.odds_ratio(np.array([[a, c - a], [b, d - b]]), kind="sample").statistic
    return out


def dispersion(*cells):
    n, size = np.array(cells[::2], float), np.array(cells[1::2], float)
    rate, share, part = n / size, n / n.sum(), size / size.sum()
    k = len(n)
    dp = cityblock(share, part) / 2
    return {"parts": k, "n": n.sum(), "size": size.sum(), "range": np.count_nonzero(n), "dp": dp,
            "juilland_d": 1 - stats.variation(rate) / np.sqrt(k - 1), "carroll_d2": stats.entropy(rate) / np.log(k),
            "rosengren_s": np.sqrt(part * n).sum() ** 2 / n.sum(), "dp_norm": dp / (1 - part.min())}


def adjust(*p):
    p = np.array(p)
    m, out = len(p), {}
    rank = stats.rankdata(p, method="max")
    for i, x in enumerate(p):
        out["bonferroni%d" % (i + 1)] = min(1, m * x)
        out["bh%d" % (i + 1)] = min(1, min(m * y / r for y, r in zip(p, rank) if y >= x))
    return out


for line in sys.stdin:
    kind, *words = line.split()
    number = float if kind == "adjust" else int
    result = globals()[kind](*map(number, words))
    print(" ".join("%s=%.17g" % item for item in result.items()))
