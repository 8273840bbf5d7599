// hold.go: how long what C gave lives. A snapshot of libdim's is given back when it was released, or when nothing that came from it
// can be reached any more; and never while a method reads it.

package consciousness

import (
	"runtime"
	"sync/atomic"
)

// A hold is one reference to a snapshot. Snapshots, dimensions and layers have a pointer to it, so that all of them keep it.
type hold struct {
	c        *cSnapshot
	users    atomic.Int64 // who reads at this moment, and one for the hold itself until it is released
	released atomic.Bool
}

func newHold(c *cSnapshot) *hold {
	h := &hold{c: c}
	h.users.Store(1)
	runtime.SetFinalizer(h, (*hold).release)
	return h
}

// enter begins a reading; false: the hold was released. Every enter that was true is followed by a leave.
func (h *hold) enter() bool {
	for !h.released.Load() {
		n := h.users.Load()
		if n == 0 {
			break
		}
		if h.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
	return false
}

// leave ends a reading. That it is called keeps the hold from being collected before.
func (h *hold) leave() {
	if h.users.Add(-1) == 0 {
		snapshotRelease(h.c)
	}
}

func (h *hold) release() {
	if !h.released.Swap(true) {
		runtime.SetFinalizer(h, nil)
		h.leave()
	}
}
