/*
 * refused_test.c: every command of dimc, with every call failing that it makes of the system, in every way.
 * In: an empty directory. dimc's main is a function here, so that thousands of runs take seconds.
 * Out: nothing while a failure is told, leaves one whole generation, the old one or the new one, and does not last.
 */
#include "../../compiler/buf.h"
#include "../../compiler/fs.h"
#include "../../compiler/mem.h"
#include "refused.h"
#include "test.h"

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

enum { MAX_ARGUMENTS = 16, MESSAGES = 200, RESULTS, STDERR };

/* Runs dimc with the words of a line; `is_refused`: by the plan. */
static int run_dimc(const char *line, bool is_refused)
{
	char text[512], *argv[MAX_ARGUMENTS + 1], *rest = text;
	int argc = 0, status;

	CHECK(strlen(line) < sizeof(text));
	strcpy(text, line);
	while ((argv[argc] = strsep(&rest, " ")) != NULL)
		CHECK(++argc < MAX_ARGUMENTS);
	CHECK(ftruncate(MESSAGES, 0) == 0 && lseek(MESSAGES, 0, SEEK_SET) == 0);
	CHECK(ftruncate(RESULTS, 0) == 0 && lseek(RESULTS, 0, SEEK_SET) == 0);
	dup2(MESSAGES, STDERR_FILENO);
	fault.is_armed = is_refused;
	status = __real_main(argc, argv);
	clearerr(stdout);
	fault.is_armed = false;
	dup2(STDERR, STDERR_FILENO);
	return status;
}

static int dimc(const char *line)
{
	return run_dimc(line, false);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* What the last run wrote to stdout. */
static const char *results(void)
{
	static char text[2][65536];
	static unsigned next;
	char *ret = text[next++ % 2];
	ssize_t size = pread(RESULTS, ret, sizeof(text[0]) - 1, 0);

	CHECK(size >= 0);
	ret[size] = '\0';
	return ret;
}

/* "" where nothing is published. */
static const char *generation(const char *volume)
{
	static char text[2][512];
	static unsigned next;
	char *ret = text[next++ % 2], path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/consciousness/manifest.json", volume);
	file = fopen(path, "r");
	ret[0] = '\0';
	if (file != NULL) {
		CHECK(fread(ret, 1, 128, file) == 128 && fclose(file) == 0);
		ret[128] = '\0';
	}
	return ret;
}

/* --- what is done --- */

struct deed {
	const char *line;
	const char *before[4]; /* what brings all back to where it begins */
	const char *after;     /* what must succeed after it succeeded */
	bool shows;	       /* the same on stdout, where it succeeded */
	char becomes;	       /* 'a' to 'c': the generation that it publishes; 0: none */
	int usual;	       /* its status where nothing fails */
	int also;	       /* another one where something does: the mistake that was not mended */
};

static const char to_a[] = "dimc compile -q --no-sync -j1 a -o v", to_b[] = "dimc compile -q --no-sync -j1 b -o v";

static const char bright[] = "Joy is bright, and it is felt by many.";

static const struct deed deeds[] = {
	{.line = "dimc compile -j1 --layer-files a -o v", .before = {"-v"}, .becomes = 'a'},
	{.line = "dimc compile -j1 --log log -MD -MF d -MT t b -o v", .before = {to_a}, .becomes = 'b'},
	{.line = "dimc compile -j1 b -o v", .before = {to_b}, .becomes = 'b'},
	{.line = "dimc compile -j1 c -o v", .before = {to_a}, .becomes = 'c'},
	{.line = "dimc rollback v", .before = {to_b, to_a}, .becomes = 'b'},
	{.line = "dimc compile -j1 --check b -o v", .before = {to_a}, .usual = 4},
	{.line = "dimc bundle -j1 v -o x.tar.gz", .after = "dimc verify -q x.tar.gz"},
	{.line = "dimc verify x.tar.gz", .shows = true},
	{.line = "dimc list x.tar.gz", .shows = true},
	{.line = "dimc restore x.tar.gz -o v", .before = {to_b}, .becomes = 'a'},
	{.line = "dimc bundle -j1 v -o i.tar --format=oci", .after = "dimc verify -q i.tar"},
	{.line = "dimc verify i.tar", .shows = true},
	{.line = "dimc verify v", .shows = true},
	{.line = "dimc verify --against a v", .shows = true},
	{.line = "dimc info v", .shows = true},
	{.line = "dimc show v D01/1", .shows = true},
	{.line = "dimc find v joy", .shows = true},
	{.line = "dimc dump v -o dump", .before = {"-dump"}},
	{.line = "dimc report v -o page.html"},
	{.line = "dimc diff a b", .usual = 4, .shows = true},
	{.line = "dimc fmt --check a", .shows = true},
	{.line = "dimc check a"},
	{.line = "dimc fmt f", .before = {"-f", "+f"}, .after = "dimc fmt --check f"},
	{.line = "dimc check -q --fix f", .before = {"-f", "~f"}, .after = "dimc check -q f", .also = 1},
	{.line = "dimc new D01 Grief -s n", .before = {"-n", "dimc dump v -o n"}},
	{.line = "dimc clean v"},
	{.line = "dimc init w", .before = {"-w"}},
};

static char generation_of[3][512];

static void remove_all(const char *path)
{
	CHECK(fs_remove_tree(AT_FDCWD, path) == 0);
}

/* One dimension with one layer, whose lines before the content are `facts`. */
static void make_sources(const char *name, const char *facts, const char *line, unsigned lines)
{
	struct buf text = {0};
	char path[64];

	CHECK(mkdir(name, 0755) == 0);
	snprintf(path, sizeof(path), "%s/D01-emotion", name);
	CHECK(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%s/D01-emotion/dimension.yaml", name);
	write_file(path, "dimension_id: 1\nname: Emotion\n");
	snprintf(path, sizeof(path), "%s/D01-emotion/010-joy.yaml", name);
	buf_printf(&text, "%s\nkeywords: [joy]\ncontent: |\n", facts);
	while (lines-- > 0)
		buf_printf(&text, "  %s\n", line);
	write_file(path, text.bytes);
	buf_free(&text);
}

static void prepare(const struct deed *deed)
{
	size_t i;

	for (i = 0; i < 4 && deed->before[i] != NULL; i++) {
		const char *name = deed->before[i] + 1;

		if (deed->before[i][0] == '-')
			remove_all(name);
		else if (deed->before[i][0] == '+') /* another form */
			make_sources(name, "layer_id:   1\nfrequency: 1.5", bright, 1);
		else if (deed->before[i][0] == '~') /* a mistake */
			make_sources(name, "layer_id: 1\nfrequncy: 1.5", bright, 1);
		else
			CHECK(dimc(deed->before[i]) == 0);
	}
}

/* Beside the line of a condition that does not hold. */
static const struct deed *tried;
static void say_where(void)
{
	char text[4096];
	ssize_t size;

	if (tried == NULL)
		return;
	lseek(MESSAGES, 0, SEEK_SET);
	size = __real_read(MESSAGES, text, sizeof(text));
	fprintf(stderr, "%s\n%s: call %u, %s, errno %d%s\n%.*s", results(), tried->line, fault.at, fault.name,
		fault.number, fault.lasts ? ", from there on" : "", size > 0 ? (int)size : 0, text);
}

/*
 * A file that ends too early; an image that could not be read when it was looked for, and is not what a bundle is; a
 * path that could not be looked at, and is nothing that is known.
 */
static bool may_be(const struct deed *deed, int status)
{
	return (status == 1 && fault.number == NONE) ||
	       (status == 7 && !fault.lasts && strcmp(fault.name, "pread") == 0) || (status == 9 && deed->becomes == 0);
}

/* False where the deed makes fewer calls than that. */
static bool try_one(const struct deed *deed, const char *shown)
{
	const char *old, *now;
	int status;

	prepare(deed);
	old = generation("v");
	tried = deed;
	fault.calls = 0;
	fault.is_reached = false;
	fault.number = 0;
	status = run_dimc(deed->line, true);
	CHECK(close_range(STDERR_FILENO + 1, MESSAGES - 1, 0) == 0); /* what a process would leave to its end */
	now = generation("v");
	if (status == deed->usual) {
		CHECK(deed->becomes == 0 || strcmp(now, generation_of[deed->becomes - 'a']) == 0);
		CHECK(!deed->shows || strcmp(results(), shown) == 0);
	} else {
		CHECK(fault.number != 0);
		CHECK(status == 3 || status == 5 || status == 8 || (status == deed->also && status != 0) ||
		      may_be(deed, status));
		CHECK(lseek(MESSAGES, 0, SEEK_END) > 0);
		if (status == 8 && deed->becomes != 0)
			CHECK(strcmp(now, generation_of[deed->becomes - 'a']) == 0);
		else
			CHECK(strcmp(now, old) == 0);
	}
	if (deed->becomes != 0 && now[0] != '\0')
		CHECK(dimc("dimc verify -q v") == 0);
	if (status == deed->usual && deed->after != NULL)
		CHECK(dimc(deed->after) == 0);
	if (status != deed->usual && deed->becomes == 0)
		prepare(deed);
	if (status != deed->usual)
		CHECK(dimc(deed->line) == deed->usual);
	tried = NULL;
	return fault.is_reached;
}

/* Returns how many failures there were. */
static unsigned try_all(const struct deed *deed)
{
	unsigned failures = 0, lasts;
	char shown[65536];

	prepare(deed);
	CHECK(dimc(deed->line) == deed->usual);
	strcpy(shown, results());
	for (fault.at = 1;; fault.at++)
		for (fault.way = 0; fault.way < WAYS; fault.way++) {
			for (lasts = 0; lasts < 2; lasts++) {
				fault.lasts = lasts != 0;
				if (!try_one(deed, shown))
					return failures;
				if (fault.number == 0 || fault.number == EINTR)
					break; /* there is no such way; and nobody is interrupted for ever */
				failures++;
			}
			if (fault.number == 0)
				break;
		}
}

int __wrap_main(int argc, char **argv)
{
	size_t i;

	CHECK(argc == 2 && chdir(argv[1]) == 0);
	CHECK(dup2(fileno(tmpfile()), RESULTS) == RESULTS && dup2(RESULTS, STDOUT_FILENO) == STDOUT_FILENO);
	CHECK(dup2(STDERR_FILENO, STDERR) == STDERR);
	CHECK(dup2(fileno(tmpfile()), MESSAGES) == MESSAGES);
	CHECK(atexit(say_where) == 0 && setenv("DIMC_SANDBOX", "off", 1) == 0);
	make_sources("a", "layer_id: 1\nfrequency: 1.5", bright, 1);
	make_sources("b", "layer_id: 1\nfrequency: 2.5", bright, 1);
	make_sources("c", "layer_id: 1\nfrequency: 1.5", bright, 5000); /* more than waits in memory */
	CHECK(dimc("dimc compile -q --no-sync -j1 c -o v") == 0);
	strcpy(generation_of[2], generation("v"));
	CHECK(dimc(to_a) == 0);
	strcpy(generation_of[0], generation("v"));
	CHECK(dimc(to_b) == 0);
	strcpy(generation_of[1], generation("v"));
	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		unsigned failures = try_all(&deeds[i]);

		CHECK(failures > 0);
		dprintf(STDERR, "%u: %s\n", failures, deeds[i].line);
	}
	return 0;
}
