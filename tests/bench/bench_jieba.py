#!/usr/bin/python3
"""bench_jieba.py [-w] TEXT - jieba's default mode: prints "MB/s words", the median of five runs over the first megabyte, or
with -w the words of each line, separated by blanks.  Not part of ds; run by bench_segment and tests/accuracy.sh."""
import sys
import time

try:
    import jieba
except ImportError:
    print("# segment: no figures of jieba: python3-jieba is not installed")
    sys.exit(0)

jieba.setLogLevel(60)
with open(sys.argv[-1], "rb") as f:
    lines = f.read().decode("utf-8", "replace").split("\n")
jieba.initialize()

if "-w" in sys.argv:
    for line in lines:
        print(" ".join(w for w in jieba.cut(line) if w.strip()))
    sys.exit(0)

kept, size = [], 0
for line in lines:
    if size > 1000000:
        break
    kept.append(line)
    size += len(line.encode("utf-8")) + 1

seconds, words = [], 0
for _ in range(5):
    start = time.process_time()
    words = sum(len(jieba.lcut(line)) for line in kept)
    seconds.append(time.process_time() - start)
print("%.2f %d" % (size / 1e6 / sorted(seconds)[2], words))
