# fuzz.mk: bytes from anybody, made by libFuzzer or AFL++. `make fuzz SECONDS_EACH=600` looks longer; FUZZ='region source': these alone.

SECONDS_EACH ?= 60
FUZZ ?=

.PHONY: fuzz fuzz-afl fuzz-merge fuzz-plain
fuzz:
	@OUT=$(OUT) MAKE="$(MAKE)" SECONDS_EACH=$(SECONDS_EACH) tests/fuzz/run.sh $(FUZZ)

fuzz-afl:
	@OUT=$(OUT) MAKE="$(MAKE)" SECONDS_EACH=$(SECONDS_EACH) tests/fuzz/run.sh --afl $(FUZZ)

fuzz-merge:
	@OUT=$(OUT) MAKE="$(MAKE)" tests/fuzz/run.sh --merge $(FUZZ)

# The same targets, driven by plain.c, with any compiler and what is built already: the short form of the campaign.
FUZZ_PLAIN := $(patsubst tests/fuzz/fuzz_%.c,$(OUT)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(FUZZ_PLAIN): $(OUT)/tests/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/plain.c $(wildcard tests/fuzz/*.h tests/unit/*.h) \
		$(filter-out %/main.o,$(COMPILER_O)) $(OUT)/lib/libdim-verify.a $(OUT)/lib/libdim.a
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) $(filter-out %.h,$^) $(PKG_LIBS) -lm -o $@

fuzz-plain: $(FUZZ_PLAIN)
tests-built: fuzz-plain
