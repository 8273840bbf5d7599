// layer.go: one layer, read where it is mapped.

package consciousness

import (
	"io"
	"runtime"
	"runtime/debug"
	"unsafe"
)

// Layer is a layer of one generation. It is a small value to pass around, keeps its generation mapped, and is valid until the
// Snapshot or Dimension that it came from is released or closed. The zero Layer is empty.
type Layer struct {
	hold  *hold
	facts facts
	err   error // why it is empty
}

func absent(err error) (Layer, error) { return Layer{err: err}, err }

// layerOf and layersOf make layers of what libdim.go returns.
func layerOf(h *hold) func(facts, error) (Layer, error) {
	return func(f facts, err error) (Layer, error) {
		if err != nil {
			return absent(err)
		}
		return Layer{hold: h, facts: f}, nil
	}
}

func layersOf(h *hold) func([]facts, error) ([]Layer, error) {
	return func(found []facts, err error) ([]Layer, error) {
		layers := make([]Layer, len(found))
		for i, f := range found {
			layers[i] = Layer{hold: h, facts: f}
		}
		return layers, err
	}
}

// enter is nil where the layer can be read; then hold.leave ends it.
func (l *Layer) enter() error {
	switch {
	case l.err != nil:
		return l.err
	case l.hold == nil:
		return ErrNotFound
	case !l.hold.enter():
		return closed("layer")
	}
	return nil
}

// Err is nil where there is a layer, else why there is none: ErrNotFound, ErrDamaged, ErrClosed.
func (l Layer) Err() error {
	err := l.enter()
	if err == nil {
		l.hold.leave()
	}
	return err
}

// Exists tells whether there is a layer to read.
func (l Layer) Exists() bool { return l.Err() == nil }

// ID is the layer's number, DimensionID its dimension's.
func (l Layer) ID() uint32          { return uint32(l.facts.id) }
func (l Layer) DimensionID() uint32 { return uint32(l.facts.dimension_id) }

// Frequency is in Hz.
func (l Layer) Frequency() float64 { return float64(l.facts.frequency) }

// Size is that of the content, in bytes.
func (l Layer) Size() int { return int(l.facts.content.size) }

// Title is "" where there is none.
func (l Layer) Title() string {
	if l.enter() != nil {
		return ""
	}
	defer l.hold.leave()
	return string(view(l.facts.title))
}

// Keywords are in the author's order.
func (l Layer) Keywords() ([]string, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.hold.leave()
	return layerKeywords(&l.facts)
}

// Digest is the SHA-256 of the content, as the region states it.
func (l Layer) Digest() (digest [32]byte) {
	if l.enter() != nil {
		return digest
	}
	defer l.hold.leave()
	return layerDigest(&l.facts)
}

// View calls f with the content, where it is mapped. The slice must be read only, and not be used after f has returned. Meanwhile
// nothing unmaps it, not even Release. Where the file was cut short, which dimc never does, f ends early, and View returns
// ErrDamaged.
func (l Layer) View(f func(content []byte) error) (err error) {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.hold.leave()
	content := view(l.facts.content)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			if !isInside(fault, content) {
				panic(fault)
			}
			err = failure(ErrDamaged, l.DimensionID(), l.ID())
		}
	}()
	return f(content)
}

// isInside tells whether a panic is the fault of a page of the content that is not there any more.
func isInside(fault any, content []byte) bool {
	where, ok := fault.(interface {
		runtime.Error
		Addr() uintptr
	})
	if !ok || len(content) == 0 {
		return false
	}
	return where.Addr()-uintptr(unsafe.Pointer(&content[0])) < uintptr(len(content))
}

// Text is a copy of the content. Nothing ends its life.
func (l Layer) Text() (text string, err error) {
	err = l.View(func(content []byte) error {
		text = string(content)
		return nil
	})
	return text, err
}

// String is Text for fmt; "" where there is none, never the words of an error, which somebody would take for content.
func (l Layer) String() string {
	text, _ := l.Text()
	return text
}

// WriteTo writes the content from where it is mapped.
func (l Layer) WriteTo(w io.Writer) (written int64, err error) {
	err = l.View(func(content []byte) error {
		n, err := w.Write(content)
		written = int64(n)
		return err
	})
	return written, err
}

// Bytes is the content where it is mapped, for reading only: a write ends the program. It is valid until Release or Close, and only
// while the Layer, or what it came from, can be reached: the slice alone keeps nothing. Where that is not plain to see, end with
// runtime.KeepAlive(layer), or use View, which needs no such care.
func (l Layer) Bytes() []byte {
	if l.enter() != nil {
		return nil
	}
	defer l.hold.leave()
	return view(l.facts.content)
}
