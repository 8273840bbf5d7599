// consciousness_test.go: the package against volumes that the tests publish, replace and damage.
//
// In: volumes of published_test.go. Out: nothing outside a temporary directory.

package consciousness_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"jessy/api/consciousness"
)

func ExampleLoadDimension() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	p := &published{log.Fatal, dir + "/sources", dir + "/volume"}
	p.again("example")
	os.Setenv("MMAP_BASE_PATH", p.path)

	data, err := consciousness.LoadDimension(1)
	if err != nil {
		log.Fatal(err)
	}
	content := data.GetLayer(1)
	fmt.Println("Content:", content)
	// Output: Content: example, D01 layer 1, grüßt
}

func TestLayers(t *testing.T) {
	p := publish(t, "first")
	snapshot := p.open(t, consciousness.Options{}).Snapshot()
	defer snapshot.Release()
	layer, err := snapshot.Layer(1, 2)
	keywords, _ := layer.Keywords()
	same(t, err, nil, layer.DimensionID(), uint32(1), layer.ID(), uint32(2), layer.Title(), "T2", layer.Frequency(), 2.5,
		keywords, []string{"both", "first", "käse"}, layer.String(), text("first", 1, 2), layer.Size(), len(text("first", 1, 2)),
		fmt.Sprint(layer), text("first", 1, 2), layer.Exists(), true, string(layer.Bytes()), text("first", 1, 2),
		snapshot.Serial(), uint64(1), snapshot.Dimensions(), []uint32{1, 2})
	var written strings.Builder
	n, err := layer.WriteTo(&written)
	same(t, written.String(), text("first", 1, 2), n, int64(layer.Size()), err, nil)
	_, err = layer.WriteTo(&full{})
	is(t, err, io.ErrShortWrite)

	d, err := snapshot.Dimension(1)
	if err != nil {
		t.Fatal(err)
	}
	info, err := d.Info()
	at, _ := d.At(1)
	same(t, err, nil, info.Name, "N1", info.CreatedAt.Format(time.RFC3339), "2024-10-24T10:00:00Z", info.UpdatedAt.IsZero(), true,
		d.ID(), uint32(1), d.Len(), 2, at.Digest(), d.GetLayer(2).Digest())
	for _, position := range []int{-1, 2, 1 << 32} {
		_, err = d.At(position)
		is(t, err, consciousness.ErrNotFound)
	}
	var start, end uintptr
	maps, _ := os.ReadFile("/proc/self/maps")
	for _, line := range strings.Split(string(maps), "\n") {
		if strings.HasSuffix(line, p.region()) {
			fmt.Sscanf(line, "%x-%x", &start, &end)
		}
	}
	address := reflect.ValueOf(layer.Bytes()).Pointer()
	same(t, start <= address && address < end, true, cap(layer.Bytes()), layer.Size())
}

type full struct{}

func (*full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestSearches(t *testing.T) {
	snapshot := publish(t, "first").open(t, consciousness.Options{}).Snapshot()
	d, err := snapshot.Dimension(1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, ids(snapshot.FindKeyword("käse")), "<nil> 1/1 1/2 2/1", ids(snapshot.FindKeyword("bot")), "<nil>",
		ids(snapshot.FindKeyword("")), "<nil>", ids(snapshot.FindFrequency(0, 2)), "<nil> 1/1 2/1",
		ids(snapshot.FindFrequency(1, 9)), "<nil> 1/1 2/1 1/2", ids(snapshot.FindFrequency(3, 2)), "<nil>",
		words(snapshot.FindPrefix("")), "[both first käse] <nil>", words(snapshot.FindPrefix("kä")), "[käse] <nil>",
		ids(d.FindKeyword("käse")), "<nil> 1/1 1/2", ids(d.FindKeyword("")), "<nil>", ids(d.FindFrequency(2, 3)), "<nil> 1/2",
		words(d.FindPrefix("")), "[both first käse] <nil>", words(d.FindPrefix("x")), "[] <nil>")
}

func TestRefresh(t *testing.T) {
	var events []string
	var refused error
	p := publish(t, "first")
	volume := p.open(t, consciousness.Options{Trace: func(e consciousness.Event) {
		events = append(events, fmt.Sprint(e.Kind, e.Serial, e.Path == p.path))
		refused = e.Err
	}})
	before := volume.Snapshot()
	changed, err := volume.Refresh()
	same(t, changed, false, err, nil)
	p.again("second")
	changed, err = volume.Refresh()
	same(t, changed, true, err, nil, volume.Usage().Snapshots, 2)
	now := volume.Snapshot()
	old, _ := before.Layer(1, 1)
	next, _ := now.Layer(1, 1)
	same(t, old.String(), text("first", 1, 1), next.String(), text("second", 1, 1), now.Serial(), uint64(2))
	p.again("third")
	os.Chmod(p.region(), 0o644)
	os.WriteFile(p.region(), make([]byte, 8192), 0o644)
	_, err = volume.Refresh()
	is(t, err, consciousness.ErrNotRegion)
	is(t, refused, consciousness.ErrNotRegion)
	same(t, next.String(), text("second", 1, 1))
	now.Release()
	before.Release()
	volume.Close()
	same(t, events[0], "2 1 true", events[len(events)-1], "6 2 true", p.mapped(), 0)
}

func TestWhatIsRefused(t *testing.T) {
	p := publish(t, "first")
	var e *consciousness.Error
	_, err := consciousness.Open(p.path+"/nowhere", consciousness.Options{})
	is(t, err, consciousness.ErrNotFound)
	same(t, errors.As(err, &e), true, e.Path, p.path+"/nowhere", err.Error(), e.Path+": "+e.Message)
	_, err = consciousness.Open(p.path, consciousness.Options{Dimensions: []uint32{1, 3}})
	is(t, err, consciousness.ErrNotFound)
	_, err = consciousness.Open(p.path, consciousness.Options{Advice: 99})
	is(t, err, consciousness.ErrUsage)
	same(t, errors.Is(err, consciousness.ErrNotFound), false, consciousness.ErrDamaged.Error(), "damaged")

	stat, _ := os.Stat(p.region())
	size := uint64(stat.Size())
	_, err = consciousness.Open(p.path, consciousness.Options{MemoryBudget: size})
	is(t, err, consciousness.ErrLimit)
	same(t, errors.As(err, &e), true, e.Limit, size, e.Usage > size, true)
	volume := p.open(t, consciousness.Options{MemoryBudget: size, Lazy: true, Check: true, Dimensions: []uint32{2, 1}})
	snapshot := volume.Snapshot()
	_, err = snapshot.Layer(1, 1)
	is(t, err, consciousness.ErrNotLoaded)
	d, err := volume.Dimension(1) // loads it
	same(t, err, nil, d.GetLayer(1).String(), text("first", 1, 1), volume.Usage().LoadedSize, size)
	is(t, volume.Load(2), consciousness.ErrLimit)
	same(t, volume.Unload(1), nil, volume.Load(2), nil, volume.Usage().Loaded, 1)
	_, err = volume.Dimension(7)
	is(t, err, consciousness.ErrNotFound)

	missing := d.GetLayer(9)
	same(t, missing.Exists(), false, fmt.Sprint(missing), "", len(missing.Bytes()), 0, missing.Err().Error(), "D01/9: not found",
		(consciousness.Layer{}).Exists(), false, (consciousness.Layer{}).Title(), "")
	is(t, missing.Err(), consciousness.ErrNotFound)

	if os.Getuid() != 0 {
		os.Chmod(p.region(), 0)
		_, err = consciousness.Open(p.path, consciousness.Options{})
		is(t, err, consciousness.ErrSystem)
		is(t, err, fs.ErrPermission)
	}
}

func TestClosed(t *testing.T) {
	p := publish(t, "first")
	volume := p.open(t, consciousness.Options{})
	snapshot := volume.Snapshot()
	d, _ := snapshot.Dimension(1)
	own, _ := volume.Dimension(2)
	layer := d.GetLayer(1)
	d.Close() // its snapshot's business
	same(t, layer.String(), text("first", 1, 1))
	volume.Close()
	volume.Close()
	is(t, volume.Load(1), consciousness.ErrClosed)
	_, err := volume.Refresh()
	is(t, err, consciousness.ErrClosed)
	_, err = volume.Snapshot().Layer(1, 1)
	is(t, err, consciousness.ErrClosed)
	same(t, volume.Usage().Snapshots, 0, layer.String(), text("first", 1, 1), p.mapped(), 2)

	// Released by the reader itself, in the middle: the last one to leave unmaps.
	err = layer.View(func(content []byte) error {
		own.Close()
		snapshot.Release()
		snapshot.Release()
		same(t, string(content), text("first", 1, 1), p.mapped(), 2)
		return nil
	})
	same(t, err, nil, p.mapped(), 0)
	is(t, layer.Err(), consciousness.ErrClosed)
	_, err = layer.Keywords()
	is(t, err, consciousness.ErrClosed)
	_, err = d.FindPrefix("")
	is(t, err, consciousness.ErrClosed)
	_, err = snapshot.FindKeyword("both")
	is(t, err, consciousness.ErrClosed)
	same(t, layer.String(), "", len(layer.Bytes()), 0, d.Len(), 0, own.Len(), 0, snapshot.Serial(), uint64(0))
}

func TestALayerKeepsItsGenerationAndTheCollectorGivesItBack(t *testing.T) {
	p := publish(t, "first")
	layer, view := func() (consciousness.Layer, []byte) {
		volume, err := consciousness.Open(p.path, consciousness.Options{})
		if err != nil {
			t.Fatal(err)
		}
		layer, _ := volume.Snapshot().Layer(1, 1)
		volume.Close()
		return layer, layer.Bytes()
	}()
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	same(t, string(view), text("first", 1, 1), p.mapped(), 2)
	runtime.KeepAlive(layer)
	same(t, p.collected(0), 0)
	// A volume that nobody closes.
	func() {
		_, err := consciousness.Open(p.path, consciousness.Options{})
		same(t, err, nil, p.mapped(), 2)
	}()
	same(t, p.collected(0), 0)
}

func TestAFileThatIsCutShortIsAnErrorAndNoCrash(t *testing.T) {
	p := publish(t, "first")
	layer, _ := p.open(t, consciousness.Options{}).Snapshot().Layer(1, 2)
	os.Chmod(p.region(), 0o644)
	if err := os.Truncate(p.region(), 4096); err != nil {
		t.Fatal(err)
	}
	_, err := layer.Text()
	is(t, err, consciousness.ErrDamaged)
	same(t, layer.String(), "", layer.Exists(), true)
	// Another panic goes on.
	defer func() { same(t, recover(), any("mine")) }()
	_ = layer.View(func([]byte) error { panic("mine") })
}

func TestDefault(t *testing.T) {
	p := publish(t, "first")
	if volume, err := consciousness.Default(); err == nil {
		volume.Close()
	}
	t.Setenv("MMAP_BASE_PATH", p.path+"/nowhere")
	_, err := consciousness.LoadDimension(1)
	is(t, err, consciousness.ErrNotFound)
	t.Setenv("MMAP_BASE_PATH", p.path)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			d, err := consciousness.LoadDimension(2)
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			same(t, d.GetLayer(1).String(), text("first", 2, 1))
		}()
	}
	group.Wait()
	volume, err := consciousness.Default()
	same(t, err, nil, volume.Usage().Loaded, 1, p.mapped(), 1)
	volume.Close()
	same(t, p.mapped(), 0)
}

func TestReadersWhileAnotherRefreshes(t *testing.T) {
	p := publish(t, "first")
	volume := p.open(t, consciousness.Options{})
	ended := make(chan struct{})
	var group sync.WaitGroup
	var seen sync.Map
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				select {
				case <-ended:
					return
				default:
				}
				snapshot := volume.Snapshot()
				one, _ := snapshot.Layer(1, 2)
				two, _ := snapshot.Layer(2, 1)
				word, _, _ := strings.Cut(one.String(), ",")
				seen.Store(word, true)
				if one.String() != text(word, 1, 2) || two.String() != text(word, 2, 1) {
					t.Errorf("mixed: %q %q", one, two)
				}
				snapshot.Release()
			}
		}()
	}
	for i := 0; i < 6; i++ {
		p.again([]string{"second", "first"}[i%2])
		if changed, err := volume.Refresh(); !changed || err != nil {
			t.Error(changed, err)
		}
	}
	close(ended)
	group.Wait()
	for _, word := range []string{"first", "second"} {
		_, was := seen.Load(word)
		same(t, was, true)
	}
	same(t, volume.Usage().Snapshots, 1)
}
