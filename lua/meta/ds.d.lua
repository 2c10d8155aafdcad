---@meta ds
-- Editor annotations (LuaLS) of `require "ds"`.  A test compares them with the loaded module, name by name, both ways.
-- Positions are bytes from 1, both ends included, unless a text says characters.

---@class ds
---@field version string
---@field utf8 ds.utf8
---@field corpus ds.corpuslib
---@field lexicon ds.lexicon
---@field mentions ds.mentionslib
---@field stats ds.stats
---@field acc ds.acclib
---@field json ds.json
---@field date ds.date
---@field textrank ds.textrank
local ds = {}

-- ------------------------------------------------------------------ text

---@class ds.utf8
local utf8 = {}

--- Whether s is valid UTF-8; if not, the byte where the first ill-formed sequence starts.
---@param s string
---@return boolean valid
---@return integer? byte
function utf8.valid(s) end

--- Number of characters (code points); a stretch of invalid bytes counts as Unicode's replacement practice has it.
---@param s string
---@return integer
function utf8.len(s) end

--- Number of grapheme clusters: what a reader takes for one character.
---@param s string
---@return integer
function utf8.glen(s) end

--- Terminal columns.
---@param s string
---@return integer
function utf8.width(s) end

--- Like string.sub, in characters.
---@param s string
---@param i integer first character; negative counts from the end
---@param j? integer last character, default -1
---@return string
---@nodiscard
function utf8.sub(s, i, j) end

--- Iterates from, to, code point; false in place of the code point for invalid bytes.
---@param s string
---@return fun(): integer?, integer?, integer|false
function utf8.codes(s) end

--- Iterates from, to of the grapheme clusters.
---@param s string
---@return fun(): integer?, integer?
function utf8.graphemes(s) end

--- Iterates from, to of the sentences.
---@param s string
---@return fun(): integer?, integer?
function utf8.sentences(s) end

--- Iterates from, to of the paragraphs: lines with something on them.
---@param s string
---@return fun(): integer?, integer?
function utf8.paragraphs(s) end

--- Iterates from, to and the record of what stands between quotation marks, nested ones too.
---@param s string
---@return fun(): integer?, integer?, ds.quotation?
function utf8.quotations(s) end

--- A Unicode normal form.  Invalid bytes pass unchanged.
---@param s string
---@param form "NFC"|"NFD"|"NFKC"|"NFKD" NFC: the form to store; NFKC: also full width to ASCII, half-width Katakana to full, ① to 1
---@param opts? {map: boolean?} map: the second result, too
---@return string normal
---@return ds.map? map leads back to the bytes of s
---@nodiscard
function utf8.normalize(s, form, opts) end

--- One key for every way to write it.  Without options, all three are folded.
---@param s string
---@param opts? {case: boolean?, width: boolean?, variant: boolean?} variant: Traditional to Simplified, character by character
---@return string folded
---@return ds.map map leads back to the bytes of s
---@nodiscard
function utf8.fold(s, opts) end

--- Simplified Chinese of a text in Traditional Chinese, word by word; the characters of every region are known.
---@param s string
---@param opts? {region: "tw"|"hk"|nil, mode: "words"|"opencc"|nil} region "tw": Taiwan's vocabulary too; mode "opencc": OpenCC's result
---@return string simplified
---@return ds.map map leads back to the bytes of s
---@nodiscard
function utf8.simplify(s, opts) end

--- Traditional Chinese of a text in Simplified Chinese, word by word.
---@param s string
---@param opts? {region: "tw"|"hk"|nil, mode: "words"|"opencc"|nil} region: its characters, for "tw" its vocabulary too; mode "opencc": OpenCC's result
---@return string traditional
---@return ds.map map leads back to the bytes of s
---@nodiscard
function utf8.traditional(s, opts) end

--- The script of a text: "Hans", "Hant", "mixed", "Hani" (Han, but nothing that tells), "Latn", …
---@param s string
---@return string name
---@return table<string, integer> counts characters that tell
---@return number sure 0 to 1
function utf8.script(s) end

--- The encoding of bytes.  Knows UTF-8, UTF-16LE, UTF-16BE, UTF-32LE, UTF-32BE, GB18030, Big5, Shift_JIS, EUC-JP, EUC-KR
--- and US-ASCII; "unknown" when the bytes are no text in any of them.
---@param bytes string a file, or its beginning
---@param declared? string what a header or the caller says: a hint; a name that is not known is none
---@return string name as ds.utf8.decode takes it
---@return number confidence 0 to 1; under 0.5 when part of the bytes is ill-formed
---@return {bom: integer?} detail bytes of the byte order mark
---@nodiscard
function utf8.detect(bytes, declared) end

--- Bytes in an encoding as UTF-8, without a byte order mark.
---@param bytes string
---@param encoding string a name that ds.utf8.detect gives, or another of the encoding's names: "gbk", "cp950", "x-sjis"
---@return string? text nil when a sequence is ill-formed, the end is cut off, or the encoding is not known
---@return string? message
---@return integer? byte where the ill-formed sequence starts
---@nodiscard
function utf8.decode(bytes, encoding) end

--- Fills a table with the byte where each character starts.
---@param s string
---@param out integer[] is overwritten, and ends behind the last character
---@return integer n characters
function utf8.offsets(s, out) end

--- Fills a table with from, to, from, to, … of the sentences.
---@param s string
---@param out integer[] is overwritten, and ends behind the last sentence
---@return integer n sentences
function utf8.sentences_into(s, out) end

--- A view of a string whose length, offsets and sentences are computed once, when they are first asked for.  Then any
--- character is found in O(log n).  #text is its length in characters.
---@param s string
---@return ds.text
---@nodiscard
function ds.text(s) end

---@class ds.text
local text = {}

--- Number of characters.
---@return integer
function text:len() end

--- Number of grapheme clusters.
---@return integer
function text:glen() end

--- The string itself.
---@return string
function text:string() end

--- The bytes of character k.
---@param k integer from 1; negative counts from the end; #text + 1 gives the empty range behind the text
---@return integer? from nil: there is no such character
---@return integer? to
function text:byte(k) end

--- The character that a byte belongs to.
---@param byte integer from 1; negative counts from the end; one more than the bytes gives #text + 1
---@return integer? k nil: there is no such byte
function text:char(byte) end

--- Like string.sub, in characters.
---@param i integer first character; negative counts from the end
---@param j? integer last character, default -1
---@return string
---@nodiscard
function text:sub(i, j) end

--- Iterates from, to of the sentences.
---@return fun(): integer?, integer?
function text:sentences() end

--- Iterates from, to of the paragraphs.
---@return fun(): integer?, integer?
function text:paragraphs() end

--- The sentence that holds a byte.
---@param byte integer
---@return integer? from nil: it stands between sentences
---@return integer? to
function text:sentence_at(byte) end

--- The paragraph that holds a byte.
---@param byte integer
---@return integer? from nil: it stands between paragraphs
---@return integer? to
function text:paragraph_at(byte) end
function text:close() end

---@class ds.map
local map = {}

--- The bytes of the original that bytes i to j of the folded text stand for.
---@param i integer
---@param j? integer default i; i - 1 for the empty range before byte i
---@return integer from
---@return integer to
function map:origin(i, j) end
function map:close() end

---@class ds.quotation
---@field from integer the opening mark
---@field to integer the closing mark
---@field inner_from integer
---@field inner_to integer
---@field open string the opening mark itself
---@field depth integer 0 outermost
---@field closed boolean false: it ends with its paragraph

-- ------------------------------------------------------------------ words

--- A segmenter over the compiled lexicon.
---@param opts? {user: string?, mode: "default"|"accurate"|"search"|"full"|"trained"|nil, style: "news"|"ud"|"fine"|nil, model: string?}
---  user: path of a user dictionary, `word [freq] [pos]` a line; mode and style: doc/SEGMENTER.md; model: path of a
---  standard that ds.trainer has learned, for the mode "trained", which is then the default, and whose style it has
---@return ds.segmenter? segmenter
---@return string? message
---@return table? detail
function ds.segmenter(opts) end

---@class ds.segmenter
local segmenter = {}

--- The words of s, white space included: they join to s.
---@param s string
---@return string[]
---@nodiscard
function segmenter:words(s) end

--- Iterates the words of s.
---@param s string
---@return fun(): ds.token?
function segmenter:tokens(s) end

--- The words of s as one object, for fast access.
---@param s string
---@return ds.tokens
---@nodiscard
function segmenter:cut(s) end

--- The entities of a text, in mode "accurate"; an empty list in the others.
---@param s string
---@return ds.entity[]
function segmenter:entities(s) end

--- What decides how text is cut, for the header of what is made from the tokens: mode, style, checksums of lexicon and
--- tagger or model, such as "accurate news zh.dslex 0badcafe zh.dsnn deadbeef" or "trained ud zh.dslex 0badcafe my.seg
--- 1a2b3c4d"; with user words, their number.
---@return string
function segmenter:describe() end

--- Adds a word of the user's: forced without a frequency, a suggestion with one.
---@param word string
---@param freq? integer
---@param pos? string
---@return ds.segmenter self
function segmenter:add(word, freq, pos) end

--- Takes a word away, the lexicon's too.
---@param word string
---@return ds.segmenter self
function segmenter:remove(word) end

--- Every candidate that was weighed, in the order of their beginning; source: lexicon, user, forced, name, atom, unknown.
---@param s string
---@return {from: integer, to: integer, word: string, source: string, bits: number, freq: integer?, line: integer?, chosen: boolean}[]
---@nodiscard
function segmenter:explain(s) end

--- Lines of the user dictionary that were skipped.
---@return {line: integer, byte: integer, message: string}[]
function segmenter:bad_lines() end
function segmenter:close() end

--- A trainer without gold; doc/SEGMENTER.md, "Your own standard".
---@param opts? {seed: integer?, rounds: integer?, least: integer?} seed: of the order of the lines; rounds: through the
---  gold, 10; least: how often a feature must occur to be learned, 2
---@return ds.trainer? trainer
---@return string? message
function ds.trainer(opts) end

---@class ds.trainer learns a standard of words from text whose words are marked
local trainer = {}

---@class ds.trainer.score
---@field gold integer words of the gold
---@field ours integer words that the segmenter makes of its text
---@field right integer words that are in both
---@field precision number 0 to 1
---@field recall number 0 to 1
---@field f1 number 0 to 1

--- Takes a line of gold: words separated by blanks.
---@param line string
---@return true? ok
---@return string? message
---@return {status: string, byte: integer?}? detail
function trainer:add(line) end

--- Takes a file of gold, a sentence a line, or CoNLL-U when its name ends in .conllu; lines that cannot be taken are left out.
---@param path string
---@param bad? fun(message: string, line: integer) is told of them: "path:line: reason"
---@return integer? lines how many were taken
---@return string? message the file cannot be read
function trainer:add_file(path, bad) end

---@return integer
function trainer:lines() end
---@return integer
function trainer:words() end

--- The style whose words are nearest to the gold's; the model corrects them.
---@return "news"|"ud"|"fine"
function trainer:style() end

--- How near the default mode comes, in the nearest style unless told.
---@param style? "news"|"ud"|"fine"
---@return ds.trainer.score
function trainer:default(style) end

--- Learns from all of the gold but a fold, and scores on that, for every fold.
---@param folds integer 2 or more
---@return ds.trainer.score[]? scores one a fold
---@return string? message too little gold
function trainer:cross_validate(folds) end

--- Learns from all of the gold.  The same gold and options give the same bytes.
---@param note? string a line about where it comes from, kept in the model
---@return string? model the bytes of a file for ds.segmenter { model = … }
---@return string? message too little gold
function trainer:train(note) end
function trainer:close() end

---@class ds.token
---@field word string
---@field key string folded: Simplified, lower case, half width
---@field from integer
---@field to integer
---@field pos string part of speech
---@field class "han"|"latin"|"number"|"money"|"percent"|"date"|"url"|"emoji"|"punct"|"space"|"bad"
---@field entity? "PER"|"LOC"|"ORG"|"TIME" in mode "accurate": the entity that the token is, or is part of
---@field entity_begins? boolean with `entity`: true for the entity's first token

---@class ds.entity
---@field type "PER"|"LOC"|"ORG"|"TIME" person, place, institution, time
---@field from integer
---@field to integer
---@field text string

---@class ds.tokens
---@operator len: integer
local tokens = {}

---@param i integer from 1
---@return string word
---@return string key
---@return integer from
---@return integer to
---@return string pos
---@return string class
---@return string? entity
---@return boolean? entity_begins
function tokens:get(i) end

--- from, to, from, to, … of all tokens.
---@return integer[]
function tokens:spans() end

---@return fun(): ds.token?
function tokens:each() end

--- Finds thousands of terms in one pass.
---@param terms string[]|table<string, string>|string list of terms, map term -> label, or path of a TSV file (term, label)
---@param opts? {variant: boolean?, case: boolean?, width: boolean?} what is folded, all by default
---@return ds.matcher? matcher
---@return string? message
---@return table? detail
function ds.matcher(terms, opts) end

---@class ds.matcher
local matcher = {}

--- Hits of each label: for each form its occurrences that do not overlap one another, summed; no word borders.
---@param doc_or_s ds.doc|string
---@return {label: string, n: integer}[] counts in the order of the terms; counts.by[label] is the same row
---@nodiscard
function matcher:count(doc_or_s) end

--- Iterates from, to, label, term in order of their beginning, the longer first.
---@param doc_or_s ds.doc|string
---@return fun(): integer?, integer?, string?, string?
function matcher:spans(doc_or_s) end

--- As spans, but of hits that overlap only the first, of two that begin together the longer, and none that cuts a word of
--- an alphabet.
---@param doc_or_s ds.doc|string
---@return fun(): integer?, integer?, string?, string?
function matcher:names(doc_or_s) end

--- Counts the hits that spans gives of a document, by label, and those of them that begin and end where words do.
---@param doc ds.doc
---@return table<string, integer> n of labels with a hit
---@return table<string, integer> words the same keys
function matcher:tally(doc) end
function matcher:close() end

--- The places of a word or phrase in a text, and the words around them.
---@param query string folded; white space in it stands for any white space, or none
---@param opts? {by: "words"|"chars"|nil, segmenter: ds.segmenter?} by: "words" (default) takes places that cut no word in two, "chars" any
---@return ds.concordance? concordance nil when the query is empty
---@return string? message
function ds.concordance(query, opts) end

---@class ds.concordance.words the words of a text without white space and punctuation; lists of equal length
---@field n integer how many
---@field key string[] folded
---@field from integer[]
---@field to integer[]

---@class ds.concordance.hit
---@field from integer
---@field to integer
---@field first integer index of the first word that it touches; when it touches none, last + 1
---@field last integer index of the last word that it touches

---@class ds.concordance
---@field query string
local concordance = {}

--- The words of a text, or of an article: its own where its file brings them.
---@param text string|ds.doc
---@return ds.concordance.words
---@nodiscard
function concordance:words(text) end

--- The places of the query, in their order; they do not overlap.
---@param text string|ds.doc
---@param words? ds.concordance.words those of the text, when you have them already
---@return ds.concordance.hit[] hits
---@return ds.concordance.words? words nil when nothing was found and none were given
---@nodiscard
function concordance:find(text, words) end

--- The text on either side of a place.
---@param text string
---@param words ds.concordance.words
---@param hit ds.concordance.hit
---@param size integer how much
---@param unit? "words"|"chars" what size counts; words, unless told
---@return string left
---@return string right
---@nodiscard
function concordance:context(text, words, hit, size, unit) end

---@class ds.concordance.line
---@field from integer bytes of the text
---@field to integer
---@field left string
---@field node string as it is written
---@field right string
---@field before string[] folded words before it, nearest first
---@field behind string[]

--- The places of the query, each with its context.
---@param text string|ds.doc
---@param opts {size: integer, unit: "words"|"chars"|nil, reach: integer?} size, unit: as in context; reach: how many folded words on either side
---@return ds.concordance.line[]
---@nodiscard
function concordance:lines(text, opts) end

--- What an index can look for in its place; nil when places have to be looked for in the texts.
---@return string? text
---@return boolean whole_words
---@nodiscard
function concordance:plain() end

--- The words within the window of some hit.
---@param d ds.doc whose text was searched
---@param words ds.concordance.words
---@param hits ds.concordance.hit[]
---@param left? integer words before a hit; nil: all of its sentence
---@param right? integer words behind it; left unless told
---@return table<integer, ds.concordance.hit> near from a word's index to the first hit that reaches it
---@return table<integer, boolean> own words that hits are made of; these are near, too
---@nodiscard
function concordance:near(d, words, hits, left, right) end

-- ------------------------------------------------------------------ corpus

---@class ds.corpuslib
local corpuslib = {}

---@class ds.reading
---@field encoding string? instead of what the bytes tell: "GB18030", "Big5", …
---@field format "text"|"markdown"|"html"|"jsonl"|"json"|"csv"|"tsv"|"conllu"|"vrt"|nil instead of what name and content tell
---@field fields table<string, string>? id, title, date, author, source, text, or a key of the metadata, to the column or key

--- Opens directories, files and "-" (standard input) as one corpus: text, Markdown, HTML, JSON, CSV, TSV, CoNLL-U, VRT,
--- also with gzip or Zstandard (doc/INPUTS.md).  A table behind the paths says how to read all of them.
---@param ... string|ds.reading
---@return ds.corpus? corpus nil when there is nothing to read in any of them
---@return string? message
---@return table? detail
function corpuslib.open(...) end

--- Opens a store for writing, a new one where there is no file.
---@param path string
---@param opts? {segmenter: ds.segmenter?, level: integer?} level: of compression, 1 (fast) to 12 (small)
---@return ds.corpus.writer? writer nil: in use by another, no store, or one whose words another segmenter found
---@return string? message
---@return table? detail
function corpuslib.create(path, opts) end
--- What a store says of itself, without its articles: docs, text_bytes, bytes, commits, about, segments.
---@param path string
---@return table? info
---@return string? message
function corpuslib.about(path) end
--- Writes a store anew without what was deleted, in place of the old file, whole or not at all.
---@param path string
---@return boolean? done
---@return string? message
function corpuslib.compact(path) end
--- Compares every byte of a store with its checksums; an empty list: nothing is damaged.
---@param path string
---@return {from: integer, to: integer, what: string, segment: integer?, doc: integer?, docs: integer, id: string?, mended: boolean}[]? damage the articles that it has hit: the first, its id, how many; mended: survivors gives them all the same
---@return string? message
function corpuslib.verify(path) end
--- Iterates the articles of a damaged store: its place and the document, or its place, nil and why it cannot be read.
---@param path string
---@return (fun(): {segment: integer, number: integer}?, ds.doc?, string?)? next
---@return string? message
function corpuslib.survivors(path) end

---@class ds.handed an article that map has handed on to write, for writer:add
---@field id string
---@field bytes integer of its text

---@class ds.corpus.writer
local writer = {}
--- Adds an article: a document, or its fields.  One of the same id is replaced; with the same content nothing happens.
---@param article ds.doc|ds.handed|{id: string, text: string, title: string?, date: string?, source: string?, author: string?, meta: table?, path: string?}
---@return "new"|"changed"|"same"|nil what nil: it cannot be stored
---@return string? message
function writer:add(article) end
--- Adds an article as it is in another store, words and all.
---@param d ds.doc
---@return boolean? done
---@return string? message
function writer:copy(d) end
---@param id string
---@return boolean? removed false: there was none of that id
---@return string? message
function writer:remove(id) end
--- Makes all of it last: when this returns true it is on the disk.
---@return boolean? done
---@return string? message
function writer:commit() end
--- Ends writing; what was not committed is given up.
function writer:close() end

---@class ds.corpus
---@field errors table[] what could not be read in the latest docs() without on_error
---@field segmenter ds.segmenter? the segmenter of its documents; the default one when it is not set
local corpus = {}

--- Iterates the articles.  Those that cannot be read are told to on_error, or collected in corpus.errors.
---@param opts? {where: string?, on_error: (fun(e: table))?} where: FIELD (= != < <= > >= ~) VALUE, and, or, not, ( )
---@return (fun(): ds.doc?)? next nil when `where` is malformed
---@return string? message
function corpus:docs(opts) end

--- One article by its id, read again from its file.
---@param id string
---@return ds.doc? doc
---@return string? message
function corpus:doc(id) end

--- Number of files.
---@return integer
function corpus:count() end

--- Files of its directories that are no articles by their endings and first bytes; hidden ones are left out.
---@return {ending: string, n: integer}[] list sorted by ending, "" for files without one
function corpus:passed_over() end

--- Looks for words and phrases; doc/QUERY.md has the language.  Stores are searched by their index; articles that are in
--- none are first put into a temporary one.
---@param text string '"价格战"', '[key="价格"] []{0,3} [pos="v.*"] within s'
---@param opts? {where: string?, aliases: string?, overlap: boolean?, timeout: number?} where: a condition on articles; aliases: the list for [entity="…"]; overlap: a hit for every place where one can begin; timeout: seconds, then hits:partial() is true
---@return ds.hits? hits nil when the query is malformed
---@return string? message with the column, in characters
---@return table? detail
---@nodiscard
function corpus:query(text, opts) end

--- How often each word stands in the corpus, the most frequent first, equals by bytes.
---@param opts? {by: "key"|"word"|"pos"|"lemma"|"class"|nil, query: string?, where: string?} query: the tokens that count, such as '[pos="n.*"]'; all but punctuation unless told
---@return table[]? list {key|word|pos|lemma|class = string, n = integer}
---@return integer|string total or a message
---@return table? detail
---@nodiscard
function corpus:freq(opts) end

--- The articles, to be counted through the index of their stores without being read: only where that gives what reading
--- gives, so that every article is in a store, none has brought its own words, and no id is in two stores.
---@param opts? {where: string?} where: as in docs
---@return ds.indexed? articles
---@return string? message why not, or what is wrong with where
---@nodiscard
function corpus:indexed(opts) end
function corpus:close() end

---@alias ds.group_of fun(a: table, chosen: boolean?): string?, string? the name of an article's group (a: its fields; chosen: whether --where holds), nil to leave it out, and why

---@class ds.indexed the articles of stores, counted through their index; nil for rows: the articles have to be read
local indexed = {}

--- How often each word stands in each group, and in how many articles: what doc:freq gives, added up.
---@param opts? {by: "key"|"word"|nil, pos: string?, class: string?, group: ds.group_of?} by, pos, class: as in doc:freq
---@return (fun(): {word: string, group: string?, n: integer, docs: integer, pos: string}?)? rows in no order; pos: the first by bytes of what its first occurrence in each article has
---@return {group: string?, n: integer, docs: integer}[]? totals
---@nodiscard
function indexed:frequencies(opts) end

--- Sequences of words or characters in each group: folded, not over punctuation and line ends.
---@param opts {size: integer, unit: "words"|"chars"|nil, min: integer?, group: ds.group_of?} min: occurrences in a group, at least
---@return (fun(): {ngram: string, group: string?, n: integer, docs: integer}?)? rows in no order
---@return {group: string?, total: integer, articles: integer, different: integer}[]? totals
---@nodiscard
function indexed:ngrams(opts) end

--- The lines of a concordance, article by article.
---@param concordance ds.concordance
---@param opts {size: integer, unit: "words"|"chars"|nil, reach: integer?} as in concordance:lines
---@return (fun(): table?, ds.concordance.line[]?)? next an article's fields, its lines
---@nodiscard
function indexed:lines(concordance, opts) end

--- What stands near the places of a concordance.
---@param concordance ds.concordance
---@param opts {left: integer?, right: integer?, min: integer?} left, right: words on either side, nil: the sentence; min: how often a word stands near, at least
---@return (fun(): {word: string, o: integer, c: integer, docs: integer, doc: string, from: integer, to: integer}?)? rows in no order: places near, in all, articles with such; the first article by id, bytes of node and word there
---@return {found: integer, docs: integer, near: integer, words: integer}? totals
---@nodiscard
function indexed:collocates(concordance, opts) end

---@class ds.hit
---@field doc string the article's id
---@field date string?
---@field source string?
---@field title string?
---@field from integer byte of the article's text
---@field to integer

---@class ds.kwic_line: ds.hit
---@field left string
---@field node string
---@field right string
---@field captures table<string, {from: integer, to: integer}>? of the query's names, in bytes of the text

---@class ds.hits what a query has found; errors of a damaged store raise
local hits = {}

--- How many there are.
---@return integer n
---@return boolean partial the search was stopped: there may be more
function hits:count() end

--- Whether the search was stopped.
---@return boolean
function hits:partial() end

--- Sorts by keys: left1, right1 … (right1.pos), node, doc, day, week, month, year, source, author, title, a field of the
--- metadata; "-" before a key: falling.
---@param keys string|string[]
---@return ds.hits self
function hits:sort(keys) end

--- Keeps n hits drawn by a seed.
---@param n integer
---@param seed? integer
---@return ds.hits self
function hits:sample(n, seed) end

--- A page of the concordance.
---@param opts? {size: integer?, left: integer?, right: integer?, unit: "words"|"chars"|nil, from: integer?, n: integer?, sort: string|string[]|nil, sample: integer?, seed: integer?} size: context on either side, 5; unit: what it counts; from: the first hit shown, 1; n: how many, 25
---@return ds.kwic_line[] lines
---@nodiscard
function hits:kwic(opts) end

--- Iterates the hits in their order.
---@return fun(): ds.hit?
function hits:each() end

--- Counts hits by what they have in common, the largest group first.
---@param by string word, key, pos, lemma, class, left1, right1.pos, doc, day, week, month, year, source, author, title, a field of the metadata
---@return {name: string, n: integer}[] groups "": hits without it
---@return integer total
---@nodiscard
function hits:group(by) end

--- The plan of the search, in words.
---@return string
---@nodiscard
function hits:explain() end
function hits:close() end

---@class ds.doc
---@field id string
---@field title string?
---@field date string? "2025-01-27" or "2025-01"
---@field source_name string?
---@field author string?
---@field script string
---@field text string clean UTF-8: markup and front matter taken out
---@field meta table<string, any>
---@field path string?
local doc = {}

--- Iterates the sentences, the title first (part = "title", no from and to).
---@return fun(): {from: integer?, to: integer?, text: string, part: "title"|"body"}?
function doc:sentences() end

--- The sentence of the body that holds a byte.
---@param pos integer
---@return {from: integer, to: integer, text: string, part: "body"}?
function doc:sentence_at(pos) end

---@return fun(): {from: integer, to: integer, text: string}?
function doc:paragraphs() end

---@return fun(): ds.quotation?
function doc:quotations() end

--- Who says what; with `from`, `to` what lies in this passage.
---@param from? integer
---@param to? integer
---@return ds.quote[]
---@nodiscard
function doc:quotes(from, to) end

--- What is said in numbers; with `from`, `to` what lies in this passage.
---@param from? integer
---@param to? integer
---@return ds.number[]
---@nodiscard
function doc:numbers(from, to) end

--- The people, bodies, products and places that are named; with `from`, `to` what lies in this passage.
---@param from? integer
---@param to? integer
---@return ds.mention[]
---@nodiscard
function doc:entities(from, to) end

--- Iterates the words; those of the file where it brings its own (CoNLL-U, VRT), then with their lemma.
---@return fun(): ds.token?
function doc:tokens() end
--- Which passages begin and end where words do: cheaper than tokens(), only the clauses around them are cut.
---@param ranges integer[] flat: from, to, from, to … in bytes of doc.text
---@return boolean[]
function doc:whole_words(ranges) end

--- Counts the words, the most frequent first.
---@param opts? {by: "key"|"word"|nil, pos: string?, class: string?} pos: a Lua pattern for the whole tag
---@return {key: string?, word: string?, n: integer, pos: string}[]
---@nodiscard
function doc:freq(opts) end

--- Where a passage stands in the file as it lies on disk.  For an article of a store the file is read again.
---@param from? integer
---@param to? integer
---@return string? path
---@return integer[][] ranges {from, to} in bytes of the file
---@return "gzip"|"zstd"|nil compression the ranges are bytes of the file once decompressed
---@return string? lost why there are no ranges for an article of a store: its file is gone, or its text no longer the same
function doc:source(from, to) end

--- Disclaimers, calls to follow, lists of links.
---@return {from: integer, to: integer, kind: string}[]
function doc:boilerplate() end

-- ------------------------------------------------------------------ analyses

--- A judge of stance toward one target.
---@param opts {target: string, model: string?, explain: boolean?, aliases: string?, sentiment: string?, modifiers: string?, verbs: string?, holders: string?, segmenter: ds.segmenter?}
---  model: path of one that ds.stance_trainer has made; explain: keep what stance:explain tells
---@return ds.stance? judge
---@return string? message
function ds.stance(opts) end

---@class ds.stance
---@field target string canonical name
---@field names string[] every name of it
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local stance = {}

---@class ds.stance.record
---@field from integer?
---@field to integer?
---@field part "title"|"body"
---@field text string
---@field label "pos"|"neg"|"neu"
---@field score number -1 to 1
---@field voice string "author" or a name
---@field cues {from: integer?, to: integer?, cue: string, weight: number, rule: string}[]

--- Judges every sentence that names the target, the title first.
---@param d ds.doc
---@return ds.stance.record[]
---@nodiscard
function stance:judge(d) end

--- Sums the records of an article.
---@param records ds.stance.record[]
---@param mentions? integer
---@return {mentions: integer, pos: integer, neg: integer, neu: integer, label: string, score: number}
---@nodiscard
function stance:article(records, mentions) end

--- Number of places in the body that name the target.
---@param d ds.doc
---@return integer
function stance:mentions(d) end

--- Judges a text as a whole, such as a post, which may name the target in part or not at all.
---@param text string
---@return ds.stance.record record its cues' places are bytes of the text
---@nodiscard
function stance:text(text) end

--- The same judge for another target; lexicons and model are shared.
---@param target string
---@return ds.stance
---@nodiscard
function stance:of(target) end

---@class ds.stance.pair
---@field target string? nil: the line is no row
---@field text string?
---@field given string? the label in the table
---@field record ds.stance.record label none for a line that is no row

--- Judges a table of label, target and text, row by row.
---@param path string
---@param bad fun(message: string) is told of lines that are no rows
---@return ds.stance.pair[]? pairs
---@return string? message
function stance:pairs(path, bad) end

--- How sure a record's label is, 0 to 1.
---@param record ds.stance.record
---@return number
function stance:certainty(record) end

---@class ds.stance.step
---@field from integer? bytes of the text; nil in a title
---@field to integer?
---@field cue string
---@field base number? weight in sentiment.tsv
---@field falls string? subject, object or clause
---@field rule string how it came to fall on the target and what changed it, or where else it falls
---@field weight number what it adds

--- The words of a record's sentence that were weighed, in their order; with explain = true, of the last call of judge.
---@param record ds.stance.record
---@return ds.stance.step[]
function stance:explain(record) end

--- A trainer of models of stance, without labels; doc/plugins/stance.md, "Your own labels".
---@param opts? {seed: integer?, rounds: integer?, cost: number?, least: integer?, aliases: string?, sentiment: string?, modifiers: string?, verbs: string?, holders: string?, segmenter: ds.segmenter?}
---  seed: of the order of the rows; rounds: through them at most, 30; cost: of an error, 0.1; least: in how many rows a
---  feature must occur, 2
---@return ds.stance_trainer? trainer
---@return string? message
function ds.stance_trainer(opts) end

---@class ds.stance_trainer
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local stance_trainer = {}

---@class ds.stance_trainer.score
---@field what "rules alone"|"target alone"|"model"
---@field n integer
---@field accuracy number
---@field macro_f1 number
---@field neg number F1
---@field neu number F1
---@field pos number F1

--- Takes one labelled text.
---@param label "pos"|"neg"|"neu"
---@param target string
---@param text string
---@return true? ok
---@return string? message
function stance_trainer:add(label, target, text) end

--- Takes a table of label, target and text; rows labelled ? are passed over.
---@param path string
---@param bad? fun(message: string)
---@return integer? rows
---@return string? message
function stance_trainer:add_file(path, bad) end

---@return integer
function stance_trainer:examples() end

--- Scores by cross-validation; rows of one text are in one fold.
---@param folds integer 2 or more
---@return ds.stance_trainer.score[]? scores rules alone, target alone, model
---@return string? message
---@return {label: string, score: number}[]? held_out what the model says of each row, its text not having been seen
function stance_trainer:cross_validate(folds) end

--- Learns from all rows.
---@param note? string kept in the model
---@return string? model the bytes of a file for ds.stance { model = … }
---@return string? message
function stance_trainer:train(note) end

--- A finder of quotations and their speakers.
---@param opts? {aliases: string?, verbs: string?, holders: string?, segmenter: ds.segmenter?} paths of lexicon files to use in place of the bundled ones
---@return ds.quotes? finder
---@return string? message
function ds.quotes(opts) end

---@class ds.quotes
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local quotes = {}

---@class ds.quote
---@field from integer first byte of what is said, marks left out
---@field to integer
---@field text string
---@field type "direct"|"indirect"|"block"|"dialogue"|"scare"|"title"|"none"
---@field speaker string? as the text names the speaker; a pronoun is followed to its name
---@field name string? the name that the alias file gives the speaker; else the speaker in Simplified characters
---@field role string? the title that stands with the name
---@field verb string? the cue
---@field cue_from integer? where the cue stands
---@field cue_to integer?

--- All quotations of a document, by their beginning.
---@param d ds.doc
---@param from? integer
---@param to? integer
---@return ds.quote[]
---@nodiscard
function quotes:find(d, from, to) end

--- All quotations of a text.
---@param text string
---@return ds.quote[]
---@nodiscard
function quotes:find_in(text) end

--- A finder of quantities and dates.
---@param opts? {units: string?, user: string?, segmenter: ds.segmenter?}
---  units: path of a table to use in place of the bundled one; user: path of a user dictionary; segmenter: in its place
---@return ds.numbers? finder
---@return string? message names the file that could not be read, or has a row that makes no sense
function ds.numbers(opts) end

---@class ds.numbers
---@field bad_lines {line: integer, message: string}[] lines of the table that were left out
local numbers = {}

---@class ds.number
---@field from integer first byte in doc.text, with approximators
---@field to integer last byte, with the unit
---@field number_from integer first byte of the number itself
---@field text string
---@field value number? in the unit; nil when the text names none (几十万), and for dates
---@field value_to number? the end of a range; else the value
---@field unit string? "USD", "%", "pp", "x", "ratio", "人", "hour", "date", …
---@field kind "number"|"money"|"percent"|"multiple"|"ratio"|"count"|"measure"|"duration"|"date"
---@field approx ""|"~"|">"|"<"|">="|"<="|"some"
---@field direction "up"|"down"|nil growth or decline is told of it
---@field per string? what it is counted per, as written
---@field implied boolean? true: money whose currency is not written here
---@field about string? the noun phrase that it counts, or the nearest before it
---@field about_from integer?
---@field about_to integer?
---@field date string? of dates: "2025-01-27", "2025-01", "2025", "2024-Q4", "2024-H1", "2025-W05"; nil: left open
---@field date_to string? the end of a period

--- The quantities of a document, by their beginning.
---@param d ds.doc
---@param from? integer
---@param to? integer
---@return ds.number[]
---@nodiscard
function numbers:find(d, from, to) end

--- A finder of entities.
---@param opts? {aliases: string?, places: string?, segmenter: ds.segmenter?}
---  aliases, places: paths of lexicon files to use in place of the bundled ones; segmenter: cuts the text anew, with mode
---  "accurate" its marks of persons, places and institutions count; else the document's own words are taken
---@return ds.entities? finder
---@return string? message names the file that could not be read
function ds.entities(opts) end

---@class ds.entities
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local entities = {}

---@class ds.mention
---@field from integer first byte in doc.text
---@field to integer last byte
---@field text string as it is written
---@field name string by the alias file; else the text in Simplified characters, or the longer name of the article that it is a part of
---@field type "person"|"org"|"product"|"place"
---@field rule "alias"|"list"|"dotted"|"name"|"ending"|"model"|"latin"|"part"|"tagger" how it was found
---@field short string? of a company: its name without 股份有限公司

--- The entities that a document names, by their beginning; they do not overlap.
---@param d ds.doc
---@param from? integer
---@param to? integer
---@return ds.mention[]
---@nodiscard
function entities:find(d, from, to) end

--- The name that mentions of a form have: the alias file's, else the form in Simplified characters.
---@param form string in either script
---@return string
function entities:name(form) end

---@class ds.entity.sum
---@field name string
---@field types table<string, number> mentions by type
---@field forms table<string, table> by spelling; see ds.mentionslib
---@field near table<string, number>? names that stand in one sentence with it

--- Joins names that are one entity. Names that the alias file tells apart stay apart; a spelling of one sound needs a witness, a third
--- name beside both.
---@param sums ds.entity.sum[]
---@return {name: string, type: string, listed: boolean, members: {name: string, how: "part"|"spelling", because: string}[]}[] merged
---@return table<string, string> canonical from the name of each sum to that of its entity
function entities:merge(sums) end

--- Lists of names of one article that `merge` might join, so that the article is not counted for each.
---@param list string[] sorted
---@return string[][]
function entities:alike(list) end

--- How a form came to its name: "" as it stands, "script", "alias", "part", "ending" …
---@param form string
---@param name string
---@param rule string
---@return string
function entities:how(form, name, rule) end

--- The segmenter that given names are looked at with.
---@return ds.segmenter
function entities:segmenter_of() end

--- Mentions of entities added up over articles.
---@class ds.mentionslib
local mentions = {}

--- The partial values of an article: key to value, for ctx:add.
---@param finder ds.entities
---@param d ds.doc
---@param mentions ds.mention[] by their beginning
---@param unit "sentence"|"paragraph"|"article" what stands in one of these is a pair
---@param weight? number of the article, 1 unless told
---@return table<string, table>
function mentions.tally(finder, d, mentions, unit, weight) end

--- Two partial values of one key as one.
---@param a table is changed and returned
---@param b table
---@return table
function mentions.add(a, b) end

--- The names that stand in each unit of a document, sorted.
---@param d ds.doc
---@param mentions ds.mention[]
---@param unit "sentence"|"paragraph"|"article"
---@return {from: integer, to: integer, names: string[]}[]
function mentions.units(d, mentions, unit) end

--- Entities, the most frequent first, and pairs that stand together, of all partial values.
---@param finder ds.entities
---@param totals fun(): string, table as ctx:totals() gives them
---@return {name: string, type: string, n: number, docs: number, first: string?, listed: boolean, forms: table[]}[] entities
---@return {a: string, b: string, n: number, docs: number, doc: string, from: integer, to: integer}[] pairs
---@return table<string, string> canonical
function mentions.sum(finder, totals) end

--- What finds and compares claims in numbers.
---@param opts? {numbers: ds.numbers?, entities: ds.entities?} finders to use in place of the bundled ones
---@return ds.compare? compare
---@return string? message names the file that could not be read
function ds.compare(opts) end

---@class ds.compare
local comparer = {}

---@class ds.claim
---@field doc string
---@field date string?
---@field source string?
---@field from integer byte in doc.text
---@field to integer
---@field text string
---@field value number
---@field value_to number
---@field low number the least value that it allows
---@field high number the greatest
---@field unit string
---@field kind string
---@field approx string
---@field direction string?
---@field per string?
---@field about string?
---@field dates string[] that its sentence names
---@field terms table<string, number> words around it, with weights
---@field weight number? of the article

---@class ds.claim_group
---@field about string what most of the claims are about
---@field terms string[] the words that they share most
---@field unit string
---@field verdict "same"|"compatible"|"conflict"
---@field low number? the values that fit all, when not in conflict
---@field high number?
---@field differ number how far the values are apart: difference by the larger, 0 to 1
---@field docs number articles
---@field sources number
---@field claims ds.claim[] by value

--- What an article says in numbers.
---@param d ds.doc
---@param kinds? table<string, boolean> of ds.number; all but dates unless told
---@return ds.claim[]
---@nodiscard
function comparer:claims(d, kinds) end

--- Claims of several articles that are about one quantity, the largest conflicts first.
---@param claims ds.claim[]
---@param opts? {docs: integer?, within: number?, odds: number?} docs: articles at least, 2; within: the largest value over the least, at most, 1.5; odds: how much likelier than chance a pair has to be, 10
---@return ds.claim_group[]
---@nodiscard
function comparer:groups(claims, opts) end

--- The values that a claim allows, by its approximator and by its rounding.
---@param value number
---@param value_to number the end of a range, else the value
---@param approx string of ds.number
---@return number low
---@return number high
function comparer.range(value, value_to, approx) end

--- A finder of passages that articles share, in either script.
---@param opts? {min: integer?, segmenter: ds.segmenter?} min: Han characters in common, two letters or digits of an alphabet counting as one; unless told 14, in a corpus above 300 KB more
---@return ds.reuse? reuse
---@return string? message
function ds.reuse(opts) end

---@class ds.reuse.found
---@field pairs fun(): fun(): table? iterates a, the earlier article, a_from, a_to, a_text, b, b_from, b_to, b_text, chars, similarity, kind, cluster
---@field matches integer how many these are
---@field clusters table[] cluster, kind, articles, sources, chars, doc, date, from, to, text
---@field articles table[] doc, date, chars, shared, share, earlier, earlier_date: what is taken from earlier articles
---@field min integer Han characters in common, at least
---@field memory integer bytes of the index

---@class ds.reuse
local reuse = {}

--- Adds an article: a document, or a table with these fields.
---@param article {id: string, text: string, date: string?, source_name: string?}
function reuse:add(article) end

--- Finds what the articles added so far share; `kind` is "content", "boilerplate" or "names".
---@return ds.reuse.found
---@nodiscard
function reuse:find() end

--- A finder of words that the dictionary lacks.
---@param opts? {min: integer?, longest: integer?, cohesion: number?, entropy: number?, segmenter: ds.segmenter?} min: occurrences, 5 unless told; longest: characters, 6; cohesion, entropy: bits, 4 and 1.5; segmenter: whose dictionary a word is new to
---@return ds.newwords? newwords
---@return string? message
function ds.newwords(opts) end

---@class ds.newword
---@field word string folded to Simplified
---@field kind "name"|"word"|"compound" known by its make only; cut to pieces; of several words
---@field n integer occurrences
---@field docs integer articles with it
---@field cohesion number mutual information of its two parts, the least over all cuts, in bits.  Church and Hanks (1990)
---@field left number entropy of what stands before it, in bits.  Jin and Tanaka-Ishii (2006)
---@field right number entropy of what stands behind it
---@field score number cohesion times the smaller entropy
---@field parts string as the segmenter cuts it, | between
---@field pos string
---@field freq integer occurrences in sixty million characters, the scale of the dictionary
---@field doc string the first article with it
---@field from integer? byte of its text
---@field to integer?

---@class ds.newwords
local newwords = {}

--- Adds an article: a document, or a table with these fields.
---@param article {id: string, text: string}
function newwords:add(article) end

--- The new words, those with the highest score first.
---@return ds.newword[]
---@nodiscard
function newwords:find() end

---@class ds.lexicon
local lexicon = {}

--- Reads a table of your own: `parse` makes a row of a line's fields, or returns nil and a reason.
---@param name string path with a slash, or name of a bundled file
---@param parse fun(fields: string[], line: integer): any?, string?
---@return any[]? rows
---@return {line: integer, message: string}[]|string bad the lines left out; or why there are no rows
function lexicon.read(name, parse) end

---@param name? string
---@return {word: string, weight: number, register: string, falls: string}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.sentiment(name) end

---@param name? string
---@return {word: string, kind: string, value: number}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.modifiers(name) end

---@param name? string
---@return {word: string, kind: string}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.reporting_verbs(name) end

---@param name? string
---@return {name: string, alias: string, type: string}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.aliases(name) end

--- Places: name, kind (country, city, area).
---@param name? string default "places.tsv"
---@return {name: string, kind: string}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.places(name) end

---@param name? string
---@return {term: string, core: boolean, forms: string[]}[]? rows
---@return {line: integer, message: string}[]|string bad
function lexicon.terms(name) end

---@param name string
---@return string[]? words
---@return {line: integer, message: string}[]|string bad
function lexicon.words(name) end

---@param name? string
---@return table<string, boolean>? set
---@return {line: integer, message: string}[]|string bad
function lexicon.stopwords(name) end

--- The Universal POS tag of one of our parts of speech, which doc/SEGMENTER.md lists.
---@param tag string a token's `pos`
---@return string upos "NOUN", "VERB" …; "X" for a tag that is none of ours
---@nodiscard
function lexicon.upos(tag) end

--- The full checksum pass over a compiled lexicon (.dslex).
---@param path string
---@return integer? words how many it holds
---@return string source where they come from; or what is wrong
---@return {byte: integer?}? detail where
function lexicon.verify(path) end

-- ------------------------------------------------------------------ small tools

---@class ds.stats
local stats = {}

--- An exact sum: the same bits whatever the order (Shewchuk 1997).
---@param partials? number[]
---@return ds.fsum
function stats.fsum(partials) end

--- Association of a node and a collocate, from the margins of their table: o11 places of the collocate near the node,
--- r1 places near the node, c1 places of the collocate, n places in all.  A measure that the counts leave undefined is
--- nil; counts that contradict each other raise.  core/measures.h has every formula with its source.
---@param counts {o11: integer, r1: integer, c1: integer, n: integer, node: integer?} node: frequency of the node, for log_dice; r1 unless told
---@return ds.stats.assoc
---@nodiscard
function stats.assoc(counts) end

---@class ds.stats.assoc
---@field o integer observed: o11
---@field e number expected by chance: r1 c1 / n
---@field o_e number? o / e
---@field log_dice number? 14 + log2(2 o / (node + c1)).  Rychlý (2008)
---@field ll number log-likelihood, never negative: o against e tells the direction.  Dunning (1993)
---@field mi number? log2(o/e).  Church and Hanks (1990)
---@field mi2 number? log2(o²/e).  Daille (1994)
---@field mi3 number? log2(o³/e).  Daille (1994)
---@field t number? (o - e) / sqrt(o).  Church, Gale, Hanks and Hindle (1991)
---@field z number? (o - e) / sqrt(e).  Berry-Rogghe (1973), Evert (2008)
---@field delta_p12 number? P(node | collocate) - P(node | other words).  Gries (2013)
---@field delta_p21 number? P(collocate | node) - P(collocate | elsewhere).  Gries (2013)
---@field log_ratio number? log2 of the collocate's frequency near the node to that elsewhere; 0 counts as 1/2.  Hardie (2014)

--- Keyness of a word that occurs a times among c words, against b times among d words of a reference.
---@param counts {a: integer, c: integer, b: integer, d: integer, k: number?} k: constant of simple maths, 100 unless told
---@return ds.stats.keyness
---@nodiscard
function stats.keyness(counts) end

---@class ds.stats.keyness
---@field ll number log-likelihood.  Rayson and Garside (2000)
---@field p number probability of such a ll by chance: chi-square, one degree of freedom
---@field bic number ll - ln(c + d).  Wilson (2013)
---@field log_ratio number? log2((a/c) / (b/d)); 0 counts as 1/2.  Hardie (2014)
---@field log_ratio_low number? its interval of 95 %.  Katz and others (1978)
---@field log_ratio_high number?
---@field diff number? 100 (a/c - b/d) / (b/d), %DIFF.  Gabrielatos and Marchi (2011)
---@field odds_ratio number? (a / (c-a)) / (b / (d-b)).  Pojanapunya and Watson Todd (2018)
---@field simple_maths number (10⁶ a/c + k) / (10⁶ b/d + k).  Kilgarriff (2009)

--- Adjusts the probabilities of many tests.
---@param p_values number[] 0 to 1
---@param method "bonferroni"|"bh" bh: false discovery rate.  Benjamini and Hochberg (1995)
---@return number[] adjusted in the order of p_values
---@nodiscard
function stats.adjust(p_values, method) end

--- Dispersion of a word with n occurrences among the size words of each part; parts without words are left out.
---@param parts {n: integer, size: integer}[]
---@return ds.stats.dispersion
---@nodiscard
function stats.dispersion(parts) end

---@class ds.stats.dispersion
---@field parts integer with words in them
---@field n integer
---@field size integer
---@field range integer parts in which the word occurs
---@field juilland_d number? 1 is even.  Juilland, Brodin and Davidovitch (1970)
---@field carroll_d2 number? 1 is even.  Carroll (1970)
---@field rosengren_s number? 1 is even.  Rosengren (1971)
---@field dp number? 0 is even.  Gries (2008)
---@field dp_norm number? 0 is even, 1 one part only.  Lijffijt and Gries (2012)

--- Average reduced frequency.  Savický and Hlaváčová (2002)
---@param positions integer[] of the word, ascending, 1 to total
---@param total integer words of the corpus
---@return number arf the number of positions when they are even, near 1 for a single burst
---@nodiscard
function stats.arf(positions, total) end

--- Pettitt's test for a change of the median of a series; p is good below 0.5.  Pettitt (1979)
---@param values number[] in their order
---@return {at: integer, statistic: number, p: number}? change at: the first value behind it; nil: too few values, or all equal
---@nodiscard
function stats.pettitt(values) end

--- Where the rate of counts with exposures changes most: the largest likelihood ratio of two Poisson rates against one
--- (Worsley 1986), its p by permutation of the periods (Phipson and Smyth 2010).  Periods of size 0 are left out.
---@param counts integer[]
---@param sizes number[] exposures: articles, words
---@param opts? {margin: integer?, permutations: integer?, seed: integer?} margin: periods on either side at least, 1; permutations: 999; seed: 1
---@return {at: integer, statistic: number, p: number}? change at: the first period behind it
---@nodiscard
function stats.poisson_change(counts, sizes, opts) end

---@class ds.fsum
local fsum = {}
---@param x number
---@return ds.fsum self
function fsum:add(x) end
---@param other ds.fsum
---@return ds.fsum self
function fsum:merge(other) end
---@return number
function fsum:value() end
---@return number[]
function fsum:partials() end
function fsum:close() end

--- Accumulators: what is collected about many articles, in parts that can be merged in any order to the same bits, saved
--- and sent from worker to worker.  In `map`, ctx:acc keeps one for each key.
---@class ds.acclib
---@field kinds string[] the names of the kinds
local acclib = {}
--- A sum of integers; add(n), n = 1 unless given.
---@return ds.acc
function acclib.count() end
--- The exact sum of numbers; integers stay integers.
---@return ds.acc
function acclib.sum() end
--- Mean, variance (with n - 1 below), least and greatest of finite numbers, from exact sums.
---@return ds.acc
function acclib.moments() end
--- The k items of the greatest values; equal values by the items' bytes.  add(value, item)
---@param k integer
---@return ds.acc
function acclib.top(k) end
--- How many numbers lie from each edge up to the next; the last one holds its upper edge too.
---@param edges number[] ascending
---@return ds.acc
function acclib.histogram(edges) end
--- How many different strings were added: exact up to 2,048 of them, beyond that an estimate (HyperLogLog, standard
--- deviation 0.81 %).
---@return ds.acc
function acclib.distinct() end
--- k items drawn without replacement: the same ones for the same seed, however the articles were divided.  add(key, item);
--- the key tells the item from all others, such as doc.id and the place in it.
---@param k integer
---@param seed? integer default 1
---@return ds.acc
function acclib.sample(k, seed) end
---@param bytes string from a:save()
---@return ds.acc?
---@return string? message
function acclib.load(bytes) end

---@class ds.acc
local acc = {}
--- count: n = 1; sum, moments, histogram: a number; top: value, item; distinct: a string; sample: key, item.
---@return ds.acc self
function acc:add(...) end
---@param other ds.acc of the same kind and parameters
---@return ds.acc self
function acc:merge(other) end
--- count, sum: a number; moments: {n, sum, mean, variance, sd, min, max}, without what is unknown; top: a list of {value,
--- item}; histogram: {edges, counts, below, above}; distinct: an integer, and whether it is exact; sample: a list of
--- {key, item}.
---@return any
---@return boolean?
function acc:value() end
---@return string
function acc:kind() end
--- Its bytes, the same on every machine and for the same things added in any order.
---@return string
function acc:save() end
function acc:close() end

--- A weighted undirected graph.
---@param nodes {id: string, label: string?, weight: number}[] weight: above 0
---@param edges {source: string, target: string, weight: number}[]
---@return ds.graph
function ds.graph(nodes, edges) end

---@class ds.graph
---@field nodes table[]
---@field edges table[]
local graph = {}
---@return string xml GraphML (Brandes and others 2002)
function graph:graphml() end
---@return string xml GEXF 1.3
function graph:gexf() end
--- A picture, placed by forces (Fruchterman and Reingold 1991).
---@param size? integer pixels of a side, 1000 unless told
---@return string svg
function graph:svg(size) end

--- Where the nodes stand in a square with sides of 1, in their order.
---@return {x: number, y: number}[]
function graph:places() end

---@class ds.textrank
local textrank = {}

--- The links of a list of words: "a\tb" (a before b by bytes) to the number of places within the window.
---@param words (string|false)[] false: a word that was filtered out
---@param window? integer a word and those that follow it; 5 unless told
---@return table<string, integer> links
---@nodiscard
function textrank.links(words, window, weight) end

--- TextRank of the words that links connect; 1 is the mean.  Mihalcea and Tarau (2004)
---@param links table<string, number> of one text, or sums of such
---@return {word: string, rank: number}[] list the highest rank first, equals by bytes
---@nodiscard
function textrank.rank(links) end

---@class ds.json
---@field null any
local json = {}

---@param v any
---@param order? string[] keys of the outermost object that come first
---@return string
function json.encode(v, order) end

---@param s string
---@return any value
---@return string? message
---@return table? detail
function json.decode(s) end

--- Marks a table as a list, so that an empty one is written as [].
---@param t table
---@return table t
function json.array(t) end

---@class ds.date
local date = {}

--- "2025-01-27" or "2025-01" of a date as newspapers write it, or nil.
---@param s string
---@return string?
function date.parse(s) end

--- The period a date is in: "2025-W05", "2025-01", …; nil for a day that no calendar has.
---@param d string
---@param unit "day"|"week"|"month"|"year"
---@return string?
function date.bucket(d, unit) end

--- All periods from one to another, those without an article too.
---@param first string as bucket gives it
---@param last string
---@param unit "day"|"week"|"month"|"year"
---@return string[]? periods nil when there are more than 10,000
---@return string? message
function date.periods(first, last, unit) end

--- A function that names the group of an article, as the plugins' --per does: "" for all, its id, its source ("(none)" where
--- that is unknown), or the day, ISO week, month or year of its date. Tabs in names become blanks.
---@param per "all"|"article"|"source"|"day"|"week"|"month"|"year"
---@return fun(article: {id: string, date: string?, source_name: string?}): string?, string? group nil and why, when the date does not tell the period
function ds.grouping(per) end

-- ------------------------------------------------------------------ plugins

---@class ds.Plugin
---@field about? string one line for --list and --help
---@field example? string a command line
---@field input? "articles"|"lines"|"none" what map is called for; none: no corpus, the operands are ctx.args
---@field options? table[] { name, type=, default=, choices=, required=, help= }; a default file lies beside the plugin or in the data directories
---@field tables? table<string, table[]> name -> { {column, type, help}, … }
---@field needs? string[] {"corpus"}: ctx:doc reads articles again in finish and report; {"all"}: map gets the articles too for which --where does not hold
---@field weighs? boolean map multiplies what it counts by ctx:weight(), so that --dedup weight can be given
---@field target? "store" the first operand is not read but written, with ctx:store
---@field write? fun(article: ds.handed, ctx: ds.Context) where the store is: once for each article that map hands on by ctx:write, in the order of reading; with it -j reads and cuts in several workers
---@field setup? fun(ctx: ds.Context) once per worker
---@field map? fun(doc: ds.doc, ctx: ds.Context)|fun(line: string, n: integer, ctx: ds.Context) once per article or line
---@field merge? fun(key: any, a: any, b: any): any how two partial values of a key combine; default: sum
---@field finish? fun(ctx: ds.Context) once, after all articles
---@field report? fun(ctx: ds.Context, r: ds.Report) what -f text shows
---@field render? fun(row: table, table_name: string, ctx: ds.Context): string a row in -f text, with input = "lines"

---@class ds.Context
---@field options table<string, any> the values of the declared options
---@field state table the plugin's own, one per worker
---@field args string[] the operands, with input = "none"
---@field seed integer of --seed
---@field format string "text", "tsv", "csv", "jsonl" or "html"
---@field user_dict string? path of --user-dict
local ctx = {}

--- Adds a row to a declared table.
---@param name string
---@param row table<string, any>
function ctx:emit(name, row) end

--- Opens for writing the store that the command line names first, for a plugin with target = "store"; or that of an option
--- of type "output".
---@param option? string name of the option
---@param opts? {level: integer?} see ds.corpus.create
---@return ds.corpus.writer? writer nil in a worker, whose articles go to the writer by ctx:write
function ctx:store(option, opts) end
--- Hands an article on from map to write, which is called in the process that has the store, in the order of reading.
---@param doc ds.doc
function ctx:write(doc) end
--- The path of that store.
---@return string?
function ctx:target() end
--- The stores among the inputs: what each says of itself.
---@return {path: string, info: table}[]
function ctx:stores() end

--- Adds a value to the total of a key, in map.
---@param key string|number|boolean
---@param value any
function ctx:add(key, value) end

--- The accumulator of a key, one for all articles, in map.
---@param key string|number|boolean
---@param kind "count"|"sum"|"moments"|"top"|"histogram"|"distinct"|"sample"
---@param ... any how many items of a top or a sample (its seed is --seed unless another follows), edges of a histogram
---@return ds.acc
function ctx:acc(key, kind, ...) end

--- Iterates key, value of the totals in key order, in finish and report.
---@return fun(): any, any
function ctx:totals() end

--- Counts the article at hand as skipped.
---@param reason string
function ctx:skip(reason) end

--- Whether --where holds for the article at hand, in map, with needs = {"all"}; nil when there is no --where.
---@return boolean?
function ctx:chosen() end

--- What the article at hand counts, in map, with weighs = true: the integer 1, or with --dedup weight 1 / the number of its
--- copies, itself among them, in whole multiples of 2^-20. Multiply by it whatever is counted.
---@return number
function ctx:weight() end

--- Names a bad input that is not an article on standard error; the exit status becomes 1.
---@param message string
function ctx:reject(message) end

--- Says in setup of a plugin that reads articles or lines that this run reads none: map is not called, operands are refused.
function ctx:no_input() end

--- Ends the run with exit status 2: the command line asks for what the plugin cannot do.
---@param message string what to write instead
function ctx:usage(message) end

--- All rows of a table, sorted, in report.
---@param name string
---@return table[]
function ctx:rows(name) end

--- An article by its id, with needs = {"corpus"}, in finish and report.
---@param id string
---@return ds.doc?
function ctx:doc(id) end

--- The file of an option of type output; it appears when the run has succeeded.
---@param name string
---@param default? string
---@return table file with write
function ctx:output(name, default) end

---@class ds.Report
local report = {}

---@param ... any put together as one text
function report:heading(...) end

---@param ... any put together as one paragraph
function report:note(...) end

--- Headline figures: large in a page, a line each in text.
---@param items {[1]: number|string, [2]: string}[] value and what it is
---@param opts? {note: string?} the sentence that -f text has instead
function report:figures(items, opts) end

---@class ds.FigureRows the rows of a table behind the figures of a picture; -f html leads to them
---@field table string name of a declared table, or title of one on the page
---@field column string|string[]|nil where the key of a figure (label, x, id) stands
---@field where table<string, any>? further columns with the values they must have
---@field date boolean? instead of column: the key is how the date of the row's article begins

---@param source string|table[] name of a declared table, or rows
---@param opts? {title: string?, columns: string[]?, limit: integer?, sort: string|string[]|nil, right: string[]?, heat: string[]?, find: string?, places: (fun(doc: ds.doc, row: table): {from: integer, to: integer}[])?}
---  limit: 20 unless told; sort: a column, "-column" for the largest first, or a list of these; right: columns of text set
---  flush right.  For -f html: heat, columns of numbers with a bar behind them; find, a column of words of which examples are
---  looked for in the articles; places, which finds in the article of a row what the row is about
function report:table(source, opts) end

---@param items {[1]: string, [2]: number, [3]: any, tone: "good"|"bad"|"neutral"|"plain"|nil}[] label, value, key of its rows (else the label)
---@param opts? {title: string?, limit: integer?, width: integer?, sort: boolean?, heat: boolean?, rows: ds.FigureRows?} sort: the largest first, equals by label; heat: the longer the darker
function report:bars(items, opts) end

---@param points {[1]: string|number, [2]: number|false}[] false: a gap
---@param opts? {title: string?, height: integer?, most: number?, unit: string?, rows: ds.FigureRows?} most: end of the scale; unit: what y counts
function report:series(points, opts) end

--- Points in a plane, groups in shapes and colours of their own; -f html draws it, -f text says how many there are.
---@param points {[1]: string, [2]: number, [3]: number, group: string?}[] label, x, y, the most important first
---@param opts? {title: string?, x: string?, y: string?, log: boolean?, diagonal: boolean?, rows: ds.FigureRows?} x, y: what the axes are
function report:scatter(points, opts) end

--- A network; -f html draws it, -f text says how large it is.
---@param nodes {id: string, label: string?, weight: number}[] the most important first
---@param edges {source: string, target: string, weight: number}[]
---@param opts? {title: string?, limit: integer?, rows: ds.FigureRows?} limit: nodes drawn, 80 unless told
function report:network(nodes, edges, opts) end

---@param items {doc: string, from: integer?, to: integer?, text: string?, note: string?, marks: {from: integer, to: integer}[]?}[]
---@param opts? {title: string?, limit: integer?}
function report:evidence(items, opts) end

return ds
