# dimc: a compiler for dimensional layer data. `make help` lists the targets.
#
# Everything that is built goes to $(OUT). Packages are looked for by recipes only, never while this file is read, so that
# `make deps dimensions` works on a bare machine.

VERSION := 0.1.0
SONAME  := 0

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR     ?= $(PREFIX)/share/doc/dimc
MANDIR     ?= $(PREFIX)/share/man
DESTDIR    ?=

OUT     ?= out
SOURCES ?= sources

CC     ?= cc
CFLAGS ?= -O2 -g
# Hardening is on unless the builder's CFLAGS say otherwise; sanitizer builds, and who wants none, set HARDEN to nothing. Which
# flags a compiler takes is found out once (scripts/hardening.sh).
HARDEN ?= @$(OUT)/obj/hardening
WARN   := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla \
	  -Wformat=2 -Wundef
ifeq ($(DEVELOPER),1)
WARN   += -Werror
endif
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DDIM_VERSION='"$(VERSION)"' $(PIC) -pthread \
	      -fvisibility=default $(WARN) $(HARDEN) $(CFLAGS)
# The libraries' objects can go anywhere; those of the program go into a program that can.
PIC = -fPIC
ALL_LDFLAGS := -pthread -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code $(LDFLAGS)

# One short line a step; V=1 shows the commands.
ifeq ($(V),1)
say = @:
Q   =
else ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say = @:
Q   = @
else
say = @printf '  %-5s %s\n' $(1) $(2)
Q   = @
endif

PACKAGES := yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc
PKG_CONFIG ?= pkg-config
# Expanded by recipes, once the packages are there.
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PKG_LIBS   = $(patsubst -larchive,$(ARCHIVE_LIB),$(shell $(PKG_CONFIG) --libs $(PACKAGES)))
# Of libarchive dimc uses tar alone, and the shared library brings fourteen others, which would cost every start of dimc 2 ms of
# CPU time and 3 MB. Where there is an archive of it the linker takes from that what is used. ARCHIVE_LIB=-larchive: shared.
ARCHIVE_LIB ?= $(if $(wildcard $(addsuffix /libarchive.a,$(shell $(PKG_CONFIG) --variable=libdir libarchive))),\
	       -l:libarchive.a -Wl$(comma)--gc-sections,-larchive)
comma := ,
CRYPTO_LIBS = $(shell $(PKG_CONFIG) --libs libcrypto)

DIMC := $(OUT)/bin/dimc

VERIFY_C   := $(sort $(wildcard loader/verify*.c))
LOADER_C   := $(filter-out $(VERIFY_C),$(sort $(wildcard loader/*.c)))
COMPILER_C := $(sort $(wildcard compiler/*.c))
LOADER_O   := $(LOADER_C:%.c=$(OUT)/obj/%.o)
VERIFY_O   := $(VERIFY_C:%.c=$(OUT)/obj/%.o)
# Files that travel inside the program (compiler/embedded.h).
EMBEDDED   := $(sort $(wildcard schemas/*.json docs/checks.md compiler/page/* compiler/completion/*))
COMPILER_O := $(COMPILER_C:%.c=$(OUT)/obj/%.o) $(OUT)/obj/embedded_files.o

LIBS := $(OUT)/lib/libdim.a $(OUT)/lib/libdim.so $(OUT)/lib/libdim-verify.a $(OUT)/lib/libdim-verify.so

# `make deps dimensions`, also with -j: what is built waits for the packages.
FIRST := $(filter deps deps-all,$(MAKECMDGOALS))

.PHONY: all
all: $(DIMC) $(LIBS)

include tests/tests.mk
include scripts/install.mk
include scripts/bundles.mk
include scripts/containers.mk

# --- packages -----------------------------------------------------------------------------------------------------

.PHONY: deps deps-all
deps:
	@scripts/deps.sh basic

deps-all: $(filter deps,$(FIRST))
	@scripts/deps.sh all

# Says what is missing before the first compiler error would, and finds out what the compiler can do.
$(OUT)/obj/packages: scripts/hardening.sh | $(FIRST)
	@mkdir -p $(@D)
	@scripts/deps.sh check "$(CC)" "$(PKG_CONFIG)" $(PACKAGES)
	@scripts/hardening.sh "$(CC)" >$(@D)/hardening
	@touch $@

# --- what is built ------------------------------------------------------------------------------------------------

$(COMPILER_O): private PIC = -fPIE
$(OUT)/obj/%.o: %.c $(OUT)/obj/packages Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

# libarchive's time_t is that of the system's other libraries, which may have 32 bits on a machine of 32.
$(OUT)/obj/compiler/tar.o: private ALL_CFLAGS += -U_TIME_BITS

$(OUT)/obj/embedded_files.c: scripts/embed.sh $(EMBEDDED) Makefile
	@mkdir -p $(@D)
	$(call say,EMBED,'$(words $(EMBEDDED)) files')
	$(Q)scripts/embed.sh $(EMBEDDED) >$@.new && mv $@.new $@

$(OUT)/obj/embedded_files.o: $(OUT)/obj/embedded_files.c compiler/embedded.h $(OUT)/obj/packages
	$(Q)$(CC) $(ALL_CFLAGS) -Icompiler -c $< -o $@

$(OUT)/lib/libdim.a: $(LOADER_O)
$(OUT)/lib/libdim-verify.a: $(VERIFY_O)
$(OUT)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcsD $@ $^

$(OUT)/lib/libdim.so: $(LOADER_O) loader/libdim.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libdim.so.$(SONAME) -Wl,--version-script=loader/libdim.map -Wl,-z,defs $(ALL_LDFLAGS) \
		$(CFLAGS) $(LOADER_O) -o $@.$(VERSION)
	$(Q)ln -sf libdim.so.$(VERSION) $@.$(SONAME)
	$(Q)ln -sf libdim.so.$(SONAME) $@

$(OUT)/lib/libdim-verify.so: $(VERIFY_O) $(OUT)/lib/libdim.so loader/libdim-verify.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libdim-verify.so.$(SONAME) -Wl,--version-script=loader/libdim-verify.map -Wl,-z,defs \
		$(ALL_LDFLAGS) $(CFLAGS) $(VERIFY_O) $(OUT)/obj/loader/status.o -L$(OUT)/lib -ldim $(CRYPTO_LIBS) -o $@.$(VERSION)
	$(Q)ln -sf libdim-verify.so.$(VERSION) $@.$(SONAME)
	$(Q)ln -sf libdim-verify.so.$(SONAME) $@

$(DIMC): $(COMPILER_O) $(OUT)/lib/libdim-verify.a $(OUT)/lib/libdim.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $(CFLAGS) $^ $(PKG_LIBS) -lm -o $@

-include $(COMPILER_O:.o=.d) $(LOADER_O:.o=.d) $(VERIFY_O:.o=.d)

# --- the volume: MMAP_BASE_PATH, MMAP_INITIAL_SIZE and MMAP_MAX_SIZE come from the environment or .env ---------------

.PHONY: dimensions init-mmap mmap-info test-mmap report
# The times in index.json are those of the last commit to the sources, so that every checkout gives the same files.
# The bundle beside it is written anew only for another generation.
dimensions: $(DIMC) $(LIBS)
	@epoch="$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct -- $(SOURCES) 2>/dev/null)}"; \
	if [ -n "$$epoch" ]; then export SOURCE_DATE_EPOCH="$$epoch"; fi; \
	$(DIMC) compile $(SOURCES) && \
	DIMC=$(DIMC) scripts/bundle.sh keep $(OUT)/bundles/dimensions.tar.gz

init-mmap: $(DIMC)
	@$(DIMC) init

mmap-info: $(DIMC)
	@$(DIMC) info

test-mmap: $(DIMC)
	@scripts/verify-mmap-volume.sh

# A page to look at what is published.
report: $(DIMC)
	@$(DIMC) report -o $(OUT)/report/index.html

.PHONY: clean help
# All that was built; not the bundles that somebody made.
clean:
	rm -rf $(filter-out $(OUT)/bundles,$(wildcard $(OUT)/*)) $(wildcard $(OUT)/bundles/dimensions.*)
	@rmdir $(OUT)/bundles $(OUT) 2>/dev/null || true
	rm -rf target/criterion
	@rmdir target 2>/dev/null || true

help:
	@echo 'set up:    make deps dimensions    packages, programs, and the volume from $(SOURCES)/'
	@echo '           make test               every test; tests whose tool is missing skip and say so'
	@echo '           make deps-all           also the optional tools of tests and benchmarks'
	@echo 'volume:    make init-mmap | dimensions | test-mmap | mmap-info | report'
	@echo 'bundles:   make backup | backup D=D01 | restore FILE=$(BACKUPS)/NAME.tar.gz | image'
	@echo 'build:     make all | man | clean | install | uninstall    (DESTDIR, PREFIX, LIBDIR, MANDIR, CC, CFLAGS, OUT, V=1)'
	@echo 'check:     make check | lint | check-asan | check-tsan | check-valgrind | check-image | check-large | fuzz'
	@echo '           make analyze | check-msan | check-matrix | check-foreign'
	@echo '           make check-instructions | record-instructions    (tests/instructions.txt)'
	@echo '           make torture | torture-controls | fuzz | fuzz-afl    (docs/reliability.md)'
	@echo '           make coverage | coverage-whole    (bars of the branches that tests take; the second: libdim and the formats)'
	@echo '           make bench | bench QUICK=1 | bench-lookups         (beside peers; docs/benchmarks.md)'
