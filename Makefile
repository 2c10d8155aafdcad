# ds - one Makefile, no configure step.  `make help` lists the targets.
#
# Settings: override on the command line, e.g. `make CC=clang`, `make test MODE=asan`.
PREFIX   ?= /usr/local
DESTDIR  ?=
MODE     ?= release
ifeq ($(origin CC),default)
CC       := gcc
endif
LUA      ?= lua5.4
DATA_JIEBA  ?= /usr/lib/python3/dist-packages/jieba/dict.txt
DATA_POSSEG ?= $(dir $(DATA_JIEBA))posseg
DATA_OPENCC ?= /usr/share/opencc
DATA_UNICODE ?= /usr/share/unicode
OPENCC_DICT ?= opencc_dict
DATA_LAC    ?= $(dir $(DATA_JIEBA))lac_small
T        ?=
FUZZ_SECONDS ?= 10
# ------------------------------------------------------------------ nothing below needs editing
VERSION := 0.1.0

DEB_BUILD := gcc make pkg-config lua5.4 liblua5.4-dev libutf8proc-dev zlib1g-dev libyaml-dev \
             libcmark-dev libjansson-dev libgumbo-dev libzstd-dev libdeflate-dev libpcre2-dev nettle-dev libedit2
DEB_DATA  := python3-jieba opencc libopencc1.1 unicode-data
DEB_TEST  := check bzip2
# The module under other hosts; without a package its suite is left out.
DEB_HOSTS := lua5.3 liblua5.3-dev luajit libluajit-5.1-dev
# What the tests of the installed tree use where it is there: `make extra-deps`.
DEB_EXTRA := pandoc luarocks fish zsh mandoc man-db
# Peers of the benchmarks; without one, its figures are left out.
DEB_BENCH := libicu-dev libhyperscan-dev libsqlite3-dev python3-numpy ripgrep groonga
# For `make scale-test`; Spark itself comes from PyPI: pip install pyspark in a venv, PYSPARK_PYTHON=VENV/bin/python3.
DEB_SCALE := slurm-wlm default-jre-headless
# For the tests of HTML reports in a browser, which are skipped without it.
DEB_BROWSER := chromium fonts-noto-cjk python3
DEB_FUZZ  := clang libclang-rt-14-dev
DEBS      := $(DEB_BUILD) $(DEB_DATA) $(DEB_TEST) $(DEB_HOSTS)

B    := build
O_release := $(B)
O_debug   := $(B)/debug
O_asan    := $(B)/asan
O_tsan    := $(B)/tsan
O    := $(O_$(MODE))
ifeq ($(O),)
$(error MODE is one of release, debug, asan, tsan; it is "$(MODE)")
endif
OBJ  := $(O)/obj
GEN  := $(B)/gen

OPT_release := -O2 -g
OPT_debug   := -O0 -g
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-format-truncation
OPT_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -pedantic
# Asked for when used, so that `make deps` can install what they report.
LUA_CFLAGS = $(shell pkg-config --cflags lua5.4)
LUA_LIBS   = $(shell pkg-config --libs lua5.4)
CHECK_LIBS = $(shell pkg-config --libs check)
CORE_LIBS  := -lutf8proc -ldeflate -lpcre2-8 -lm
BENCH_FLAGS = $(shell pkg-config --exists sqlite3 && echo -DDS_BENCH_SQLITE)
BENCH_LIBS = $(foreach lib,icu-uc libpcre2-8 libhs sqlite3,$(shell pkg-config --silence-errors --libs $(lib)))
BIND_LIBS  := -lyaml -lcmark -ljansson -lgumbo -lzstd -lnettle -lz $(CORE_LIBS)
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DDS_VERSION='"$(VERSION)"' -DDS_PREFIX='"$(PREFIX)"' -Icore -Ilua -I$(GEN)
CFLAGS   += -std=c11 -pthread $(OPT_$(MODE)) $(WARN) -fPIC -MMD -MP
LDFLAGS  += -pthread $(filter -fsanitize=%,$(OPT_$(MODE)))

CORE_C := $(wildcard core/*.c)
BIND_C := $(wildcard lua/bind*.c) lua/ds.c lua/limit.c lua/pool.c lua/pattern.c lua/guard.c lua/compat.c
# The module for other hosts: without what dsrun is made of, with what lua/compat.h puts in for them.
HOSTS   = $(foreach h,lua5.3 luajit,$(if $(shell pkg-config --silence-errors --modversion $(h)),$(h)))
HOST_C := $(filter-out lua/limit.c lua/pool.c $(patsubst %,lua/bind_%.c,coroutine limits prompt worker),$(BIND_C)) \
          lua/limit_none.c lua/compat_jit.c
CORE_O := $(CORE_C:%.c=$(OBJ)/%.o)
BIND_O := $(BIND_C:%.c=$(OBJ)/%.o) $(OBJ)/gen/embed.o
TEST_C := $(wildcard tests/core/test_*.c)
TEST_HELP := tests/core/testing.c tests/core/storing.c
TEST_X := $(TEST_C:tests/core/%.c=$(O)/tests/%)
FUZZ_C := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_READERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(shell grep -l fuzz_reader.h tests/fuzz/fuzz_*.c))
REPLAY_X := $(FUZZ_C:tests/fuzz/%.c=$(O)/tests/%)
BENCH_X := $(patsubst tests/bench/%.c,$(O)/bench/%,$(wildcard tests/bench/*.c))
LIB_LUA := $(wildcard lua/ds/*.lua)
# The tagger's model comes with python3-jieba; a build without it has no mode `accurate`.
HAS_LAC := $(wildcard $(DATA_LAC)/model_baseline/word_emb)
SHARED  := $(O)/zh.dslex $(O)/zh.dsconv $(if $(HAS_LAC),$(O)/zh.dsnn) $(O)/plugins $(O)/lexicons $(O)/corpus

.PHONY: all deps run test bench accuracy layers install uninstall dist clean help programs
.DEFAULT_GOAL := all

all: deps
	@$(MAKE) --no-print-directory programs

programs: $(O)/dsrun $(O)/ds.so $(O)/libds.a $(O)/libds.so $(SHARED)

help:
	@echo 'make run        install what is missing, build, show stance and price-war terms of the bundled corpus'
	@echo 'make test       install, build, run every test (T=segment: one suite; MODE=asan: with sanitizers)'
	@echo 'make all        install what is missing, build build/dsrun, ds.so, libds.a, libds.so, zh.dslex, zh.dsnn'
	@echo 'make deps       only install the Debian packages'
	@echo 'make hosts      build the module for Lua 5.3 and LuaJIT: build/lua5.3/ds.so, build/luajit/ds.so'
	@echo 'make fuzz       run each fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS) with clang, then with its planted bug (T=utf8: one)'
	@echo 'make scale-test  run the examples of doc/SCALE.md on Slurm and Spark (make scale-deps installs Slurm and Java)'
	@echo 'make browser-deps  install Chromium, in which the tests look at HTML reports (they are skipped without)'
	@echo 'make bench accuracy layers install uninstall dist clean    (PREFIX=$(PREFIX), DESTDIR)'

# ------------------------------------------------------------------ packages
deps:
	@sh tests/deps.sh $(DEBS)

# ------------------------------------------------------------------ generated sources and data
$(GEN):
	@mkdir -p $@

$(GEN)/variants.h: core/gen/variants.lua core/gen/opencc.lua | $(GEN)
	$(LUA) core/gen/variants.lua $(OPENCC_DICT) $(DATA_OPENCC) $@

$(GEN)/norm_tables.h: core/gen/norm.lua $(DATA_UNICODE)/UnicodeData.txt $(DATA_UNICODE)/DerivedNormalizationProps.txt | $(GEN)
	$(LUA) core/gen/norm.lua $(DATA_UNICODE) $@

$(GEN)/charfreq.h: core/gen/charfreq.lua $(DATA_JIEBA) | $(GEN)
	$(LUA) core/gen/charfreq.lua $(DATA_JIEBA) $@

$(GEN)/embed.c: lua/embed.lua $(LIB_LUA) | $(GEN)
	$(LUA) lua/embed.lua $@ $(LIB_LUA)

$(OBJ)/core/fold.o: $(GEN)/variants.h
$(OBJ)/core/encoding_detect.o: $(GEN)/charfreq.h
$(OBJ)/core/norm.o $(OBJ)/core/norm_scan.o: $(GEN)/norm_tables.h

$(OBJ)/gen/embed.o: $(GEN)/embed.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(OBJ)/core/gen/mklexicon: core/gen/mklexicon.c core/gen/gen.h $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(O)/libds.a $(CORE_LIBS)

ifeq ($(MODE),release)
$(GEN)/tags.txt: core/gen/tags.lua core/gen/tag-words.tsv core/gen/tag-pairs.tsv $(DATA_JIEBA) | $(GEN)
	$(LUA) core/gen/tags.lua $(DATA_JIEBA) $(DATA_POSSEG) core/gen/tag-words.tsv core/gen/tag-pairs.tsv $@

$(B)/zh.dslex: $(OBJ)/core/gen/mklexicon $(DATA_JIEBA) $(GEN)/tags.txt
	$(OBJ)/core/gen/mklexicon $(DATA_JIEBA) $(GEN)/tags.txt $@
else
$(O)/zh.dslex:
	@$(MAKE) --no-print-directory MODE=release $(B)/zh.dslex
	@mkdir -p $(O)
	ln -sfn ../zh.dslex $@
endif

$(GEN)/zh.convert.tsv: core/gen/mkconvert.lua core/gen/opencc.lua core/gen/convert-words.tsv $(DATA_JIEBA) | $(GEN)
	$(LUA) core/gen/mkconvert.lua $(OPENCC_DICT) $(DATA_OPENCC) $(DATA_JIEBA) core/gen/convert-words.tsv $@

$(OBJ)/core/gen/mkconvert: core/gen/mkconvert.c core/gen/gen.h $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(O)/libds.a $(CORE_LIBS)

ifeq ($(MODE),release)
$(B)/zh.dsconv: $(OBJ)/core/gen/mkconvert $(GEN)/zh.convert.tsv
	$(OBJ)/core/gen/mkconvert $(GEN)/zh.convert.tsv $@
else
$(O)/zh.dsconv:
	@$(MAKE) --no-print-directory MODE=release $(B)/zh.dsconv
	@mkdir -p $(O)
	ln -sfn ../zh.dsconv $@
endif

$(OBJ)/core/gen/mknn: core/gen/mknn.c core/gen/gen.h $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(O)/libds.a $(CORE_LIBS)

ifeq ($(MODE),release)
$(B)/zh.dsnn: $(OBJ)/core/gen/mknn $(HAS_LAC)
	$(OBJ)/core/gen/mknn $(DATA_LAC) $@
else
$(O)/zh.dsnn:
	@$(MAKE) --no-print-directory MODE=release $(B)/zh.dsnn
	@mkdir -p $(O)
	ln -sfn ../zh.dsnn $@
endif

# Data beside the binary, in the checkout as in PREFIX/share/ds.
$(O)/plugins:
	@mkdir -p $(O) && ln -sfn $(CURDIR)/plugins $@
$(O)/lexicons:
	@mkdir -p $(O) && ln -sfn $(CURDIR)/corpus/lexicons $@
$(O)/corpus:
	@mkdir -p $(O) && ln -sfn $(CURDIR)/corpus/articles $@

# ------------------------------------------------------------------ objects, libraries, programs
$(OBJ)/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(OBJ)/lua/%.o: lua/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(LUA_CFLAGS) $(CFLAGS) -c -o $@ $<

# The one file that knows PREFIX.
$(OBJ)/prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' > $@
$(OBJ)/lua/bind_sys.o $(OBJ)/lua5.3/bind_sys.o $(OBJ)/luajit/bind_sys.o: $(OBJ)/prefix
.PHONY: FORCE

$(O)/libds.a: $(CORE_O)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/libds.so: $(CORE_O) core/libds.map
	$(CC) -shared $(LDFLAGS) -Wl,-soname,libds.so.0 -Wl,--version-script=core/libds.map -o $@ $(CORE_O) $(CORE_LIBS)

$(O)/ds.so: $(BIND_O) $(CORE_O) lua/ds.map
	$(CC) -shared $(LDFLAGS) -Wl,--version-script=lua/ds.map -o $@ $(BIND_O) $(CORE_O) $(BIND_LIBS)

# build/lua5.3/ds.so, build/luajit/ds.so.
define host_rules
$(OBJ)/$(1)/%.o: lua/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$(shell pkg-config --cflags $(1)) $$(CFLAGS) -c -o $$@ $$<

$(O)/$(1)/ds.so: $(HOST_C:lua/%.c=$(OBJ)/$(1)/%.o) $(OBJ)/gen/embed.o $$(CORE_O) lua/ds.map
	@mkdir -p $$(@D)
	$$(CC) -shared $$(LDFLAGS) -Wl,--version-script=lua/ds.map -o $$@ $$(filter %.o,$$^) $$(BIND_LIBS)
	@for d in $$(SHARED); do ln -sfn ../$$$${d##*/} $$(@D)/$$$${d##*/}; done
endef
$(foreach h,lua5.3 luajit,$(eval $(call host_rules,$(h))))
hosts: $(HOSTS:%=$(O)/%/ds.so) $(SHARED)
.PHONY: hosts

$(O)/dsrun: $(OBJ)/lua/dsrun.o $(BIND_O) $(CORE_O)
	$(CC) $(LDFLAGS) -o $@ $^ $(LUA_LIBS) $(BIND_LIBS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ------------------------------------------------------------------ use and check
run: all
	$(O)/dsrun plugins/stance.lua
	$(O)/dsrun plugins/pricewar.lua

$(O)/tests/%: tests/core/%.c $(TEST_HELP) tests/core/testing.h tests/core/storing.h $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/core -DDATA_UNICODE='"$(DATA_UNICODE)"' $(CFLAGS) $(LDFLAGS) -o $@ $< $(TEST_HELP) \
	    $(O)/libds.a $(CHECK_LIBS) $(CORE_LIBS)

# The fuzz targets, for replaying their seeds; those of the readers run a Lua state.
$(FUZZ_READERS:%=$(O)/tests/fuzz_%): $(O)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c tests/fuzz/fuzz_reader.h \
    $(BIND_O) $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(LUA_CFLAGS) -Itests/fuzz $(CFLAGS) $(LDFLAGS) -o $@ $< tests/fuzz/replay.c $(BIND_O) $(O)/libds.a \
	    $(LUA_LIBS) $(BIND_LIBS)

$(O)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/fuzz $(CFLAGS) $(LDFLAGS) -o $@ $< tests/fuzz/replay.c $(O)/libds.a $(CORE_LIBS)

.SECONDARY: $(TEST_X) $(REPLAY_X)
tests-built: programs hosts $(TEST_X) $(REPLAY_X)
.PHONY: tests-built

test: deps
	@$(MAKE) --no-print-directory tests-built layers
	@O=$(O) MODE=$(MODE) LUA=$(LUA) T=$(T) sh tests/run.sh

# What starts other engines: Slurm, Spark.  Each is left out, with a message, where it is not installed.
scale-test: all
	sh tests/scale/hadoop.sh $(O)/dsrun
	sh tests/scale/slurm.sh $(O)/dsrun
	sh tests/scale/spark.sh $(O)/dsrun
.PHONY: scale-test

# ------------------------------------------------------------------ fuzzing: see tests/fuzz/fuzz.h
F := $(B)/fuzz
FUZZ_CC := clang
FUZZ_FLAGS := -std=c11 -O1 -g $(WARN) -MMD -MP -fno-omit-frame-pointer -fsanitize=address,undefined \
              -fno-sanitize-recover=undefined
FUZZ_O := $(CORE_C:core/%.c=$(F)/obj/%.o)
FUZZ_X := $(FUZZ_C:tests/fuzz/%.c=$(F)/%)
PLANTED_X := $(FUZZ_C:tests/fuzz/fuzz_%.c=$(F)/planted_%)
planted_macro = DS_PLANT_$(shell echo $(1) | tr a-z A-Z)

$(F)/obj/%.o: core/%.c | programs
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(F)/obj/lua/%.o: lua/%.c | programs
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(LUA_CFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(F)/libds.a: $(FUZZ_O)
	@rm -f $@
	$(AR) rcs $@ $^

FUZZ_BIND_O := $(BIND_C:%.c=$(F)/obj/%.o) $(OBJ)/gen/embed.o

$(FUZZ_READERS:%=$(F)/fuzz_%): $(F)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz_reader.h $(FUZZ_BIND_O) $(F)/libds.a
	$(FUZZ_CC) $(CPPFLAGS) $(LUA_CFLAGS) -Itests/fuzz $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_BIND_O) $(F)/libds.a \
	    $(LUA_LIBS) $(BIND_LIBS)

# The binding with the bug takes the place of the one without.
$(FUZZ_READERS:%=$(F)/planted_%): $(F)/planted_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz_reader.h $(FUZZ_BIND_O) $(F)/libds.a
	@grep -lqw $(call planted_macro,$*) lua/*.c || { echo "no file has $(call planted_macro,$*)" >&2; exit 1; }
	$(FUZZ_CC) $(CPPFLAGS) $(LUA_CFLAGS) -Itests/fuzz $(FUZZ_FLAGS) -fsanitize=fuzzer -D$(call planted_macro,$*) -o $@ $< \
	    $$(grep -lw $(call planted_macro,$*) lua/*.c) \
	    $(filter-out $(patsubst %.c,$(F)/obj/%.o,$(shell grep -lw $(call planted_macro,$*) lua/*.c)),$(FUZZ_BIND_O)) \
	    $(F)/libds.a $(LUA_LIBS) $(BIND_LIBS)

$(F)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(F)/libds.a
	$(FUZZ_CC) $(CPPFLAGS) -Itests/fuzz $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(F)/libds.a $(CORE_LIBS)

# The core files with the bug come before the library, whose members of the same names are then left out.
$(F)/planted_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(F)/libds.a
	@grep -lqw $(call planted_macro,$*) core/*.c || { echo "no core file has $(call planted_macro,$*)" >&2; exit 1; }
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) -Itests/fuzz $(FUZZ_FLAGS) -fsanitize=fuzzer -D$(call planted_macro,$*) -o $@ $< \
	    $$(grep -lw $(call planted_macro,$*) core/*.c) $(F)/libds.a $(CORE_LIBS)

fuzz: all
	@sh tests/deps.sh $(DEB_FUZZ)
	@$(MAKE) --no-print-directory $(FUZZ_X) $(PLANTED_X)
	@F=$(F) FUZZ_SECONDS=$(FUZZ_SECONDS) T=$(T) sh tests/fuzz/run.sh
.PHONY: fuzz

layers:
	@$(LUA) tests/layers.lua core

$(O)/bench/%: tests/bench/%.c $(O)/libds.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(BENCH_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(O)/libds.a $(CORE_LIBS) $(BENCH_LIBS)

extra-deps:
	@sh tests/deps.sh $(DEB_EXTRA)
.PHONY: extra-deps

scale-deps:
	@sh tests/deps.sh $(DEB_SCALE)
.PHONY: scale-deps

browser-deps:
	@sh tests/deps.sh $(DEB_BROWSER)
.PHONY: browser-deps

bench-deps:
	@sh tests/deps.sh $(DEB_BENCH) || echo 'Figures of the peers that are missing are left out.'
.PHONY: bench-deps

bench: all bench-deps
	@$(MAKE) --no-print-directory $(BENCH_X)
	@O=$(O) DATA_LAC=$(DATA_LAC) sh tests/bench/run.sh

accuracy: all
	@$(MAKE) --no-print-directory $(O)/bench/bench_nn
	@O=$(O) LAC=$(DATA_LAC) LUA=$(LUA) sh tests/accuracy.sh

# ------------------------------------------------------------------ install
I_BIN := $(DESTDIR)$(PREFIX)/bin
I_LIB := $(DESTDIR)$(PREFIX)/lib
I_LUA := $(DESTDIR)$(PREFIX)/lib/lua/5.4
I_HOST_lua5.3 := $(DESTDIR)$(PREFIX)/lib/lua/5.3
I_HOST_luajit := $(DESTDIR)$(PREFIX)/lib/lua/5.1
I_INC := $(DESTDIR)$(PREFIX)/include/ds
I_SHARE := $(DESTDIR)$(PREFIX)/share/ds
I_MAN := $(DESTDIR)$(PREFIX)/share/man/man1
I_BASH := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
I_ZSH := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
I_FISH := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
# Those that need no header from inside.
PUBLIC_H := $(filter-out core/%_int.h core/utf8_lookup.h $(shell grep -l '^#include ".*_int\.h"' core/*.h),$(wildcard core/*.h))

install: all
	install -d $(I_BIN) $(I_LIB)/pkgconfig $(I_LUA) $(I_INC) $(I_SHARE)
	install -m 755 $(O)/dsrun $(I_BIN)/dsrun
	install -m 644 $(O)/libds.a $(I_LIB)/libds.a
	install -m 755 $(O)/libds.so $(I_LIB)/libds.so.$(VERSION)
	ln -sfn libds.so.$(VERSION) $(I_LIB)/libds.so.0
	ln -sfn libds.so.0 $(I_LIB)/libds.so
	install -m 755 $(O)/ds.so $(I_LUA)/ds.so
	install -m 644 $(PUBLIC_H) $(I_INC)
	install -m 644 $(O)/zh.dslex $(I_SHARE)/zh.dslex
	install -m 644 $(O)/zh.dsconv $(I_SHARE)/zh.dsconv
	$(if $(HAS_LAC),install -m 644 $(O)/zh.dsnn $(I_SHARE)/zh.dsnn)
	rm -rf $(I_SHARE)/plugins $(I_SHARE)/lexicons $(I_SHARE)/corpus $(I_SHARE)/meta
	cp -r plugins $(I_SHARE)/plugins
	cp -r corpus/lexicons $(I_SHARE)/lexicons
	cp -r corpus/articles $(I_SHARE)/corpus
	cp -r lua/meta $(I_SHARE)/meta
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' core/ds.pc.in > $(I_LIB)/pkgconfig/ds.pc

	install -d $(I_MAN) $(I_BASH) $(I_ZSH) $(I_FISH)
	LC_ALL=C $(O)/dsrun --man > $(I_MAN)/dsrun.1
	for p in plugins/*.lua; do n=$$(basename $$p .lua); LC_ALL=C $(O)/dsrun $$n --man > $(I_MAN)/dsrun-$$n.1 || exit 1; done
	LC_ALL=C $(O)/dsrun --completion bash > $(I_BASH)/dsrun
	LC_ALL=C $(O)/dsrun --completion zsh > $(I_ZSH)/_dsrun
	LC_ALL=C $(O)/dsrun --completion fish > $(I_FISH)/dsrun.fish

# The module for other Luas: lib/lua/5.3/ds.so, and 5.1 for LuaJIT.
install-hosts: hosts
	$(foreach h,$(HOSTS),install -d $(I_HOST_$(h)) && install -m 755 $(O)/$(h)/ds.so $(I_HOST_$(h))/ds.so &&) :

# For ds-*.rockspec: the module goes to LIBDIR, the data to PREFIX/share/ds.
install-rock: programs
	install -d $(LIBDIR) $(PREFIX)/share/ds
	install -m 755 $(O)/ds.so $(LIBDIR)/ds.so
	cp -rL $(SHARED) lua/meta $(PREFIX)/share/ds
.PHONY: install-hosts install-rock

uninstall:
	rm -f $(I_HOST_lua5.3)/ds.so $(I_HOST_luajit)/ds.so
	rm -f $(I_MAN)/dsrun.1 $(I_MAN)/dsrun-*.1 $(I_BASH)/dsrun $(I_ZSH)/_dsrun $(I_FISH)/dsrun.fish
	rm -f $(I_BIN)/dsrun $(I_LIB)/libds.a $(I_LIB)/libds.so $(I_LIB)/libds.so.0 $(I_LIB)/libds.so.$(VERSION)
	rm -f $(I_LUA)/ds.so $(I_LIB)/pkgconfig/ds.pc
	rm -rf $(I_INC) $(I_SHARE)

dist:
	@grep -q '^## $(VERSION)' CHANGELOG.md || { echo 'CHANGELOG.md has no section for $(VERSION)'; exit 1; }
	@[ -f ds-$(VERSION)-1.rockspec ] || { echo 'there is no ds-$(VERSION)-1.rockspec'; exit 1; }
	git archive --prefix=ds-$(VERSION)/ -o ds-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(B) ds-*.tar.gz
