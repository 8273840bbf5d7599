// published_test.go: volumes that the tests publish and replace, and how they compare.
//
// In: DIMC, the compiler. Out: nothing outside a temporary directory.

package consciousness_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"jessy/api/consciousness"
)

// published is a volume with D01 (layers 1 and 2) and D02 (layer 1).
type published struct {
	fatal         func(...any)
	sources, path string
}

func publish(t *testing.T, word string) *published {
	dir := t.TempDir()
	p := &published{t.Fatal, filepath.Join(dir, "sources"), filepath.Join(dir, "volume")}
	p.again(word)
	return p
}

func text(word string, dimension, layer int) string {
	return fmt.Sprintf("%s, D%02d layer %d, grüßt\n", word, dimension, layer)
}

func (p *published) again(word string) {
	write := func(path, format string, a ...any) {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			p.fatal(err)
		}
		if err := os.WriteFile(path, []byte(fmt.Sprintf(format, a...)), 0o666); err != nil {
			p.fatal(err)
		}
	}
	for dimension, layers := range []int{1: 2, 2: 1} {
		for layer := 1; layer <= layers; layer++ {
			dir := fmt.Sprintf("%s/D%02d", p.sources, dimension)
			write(dir+"/dimension.yaml", "dimension_id: %d\nname: N%d\ncreated_at: 2024-10-24T10:00:00Z\n", dimension, dimension)
			write(fmt.Sprintf("%s/%d.yaml", dir, layer),
				"layer_id: %d\ntitle: T%d\nfrequency: %d.5\nkeywords: [both, %s, käse]\ncontent: |\n  %s",
				layer, layer, layer, word, text(word, dimension, layer))
		}
	}
	out, err := exec.Command(os.Getenv("DIMC"), "compile", "-q", "--no-sync", p.sources, "-o", p.path).CombinedOutput()
	if err != nil {
		p.fatal(err, string(out))
	}
}

func (p *published) region() string { return filepath.Join(p.path, "consciousness/D01/region.mmap") }

func (p *published) open(t *testing.T, options consciousness.Options) *consciousness.Volume {
	volume, err := consciousness.Open(p.path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { volume.Close() })
	return volume
}

// mapped is how many regions of the volume the process has mapped.
func (p *published) mapped() int {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		p.fatal(err)
	}
	return strings.Count(string(maps), p.path)
}

// collected is the same after the garbage collector had every chance to make it n.
func (p *published) collected(n int) int {
	for i := 0; i < 500 && p.mapped() != n; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // finalizers run on a goroutine of their own
	}
	return p.mapped()
}

// same compares pairs of what is and what shall be.
func same(t *testing.T, pairs ...any) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !reflect.DeepEqual(pairs[i], pairs[i+1]) {
			t.Errorf("%d: %#v, not %#v", i/2, pairs[i], pairs[i+1])
		}
	}
}

func is(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%v, not %v", err, target)
	}
}

func ids(layers []consciousness.Layer, err error) string {
	s := fmt.Sprint(err)
	for _, layer := range layers {
		s += fmt.Sprintf(" %d/%d", layer.DimensionID(), layer.ID())
	}
	return s
}

func words(keywords []string, err error) string { return fmt.Sprint(keywords, err) }
