# install.mk: what goes into a prefix.

INSTALL      ?= install
HEADERS      := include/dim.h include/dim_region.h include/dim_verify.h include/dim_format.h
INSTALL_DOCS := README.md LICENSE NEWS docs/region-format.md docs/index-format.md docs/operations.md

define pc_file
printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' 'Name: $(1)' \
	'Description: $(2)' 'Version: $(VERSION)' 'Libs: -L$${libdir} -l$(1)' 'Cflags: -I$${includedir}' $(3) \
	> $(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc
endef

.PHONY: install uninstall
install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(DOCDIR)
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
	$(INSTALL) -m 644 $(INSTALL_DOCS) $(DESTDIR)$(DOCDIR)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/dimc $(addprefix $(DESTDIR)$(INCLUDEDIR)/,$(notdir $(HEADERS)))
	rm -f $(foreach lib,libdim libdim-verify,$(addprefix $(DESTDIR)$(LIBDIR)/$(lib),.a .so .so.$(SONAME) .so.$(VERSION)))
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/dim.pc $(DESTDIR)$(LIBDIR)/pkgconfig/dim-verify.pc
	rm -rf $(DESTDIR)$(DOCDIR)
