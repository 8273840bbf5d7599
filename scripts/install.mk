# install.mk: the manual pages, and what goes into a prefix.
# In: what `all` built, docs/, and PREFIX, LIBDIR, MANDIR ..., which Makefile sets. Out: files below DESTDIR.

INSTALL      ?= install
AWK          ?= awk
HEADERS      := include/dim.h include/dim_region.h include/dim_verify.h include/dim_format.h
DOCUMENTED   := include/dim.h include/dim_region.h include/dim_verify.h
INSTALL_DOCS := README.md LICENSE NEWS docs/region-format.md docs/index-format.md docs/operations.md

# --- manual pages -------------------------------------------------------------------------------------------------

# From the comments of the headers, by awk alone: a page for each block of declarations, links to it for the others.
.PHONY: man
man: $(OUT)/man/man3/dim.3
all tests-built: man

$(OUT)/man/man3/dim.3: docs/man/dim.3 $(DOCUMENTED) scripts/headers.awk scripts/mdoc.awk scripts/manpages.awk Makefile
	@rm -rf $(OUT)/man && mkdir -p $(OUT)/man/new
	$(call say,MAN,$(@D))
	$(Q)$(AWK) -v version=$(VERSION) -v dir=$(OUT)/man/new -v overview=docs/man/dim.3 \
		-f scripts/headers.awk -f scripts/mdoc.awk -f scripts/manpages.awk $(DOCUMENTED) > $(OUT)/man/links
	$(Q)while read -r page name; do ln -s $$page.3 $(OUT)/man/new/$$name.3 || exit 1; done < $(OUT)/man/links
	$(Q)mv $(OUT)/man/new $(@D)

# --- install ------------------------------------------------------------------------------------------------------

define pc_file
printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' 'Name: $(1)' \
	'Description: $(2)' 'Version: $(VERSION)' 'Libs: -L$${libdir} -l$(1)' 'Cflags: -I$${includedir}' $(3) \
	> $(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc
endef

.PHONY: install uninstall
install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(DOCDIR) \
		$(DESTDIR)$(MANDIR)/man3
	$(INSTALL) -m 755 $(DIMC) $(DESTDIR)$(BINDIR)/dimc
	$(INSTALL) -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)
	for lib in libdim libdim-verify; do \
		$(INSTALL) -m 644 $(OUT)/lib/$$lib.a $(DESTDIR)$(LIBDIR)/ && \
		$(INSTALL) -m 755 $(OUT)/lib/$$lib.so.$(VERSION) $(DESTDIR)$(LIBDIR)/ && \
		ln -sf $$lib.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$lib.so.$(SONAME) && \
		ln -sf $$lib.so.$(SONAME) $(DESTDIR)$(LIBDIR)/$$lib.so || exit 1; \
	done
	@$(call pc_file,dim,read-only loader of dimensional regions,)
	@$(call pc_file,dim-verify,proof of dimensional regions by digest,'Requires: dim' 'Requires.private: libcrypto')
	find $(OUT)/man/man3 -type f -exec $(INSTALL) -m 644 -t $(DESTDIR)$(MANDIR)/man3 '{}' +
	find $(OUT)/man/man3 -type l -exec cp -Pf -t $(DESTDIR)$(MANDIR)/man3 '{}' +
	$(INSTALL) -m 644 $(INSTALL_DOCS) $(DESTDIR)$(DOCDIR)

uninstall: man
	rm -f $(DESTDIR)$(BINDIR)/dimc $(addprefix $(DESTDIR)$(INCLUDEDIR)/,$(notdir $(HEADERS)))
	rm -f $(foreach lib,libdim libdim-verify,$(addprefix $(DESTDIR)$(LIBDIR)/$(lib),.a .so .so.$(SONAME) .so.$(VERSION)))
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/dim.pc $(DESTDIR)$(LIBDIR)/pkgconfig/dim-verify.pc
	for page in $(OUT)/man/man3/*.3; do rm -f $(DESTDIR)$(MANDIR)/man3/"$${page##*/}" || exit 1; done
	rm -rf $(DESTDIR)$(DOCDIR)
