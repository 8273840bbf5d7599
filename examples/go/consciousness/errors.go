// errors.go: what can go wrong, for errors.Is and errors.As.

package consciousness

import (
	"fmt"
	"io/fs"
	"syscall"
)

// Status is libdim's word on a failure. The constants are errors to compare with:
//
//	if errors.Is(err, consciousness.ErrNotFound) { ... }
type Status uint32

// The statuses of dim_region.h, with its numbers.
const (
	ErrUsage     Status = iota + 1 // an argument is outside its documented range
	ErrSystem                      // the system refused; Error.Errno tells why, for errors.Is, too
	ErrMemory                      // out of memory
	ErrNotFound                    // no such dimension, layer or published generation
	ErrNotRegion                   // a file that is no region
	ErrDamaged                     // the bytes contradict the format, each other or their digest
	ErrVersion                     // a region of a newer version of the format than this library knows
	ErrLimit                       // more than Options allow; Error.Limit and Error.Usage tell the bytes
	ErrNotLoaded                   // the volume has the dimension, and it is not loaded: Volume.Load
	ErrUnknown                     // the kernel does not tell this process
)

func (s Status) Error() string { return statusText(s) }

// ErrClosed is what a Volume, Snapshot or Dimension answers that was closed or released, and what came from it.
var ErrClosed = fs.ErrClosed

// Error is a failure with all that libdim tells about it.
type Error struct {
	Status    Status
	Errno     syscall.Errno // for ErrSystem, else 0
	Dimension uint32        // 0 where it is not known
	Layer     uint32        // 0 where it is about no layer
	Offset    uint64        // the bytes in question, of the file; Size 0: none
	Size      uint64
	Limit     uint64 // for ErrLimit: what is allowed, and what would have been in use
	Usage     uint64
	Message   string
	Path      string // of the file or volume, "" where there is none
	line      string
}

// Error is one line with path, dimension, layer, message and bytes.
func (e *Error) Error() string { return e.line }

// Is makes errors.Is(err, ErrNotFound) and the like true.
func (e *Error) Is(target error) bool { return target == e.Status }

// Unwrap gives the system's word, so that errors.Is(err, fs.ErrPermission) works.
func (e *Error) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

func closed(what string) error { return fmt.Errorf("consciousness: %s: %w", what, ErrClosed) }
