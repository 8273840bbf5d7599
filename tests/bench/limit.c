/*
 * limit.c: the bare work of a compile, of finding out that nothing changed, and of a verify: what the machine allows.
 * In: sources of corpus.c; or a directory of files.
 * Out: regions with contents and their digests, and room for the tables; one line on stdout.
 *
 * It checks nothing, knows only what corpus.c writes, keeps no promise about what is left when it is killed, and makes
 * no index. dimc is compared with this, in the same run.
 */
#include "limit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int limit_threads = 1;

void limit_die(const char *what, int line)
{
	fprintf(stderr, "limit: %s (line %d): %s\n", what, line, strerror(errno));
	exit(1);
}

/* --- threads --- */

struct job {
	void (*work)(void *data, int thread);
	void *data;
	int thread;
};

static void *run_job(void *data)
{
	const struct job *job = data;

	job->work(job->data, job->thread);
	return NULL;
}

void limit_parallel(void (*work)(void *data, int thread), void *data)
{
	pthread_t threads[LIMIT_THREADS_MAX];
	struct job jobs[LIMIT_THREADS_MAX];
	int i;

	for (i = 1; i < limit_threads; i++) {
		jobs[i] = (struct job){work, data, i};
		errno = pthread_create(&threads[i], NULL, run_job, &jobs[i]);
		LIMIT_CHECK(errno == 0, "pthread_create");
	}
	work(data, 0);
	for (i = 1; i < limit_threads; i++)
		pthread_join(threads[i], NULL);
}

/* --- digests --- */

struct limit_sha {
	EVP_MD_CTX *context;
};

static EVP_MD *sha256;

struct limit_sha *limit_sha_new(void)
{
	struct limit_sha *sha = malloc(sizeof(*sha));

	LIMIT_CHECK(sha != NULL && (sha->context = EVP_MD_CTX_new()) != NULL, "memory");
	LIMIT_CHECK(EVP_DigestInit_ex2(sha->context, sha256, NULL) == 1, "SHA-256");
	return sha;
}

void limit_sha_start(struct limit_sha *sha)
{
	LIMIT_CHECK(EVP_DigestInit_ex2(sha->context, NULL, NULL) == 1, "SHA-256");
}

void limit_sha_add(struct limit_sha *sha, const void *bytes, size_t size)
{
	LIMIT_CHECK(EVP_DigestUpdate(sha->context, bytes, size) == 1, "SHA-256");
}

void limit_sha_end(struct limit_sha *sha, uint8_t ret[LIMIT_DIGEST_SIZE])
{
	LIMIT_CHECK(EVP_DigestFinal_ex(sha->context, ret, NULL) == 1, "SHA-256");
}

/* --- names --- */

/* The folders of a tree, taken by threads one after the other. */
struct listing {
	struct limit_tree tree;
	bool with_stat; /* each file as it is found; no name is kept */
	atomic_size_t next, files, bytes;
};

static void keep_name(struct limit_folder *folder, const char *name, size_t *used, size_t *room, size_t *slots)
{
	size_t size = strlen(name) + 1;

	if (*used + size > *room) {
		*room = *room * 2 + 16384;
		folder->names = realloc(folder->names, *room);
	}
	if (folder->count == *slots) {
		*slots = *slots * 2 + 1024;
		folder->name_at = realloc(folder->name_at, *slots * sizeof(*folder->name_at));
	}
	LIMIT_CHECK(folder->names != NULL && folder->name_at != NULL, "memory");
	memcpy(folder->names + *used, name, size);
	folder->name_at[folder->count] = (uint32_t)*used;
	*used += size;
}

static void read_folder(struct listing *listing, struct limit_folder *folder)
{
	size_t used = 0, room = 0, slots = 0, bytes = 0;
	int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	struct stat facts;
	DIR *stream;

	LIMIT_CHECK(fd >= 0 && (stream = fdopendir(dup(fd))) != NULL, folder->path);
	folder->fd = fd;
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (listing->with_stat) {
			LIMIT_CHECK(fstatat(fd, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0, entry->d_name);
			bytes += (size_t)facts.st_size;
		} else if (strcmp(entry->d_name, "dimension.yaml") != 0) {
			keep_name(folder, entry->d_name, &used, &room, &slots);
		} else {
			continue;
		}
		folder->count++;
	}
	closedir(stream);
	atomic_fetch_add(&listing->files, folder->count);
	atomic_fetch_add(&listing->bytes, bytes);
}

static void read_folders(void *data, int thread)
{
	struct listing *listing = data;
	size_t i;

	(void)thread;
	while ((i = atomic_fetch_add(&listing->next, 1)) < listing->tree.count)
		read_folder(listing, &listing->tree.folders[i]);
}

static int by_path(const void *a, const void *b)
{
	const struct limit_folder *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void list(struct listing *listing, const char *path)
{
	struct limit_tree *tree = &listing->tree;
	DIR *stream = opendir(path);
	struct dirent *entry;
	char *name;

	LIMIT_CHECK(stream != NULL, path);
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
			continue;
		tree->folders = realloc(tree->folders, (tree->count + 1) * sizeof(*tree->folders));
		LIMIT_CHECK(tree->folders != NULL && asprintf(&name, "%s/%s", path, entry->d_name) > 0, "memory");
		tree->folders[tree->count++] = (struct limit_folder){.path = name};
	}
	closedir(stream);
	LIMIT_CHECK(tree->count > 0, path);
	qsort(tree->folders, tree->count, sizeof(*tree->folders), by_path);
	limit_parallel(read_folders, listing);
}

struct limit_tree limit_list(const char *path)
{
	struct listing listing = {0};

	list(&listing, path);
	return listing.tree;
}

void limit_stat(const char *sources)
{
	struct listing listing = {.with_stat = true};

	list(&listing, sources);
	printf("%zu files, %zu bytes\n", (size_t)listing.files, (size_t)listing.bytes);
}

/* --- the command line --- */

static const struct command {
	const char *name;
	enum limit_depth depth;
} compiles[] = {{"read", LIMIT_READ}, {"parse", LIMIT_PARSE}, {"digest", LIMIT_DIGEST}, {"compile", LIMIT_WRITE}};

static int usage(void)
{
	fputs("usage: limit compile SOURCES OUT [--sync] [-jN]    read, parse, SHA-256 of every content, write "
	      "regions\n"
	      "       limit read|parse|digest SOURCES [-jN]       the same up to there\n"
	      "       limit stat SOURCES [-jN]                    readdir, and fstatat of every file\n"
	      "       limit hash DIR [-jN]                        SHA-256 of every file\n"
	      "       limit hash2 DIR [-jN]                       and of every content of every region.mmap\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *operands[3] = {NULL, NULL, NULL};
	bool sync = false;
	int count = 0, i;
	size_t k;

	limit_threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--sync") == 0)
			sync = true;
		else if (strncmp(argv[i], "-j", 2) == 0)
			limit_threads = atoi(argv[i] + 2);
		else if (count < 3)
			operands[count++] = argv[i];
		else
			return usage();
	}
	if (count < 2 || limit_threads < 1 || limit_threads > LIMIT_THREADS_MAX)
		return usage();
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	LIMIT_CHECK(sha256 != NULL, "SHA-256");
	for (k = 0; k < sizeof(compiles) / sizeof(compiles[0]); k++) {
		if (strcmp(operands[0], compiles[k].name) == 0) {
			if ((compiles[k].depth == LIMIT_WRITE) != (count == 3))
				return usage();
			limit_compile(operands[1], operands[2], sync ? LIMIT_SYNC : compiles[k].depth);
			return 0;
		}
	}
	if (strcmp(operands[0], "stat") == 0)
		limit_stat(operands[1]);
	else if (strcmp(operands[0], "hash") == 0)
		limit_hash(operands[1], false);
	else if (strcmp(operands[0], "hash2") == 0)
		limit_hash(operands[1], true);
	else
		return usage();
	return 0;
}
