# SPDX-License-Identifier: LGPL-2.1-or-later
#
# critcore: everything is built in build/, nothing in the source folders. `make help` lists the
# targets; V=1 shows the commands.

VERSION := 0.1.0
SOVERSION := 0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
DESTDIR ?=

BUILD ?= build
CC ?= cc
GDB ?= gdb
PYTHON ?= /usr/bin/python3
PKG_CONFIG ?= pkg-config
OPT ?= -O2 -g
SANITIZE ?=

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla
PACKAGES := libprotobuf-c libelf libdw liblzma liblz4 libpcre2-8 libzstd zlib nettle
# Empty until `make deps` has run; the recipes that need them then fail with a clear message.
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
# libiberty, the demanglers of binutils, has no .pc file, and bzip2 not everywhere.
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lbz2 -liberty
PY_CFLAGS := $(shell $(PKG_CONFIG) --cflags python3 2>/dev/null)

GEN := $(BUILD)/proto
OBJ := $(BUILD)/obj
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(OPT) $(WARN) $(WERROR) -fvisibility=hidden -fPIC -MMD -MP \
	$(SANITIZE) -DCRITCORE_VERSION='"$(VERSION)"' $(CPPFLAGS) $(CFLAGS)
LIB_INCLUDES := -Ilibcritcore/include -Ilibcritcore/src -I$(GEN)
ALL_LDFLAGS = $(SANITIZE) $(LDFLAGS)

ifeq ($(V),1)
Q :=
SAY := @:
else
Q := @
SAY := @printf '  %-5s %s\n'
endif

PROTOS := $(sort $(wildcard proto/*.proto))
PROTO_C := $(PROTOS:proto/%.proto=$(GEN)/%.pb-c.c) $(GEN)/google/protobuf/descriptor.pb-c.c \
	$(GEN)/schema-tables.c
HEADERS := $(sort $(wildcard libcritcore/include/critcore/*.h))
LIB_C := $(sort $(wildcard libcritcore/src/*/*.c))
CLI_C := $(sort $(wildcard libcritcore/cli/*.c))
MODULE_C := $(sort $(wildcard gdb-plugin/module/*.c))
PLUGIN_PY := $(sort $(wildcard gdb-plugin/*.py gdb-plugin/critgdb/*.py gdb-plugin/critgdb/*/*.py))
EXAMPLE_C := $(sort $(wildcard examples/*.c))
UNIT_C := $(sort $(wildcard tests/unit/test_*.c))

PROTO_O := $(PROTO_C:$(GEN)/%.c=$(OBJ)/proto/%.o)
LIB_O := $(LIB_C:%.c=$(OBJ)/%.o)
CLI_O := $(CLI_C:%.c=$(OBJ)/%.o)
MODULE_O := $(MODULE_C:%.c=$(OBJ)/%.o)
EXAMPLES := $(EXAMPLE_C:examples/%.c=$(BUILD)/examples/%)
UNITS := $(UNIT_C:tests/unit/%.c=$(BUILD)/tests/%)
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

SO := $(BUILD)/libcritcore.so
MODULE := $(BUILD)/critgdb/_critcore.abi3.so
PLUGIN := $(PLUGIN_PY:gdb-plugin/%=$(BUILD)/%) $(BUILD)/critgdb.py
# Byte code for this gdb's Python: 3 ms off each start where users cannot write it themselves.
COMPILE_PY = $(GDB) -nx -batch -ex 'python import compileall; compileall.compile_dir("$(1)", \
	ddir="$(2)", quiet=2)' >/dev/null 2>&1 || :

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps demo check check-asan check-corpus check-live bench
.PHONY: fuzz-replay install uninstall clean help

## all: the library, the critcore command, the gdb plugin (in build/)
all: $(SO) $(BUILD)/libcritcore.a $(BUILD)/critcore $(BUILD)/critcore.pc $(MODULE) $(PLUGIN) \
	$(BUILD)/critgdb/.compiled

# ---- generated: the image schema --------------------------------------------------------------

# One run of protoc writes all of it.
$(GEN)/.stamp: $(PROTOS) proto/tables.py
	$(SAY) PROTO 'proto/*.proto'
	@command -v protoc >/dev/null && command -v protoc-gen-c >/dev/null || \
		{ echo "protoc and protoc-gen-c are missing: run 'make deps'" >&2; exit 1; }
	$(Q)rm -rf $(GEN) && mkdir -p $(GEN)
	$(Q)protoc -Iproto -I/usr/include --c_out=$(GEN) $(PROTOS) google/protobuf/descriptor.proto
	$(Q)protoc -Iproto -I/usr/include --include_imports \
		--descriptor_set_out=$(GEN)/schema.binpb $(PROTOS)
	$(Q)$(PYTHON) proto/tables.py $(GEN)/schema.binpb $(GEN)
	$(Q)touch $@

$(PROTO_C): $(GEN)/.stamp ;

$(OBJ)/proto/%.o: $(GEN)/.stamp
	$(SAY) CC $*.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -w $(LIB_INCLUDES) $(PKG_CFLAGS) -c $(GEN)/$*.c -o $@

# ---- library and command ----------------------------------------------------------------------

$(OBJ)/libcritcore/src/%.o: libcritcore/src/%.c $(GEN)/.stamp
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LIB_INCLUDES) $(PKG_CFLAGS) -c $< -o $@

$(OBJ)/libcritcore/cli/%.o: libcritcore/cli/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Ilibcritcore/include -c $< -o $@

$(SO): $(LIB_O) $(PROTO_O) libcritcore/libcritcore.map
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libcritcore.so.$(SOVERSION) -Wl,-z,defs \
		-Wl,--version-script=libcritcore/libcritcore.map $(LIB_O) $(PROTO_O) $(PKG_LIBS) \
		-pthread -o $@.$(VERSION)
	$(Q)ln -sf libcritcore.so.$(VERSION) $(BUILD)/libcritcore.so.$(SOVERSION)
	$(Q)ln -sf libcritcore.so.$(VERSION) $@

$(BUILD)/libcritcore.a: $(LIB_O) $(PROTO_O)
	$(SAY) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_O) $(PROTO_O)

# The command and the gdb module carry the library in them: one file each to copy or install.
$(BUILD)/critcore: $(CLI_O) $(BUILD)/libcritcore.a
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) $(CLI_O) $(BUILD)/libcritcore.a $(PKG_LIBS) -pthread -o $@

$(BUILD)/critcore.pc: libcritcore/critcore.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' $< >$@

# ---- gdb plugin -------------------------------------------------------------------------------

$(OBJ)/gdb-plugin/%.o: gdb-plugin/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Ilibcritcore/include $(PY_CFLAGS) -c $< -o $@

$(MODULE): $(MODULE_O) $(BUILD)/libcritcore.a
	$(SAY) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,--exclude-libs,ALL $(MODULE_O) $(BUILD)/libcritcore.a \
		$(PKG_LIBS) -pthread -o $@

$(BUILD)/%.py: gdb-plugin/%.py
	@mkdir -p $(@D)
	@cp $< $@

$(BUILD)/critgdb/.compiled: $(PLUGIN)
	@$(call COMPILE_PY,$(abspath $(BUILD))/critgdb,$(abspath $(BUILD))/critgdb)
	@touch $@

$(BUILD)/critgdb.py: gdb-plugin/critgdb.py.in
	@mkdir -p $(@D)
	@sed -e 's|@PLUGINDIR@||' $< >$@

# ---- tests and examples -----------------------------------------------------------------------

$(BUILD)/examples/%: examples/%.c $(SO)
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fvisibility=hidden,$(ALL_CFLAGS)) -Ilibcritcore/include $< \
		$(ALL_LDFLAGS) -L$(BUILD) -lcritcore -Wl,-rpath,'$$ORIGIN/..' -o $@

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libcritcore.a
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LIB_INCLUDES) -Itests/unit $(PKG_CFLAGS) $< \
		$(ALL_LDFLAGS) $(BUILD)/libcritcore.a -lcmocka $(PKG_LIBS) -pthread -o $@

# Fuzz harnesses with a plain driver: see tests/fuzz/replay.c.
$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/libcritcore.a
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LIB_INCLUDES) $(PKG_CFLAGS) $< tests/fuzz/replay.c \
		$(ALL_LDFLAGS) $(BUILD)/libcritcore.a $(PKG_LIBS) -pthread -o $@

$(BUILD)/tests/test_schema: tests/schema/test_schema.c tests/schema/descriptors.sh $(PROTO_O)
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)tests/schema/descriptors.sh $(GEN) >$(BUILD)/tests/schema-descriptors.h
	$(Q)$(CC) $(ALL_CFLAGS) -I$(GEN) -I$(BUILD)/tests $(PKG_CFLAGS) $< $(PROTO_O) \
		$(ALL_LDFLAGS) -lcmocka $(PKG_LIBS) -o $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

## deps: install what is missing, from the distribution's packages
deps:
	@.ci/install-deps

## demo: set up, build, and open a real checkpoint in gdb
demo: deps
	@$(MAKE) --no-print-directory all
	@BUILD=$(abspath $(BUILD)) GDB="$(GDB)" tests/demo/run

## check: set up, build, run the tests (two minutes of CPU time, two at a time)
check: deps
	@$(MAKE) --no-print-directory check-built

.PHONY: check-built
check-built: all $(EXAMPLES) $(UNITS) $(FUZZERS) $(BUILD)/tests/test_schema
	@$(PYTHON) tests/run.py --build $(BUILD) --gdb '$(GDB)' --preload '$(PRELOAD)'

## check-asan: the same tests with AddressSanitizer and UndefinedBehaviorSanitizer
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
check-asan: deps
	@$(MAKE) --no-print-directory check-built BUILD=$(BUILD)-asan OPT='-O1 -g' \
		SANITIZE='$(ASAN)' PRELOAD="$$($(CC) -print-file-name=libasan.so)"

## check-corpus: compare with the truth of a corpus of checkpoints: CORPUS=DIR [GDB=...]
CORPUS ?= tests/data/checkpoints.tar.xz
check-corpus: all
	@$(PYTHON) tests/corpus/run.py --build $(BUILD) --gdb '$(GDB)' $(CORPUS)

# A script that ends with 77 was skipped and said why.
SKIPPABLE = status=$$?; [ $$status = 77 ] && echo 'skipped' || exit $$status

## check-live: dump live processes with packaged CRIUs and compare with live gdbs (root)
check-live: all
	@$(PYTHON) tests/live/run.py --build $(BUILD) || { $(SKIPPABLE); }

## fuzz-replay: COUNT (100000) damaged forms of each corpus file through each harness
COUNT ?= 100000
fuzz-replay: $(FUZZERS)
	@for f in $(FUZZERS:$(BUILD)/tests/fuzz_%=%); do \
		echo "$$f:"; $(BUILD)/tests/fuzz_$$f $(COUNT) tests/fuzz/corpus/$$f/* || exit 1; done

## bench: ratios against gdb's core target, crit, go-crit and LZ4, side by side (root, a criu)
CRIU ?= criu
# How to get where crit 4.3 is, e.g. CRIT_IN='tests/tools/debian-root run ROOT'; empty: it is here.
CRIT_IN ?=
bench: all
	@$(PYTHON) tests/bench/run.py --build $(BUILD) --gdb '$(GDB)' --criu '$(CRIU)' || \
		{ $(SKIPPABLE); }
	@$(PYTHON) tests/bench/images.py --build $(BUILD) --inside '$(CRIT_IN)' || { $(SKIPPABLE); }
	@$(PYTHON) tests/bench/explore.py --build $(BUILD) --inside '$(CRIT_IN)'
	@$(PYTHON) tests/bench/compress.py --build $(BUILD) --crit '$(CRIT_IN) crit' || \
		{ $(SKIPPABLE); }
	@$(PYTHON) tests/bench/pages.py --build $(BUILD) || { $(SKIPPABLE); }
	@$(PYTHON) tests/bench/diff.py --build $(BUILD) || { $(SKIPPABLE); }
	@$(PYTHON) tests/bench/core.py --build $(BUILD) || { $(SKIPPABLE); }
	@$(PYTHON) tests/bench/search.py --build $(BUILD) --gdb '$(GDB)' || { $(SKIPPABLE); }

# ---- install ----------------------------------------------------------------------------------

PLUGINDIR := $(LIBDIR)/critcore
# Debian's gdb reads this folder at start; other builds say theirs, or have none.
GDBINITDIR ?= $(shell $(GDB) --configuration 2>/dev/null | \
	sed -n 's/^[[:space:]]*--with-system-gdbinit-dir=\([^ ]*\).*/\1/p')

## install: PREFIX (/usr/local), DESTDIR; gdb then knows `target criu` by itself
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCLUDEDIR)/critcore \
		$(DESTDIR)$(MANDIR)/man1 $(addprefix $(DESTDIR)$(PLUGINDIR)/critgdb/,commands render)
	install -m755 $(BUILD)/critcore $(DESTDIR)$(BINDIR)/
	install -m755 $(SO).$(VERSION) $(DESTDIR)$(LIBDIR)/
	ln -sf libcritcore.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libcritcore.so.$(SOVERSION)
	ln -sf libcritcore.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libcritcore.so
	install -m644 $(BUILD)/libcritcore.a $(DESTDIR)$(LIBDIR)/
	install -m644 $(BUILD)/critcore.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m644 libcritcore/include/critcore.h $(DESTDIR)$(INCLUDEDIR)/
	install -m644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/critcore/
	install -m644 docs/critcore.1 $(DESTDIR)$(MANDIR)/man1/
	install -d $(DESTDIR)$(COMPLETIONDIR)
	install -m644 libcritcore/cli/completion/critcore.bash $(DESTDIR)$(COMPLETIONDIR)/critcore
	install -m755 $(MODULE) $(DESTDIR)$(PLUGINDIR)/critgdb/
	for f in $(PLUGIN_PY:gdb-plugin/%=%); do \
		install -m644 $(BUILD)/$$f $(DESTDIR)$(PLUGINDIR)/$$f; done
	@$(call COMPILE_PY,$(DESTDIR)$(PLUGINDIR)/critgdb,$(PLUGINDIR)/critgdb)
	sed -e 's|@PLUGINDIR@|$(PLUGINDIR)|' gdb-plugin/critgdb.py.in \
		>$(DESTDIR)$(PLUGINDIR)/critgdb.py
	@if [ -n "$(GDBINITDIR)" ]; then \
		install -d "$(DESTDIR)$(GDBINITDIR)" && \
		ln -sf $(PLUGINDIR)/critgdb.py "$(DESTDIR)$(GDBINITDIR)/critcore.py" && \
		echo "gdb loads critcore by itself, from $(GDBINITDIR)/critcore.py"; \
	else \
		echo "This gdb has no folder for start files. Put this line in ~/.config/gdb/gdbinit:"; \
		echo "  source $(PLUGINDIR)/critgdb.py"; \
	fi

## uninstall: remove what install put there
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/critcore $(DESTDIR)$(LIBDIR)/libcritcore.a \
		$(DESTDIR)$(LIBDIR)/libcritcore.so* $(DESTDIR)$(LIBDIR)/pkgconfig/critcore.pc \
		$(DESTDIR)$(INCLUDEDIR)/critcore.h $(DESTDIR)$(MANDIR)/man1/critcore.1 \
		$(DESTDIR)$(COMPLETIONDIR)/critcore
	rm -rf $(DESTDIR)$(PLUGINDIR) $(DESTDIR)$(INCLUDEDIR)/critcore
	[ -z "$(GDBINITDIR)" ] || rm -f "$(DESTDIR)$(GDBINITDIR)/critcore.py"

## clean: remove build/
clean:
	rm -rf $(BUILD) $(BUILD)-asan

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' Makefile | expand -t 16
