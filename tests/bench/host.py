#!/usr/bin/python3
"""host.py BUILD - the host as a whole: start-up, plugins over articles, workers.  Rows as tests/bench/run.sh wants them;
remarks begin with #.  Articles: 2,000 characters each, by gen_articles.lua.  Times are processor time, but for the row of
workers, which compares clocks.  Called by tests/bench/run.sh."""
import hashlib
import json
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
RUNS, ARTICLES, STANCE, COPIES = 7, 3000, 400, 6
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
    sh(f"mkdir rare.md; {dsrun} -q build a.dsc a.jsonl; {dsrun} -q build rare.dsc rare.jsonl")
    for line in text.split("\n"):
        if line:
            a = json.loads(line)
            with open(f"{work}/rare.md/{a['id']}.md", "w", encoding="utf-8") as f:
                body = a["text"].replace("\n", "\n\n")
                f.write(f"---\ntitle: {a['title']}\ndate: {a['date']}\nsource: 本站\n---\n\n{body}\n")
    # Long enough that starting does not count, with ids of their own.
    for half in ("aa", "ab"):
        with open(f"{work}/half.{half}.jsonl", encoding="utf-8") as f:
            lines = f.read()
        with open(f"{work}/half.{half}.jsonl", "w", encoding="utf-8") as f:
            for copy in range(COPIES):
                f.write(lines.replace('{"id":"', '{"id":"%d-' % copy))
    news(16)


def news(copies):
    """The bundled articles several times over: what real news holds of quotations and numbers."""
    lines = sh(f"{dsrun} -q cat -f jsonl").decode().split("\n")
    with open(f"{work}/news.jsonl", "w", encoding="utf-8") as f:
        for copy in range(copies):
            for a in map(json.loads, filter(None, lines)):
                row = {"id": f"{copy}-{a['id']}", "date": a.get("date"), "title": a.get("title"), "text": a["text"]}
                f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


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
    # Ten rows an article, and what news of most days has; a store's MB are those of the JSON lines it was made of.
    for name, source, text in (("pricewar_jsonl", "a.jsonl", "a.jsonl"), ("pricewar_jsonl_rare", "rare.jsonl", "rare.jsonl"),
                               ("pricewar_store", "a.dsc", "a.jsonl"), ("pricewar_store_rare", "rare.dsc", "rare.jsonl"),
                               ("pricewar_markdown", "md", "md"), ("pricewar_markdown_rare", "rare.md", "rare.md")):
        size = megabytes(text)
        ours, out = cpu(f"{dsrun} -q -f jsonl pricewar {source}")
        peer, _ = cpu(f"grep -r -h -o -F -f terms {text} | cat")
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


def claims():
    for plugin in ("quotes", "numbers"):
        for name, source in ((plugin, "news.jsonl"), (plugin + "_generated", "rare.jsonl")):
            sh(f"head -c 4000000 {source} | head -n -1 > part.jsonl")
            ours, out = cpu(f"{dsrun} -q -f jsonl {plugin} part.jsonl")
            row(name, "MB/s", megabytes("part.jsonl") / ours, "none", 0, sh("wc -l < part.jsonl").decode().strip(), out)


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
    row("workers_2", "MB/s", size / sorted(ours)[middle], "2 processes", size / sorted(theirs)[middle], ARTICLES * COPIES, same)


def lua_share():
    if not shutil.which("valgrind"):
        print("# share of Lua: valgrind is not installed")
        return
    for source, plugin in (("a.jsonl", "pricewar"), ("rare.jsonl", "pricewar"), ("rare.dsc", "pricewar"),
                           ("a.jsonl", "stance"), ("news.jsonl", "quotes"), ("news.jsonl", "numbers")):
        part = "part.jsonl" if source.endswith("jsonl") else source
        sh(f"head -n {1000 if plugin == 'pricewar' else 100} {source} > part.jsonl")
        sh(f"valgrind --tool=callgrind --callgrind-out-file=cg {dsrun} -q -f jsonl {plugin} {part}")
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
    for part in (start, pricewar, stance, claims, workers, lua_share):
        part()
finally:
    shutil.rmtree(work)
