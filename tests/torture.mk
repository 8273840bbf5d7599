# torture.mk: faults, attacks and load. `make torture` runs every campaign whole, in an hour or two, and tells what each one counted.
#
#   make torture CAMPAIGN='kill fault'            these alone
#   make torture CAMPAIGN=kill SEED=7 POINT=312   what failed, again
#   make torture SHORT=1                          the short forms, which `make test` runs
#   make torture-controls                         broken builds, each of which a campaign must catch

# NAME_preload.c is a library that a campaign preloads; any other is a program. mutants has libdim in it, built once more with
# sanitizers, so that they see each of its reads; without sanitizers there is none.
MUTANTS           := $(OUT)/torture/mutants
TORTURE_PRELOADED := $(patsubst tests/torture/%.c,$(OUT)/torture/%.so,$(wildcard tests/torture/*_preload.c))
TORTURE_PROGRAMS  := $(filter-out $(MUTANTS),$(patsubst tests/torture/%.c,$(OUT)/torture/%,$(filter-out %_preload.c,$(wildcard tests/torture/*.c))))
TORTURE_TOOLS     := $(TORTURE_PRELOADED) $(TORTURE_PROGRAMS) $(MUTANTS)
$(TORTURE_PROGRAMS): $(OUT)/torture/%: tests/torture/%.c
$(TORTURE_PRELOADED): $(OUT)/torture/%.so: tests/torture/%.c
$(TORTURE_PRELOADED): private MORE = -shared
$(TORTURE_PROGRAMS) $(TORTURE_PRELOADED): $(wildcard tests/torture/*.h) $(OUT)/obj/packages
	@mkdir -p $(@D)
	$(call say,CC,$(filter %.c,$^))
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter %.c,$^) -o $@ $(MORE)

$(OUT)/torture/race_readers: MORE = $(OUT)/lib/libdim-verify.a $(OUT)/lib/libdim.a $(CRYPTO_LIBS)
$(OUT)/torture/race_readers: $(LIBS) $(wildcard include/*.h)

MUTANTS_C := tests/torture/mutants.c $(LOADER_C) $(VERIFY_C) $(addprefix compiler/,digest.c mem.c utf8.c)
$(MUTANTS): $(MUTANTS_C) $(wildcard loader/*.h include/*.h tests/unit/*.h) $(OUT)/obj/packages
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)if echo 'int main(void) { return 0; }' | $(CC) $(SANITIZE) -x c - -o $@ 2>/dev/null; then \
		$(CC) $(filter-out $(HARDEN) $(CFLAGS),$(ALL_CFLAGS)) $(SANITIZE) $(MUTANTS_C) $(CRYPTO_LIBS) -lm -o $@; else rm -f $@; fi

.PHONY: torture torture-controls torture-tools
torture-tools: $(DIMC) $(LIBS) $(TORTURE_TOOLS)

torture: torture-tools
	@OUT=$(OUT) DIMC=$(DIMC) MAKEFLAGS= tests/torture/torture.py $(if $(SHORT),--short) $(if $(SEED),--seed $(SEED)) \
		$(if $(POINT),--only $(POINT)) $(CAMPAIGN)

torture-controls: torture-tools
	@OUT=$(OUT) DIMC=$(DIMC) MAKEFLAGS= tests/torture/torture.py --controls $(CAMPAIGN)
