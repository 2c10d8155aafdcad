#!/usr/bin/python3
"""host.py BUILD - the host as a whole: start-up, plugins over articles, workers.  Rows as tests/bench/run.sh wants them;
remarks begin with #.  Articles: 2,000 characters each, by gen_articles.lua.  Times are processor time, but for the row of
workers, which compares clocks.  Called by tests/bench/run.sh."""
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
dsrun = build + "/dsrun"
RUNS, ARTICLES, STANCE = 7, 3000, 400
work = tempfile.mkdtemp()


def sh(line):
    return subprocess.run(line, shell=True, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def cpu(line):
    """Median processor time of RUNS runs, and the last output."""
    seconds, out = [], b""
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = sh(line)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(seconds)[RUNS // 2], out


def row(name, unit, ours, peer, theirs, items, out):
    ratio = "%.3g" % (ours / theirs) if theirs else ""
    digest = hashlib.sha256(out).hexdigest()[:12]
    print(name, unit, "%.4g" % ours, peer, "%.4g" % theirs if theirs else "", ratio, items, digest, sep="\t")


def generate():
    gen = "tests/bench/gen_articles.lua"
    for arguments, to in ((f"{ARTICLES} 1 jsonl", "a.jsonl"), (f"{ARTICLES} 1 markdown md", "md.sh"),
                          (f"{STANCE} 2 markdown st", "st.sh")):
        with open(f"{work}/{to}", "wb") as f:
            subprocess.run(f"{dsrun} --trust -q {gen} {arguments}", shell=True, stdout=f, check=True)
    sh("mkdir md st; sh md.sh; sh st.sh; split -n l/2 --additional-suffix=.jsonl a.jsonl half.")
    # The terms as grep takes them: every form of the list.
    with open("corpus/lexicons/pricewar.tsv", encoding="utf-8") as f, open(f"{work}/terms", "w", encoding="utf-8") as t:
        for line in f:
            cells = line.rstrip("\n").split("\t")
            if len(cells) >= 3 and not line.startswith("#"):
                t.write("\n".join(w for w in cells[2].split("/") if w) + "\n")
    # The same articles with nearly no hits, as the news of most days: most forms are cut in two.
    with open(f"{work}/a.jsonl", encoding="utf-8") as f, open(f"{work}/terms", encoding="utf-8") as t:
        forms = sorted({w for w in t.read().split("\n") if w}, key=len, reverse=True)
        text, kept = f.read(), iter(range(10**9))
        pattern = re.compile("|".join(map(re.escape, forms)))
        text = pattern.sub(lambda m: m.group() if next(kept) % 10 == 0 else "·".join(m.group()), text)
    with open(f"{work}/rare.jsonl", "w", encoding="utf-8") as f:
        f.write(text)


def megabytes(*names):
    return sum(os.path.getsize(f"{work}/{n}") if os.path.isfile(f"{work}/{n}") else
               sum(e.stat().st_size for e in os.scandir(f"{work}/{n}")) for n in names) / 1e6


def start():
    ours, out = cpu(f"for i in 1 2 3 4 5 6 7 8 9 10; do {dsrun} -e 'print(1)'; done")
    peer, _ = cpu("for i in 1 2 3 4 5 6 7 8 9 10; do lua5.4 -e 'print(1)'; done")
    row("host_start", "ms", ours * 100, "lua5.4 -e", peer * 100, 10, out)
    code = ("for _ in ds.segmenter():tokens(\"价格战\") do end "
            "print(io.open(\"/proc/self/status\"):read(\"a\"):match(\"VmHWM:%s*(%d+)\"))")
    kb = int(subprocess.run([dsrun, "--trust", "-e", code], stdout=subprocess.PIPE).stdout or 0)
    row("host_memory", "MB", kb / 1024, "none", 0, 1, b"")


JIEBA = """
import json, sys, collections, jieba
jieba.setLogLevel(60)
terms = set(open('terms', encoding='utf-8').read().split())
for i, line in enumerate(open('a.jsonl', encoding='utf-8')):
    if i == 100: break
    text = json.loads(line)['text']
    counts = collections.Counter(w for w in jieba.cut(text) if w in terms)
    if i == 0: import time; began = time.process_time(); size = 0; continue
    size += len(line.encode())
print(size / 1e6 / (time.process_time() - began))
"""


def pricewar():
    for name, source in (("pricewar_jsonl", "a.jsonl"), ("pricewar_jsonl_rare", "rare.jsonl"), ("pricewar_markdown", "md")):
        size = megabytes(source)
        ours, out = cpu(f"{dsrun} -q -f jsonl pricewar {source}")
        peer, _ = cpu(f"grep -r -h -o -F -f terms {source} | cat")
        row(name, "MB/s", size / ours, "grep -o -F -f", size / peer, ARTICLES, out)
        if source == "a.jsonl":
            python = subprocess.run(["/usr/bin/python3", "-c", JIEBA], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()
            if python:
                row(name, "MB/s", size / ours, "jieba+Counter", float(python), ARTICLES, out)
            else:
                print("# pricewar: no figures of jieba: python3-jieba is not installed")


def stance():
    size = megabytes("st")
    ours, out = cpu(f"{dsrun} -q -f jsonl stance st")
    row("stance", "MB/s", size / ours, "none", 0, STANCE, out)


def wall(lines):
    began = time.perf_counter()
    running = [subprocess.Popen(line, shell=True, cwd=work, stdout=subprocess.DEVNULL) for line in lines]
    for p in running:
        p.wait()
    return time.perf_counter() - began


def workers():
    """Two workers against two processes that have a half each, in turn."""
    one = [f"{dsrun} -q -j 2 -f jsonl -o one.out pricewar half.aa.jsonl half.ab.jsonl"]
    two = [f"{dsrun} -q -f jsonl -o {h}.out pricewar half.{h}.jsonl" for h in ("aa", "ab")]
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(wall(one))
        theirs.append(wall(two))
    size, middle = megabytes("half.aa.jsonl", "half.ab.jsonl"), RUNS // 2
    same = sh(f"{dsrun} -q -f jsonl pricewar half.aa.jsonl half.ab.jsonl | cmp - one.out && echo same")
    row("workers_2", "MB/s", size / sorted(ours)[middle], "2 processes", size / sorted(theirs)[middle], ARTICLES, same)


def report():
    """A page over 2,000 articles: its bytes, the time it takes to make, and what Chromium takes to its load event."""
    sys.path.insert(0, "tests/browser")
    import chromium
    sh("head -n 2000 a.jsonl > r.jsonl")
    for plugin in ("pricewar", "stance"):
        seconds, _ = cpu(f"{dsrun} -q -f html -o r.html {plugin} r.jsonl") if plugin == "pricewar" else (0, sh(f"{dsrun} -q -f html -o r.html {plugin} r.jsonl"))
        with open(f"{work}/r.html", "rb") as f:
            page = f.read()
        if seconds:
            row(f"report_{plugin}", "s", seconds, "none", 0, 2000, page)
        row(f"report_{plugin}_size", "MB", len(page) / 1e6, "none", 0, 2000, page)
        if not chromium.find():
            print(f"# report_{plugin}: no figure of Chromium: make browser-deps")
            continue
        with chromium.Browser() as b:
            times = []
            for _ in range(RUNS):
                p = b.open(f"{work}/r.html")
                times.append(p.js("performance.getEntriesByType('navigation')[0].loadEventEnd"))
                p.close()
        row(f"report_{plugin}_load", "ms", sorted(times)[RUNS // 2], "none", 0, 2000, page)


def lua_share():
    if not shutil.which("valgrind"):
        print("# share of Lua: valgrind is not installed")
        return
    for source, plugin in (("a.jsonl", "pricewar"), ("rare.jsonl", "pricewar"), ("a.jsonl", "stance")):
        sh(f"head -n 200 {source} > part.jsonl; valgrind --tool=callgrind --callgrind-out-file=cg {dsrun} -q -f jsonl {plugin} part.jsonl")
        lines = sh("callgrind_annotate --threshold=100 cg").decode(errors="replace").split("\n")
        total = lua = 0
        for line in lines:
            m = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(.*)", line)
            if m and "PROGRAM TOTALS" in m.group(2):
                total = int(m.group(1).replace(",", ""))
            elif m and "liblua" in m.group(2):
                lua += int(m.group(1).replace(",", ""))
        if total:
            print(f"# {plugin} on {source}: {100 * lua / total:.0f} % of the instructions in Lua's interpreter and collector")


try:
    generate()
    for part in (start, pricewar, stance, workers, report, lua_share):
        part()
finally:
    shutil.rmtree(work)
