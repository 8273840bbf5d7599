// libdim.go: the one file that knows C. Here Go's values become libdim's and back; what lives how long is decided in hold.go.
//
// No pointer to Go's memory is kept by C: keys of searches across dimensions, which libdim keeps in its cursor, are copied to C's
// memory first, and so are the dimensions of the options.

package consciousness

// #cgo pkg-config: dim
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"runtime/cgo"
	"syscall"
	"time"
	"unsafe"
)

type (
	cVolume   = C.struct_dim_volume
	cSnapshot = C.struct_dim_snapshot
	cRegion   = C.struct_dim_region
	facts     = C.struct_facts
)

// Version of libdim.
func Version() string { return C.GoString(C.dim_version()) }

// --- errors

func errorOf(e *C.struct_dim_error) *Error {
	line := make([]byte, 1024)
	size := int(C.dim_error_format(e, (*C.char)(unsafe.Pointer(&line[0])), C.size_t(len(line))))
	if size > len(line)-1 {
		size = len(line) - 1
	}
	return &Error{
		Status: Status(e.status), Errno: syscall.Errno(e.system_errno),
		Dimension: uint32(e.dimension_id), Layer: uint32(e.layer_id),
		Offset: uint64(e.offset), Size: uint64(e.size), Limit: uint64(e.limit), Usage: uint64(e.usage),
		Message: C.GoString(&e.message[0]), Path: C.GoString(&e.path[0]), line: string(line[:size]),
	}
}

func failure(status Status, dimension, layer uint32) error {
	var e C.struct_dim_error
	C.shim_fail(C.enum_dim_status(status), C.uint32_t(dimension), C.uint32_t(layer), &e)
	return errorOf(&e)
}

// check makes an error of what is told by a status alone.
func check(status C.enum_dim_status, dimension, layer uint32) error {
	if status == C.DIM_OK {
		return nil
	}
	return failure(Status(status), dimension, layer)
}

func statusText(status Status) string { return C.GoString(C.dim_strerror(C.enum_dim_status(status))) }

// --- volumes

//export consciousnessTrace
func consciousnessTrace(handle C.uintptr_t, e *C.struct_dim_event) {
	event := Event{
		Kind: EventKind(e.kind), Dimension: uint32(e.dimension_id), Serial: uint64(e.serial), Size: uint64(e.size),
		Took: time.Duration(e.nanoseconds), Path: C.GoString(e.path),
	}
	if e.error != nil {
		event.Err = errorOf(e.error)
	}
	cgo.Handle(handle).Value().(func(Event))(event)
}

func flag(set bool, value C.uint32_t) C.uint32_t {
	if set {
		return value
	}
	return 0
}

func volumeOpen(path string, o *Options, trace cgo.Handle) (*cVolume, error) {
	var volume *cVolume
	var e C.struct_dim_error
	options := C.struct_dim_options{
		max_region_size: C.uint64_t(o.MaxRegionSize), memory_budget: C.uint64_t(o.MemoryBudget),
		advice: C.uint32_t(o.Advice),
		flags: flag(o.Lazy, C.DIM_LAZY) | flag(o.Check, C.DIM_CHECK) | flag(o.Prefault, C.DIM_PREFAULT) |
			flag(o.InMemory, C.DIM_IN_MEMORY),
	}
	var name *C.char
	if path != "" {
		name = C.CString(path)
		defer C.free(unsafe.Pointer(name))
	}
	if o.Dimensions != nil {
		ids := (*C.uint32_t)(C.malloc(C.size_t(len(o.Dimensions)+1) * C.sizeof_uint32_t))
		defer C.free(unsafe.Pointer(ids))
		for i, id := range o.Dimensions {
			unsafe.Slice(ids, len(o.Dimensions))[i] = C.uint32_t(id)
		}
		options.dimensions, options.dimension_count = ids, C.size_t(len(o.Dimensions))
	}
	if trace != 0 {
		C.shim_trace(&options, C.uintptr_t(trace))
	}
	if C.dim_volume_open(name, &options, &volume, &e) != C.DIM_OK {
		return nil, errorOf(&e)
	}
	return volume, nil
}

func volumeClose(v *cVolume) { C.dim_volume_close(v) }

func volumeAcquire(v *cVolume) *cSnapshot { return C.dim_volume_acquire(v) }

func volumeLoad(v *cVolume, id uint32) error {
	var e C.struct_dim_error
	if C.dim_volume_load(v, C.uint32_t(id), &e) != C.DIM_OK {
		return errorOf(&e)
	}
	return nil
}

func volumeUnload(v *cVolume, id uint32) error {
	var e C.struct_dim_error
	if C.dim_volume_unload(v, C.uint32_t(id), &e) != C.DIM_OK {
		return errorOf(&e)
	}
	return nil
}

func volumeRefresh(v *cVolume) (bool, error) {
	var e C.struct_dim_error
	var changed C.bool
	if C.dim_volume_refresh(v, &changed, &e) != C.DIM_OK {
		return false, errorOf(&e)
	}
	return bool(changed), nil
}

func volumeUsage(v *cVolume) Usage {
	var u C.struct_dim_usage
	C.dim_volume_usage(v, &u)
	return Usage{
		Budget: uint64(u.budget), LoadedSize: uint64(u.loaded_size), MappedSize: uint64(u.mapped_size),
		Serial: uint64(u.serial), Dimensions: int(u.dimension_count), Loaded: int(u.loaded_count),
		Snapshots: int(u.snapshot_count),
	}
}

// --- snapshots

func snapshotRelease(s *cSnapshot) { C.dim_snapshot_release(s) }

func snapshotSerial(s *cSnapshot) uint64 { return uint64(C.dim_snapshot_serial(s)) }

func snapshotDimensions(s *cSnapshot) []uint32 {
	ids := make([]uint32, int(C.dim_snapshot_count(s)))
	for i := range ids {
		ids[i] = uint32(C.dim_snapshot_dimension_at(s, C.size_t(i)))
	}
	return ids
}

func snapshotRegion(s *cSnapshot, dimension uint32) (region *cRegion, err error) {
	err = check(C.dim_snapshot_region(s, C.uint32_t(dimension), &region), dimension, 0)
	return region, err
}

func snapshotLayer(s *cSnapshot, dimension, layer uint32) (f facts, err error) {
	err = check(C.shim_snapshot_layer(s, C.uint32_t(dimension), C.uint32_t(layer), &f), dimension, layer)
	return f, err
}

// nextLayers asks a cursor for all its answers.
func nextLayers(cursor *C.struct_dim_cursor) (found []facts, err error) {
	for {
		var f facts
		status := C.shim_next_layer(cursor, &f)
		if status == C.DIM_ERR_NOT_FOUND {
			return found, nil
		}
		if status != C.DIM_OK {
			return nil, check(status, 0, 0)
		}
		found = append(found, f)
	}
}

func snapshotKeyword(s *cSnapshot, keyword string) ([]facts, error) {
	var cursor C.struct_dim_cursor
	key := C.CString(keyword)
	defer C.free(unsafe.Pointer(key))
	C.dim_snapshot_find_keyword(s, unsafe.Pointer(key), C.size_t(len(keyword)), &cursor)
	return nextLayers(&cursor)
}

func snapshotFrequency(s *cSnapshot, low, high float64) ([]facts, error) {
	var cursor C.struct_dim_cursor
	C.dim_snapshot_find_frequency(s, C.double(low), C.double(high), &cursor)
	return nextLayers(&cursor)
}

func snapshotPrefix(s *cSnapshot, prefix string) (found []string, err error) {
	var cursor C.struct_dim_cursor
	key := C.CString(prefix)
	defer C.free(unsafe.Pointer(key))
	C.dim_snapshot_find_prefix(s, unsafe.Pointer(key), C.size_t(len(prefix)), &cursor)
	for {
		var span C.struct_dim_span
		status := C.dim_cursor_next_keyword(&cursor, &span)
		if status == C.DIM_ERR_NOT_FOUND {
			return found, nil
		}
		if status != C.DIM_OK {
			return nil, check(status, 0, 0)
		}
		found = append(found, string(view(span)))
	}
}

// --- regions and layers; no count that a file states reserves memory before what it counts was met

// view is the bytes where they are mapped.
func view(span C.struct_dim_span) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(span.data)), int(span.size))
}

// pointer is to a key that libdim reads while it is called, and does not keep.
func pointer(key []byte) unsafe.Pointer {
	return unsafe.Pointer(&append(key, 0)[0])
}

func regionID(r *cRegion) uint32 { return uint32(C.dim_region_dimension_id(r)) }

func regionLen(r *cRegion) int { return int(C.dim_region_layer_count(r)) }

func regionInfo(r *cRegion) (info Info, err error) {
	var name, description C.struct_dim_span
	var created, updated C.int64_t
	status := C.dim_region_name(r, &name)
	if status == C.DIM_OK {
		status = C.dim_region_description(r, &description)
	}
	if status != C.DIM_OK {
		return info, check(status, regionID(r), 0)
	}
	info.Name, info.Description = string(view(name)), string(view(description))
	if C.dim_region_created_at(r, &created) == C.DIM_OK {
		info.CreatedAt = time.Unix(int64(created), 0).UTC()
	}
	if C.dim_region_updated_at(r, &updated) == C.DIM_OK {
		info.UpdatedAt = time.Unix(int64(updated), 0).UTC()
	}
	return info, nil
}

func regionLayer(r *cRegion, layer uint32) (f facts, err error) {
	err = check(C.shim_region_layer(r, C.uint32_t(layer), &f), regionID(r), layer)
	return f, err
}

func regionLayerAt(r *cRegion, position int) (f facts, err error) {
	if position < 0 || position >= regionLen(r) {
		return f, failure(ErrNotFound, regionID(r), 0)
	}
	err = check(C.shim_layer_at(r, C.uint32_t(position), &f), regionID(r), 0)
	return f, err
}

func regionKeyword(r *cRegion, keyword string) (found []facts, err error) {
	var position, count C.uint32_t
	status := C.dim_region_find_keyword(r, pointer([]byte(keyword)), C.size_t(len(keyword)), &position)
	if status == C.DIM_ERR_NOT_FOUND {
		return nil, nil
	}
	if status == C.DIM_OK {
		status = C.dim_keyword_layer_count(r, position, &count)
	}
	if status != C.DIM_OK {
		return nil, check(status, regionID(r), 0)
	}
	for i := C.uint32_t(0); i < count; i++ {
		var f facts
		if status = C.shim_keyword_layer(r, position, i, &f); status != C.DIM_OK {
			return nil, check(status, regionID(r), 0)
		}
		found = append(found, f)
	}
	return found, nil
}

func regionFrequency(r *cRegion, low, high float64) (found []facts, err error) {
	var first, count C.uint32_t
	status := C.dim_region_find_frequency(r, C.double(low), C.double(high), &first, &count)
	if status != C.DIM_OK {
		return nil, check(status, regionID(r), 0)
	}
	for i := C.uint32_t(0); i < count; i++ {
		var f facts
		if status = C.shim_layer_by_frequency(r, first+i, &f); status != C.DIM_OK {
			return nil, check(status, regionID(r), 0)
		}
		found = append(found, f)
	}
	return found, nil
}

func regionPrefix(r *cRegion, prefix string) (found []string, err error) {
	var first, count C.uint32_t
	status := C.dim_region_find_prefix(r, pointer([]byte(prefix)), C.size_t(len(prefix)), &first, &count)
	if status != C.DIM_OK {
		return nil, check(status, regionID(r), 0)
	}
	for i := C.uint32_t(0); i < count; i++ {
		var span C.struct_dim_span
		if status = C.dim_region_keyword_at(r, first+i, &span); status != C.DIM_OK {
			return nil, check(status, regionID(r), 0)
		}
		found = append(found, string(view(span)))
	}
	return found, nil
}

func layerKeywords(f *facts) (keywords []string, err error) {
	for i, count := C.uint32_t(0), C.dim_layer_keyword_count(f.layer); i < count; i++ {
		var span C.struct_dim_span
		if status := C.dim_layer_keyword(f.region, f.layer, i, &span); status != C.DIM_OK {
			return nil, check(status, uint32(f.dimension_id), uint32(f.id))
		}
		keywords = append(keywords, string(view(span)))
	}
	return keywords, nil
}

func layerDigest(f *facts) (digest [32]byte) {
	copy(digest[:], unsafe.Slice((*byte)(unsafe.Pointer(C.dim_layer_digest(f.layer))), len(digest)))
	return digest
}
