-- manifest_test.lua: what --manifest writes, and what `dsrun verify --manifest` finds.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local hash = require "ds.c.hash"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local function workspace()
  local w = command.workspace(command.articles(12))
  w.put("terms.tsv", "价格战\t1\t价格战/价格大战\n特斯拉\t0\t特斯拉\n")
  return w
end

local RUN <const> = "$D -q --manifest m.json -f jsonl -o out.jsonl pricewar --terms terms.tsv corpus"

test("sha256_is_that_of_the_standard", function()
  eq(hash.sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  eq(hash.sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  eq(hash.new():update("a"):update("bc"):hex(), hash.sha256("abc"))
  eq(#hash.raw("abc"), 32)
end)

test("a_manifest_tells_what_a_result_was_made_of", function()
  local w <close> = workspace()
  w.put("corpus/a/empty.md", "")
  local got = w.sh(RUN)
  eq(got.status, 1, got.err)
  local m = assert(ds.json.decode(w.read("m.json")))
  eq(m.result, hash.sha256(w.read("out.jsonl")))
  eq(m.files.terms.sha256, hash.sha256(w.read("terms.tsv")))
  eq(m.plugin.sha256, hash.sha256(T.read("plugins/pricewar.lua")))
  ok(m.data["zh.dslex"] and m.data["lexicons/aliases.tsv"] and m.versions.ds == ds.version and m.seconds >= 0)
  eq({ m.counts.read, m.counts.rejected, m.counts.partial, m.seed }, { 12, 1, false, 1 })
  eq(m.command[2], "--manifest")
end)

test("the_hash_of_the_corpus_is_the_same_for_any_number_of_workers", function()
  local w <close> = workspace()
  w.sh("$D -q --manifest 1.json info corpus; $D -q -j 3 --manifest 3.json info corpus")
  local one, three = ds.json.decode(w.read("1.json")), ds.json.decode(w.read("3.json"))
  eq(one.corpus, three.corpus)
  w.sh("echo >> corpus/a/001.md; echo 多 >> corpus/a/004.md; $D -q --manifest 2.json info corpus")
  ok(ds.json.decode(w.read("2.json")).corpus.sha256 ~= one.corpus.sha256)
end)

test("verify_makes_it_again_and_says_what_differs", function()
  local w <close> = workspace()
  eq(w.sh(RUN).status, 0)
  local before = w.read("out.jsonl")
  local got = w.sh("$D verify --manifest m.json")
  eq(got.status, 0, got.err)
  has(got.out, "m.json: made again, nothing differs: 12 articles, result " .. hash.sha256(before))
  got = w.sh("echo 价格战 >> corpus/a/004.md; $D verify --manifest m.json")
  eq(got.status, 1)
  has(got.out, "corpus.sha256: was ")
  has(got.out, "result: was ")
  got = w.sh("rm corpus/a/004.md; echo '打折\t0\t打折' >> terms.tsv; $D verify --manifest m.json")
  has(got.out, "corpus.articles: was 12, is 11")
  has(got.out, "counts.read: was 12, is 11")
  has(got.out, "files.terms.sha256: was ")
  eq(w.read("out.jsonl"), before, "verify writes no result")
end)

test("what_is_no_manifest_is_refused", function()
  local w <close> = workspace()
  w.put("bad.json", "{}")
  local got = w.sh("$D verify --manifest bad.json")
  eq(got.status, 1)
  has(got.err, "bad.json: no manifest of --manifest")
  has(w.sh("$D verify --manifest nowhere.json").err, "nowhere.json: No such file")
  has(w.sh("$D --map --manifest m.json pricewar < /dev/null").err, "--manifest belongs to a run in one piece, not to --map")
  got = w.sh("echo 'return { map = function() error(1) end }' > p.lua; $D --manifest m.json p.lua corpus; ls")
  ok(not got.out:find("m.json"), "a run that failed leaves none")
end)
