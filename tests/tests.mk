# tests.mk: every test, and how what is tested is built.

UNIT_C := $(sort $(wildcard tests/unit/*.c))
UNIT   := $(UNIT_C:tests/unit/%.c=$(OUT)/tests/%)
BATS   ?= bats
# All of it, the long ones first, or some: make test TESTS=tests/publish.bats
LONG   := $(wildcard $(addprefix tests/,torture.bats publish.bats containers.bats schema.bats refused.bats restore.bats hostile.bats messages.bats unit.bats damage.bats format.bats))
TESTS  ?= $(LONG) $(filter-out $(LONG),$(sort $(wildcard tests/*.bats)))

# Unit tests reach what the program does not show: libdim, and single rooms of the compiler without its main.
$(OUT)/tests/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(filter-out %/main.o,$(COMPILER_O)) $(OUT)/lib/libdim-verify.a $(OUT)/lib/libdim.a
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) $(TEST_LDFLAGS) $< $(filter %.o %.a,$^) $(PKG_LIBS) -lm -o $@

# What libdim asks of the system goes through the tests that refuse it, or answer something else.
WRAPPED := $(addprefix $(OUT)/tests/,faults_test kernel_test)
$(WRAPPED): private TEST_LDFLAGS := -Wl,@tests/unit/faults.wrap
$(WRAPPED): tests/unit/faults.wrap

# The same for all of dimc, main too, which is a function there.
$(OUT)/tests/refused_test: private TEST_LDFLAGS := -Wl,@tests/unit/refused.wrap
$(OUT)/tests/refused_test: tests/unit/refused.wrap $(OUT)/obj/compiler/main.o

.PHONY: test tests-built check
tests-built: $(DIMC) $(LIBS) $(UNIT) bench-tools torture-tools

test: tests-built
	@command -v $(BATS) >/dev/null 2>&1 || { echo 'missing: bats; `make deps` brings it' >&2; exit 1; }
	@OUT=$(OUT) DIMC=$(DIMC) CC="$(CC)" BATS=$(BATS) MAKEFLAGS= tests/run.sh $(TESTS)

# What CI runs.
check: test lint

.PHONY: lint check-asan check-tsan check-valgrind
lint:
	@OUT=$(OUT) MAKE="$(MAKE)" scripts/lint.sh

SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
check-asan:
	ASAN_OPTIONS=detect_leaks=1 $(MAKE) OUT=$(OUT)/asan HARDEN= CFLAGS='$(SANITIZE)' test

# Volumes and races alone, with fewer publishes: TSan is slow, dimc's start most of all. setarch, where it may: TSan knows no
# address space that is as random as today's kernels make it.
TSAN := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
check-tsan:
	export RACE_PUBLISHES=100 RACE_LOADS=40000 TSAN_OPTIONS='halt_on_error=1 second_deadlock_stack=1'; \
	tsan="$$(setarch -R true 2>/dev/null && echo setarch -R) $(MAKE) OUT=$(OUT)/tsan HARDEN="; \
	$$tsan CFLAGS='$(TSAN)' TESTS='tests/race.bats tests/volume.bats' test && \
	$$tsan CFLAGS='$(TSAN)' CAMPAIGN=race SHORT=1 torture

# A program that starts dimc under valgrind takes dimc's place.
check-valgrind: tests-built
	@command -v valgrind >/dev/null || { echo 'missing: valgrind; `make deps-all` brings it' >&2; exit 1; }
	OUT=$(OUT) scripts/check-valgrind.sh

# Bytes that were never written, by clang's memory sanitizer.
.PHONY: check-msan
check-msan:
	@OUT=$(OUT) BATS=$(BATS) MAKE="$(MAKE)" MAKEFLAGS= scripts/check-msan.sh

# Both compilers, without optimisation and with all of it.
.PHONY: check-matrix
check-matrix:
	@OUT=$(OUT) BATS=$(BATS) MAKE="$(MAKE)" MAKEFLAGS= scripts/check-matrix.sh

# gcc -fanalyzer, clang --analyze and clang-tidy; what is off, and why, is in .clang-tidy.
.PHONY: analyze
analyze:
	@scripts/analyze.sh

# Other machines, under qemu: one of 32 bits, a big-endian one, and libdim on one that is both.
.PHONY: check-foreign
check-foreign:
	@OUT=$(OUT) CC="$(CC)" BATS=$(BATS) MAKE="$(MAKE)" MAKEFLAGS= scripts/check-foreign.sh

# 4 GiB through bundle and restore, in 64 MB of memory.
.PHONY: check-large
check-large: $(DIMC)
	@OUT=$(OUT) scripts/check-large.sh

# Fixed runs, instruction by instruction, against tests/instructions.txt.
.PHONY: check-instructions record-instructions
check-instructions record-instructions:
	@OUT=$(OUT) scripts/check-instructions.sh $(@:%-instructions=%)

# --- which branches the tests take ---

# libdim and what reads and writes the formats (region, index.json, manifest.json) is covered whole; of dimc, 90 % of the branches.
# docs/reliability.md names what is left. Not counted are the branches of assert(): their other side is a bug.
FORMAT_C := $(addprefix compiler/,build.c document.c emit.c index.c json.c layout.c manifest.c region.c region_facts.c sections.c)
GCOVR    := gcovr -r . --branches --exclude-branches-by-pattern '\s*assert\(.*'
COVERED  := HARDEN= CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage

# Runs tests from nothing counted, and counts. $(1): which tests.
define count
	@command -v gcovr >/dev/null || { echo 'missing: gcovr; `make deps-all` brings it' >&2; exit 1; }
	@if [ -d $(OUT)/coverage ]; then find $(OUT)/coverage -name '*.gcda' -delete; fi
	$(MAKE) OUT=$(OUT)/coverage $(COVERED) test $(1)
	$(GCOVR) --filter compiler/ --filter loader/ --json $(OUT)/coverage/all.json $(OUT)/coverage/obj
endef

# A bar: lists what nobody took, and fails below it. $(1): files; $(2): %, of lines and of branches.
bar = $(GCOVR) -a $(OUT)/coverage/all.json $(1:%=--filter %) --fail-under-line $(2) --fail-under-branch $(2) --print-summary --txt -

.PHONY: coverage coverage-whole
coverage:
	$(call count)
	$(GCOVR) -a $(OUT)/coverage/all.json --html-details $(OUT)/coverage/index.html
	$(call bar,compiler/,90)
	$(call bar,loader/ $(FORMAT_C),100)
	@echo "$(OUT)/coverage/index.html"

# What is covered whole, by the tests that are about it alone.
WHOLE_TESTS ?= $(wildcard $(addprefix tests/,unit.bats loader.bats volume.bats refused.bats))
coverage-whole:
	$(call count,TESTS="$(WHOLE_TESTS)")
	$(call bar,loader/ $(FORMAT_C),100)

include tests/fuzz.mk
include tests/torture.mk

# --- benchmark ----------------------------------------------------------------------------------------------------

.PHONY: bench bench-lookups bench-tools
# make bench BENCH='S L' ROUNDS=9; QUICK=1: S and M, fewer rounds, in two minutes
BENCH ?=
BENCH_TOOLS := $(addprefix $(OUT)/bench/,corpus run limit peer_libyaml)
$(OUT)/bench/limit: MORE = $(filter-out tests/bench/limit.c,$(wildcard tests/bench/limit*.c)) $(CRYPTO_LIBS)
$(OUT)/bench/peer_libyaml: MORE = $(shell $(PKG_CONFIG) --libs yaml-0.1) $(CRYPTO_LIBS)
$(BENCH_TOOLS): $(OUT)/bench/%: tests/bench/%.c $(wildcard tests/bench/limit*) include/dim_format.h $(OUT)/obj/packages
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $< -o $@ $(MORE)

# Linked as a service links libdim. Peers whose packages are missing are left out.
peer = $(if $(shell $(PKG_CONFIG) --exists $(2) && echo yes),-DWITH_$(1) $(3) $(shell $(PKG_CONFIG) --cflags --libs $(2)))
PEERS = $(call peer,LMDB,lmdb,tests/bench/peer_lmdb.c) $(call peer,CDB,libcdb,tests/bench/peer_cdb.c) \
	$(call peer,SQLITE,sqlite3,tests/bench/peer_sqlite.c)
LOOKUPS := $(addprefix $(OUT)/bench/,lookups threads opening)
$(OUT)/bench/lookups: MORE = tests/bench/words.c tests/bench/peer_files.c $(PEERS)
$(OUT)/bench/threads: MORE = tests/bench/words.c
$(OUT)/bench/opening: MORE = $(call peer,JANSSON,jansson)
$(LOOKUPS): $(OUT)/bench/%: tests/bench/%.c $(wildcard tests/bench/peer_*.c) tests/bench/words.c tests/bench/bench.h $(OUT)/lib/libdim.so
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $< -o $@ $(MORE) -L$(OUT)/lib -ldim

# In one piece: what is counted is libdim, and not how it is found.
$(OUT)/bench/fixed: tests/bench/fixed.c tests/bench/bench.h $(OUT)/lib/libdim.a
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(filter-out %.h,$^) -o $@

# $(OUT)/bench/index.html, and target/criterion/report/index.html, which leads there.
bench: $(DIMC) $(BENCH_TOOLS) $(LOOKUPS)
	@command -v python3 >/dev/null 2>&1 || { echo 'missing: python3; `make deps-all` brings it' >&2; exit 1; }
	@CC="$(CC)" tests/bench/bench.py $(OUT) $(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS)) $(BENCH)
	@tests/bench/page.py $(OUT)/bench/results.json $(OUT)/bench/index.html target/criterion/report/index.html

bench-tools: $(BENCH_TOOLS)

bench-lookups: $(DIMC) $(OUT)/bench/corpus $(LOOKUPS)
	@OUT=$(OUT) tests/bench/lookups.sh

.PHONY: format
format:
	clang-format -i $$(git ls-files --cached --others --exclude-standard -- '*.c' '*.h')
