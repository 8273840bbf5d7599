/*
 * libraries.c: tells the memory sanitizer what foreign libraries, which are not built with it, have written.
 * In: the calls that dimc and libdim-verify make, by way of the linker (libraries.wrap).
 * Out: the same answers, known to be initialised. What goes into a digest must be: every byte that is published does.
 */
#include <openssl/evp.h>
#include <sanitizer/msan_interface.h>
#include <sys/stat.h>
#include <utf8proc.h>
#include <yaml.h>

/* The linker's names for what was called, and for what is called instead. */
#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name

EVP_MD *REAL(EVP_MD_fetch)(OSSL_LIB_CTX *library, const char *name, const char *properties);
EVP_MD *WRAP(EVP_MD_fetch)(OSSL_LIB_CTX *library, const char *name, const char *properties);
EVP_MD_CTX *REAL(EVP_MD_CTX_new)(void);
EVP_MD_CTX *WRAP(EVP_MD_CTX_new)(void);
int REAL(EVP_DigestInit_ex)(EVP_MD_CTX *context, const EVP_MD *type, ENGINE *engine);
int WRAP(EVP_DigestInit_ex)(EVP_MD_CTX *context, const EVP_MD *type, ENGINE *engine);
int REAL(EVP_DigestUpdate)(EVP_MD_CTX *context, const void *bytes, size_t size);
int WRAP(EVP_DigestUpdate)(EVP_MD_CTX *context, const void *bytes, size_t size);
int REAL(EVP_DigestFinal_ex)(EVP_MD_CTX *context, unsigned char *ret, unsigned *ret_size);
int WRAP(EVP_DigestFinal_ex)(EVP_MD_CTX *context, unsigned char *ret, unsigned *ret_size);
utf8proc_ssize_t REAL(utf8proc_map)(const utf8proc_uint8_t *text, utf8proc_ssize_t size, utf8proc_uint8_t **ret,
				    utf8proc_option_t options);
utf8proc_ssize_t WRAP(utf8proc_map)(const utf8proc_uint8_t *text, utf8proc_ssize_t size, utf8proc_uint8_t **ret,
				    utf8proc_option_t options);
utf8proc_ssize_t REAL(utf8proc_decompose_char)(utf8proc_int32_t character, utf8proc_int32_t *ret, utf8proc_ssize_t room,
					       utf8proc_option_t options, int *last);
utf8proc_ssize_t WRAP(utf8proc_decompose_char)(utf8proc_int32_t character, utf8proc_int32_t *ret, utf8proc_ssize_t room,
					       utf8proc_option_t options, int *last);
int REAL(stat64)(const char *path, struct stat *ret);
int WRAP(stat64)(const char *path, struct stat *ret);
int REAL(fstat64)(int fd, struct stat *ret);
int WRAP(fstat64)(int fd, struct stat *ret);
int REAL(fstatat64)(int dirfd, const char *path, struct stat *ret, int flags);
int WRAP(fstatat64)(int dirfd, const char *path, struct stat *ret, int flags);
ssize_t REAL(getdents64)(int fd, void *ret, size_t size);
ssize_t WRAP(getdents64)(int fd, void *ret, size_t size);
int REAL(yaml_parser_initialize)(yaml_parser_t *parser);
int WRAP(yaml_parser_initialize)(yaml_parser_t *parser);
int REAL(yaml_parser_parse)(yaml_parser_t *parser, yaml_event_t *event);
int WRAP(yaml_parser_parse)(yaml_parser_t *parser, yaml_event_t *event);

/* What libcrypto or libyaml itself has written goes to libc unseen. */
EVP_MD *WRAP(EVP_MD_fetch)(OSSL_LIB_CTX *library, const char *name, const char *properties)
{
	EVP_MD *ret;

	__msan_scoped_disable_interceptor_checks();
	ret = REAL(EVP_MD_fetch)(library, name, properties);
	__msan_scoped_enable_interceptor_checks();
	return ret;
}

EVP_MD_CTX *WRAP(EVP_MD_CTX_new)(void)
{
	EVP_MD_CTX *ret;

	__msan_scoped_disable_interceptor_checks();
	ret = REAL(EVP_MD_CTX_new)();
	__msan_scoped_enable_interceptor_checks();
	return ret;
}

int WRAP(EVP_DigestInit_ex)(EVP_MD_CTX *context, const EVP_MD *type, ENGINE *engine)
{
	int ok;

	__msan_scoped_disable_interceptor_checks();
	ok = REAL(EVP_DigestInit_ex)(context, type, engine);
	__msan_scoped_enable_interceptor_checks();
	return ok;
}

int WRAP(EVP_DigestUpdate)(EVP_MD_CTX *context, const void *bytes, size_t size)
{
	__msan_check_mem_is_initialized(bytes, size);
	return REAL(EVP_DigestUpdate)(context, bytes, size);
}

int WRAP(EVP_DigestFinal_ex)(EVP_MD_CTX *context, unsigned char *ret, unsigned *ret_size)
{
	int ok = REAL(EVP_DigestFinal_ex)(context, ret, ret_size);

	__msan_unpoison(ret, 32);
	if (ret_size != NULL)
		__msan_unpoison(ret_size, sizeof(*ret_size));
	return ok;
}

utf8proc_ssize_t WRAP(utf8proc_map)(const utf8proc_uint8_t *text, utf8proc_ssize_t size, utf8proc_uint8_t **ret,
				    utf8proc_option_t options)
{
	utf8proc_ssize_t n;

	__msan_check_mem_is_initialized(text, (size_t)size);
	n = REAL(utf8proc_map)(text, size, ret, options);
	__msan_unpoison(ret, sizeof(*ret));
	if (n >= 0)
		__msan_unpoison(*ret, (size_t)n + 1);
	return n;
}

utf8proc_ssize_t WRAP(utf8proc_decompose_char)(utf8proc_int32_t character, utf8proc_int32_t *ret, utf8proc_ssize_t room,
					       utf8proc_option_t options, int *last)
{
	utf8proc_ssize_t n = REAL(utf8proc_decompose_char)(character, ret, room, options, last);

	if (n > 0)
		__msan_unpoison(ret, (size_t)(n < room ? n : room) * sizeof(*ret));
	__msan_unpoison(last, sizeof(*last));
	return n;
}

int WRAP(yaml_parser_initialize)(yaml_parser_t *parser)
{
	int ok = REAL(yaml_parser_initialize)(parser);

	__msan_unpoison(parser, sizeof(*parser));
	return ok;
}

static void know_text(const yaml_char_t *text)
{
	if (text != NULL)
		__msan_unpoison_string((const char *)text);
}

int WRAP(yaml_parser_parse)(yaml_parser_t *parser, yaml_event_t *event)
{
	int ok;

	__msan_scoped_disable_interceptor_checks();
	ok = REAL(yaml_parser_parse)(parser, event);
	__msan_scoped_enable_interceptor_checks();
	__msan_unpoison(parser, sizeof(*parser));
	if (parser->problem != NULL)
		__msan_unpoison_string(parser->problem);
	if (parser->context != NULL)
		__msan_unpoison_string(parser->context);
	__msan_unpoison(event, sizeof(*event));
	if (!ok)
		return ok;
	if (event->type == YAML_SCALAR_EVENT) {
		__msan_unpoison(event->data.scalar.value, event->data.scalar.length + 1);
		know_text(event->data.scalar.anchor);
		know_text(event->data.scalar.tag);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		know_text(event->data.sequence_start.anchor);
		know_text(event->data.sequence_start.tag);
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		know_text(event->data.mapping_start.anchor);
		know_text(event->data.mapping_start.tag);
	} else if (event->type == YAML_ALIAS_EVENT) {
		know_text(event->data.alias.anchor);
	} else if (event->type == YAML_DOCUMENT_START_EVENT) {
		yaml_tag_directive_t *tag = event->data.document_start.tag_directives.start;

		if (event->data.document_start.version_directive != NULL)
			__msan_unpoison(event->data.document_start.version_directive,
					sizeof(*event->data.document_start.version_directive));
		for (; tag != event->data.document_start.tag_directives.end; tag++) {
			__msan_unpoison(tag, sizeof(*tag));
			know_text(tag->handle);
			know_text(tag->prefix);
		}
	}
	return ok;
}

/* The C library's, too: the sanitizer of clang 14 knows them by the names that they had before glibc 2.33. */
static int know_stat(int result, struct stat *st)
{
	if (result == 0)
		__msan_unpoison(st, sizeof(*st));
	return result;
}

int WRAP(stat64)(const char *path, struct stat *ret)
{
	return know_stat(REAL(stat64)(path, ret), ret);
}

int WRAP(fstat64)(int fd, struct stat *ret)
{
	return know_stat(REAL(fstat64)(fd, ret), ret);
}

int WRAP(fstatat64)(int dirfd, const char *path, struct stat *ret, int flags)
{
	return know_stat(REAL(fstatat64)(dirfd, path, ret, flags), ret);
}

ssize_t WRAP(getdents64)(int fd, void *ret, size_t size)
{
	ssize_t n = REAL(getdents64)(fd, ret, size);

	if (n > 0)
		__msan_unpoison(ret, (size_t)n);
	return n;
}
