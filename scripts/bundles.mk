# bundles.mk: backups, restoring, and the data image.

# Where backups go. `make clean` leaves them alone.
BACKUPS ?= $(OUT)/bundles

.PHONY: backup restore image
# make backup [D=D01,D05] [BUNDLE_FLAGS='--sign key.pem']
backup: $(DIMC)
	@DIMC=$(DIMC) BUNDLE_FLAGS='$(BUNDLE_FLAGS)' scripts/bundle.sh backup $(BACKUPS) $(D)

# make restore FILE=out/bundles/NAME.tar.gz [D=D01,D05] [RESTORE_FLAGS='--verify-key key.pub']
restore: $(DIMC)
	@test -n '$(FILE)' || { echo 'which bundle? make restore FILE=$(BACKUPS)/NAME.tar.gz' >&2; exit 2; }
	@$(DIMC) restore $(FILE) $(if $(D),-d $(D)) $(RESTORE_FLAGS)

# The volume under /app/data/mmap of an image that holds nothing else.
image: $(DIMC)
	@mkdir -p $(OUT)/bundles
	@$(DIMC) bundle --format=oci -o $(OUT)/bundles/dimensions.oci.tar $(BUNDLE_FLAGS)
