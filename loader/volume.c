/*
 * volume.c: a volume over time: which snapshot is in use, and who replaces it.
 * In: a path and options; calls to load, unload and refresh.
 * Out: snapshots, acquired by one atomic addition. Those who change something take a lock, those who read do not.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "region.h"
#include "volume.h"

static struct dim_snapshot *in_use(struct dim_volume *v)
{
	return atomic_load(&v->slots[atomic_load(&v->current) >> DIM_SLOT_SHIFT]);
}

/* The handle, or a snapshot, is gone; the last one takes the volume with it. */
static void one_less(struct dim_volume *v)
{
	if (atomic_fetch_sub(&v->alive, 1) == 1)
		dim_volume_free(v);
}

void dim_volume_forget(struct dim_volume *volume, struct dim_snapshot *snapshot)
{
	unsigned slot = snapshot->slot;

	dim_snapshot_free(snapshot);
	atomic_store(&volume->slots[slot], NULL);
	one_less(volume);
}

/* From now on, `references` tells all: what was acquired is added, so that the last release finds zero. */
static void retire(struct dim_volume *v, uint64_t former)
{
	struct dim_snapshot *s = atomic_load(&v->slots[former >> DIM_SLOT_SHIFT]);
	int64_t acquired = (int64_t)(former & ((UINT64_C(1) << DIM_SLOT_SHIFT) - 1));

	if (atomic_fetch_add(&s->references, acquired) + acquired == 0)
		dim_volume_forget(v, s);
}

/* Takes a snapshot into use. Frees it where there is no slot left. */
static enum dim_status use(struct dim_volume *v, struct dim_snapshot *s, bool is_first, struct dim_error *err)
{
	unsigned slot = 0;

	while (slot < DIM_SLOTS && atomic_load(&v->slots[slot]) != NULL)
		slot++;
	if (slot == DIM_SLOTS) {
		dim_snapshot_free(s);
		return dim_fail_limit(err, DIM_SLOTS, DIM_SLOTS + 1,
				      "%d snapshots are held and not released (dim_snapshot_release)", DIM_SLOTS);
	}
	s->slot = slot;
	atomic_fetch_add(&v->alive, 1);
	atomic_store(&v->slots[slot], s);
	if (is_first)
		atomic_store(&v->current, (uint64_t)slot << DIM_SLOT_SHIFT);
	else
		retire(v, atomic_exchange(&v->current, (uint64_t)slot << DIM_SLOT_SHIFT));
	return DIM_OK;
}

const struct dim_snapshot *dim_volume_acquire(struct dim_volume *volume)
{
	return atomic_load(&volume->slots[atomic_fetch_add(&volume->current, 1) >> DIM_SLOT_SHIFT]);
}

uint64_t dim_snapshot_size(const struct dim_snapshot *snapshot)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < snapshot->count; i++)
		size += snapshot->regions[i] != NULL ? snapshot->regions[i]->size : 0;
	return size;
}

/* The same generation with the region at `position` replaced, which it takes. */
static enum dim_status use_with(struct dim_volume *v, const struct dim_snapshot *now, size_t position,
				struct dim_region *region, struct dim_error *err)
{
	struct dim_snapshot *s = dim_snapshot_new(v, now->generation);
	size_t i;

	if (s == NULL) {
		dim_region_close(region);
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	}
	for (i = 0; i < now->count; i++)
		if (i != position && now->regions[i] != NULL)
			s->regions[i] = dim_region_share(now->regions[i]);
	s->regions[position] = region;
	return use(v, s, false, err);
}

/* What a function learnt while it tried may be there although it succeeded; the caller gets it only where it failed. */
static enum dim_status tell(enum dim_status status, const struct dim_error *err, struct dim_error *ret_error)
{
	if (status != DIM_OK && ret_error != NULL)
		*ret_error = *err;
	return status;
}

static void refuse(struct dim_volume *v, uint64_t serial, uint64_t started, struct dim_error *err)
{
	if (err->path[0] == '\0')
		dim_error_at(err, "%s", v->path);
	dim_trace_event(v, DIM_EVENT_REFUSE, err->dimension_id, serial, 0, started, err);
}

static void refuse_dimension(struct dim_volume *v, uint32_t dimension_id, uint64_t started, struct dim_error *err)
{
	err->dimension_id = dimension_id;
	refuse(v, in_use(v)->generation->serial, started, err);
}

enum dim_status dim_volume_open(const char *path, const struct dim_options *options, struct dim_volume **ret_volume,
				struct dim_error *ret_error)
{
	struct dim_error err = {.status = DIM_OK};
	struct dim_snapshot *first = NULL;
	struct dim_volume *v = NULL;
	enum dim_status status = dim_volume_new(path, options, &v, &err);
	uint64_t started;

	if (status != DIM_OK)
		return tell(status, &err, ret_error);
	started = dim_trace_clock(v);
	status = dim_published_open(v, NULL, &first, &err);
	if (status == DIM_OK)
		status = use(v, first, true, &err);
	if (status != DIM_OK) {
		refuse(v, 0, started, &err);
		one_less(v);
		return tell(status, &err, ret_error);
	}
	dim_trace_event(v, DIM_EVENT_OPEN, 0, 1, dim_snapshot_size(first), started, NULL);
	*ret_volume = v;
	return DIM_OK;
}

void dim_volume_close(struct dim_volume *volume)
{
	if (volume == NULL)
		return;
	dim_trace_event(volume, DIM_EVENT_CLOSE, 0, in_use(volume)->generation->serial, 0, dim_trace_clock(volume),
			NULL);
	retire(volume, atomic_load(&volume->current));
	one_less(volume);
}

/* What loading and unloading begin with: the snapshot in use, and where the dimension is in it. */
static enum dim_status find_dimension(struct dim_volume *v, uint32_t dimension_id, struct dim_snapshot **ret_now,
				      size_t *ret_position, struct dim_error *err)
{
	*ret_now = in_use(v);
	*ret_position = dim_snapshot_position(*ret_now, dimension_id);
	if (*ret_position != SIZE_MAX)
		return DIM_OK;
	return dim_fail_dimension(err, DIM_ERR_NOT_FOUND, dimension_id, "the volume does not have this dimension");
}

static enum dim_status load(struct dim_volume *v, uint32_t dimension_id, struct dim_error *err)
{
	struct dim_region *region = NULL;
	struct dim_snapshot *now;
	size_t position;
	uint64_t size;
	enum dim_status status = find_dimension(v, dimension_id, &now, &position, err);

	if (status != DIM_OK || now->regions[position] != NULL)
		return status;
	size = dim_snapshot_size(now);
	status =
		dim_published_load(v, now, &now->generation->places[position],
				   v->options.memory_budget > size ? v->options.memory_budget - size : 0, &region, err);
	if (status == DIM_OK && region == NULL)
		status = dim_fail_dimension(err, DIM_ERR_NOT_FOUND, dimension_id,
					    "its generation was replaced, and is gone (dim_volume_refresh)");
	if (status == DIM_OK)
		status = use_with(v, now, position, region, err);
	return status;
}

enum dim_status dim_volume_load(struct dim_volume *volume, uint32_t dimension_id, struct dim_error *ret_error)
{
	uint64_t started = dim_trace_clock(volume);
	struct dim_error err = {.status = DIM_OK};
	enum dim_status status;

	pthread_mutex_lock(&volume->lock);
	status = load(volume, dimension_id, &err);
	if (status != DIM_OK)
		refuse_dimension(volume, dimension_id, started, &err);
	pthread_mutex_unlock(&volume->lock);
	return tell(status, &err, ret_error);
}

enum dim_status dim_volume_unload(struct dim_volume *volume, uint32_t dimension_id, struct dim_error *ret_error)
{
	uint64_t started = dim_trace_clock(volume), serial, size = 0;
	struct dim_snapshot *now;
	struct dim_error err = {.status = DIM_OK};
	enum dim_status status;
	size_t position;

	pthread_mutex_lock(&volume->lock);
	status = find_dimension(volume, dimension_id, &now, &position, &err);
	serial = now->generation->serial;
	if (status == DIM_OK && now->regions[position] != NULL) {
		size = now->regions[position]->size;
		status = use_with(volume, now, position, NULL, &err);
	}
	if (status != DIM_OK)
		refuse_dimension(volume, dimension_id, started, &err);
	else if (size != 0)
		dim_trace_event(volume, DIM_EVENT_UNLOAD, dimension_id, serial, size, started, NULL);
	pthread_mutex_unlock(&volume->lock);
	return tell(status, &err, ret_error);
}

/* What was damaged or too new stays so, until something else is published; anything else may be better next time. */
static void remember_refused(struct dim_volume *v, const struct stat *st, const struct dim_error *err)
{
	v->refused.is_set =
		err->status == DIM_ERR_DAMAGED || err->status == DIM_ERR_VERSION || err->status == DIM_ERR_NOT_REGION;
	v->refused.device = st->st_dev;
	v->refused.inode = st->st_ino;
	v->refused.changed = st->st_ctim;
	v->refused.error = *err;
}

static bool was_refused(const struct dim_volume *v, const struct stat *st)
{
	return v->refused.is_set && v->refused.device == st->st_dev && v->refused.inode == st->st_ino &&
	       v->refused.changed.tv_sec == st->st_ctim.tv_sec && v->refused.changed.tv_nsec == st->st_ctim.tv_nsec;
}

static enum dim_status refresh(struct dim_volume *v, bool *ret_changed, struct dim_error *err)
{
	struct dim_snapshot *now = in_use(v), *next = NULL;
	uint64_t started, serial;
	enum dim_status status;
	struct stat st;
	bool is_there = fstatat(v->base, v->generation_path, &st, 0) == 0;

	if (is_there && st.st_ino == now->generation->inode && st.st_dev == now->generation->device)
		return DIM_OK;
	if (is_there && was_refused(v, &st)) {
		*err = v->refused.error;
		return err->status;
	}
	started = dim_trace_clock(v);
	serial = now->generation->serial + 1;
	status = dim_published_open(v, now, &next, err);
	if (status == DIM_OK && next->generation->inode == now->generation->inode &&
	    next->generation->device == now->generation->device) {
		dim_snapshot_free(next); /* put back while it was looked at */
		return DIM_OK;
	}
	if (status == DIM_OK)
		status = use(v, next, false, err);
	if (status != DIM_OK) {
		refuse(v, serial, started, err);
		if (is_there)
			remember_refused(v, &st, err);
		return status;
	}
	dim_trace_event(v, DIM_EVENT_REFRESH, 0, serial, dim_snapshot_size(next), started, NULL);
	*ret_changed = true;
	return DIM_OK;
}

enum dim_status dim_volume_refresh(struct dim_volume *volume, bool *ret_changed, struct dim_error *ret_error)
{
	struct dim_error err = {.status = DIM_OK};
	enum dim_status status;
	bool changed = false;

	pthread_mutex_lock(&volume->lock);
	status = refresh(volume, &changed, &err);
	pthread_mutex_unlock(&volume->lock);
	if (status == DIM_OK && ret_changed != NULL)
		*ret_changed = changed;
	return tell(status, &err, ret_error);
}

void dim_volume_usage(struct dim_volume *volume, struct dim_usage *ret_usage)
{
	const struct dim_snapshot *now = dim_volume_acquire(volume);
	size_t i;

	memset(ret_usage, 0, sizeof(*ret_usage));
	ret_usage->budget = volume->options.memory_budget;
	ret_usage->loaded_size = dim_snapshot_size(now);
	ret_usage->mapped_size = atomic_load(&volume->mapped_size);
	ret_usage->serial = now->generation->serial;
	ret_usage->dimension_count = (uint32_t)now->count;
	for (i = 0; i < now->count; i++)
		ret_usage->loaded_count += now->regions[i] != NULL;
	ret_usage->snapshot_count = atomic_load(&volume->alive) - 1;
	dim_snapshot_release(now);
}
