# install.mk: the manual pages, what goes into a prefix, and what of libdim programs rely on.
# In: what `all` built, docs/, and PREFIX, LIBDIR, MANDIR ..., which Makefile sets. Out: files below DESTDIR; loader/libdim.abi.

INSTALL      ?= install
AWK          ?= awk
HEADERS      := include/dim.h include/dim_region.h include/dim_verify.h include/dim_format.h
DOCUMENTED   := include/dim.h include/dim_region.h include/dim_verify.h
SCHEMADIR    ?= $(DATADIR)/dimc/schemas
SCHEMAS      := $(sort $(wildcard schemas/*.json))
INSTALL_DOCS := README.md LICENSE NEWS docs/region-format.md docs/index-format.md docs/operations.md

# --- manual pages -------------------------------------------------------------------------------------------------

.PHONY: man
man: $(OUT)/man/man3/dim.3 $(OUT)/man/man1/dimc.1 $(patsubst docs/man/%,$(OUT)/man/man5/%,$(wildcard docs/man/*.5))
all tests-built: man

# From the comments of the headers, by awk alone: a page for each block of declarations, links to it for the others.
$(OUT)/man/man3/dim.3: docs/man/dim.3 $(DOCUMENTED) scripts/headers.awk scripts/mdoc.awk scripts/manpages.awk Makefile
	@rm -rf $(@D) $(OUT)/man/new && mkdir -p $(OUT)/man/new
	$(call say,MAN,$(@D))
	$(Q)$(AWK) -v version=$(VERSION) -v dir=$(OUT)/man/new -v overview=docs/man/dim.3 \
		-f scripts/headers.awk -f scripts/mdoc.awk -f scripts/manpages.awk $(DOCUMENTED) > $(OUT)/man/links
	$(Q)while read -r page name; do ln -s $$page.3 $(OUT)/man/new/$$name.3 || exit 1; done < $(OUT)/man/links
	$(Q)mv $(OUT)/man/new $(@D)

# From the program's own tables, and what was written by hand for each command.
$(OUT)/man/man1/dimc.1: $(DIMC) docs/man/dim.3 $(wildcard docs/man/*.in) scripts/mdoc.awk scripts/commandpages.awk Makefile
	@rm -rf $(@D) $(OUT)/man/commands && mkdir -p $(OUT)/man/commands
	$(call say,MAN,$(@D))
	$(Q)$(DIMC) completion tables > $(OUT)/man/tables
	$(Q)$(AWK) -v version=$(VERSION) -v dir=$(OUT)/man/commands -v parts=docs/man \
		-f scripts/mdoc.awk -f scripts/commandpages.awk $(OUT)/man/tables
	$(Q)mv $(OUT)/man/commands $(@D)

# By hand; the date is that of all pages.
$(OUT)/man/man5/%.5: docs/man/%.5 docs/man/dim.3 Makefile
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)sed -e "s/^\.Dd .*/$$(grep '^\.Dd' docs/man/dim.3)/" -e 's/^\.Os.*/.Os dimc $(VERSION)/' $< > $@

# --- what programs rely on ----------------------------------------------------------------------------------------

# Records what was added to the ABI; `make lint` compares. BREAK=yes also records what breaks programs.
.PHONY: abi
abi: $(LIBS)
	@OUT=$(OUT) CC="$(CC)" AWK="$(AWK)" scripts/abi.sh record $(BREAK)

# Completion: where each shell looks, and what stands there.
COMPLETIONS := bash-completion/completions/dimc zsh/site-functions/_dimc fish/vendor_completions.d/dimc.fish
DATADIR     ?= $(PREFIX)/share

# --- install ------------------------------------------------------------------------------------------------------

# NAME, DESCRIPTION and further lines of a file for pkg-config. Directories below the prefix move with it.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
define pc_file
printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(call below_prefix,$(LIBDIR))' 'includedir=$(call below_prefix,$(INCLUDEDIR))' '' \
	'Name: $(1)' 'Description: $(2)' 'Version: $(VERSION)' $(3) 'Libs: -L$${libdir} -l$(1)' \
	'Cflags: -I$${includedir}' > '$(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc'
endef

.PHONY: install uninstall
install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)' '$(DESTDIR)$(DOCDIR)' \
		'$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man3' '$(DESTDIR)$(MANDIR)/man5' '$(DESTDIR)$(SCHEMADIR)'
	$(INSTALL) -m 755 $(DIMC) '$(DESTDIR)$(BINDIR)/dimc'
	$(INSTALL) -m 644 $(HEADERS) '$(DESTDIR)$(INCLUDEDIR)'
	for lib in libdim libdim-verify; do \
		$(INSTALL) -m 644 $(OUT)/lib/$$lib.a '$(DESTDIR)$(LIBDIR)/' && \
		$(INSTALL) -m 755 $(OUT)/lib/$$lib.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/' && \
		ln -sf $$lib.so.$(VERSION) '$(DESTDIR)$(LIBDIR)'/$$lib.so.$(SONAME) && \
		ln -sf $$lib.so.$(SONAME) '$(DESTDIR)$(LIBDIR)'/$$lib.so || exit 1; \
	done
	@$(call pc_file,dim,read-only loader of dimensional regions,'Libs.private: -pthread')
	@$(call pc_file,dim-verify,proof of dimensional regions by digest,'Requires: dim' 'Requires.private: libcrypto')
	find $(OUT)/man/man3 -type f -exec $(INSTALL) -m 644 -t '$(DESTDIR)$(MANDIR)/man3' '{}' +
	$(INSTALL) -m 644 $(OUT)/man/man1/*.1 '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL) -m 644 $(OUT)/man/man5/*.5 '$(DESTDIR)$(MANDIR)/man5'
	find $(OUT)/man/man3 -type l -exec cp -Pf -t '$(DESTDIR)$(MANDIR)/man3' '{}' +
	$(INSTALL) -m 644 $(INSTALL_DOCS) '$(DESTDIR)$(DOCDIR)'
	for place in $(COMPLETIONS); do \
		shell=$${place%%/*} && shell=$${shell%-completion} && $(INSTALL) -d "$$(dirname '$(DESTDIR)$(DATADIR)'/$$place)" && \
		$(INSTALL) -m 644 compiler/completion/dimc.$$shell '$(DESTDIR)$(DATADIR)'/$$place || exit 1; \
	done
	$(INSTALL) -m 644 $(SCHEMAS) '$(DESTDIR)$(SCHEMADIR)'

# Only what install put there; somebody else may have files beside ours, whatever the variables say.
remove_from = for name in $(2); do rm -f '$(DESTDIR)$(1)'/"$${name\#\#*/}" || exit 1; done
uninstall: man
	$(call remove_from,$(BINDIR),dimc)
	$(call remove_from,$(INCLUDEDIR),$(HEADERS))
	$(call remove_from,$(LIBDIR),$(foreach lib,libdim libdim-verify,$(addprefix $(lib),.a .so .so.$(SONAME) .so.$(VERSION))))
	$(call remove_from,$(LIBDIR)/pkgconfig,dim.pc dim-verify.pc)
	$(call remove_from,$(MANDIR)/man1,$(OUT)/man/man1/*.1)
	$(call remove_from,$(MANDIR)/man3,$(OUT)/man/man3/*.3)
	$(call remove_from,$(MANDIR)/man5,$(OUT)/man/man5/*.5)
	$(call remove_from,$(DOCDIR),$(INSTALL_DOCS))
	for place in $(COMPLETIONS); do rm -f '$(DESTDIR)$(DATADIR)'/$$place || exit 1; done
	$(call remove_from,$(SCHEMADIR),$(SCHEMAS))
	rmdir '$(DESTDIR)$(DOCDIR)' 2>/dev/null || true
	rmdir '$(DESTDIR)$(SCHEMADIR)' '$(DESTDIR)$(dir $(SCHEMADIR))' 2>/dev/null || true
