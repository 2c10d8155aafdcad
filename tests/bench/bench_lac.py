#!/usr/bin/python3
"""bench_lac.py MODEL_DIR TEXT - the tagger's network in float32 with numpy, as the model's authors describe it: the reference
that ours is measured against.

  bench_lac.py MODEL_DIR TEXT      speed of the forward pass over the first 200 kB: prints "MB/s characters"
  bench_lac.py -c MODEL_DIR TAGS   TAGS has a line a sentence, "characters<TAB>tag numbers": prints the share of tags that are
                                   the same here, and how many were compared

Not part of ds; run by bench_nn and tests/accuracy.sh."""
import os
import sys
import time

try:
    import numpy as np
except ImportError:
    print("# tagger: no figures of numpy: python3-numpy is not installed")
    sys.exit(0)

HIDDEN, BATCH = 128, 64


def parameter(path):
    """A parameter as Paddle's save_vars writes it."""
    with open(path, "rb") as f:
        data = f.read()
    size = int.from_bytes(data[16:20], "little")
    dims, at, end = [], 20, 20 + size
    while at < end:
        field, value, shift = data[at], 0, 0
        at += 1
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        if field == 16:
            dims.append(value)
    return np.frombuffer(data[end:], dtype="<f4").reshape(dims)


def dictionary(path):
    with open(path, encoding="utf-8") as f:
        return {entry: int(number) for number, entry in (line.rstrip("\n").split("\t") for line in f if line.count("\t") == 1)}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Network:
    def __init__(self, folder):
        at = os.path.join(folder, "model_baseline")
        self.p = {name: parameter(os.path.join(at, name)) for name in os.listdir(at)}
        self.rows = dictionary(os.path.join(folder, "word.dic"))

    def ids(self, text):
        return np.array([self.rows.get(c, self.rows["OOV"]) for c in text])

    def direction(self, x, lengths, layer, back):
        """One direction of a layer: x is batch x time x inputs, the longest sentence first."""
        flat = self.p["gru_%d.w_0" % layer].reshape(-1)
        both = flat[:HIDDEN * 2 * HIDDEN].reshape(HIDDEN, 2 * HIDDEN)
        candidate = flat[HIDDEN * 2 * HIDDEN:].reshape(HIDDEN, HIDDEN)
        x = x @ self.p["fc_%d.w_0" % layer] + (self.p["fc_%d.b_0" % layer] + self.p["gru_%d.b_0" % layer].reshape(-1))
        h = np.zeros((len(x), HIDDEN), np.float32)
        out = np.zeros(x.shape[:2] + (HIDDEN,), np.float32)
        for t in range(x.shape[1]):
            n = int((lengths > t).sum())
            rows, at = np.arange(n), lengths[:n] - 1 - t if back else np.full(n, t)
            now, before = x[rows, at], h[:n]
            gates = sigmoid(now[:, :2 * HIDDEN] + before @ both)
            update, reset = gates[:, :HIDDEN], gates[:, HIDDEN:]
            new = np.tanh(now[:, 2 * HIDDEN:] + (reset * before) @ candidate)
            h[:n] = (1 - update) * before + update * new
            out[rows, at] = h[:n]
        return out

    def emissions(self, batch):
        lengths = np.array([len(s) for s in batch])
        ids = np.zeros((len(batch), lengths[0]), int)
        for i, s in enumerate(batch):
            ids[i, :len(s)] = s
        x = self.p["word_emb"][ids]
        for layer in (0, 2):
            x = np.concatenate([self.direction(x, lengths, layer, False), self.direction(x, lengths, layer + 1, True)], 2)
        x = x @ self.p["fc_4.w_0"] + self.p["fc_4.b_0"]
        return [x[i, :n] for i, n in enumerate(lengths)]

    def all_emissions(self, sentences):
        order, out = sorted(range(len(sentences)), key=lambda i: -len(sentences[i])), [None] * len(sentences)
        for k in range(0, len(order), BATCH):
            some = order[k:k + BATCH]
            for i, e in zip(some, self.emissions([sentences[i] for i in some])):
                out[i] = e
        return out

    def tags(self, e):
        """Viterbi over the conditional random field."""
        first, last, pair = self.p["crfw"][0], self.p["crfw"][1], self.p["crfw"][2:]
        score, back = first + e[0], []
        for now in e[1:]:
            ways = score[:, None] + pair
            best = ways.argmax(0)
            back.append(best)
            score = ways[best, np.arange(len(score))] + now
        path = [int((score + last).argmax())]
        for best in reversed(back):
            path.append(int(best[path[-1]]))
        return path[::-1]


def compare(net, path):
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    same = total = 0
    for (_, tags), e in zip(rows, net.all_emissions([net.ids(text) for text, _ in rows])):
        ours = [int(t) for t in tags.split()]
        same += sum(a == b for a, b in zip(ours, net.tags(e)))
        total += len(ours)
    print("%.4f %d" % (same / max(1, total), total))


def speed(net, path):
    with open(path, "rb") as f:
        text = f.read(200000).decode("utf-8", "ignore")
    sentences = [s[i:i + 128] for s in text.replace("。", "。\n").split("\n") for i in range(0, len(s), 128)]
    ids = [net.ids(s) for s in sentences if s]
    seconds = []
    for _ in range(3):
        start = time.process_time()
        net.all_emissions(ids)
        seconds.append(time.process_time() - start)
    print("%.3f %d" % (len(text.encode()) / 1e6 / sorted(seconds)[1], sum(map(len, ids))))


if sys.argv[1] == "-c":
    compare(Network(sys.argv[2]), sys.argv[3])
else:
    speed(Network(sys.argv[1]), sys.argv[2])
