// Package consciousness reads layers from a volume that dimc published, by libdim (cgo). Contents are not copied, files are not
// parsed in Go, and nothing has to be configured but where the volume is:
//
//	data, err := consciousness.LoadDimension(1)
//	if err != nil {
//		log.Fatal(err)
//	}
//	content := data.GetLayer(1)
//	fmt.Println("Content:", content)
//
// A service that follows new generations calls Refresh of Default() now and then, and takes a Snapshot for each request.
package consciousness

import "sync"

var standard struct {
	sync.Mutex
	volume *Volume
}

// Default is the volume that LoadDimension uses: the one that MMAP_BASE_PATH names, else data/mmap, opened at the first call that
// finds it, and again after somebody closed it. Its dimensions are mapped when they are asked for.
func Default() (*Volume, error) {
	standard.Lock()
	defer standard.Unlock()
	if standard.volume == nil || standard.volume.isClosed() {
		volume, err := Open("", Options{Lazy: true})
		if err != nil {
			return nil, err
		}
		standard.volume = volume
	}
	return standard.volume, nil
}

// LoadDimension gives a dimension of the default volume, from the generation that is in use there. Any number of goroutines may call
// it. Close it, or leave it to the garbage collector.
func LoadDimension(id uint32) (*Dimension, error) {
	volume, err := Default()
	if err != nil {
		return nil, err
	}
	return volume.Dimension(id)
}
