# fuzz.mk: bytes from anybody, made by libFuzzer. `make fuzz SECONDS_EACH=600` looks longer.

SECONDS_EACH ?= 60

.PHONY: fuzz
fuzz:
	@OUT=$(OUT) MAKE="$(MAKE)" SECONDS_EACH=$(SECONDS_EACH) tests/fuzz/run.sh
