#!/usr/bin/python3
"""store_commands.py BUILD - analyses of a store as commands, answered from its index.  Rows as tests/bench/run.sh wants them;
remarks begin with #.  The store: STORE_MB (100) MB of gen_news.lua, its articles with their dates.  Times are processor time.

Peer: python3 over the same tokens, read from a file in which they are already cut, one article a line, with Counter and
loops as one would write them; and ds itself reading the articles.  Counts are compared before a figure is printed.  Called
by tests/bench/run.sh."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from math import log
from time import process_time

build = os.path.abspath(sys.argv[1])
dsrun = build + "/dsrun"
MB, RUNS = int(os.environ.get("STORE_MB", "100")), 5
work = tempfile.mkdtemp()


def sh(line):
    return subprocess.run(line, shell=True, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def cpu(line, runs=RUNS):
    """Median processor time of the runs, and the last output."""
    seconds, out = [], b""
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = sh(line)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(seconds)[runs // 2], out


def rows(out):
    tables = {}
    for line in out.decode().splitlines():
        r = json.loads(line)
        tables.setdefault(r.pop("table"), []).append(r)
    return tables


def row(name, ours, peer, theirs, items, checksum):
    ratio = "%.3g" % (ours / theirs) if theirs else "-"
    print("store/" + name, "s", "%.3g" % ours, peer, "%.3g" % theirs if theirs else "-", ratio, items, checksum, sep="\t",
          flush=True)


# What is a word for the plugins: neither white space nor punctuation, nor what is no text.
CUT = """for doc in ds.corpus.open("news.dsc"):docs() do
  local words = {}
  for t in doc:tokens() do
    if t.class ~= "space" and t.class ~= "punct" and t.class ~= "bad" then words[#words + 1] = (t.key:gsub("%s", "_")) end
  end
  print(doc.date .. " " .. table.concat(words, " "))
end"""


def generate():
    """The store and the tokens; the date that halves the articles, and a word that stands about 100,000 times in 100 MB."""
    with open(f"{work}/news.jsonl", "wb") as f:
        subprocess.run([dsrun, "--trust", "-q", "tests/bench/gen_news.lua", str(MB * 1000000), "1", "jsonl"], stdout=f, check=True)
    sh(f"{dsrun} -q build news.dsc news.jsonl")
    with open(f"{work}/cut.lua", "w", encoding="utf-8") as f:
        f.write(CUT)
    sh(f"{dsrun} --trust -q cut.lua > words.txt")
    with open(f"{work}/words.txt", encoding="utf-8") as f:
        dates = sorted(line[:10] for line in f)
    freq = rows(sh(f"{dsrun} -q -f jsonl freq news.dsc"))["words"]
    node = min((r for r in freq if r["n"] >= 1000 * MB), key=lambda r: r["n"])
    return dates[len(dates) // 2], node


def articles():
    with open(f"{work}/words.txt", encoding="utf-8") as f:
        for line in f:
            yield line[:10], line[11:].split()


def peer_freq():
    count = Counter()
    for _, words in articles():
        count.update(words)
    return count


def peer_keyness(middle):
    a, b = Counter(), Counter()
    for date, words in articles():
        (a if date < middle else b).update(words)
    c, d, best = sum(a.values()), sum(b.values()), ("", -1)
    for w in a.keys() | b.keys():
        x, y = a[w], b[w]
        if x + y >= 5:
            e1, e2 = c * (x + y) / (c + d), d * (x + y) / (c + d)
            ll = 2 * ((x * log(x / e1) if x else 0) + (y * log(y / e2) if y else 0))
            best = max(best, (w, ll), key=lambda r: r[1])
    return c, d, best[1]


def peer_collocates(node):
    near, found = Counter(), 0
    for _, words in articles():
        done = 0
        for i, w in enumerate(words):
            if w == node:
                found += 1
                low = max(done, i - 5)
                done = max(done, min(len(words), i + 6))
                near.update(x for x in words[low:done] if x != node)
    return found, sum(near.values())


def timed(fn, *arguments):
    began = process_time()
    result = fn(*arguments)
    return process_time() - began, result


def check(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"store_commands.py: {what}: {ours} by ds, {theirs} by the peer")


def run():
    middle, node = generate()
    size = os.path.getsize(f"{work}/words.txt")
    ask = f"{dsrun} -q -f jsonl"
    ours, out = cpu(f"{ask} freq news.dsc")
    theirs, count = timed(peer_freq)
    check("freq", sum(r["n"] for r in rows(out)["words"]), sum(count.values()))
    row("freq", ours, "python Counter", theirs, size, len(count))
    ours, out = cpu(f"{ask} keyness --where 'date < {middle}' news.dsc")
    theirs, (c, d, best) = timed(peer_keyness, middle)
    r = rows(out)
    check("keyness", [t["words"] for t in r["totals"]], [c, d])
    check("keyness", "%.6g" % max(k["ll"] for k in r["keywords"]), "%.6g" % best)
    row("keyness-halves", ours, "python Counter", theirs, size, len(r["keywords"]))
    ours, out = cpu(f"{ask} collocates --node '{node['word']}' news.dsc")
    theirs, (found, near) = timed(peer_collocates, node["word"])
    t = rows(out)["totals"][0]
    check("collocates", [t["found"], t["near"]], [found, near])
    row("collocates-100000", ours, "python Counter", theirs, size, found)
    for name, line in (("ngrams-2", "ngrams"), ("ngrams-3-chars", "ngrams --size 3 --unit chars"),
                       ("kwic-100000", f"kwic --query '{node['word']}' --sort right1"), ("kwic-rare", "kwic --query 屠夫")):
        ours, out = cpu(f"{ask} {line} news.dsc")
        row(name, ours, "none", 0, size, out.count(b"\n"))
    ours, out = cpu(f"{ask} collocates --node '{node['word']}' news.dsc")
    theirs, _ = cpu(f"{dsrun} -q collocates --node '{node['word']}' --shard 1/1 --state part.json news.dsc", 1)
    check("collocates", out, sh(f"{ask} --merge part.json"))
    row("collocates-100000", ours, "ds, articles read", theirs, size, found)


try:
    run()
finally:
    shutil.rmtree(work)
