// volume.go: volumes over time: what a service opens once and keeps.

package consciousness

import (
	"errors"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
)

// Advice is what the kernel is told about how the files will be read.
type Advice uint32

const (
	AdviceRandom     Advice = iota // a touch reads the page that is touched and no other
	AdviceNormal                   // the kernel's read-ahead
	AdviceSequential               // reading from the beginning to the end
	AdviceWillNeed                 // reading all of it begins at once, in the background
	AdviceHugePage                 // huge pages, where the file system and the kernel can
)

// Options of Open. The zero value is the default.
type Options struct {
	MaxRegionSize uint64   // refuse larger files; bytes; 0 means 10 MiB
	MemoryBudget  uint64   // what the loaded dimensions may map together; bytes; 0: no limit
	Dimensions    []uint32 // only these, which must be there; nil: all
	Lazy          bool     // map a dimension when it is asked for, not when the volume is opened
	Check         bool     // prove the metadata of whatever is mapped
	Prefault      bool     // bring every page in before Open or Load returns
	InMemory      bool     // copy the files into memory, so that nobody can truncate what is read
	Advice        Advice
	// Trace is called for whatever the volume does, by the goroutine that causes it. It must not use the volume.
	Trace func(Event)
}

// EventKind is what a volume did.
type EventKind int

const (
	EventOpen    EventKind = iota + 1 // the volume was opened
	EventLoad                         // a region was mapped, or copied into memory
	EventUnload                       // a dimension left the volume; snapshots may still hold it
	EventRefresh                      // another generation is in use
	EventRefuse                       // opening, loading or refreshing failed; what was in use stays in use
	EventClose                        // the volume was closed
)

// Event is one of them, for audit logs and metrics.
type Event struct {
	Kind      EventKind
	Dimension uint32 // 0: all of the volume
	Serial    uint64 // of the generation
	Size      uint64 // bytes that were mapped or unmapped, or that the generation has mapped
	Took      time.Duration
	Path      string // of the volume
	Err       error  // for EventRefuse, else nil
}

// Usage is what a volume has in use.
type Usage struct {
	Budget     uint64 // Options.MemoryBudget
	LoadedSize uint64 // bytes that the generation in use has mapped; counts against the budget
	MappedSize uint64 // the same with what only older snapshots still hold
	Serial     uint64 // of the generation in use
	Dimensions int    // selected
	Loaded     int
	Snapshots  int // alive: the one in use, and older ones that are held
}

// Volume is a volume over time. Any number of goroutines may use it.
type Volume struct {
	closing sync.RWMutex // Close alone waits for the others
	c       *cVolume     // nil: closed
	trace   cgo.Handle
}

// Open opens the published generation of the volume at path. Where path is "", the environment tells: MMAP_BASE_PATH, else
// data/mmap.
func Open(path string, options Options) (*Volume, error) {
	v := &Volume{}
	if options.Trace != nil {
		v.trace = cgo.NewHandle(options.Trace)
	}
	c, err := volumeOpen(path, &options, v.trace)
	if err != nil {
		v.forgetTrace()
		return nil, err
	}
	v.c = c
	runtime.SetFinalizer(v, (*Volume).Close)
	return v, nil
}

func (v *Volume) forgetTrace() {
	if v.trace != 0 {
		v.trace.Delete()
		v.trace = 0
	}
}

// use calls f with the volume, unless it is closed.
func (v *Volume) use(f func(c *cVolume) error) error {
	v.closing.RLock()
	defer v.closing.RUnlock()
	if v.c == nil {
		return closed("volume")
	}
	return f(v.c)
}

// Load maps a dimension. Snapshots taken afterwards have it.
func (v *Volume) Load(dimension uint32) error {
	return v.use(func(c *cVolume) error { return volumeLoad(c, dimension) })
}

// Unload takes a dimension out of the snapshots that are taken afterwards, and off the budget.
func (v *Volume) Unload(dimension uint32) error {
	return v.use(func(c *cVolume) error { return volumeUnload(c, dimension) })
}

// Refresh follows what is published; changed tells whether there was something new. Where there was not, it costs one stat(2). On
// an error, the old generation stays in use.
func (v *Volume) Refresh() (changed bool, err error) {
	err = v.use(func(c *cVolume) (err error) {
		changed, err = volumeRefresh(c)
		return err
	})
	return changed, err
}

// Usage is what the volume has in use at this moment; nothing, when it is closed.
func (v *Volume) Usage() (usage Usage) {
	_ = v.use(func(c *cVolume) error {
		usage = volumeUsage(c)
		return nil
	})
	return usage
}

// Snapshot is the generation in use, for the caller until Release. It waits for nobody: take one for each request. Of a closed
// volume, it is a snapshot that answers everything with ErrClosed.
func (v *Volume) Snapshot() *Snapshot {
	s := &Snapshot{}
	_ = v.use(func(c *cVolume) error {
		s.hold = newHold(volumeAcquire(c))
		return nil
	})
	return s
}

// Dimension gives a dimension of the generation in use, which it maps where that is needed. The caller closes it.
func (v *Volume) Dimension(id uint32) (*Dimension, error) {
	for {
		s := v.Snapshot()
		d, err := s.Dimension(id)
		if err == nil {
			d.isOwner = true
			return d, nil
		}
		s.Release()
		if !errors.Is(err, ErrNotLoaded) {
			return nil, err
		}
		// And again, as somebody may unload it meanwhile.
		if err := v.Load(id); err != nil {
			return nil, err
		}
	}
}

// Close closes the volume, when no other method uses it any more. Snapshots that are held stay valid. Closing twice does nothing.
func (v *Volume) Close() error {
	v.closing.Lock()
	defer v.closing.Unlock()
	if v.c != nil {
		runtime.SetFinalizer(v, nil)
		volumeClose(v.c)
		v.c = nil
		v.forgetTrace()
	}
	return nil
}

func (v *Volume) isClosed() bool {
	return v.use(func(*cVolume) error { return nil }) != nil
}
