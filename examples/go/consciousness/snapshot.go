// snapshot.go: one generation of a volume, immutable.

package consciousness

// Snapshot is one generation of a volume with the dimensions that were loaded. Whatever comes from it is valid until Release, and
// belongs to the same generation. Without Release, the garbage collector gives it back, some time.
type Snapshot struct {
	hold *hold // nil: of a closed volume
}

func (s *Snapshot) enter() bool { return s.hold != nil && s.hold.enter() }

// Release gives the snapshot back: when methods that read it at this moment have ended, what nobody else holds is unmapped.
// Releasing twice does nothing.
func (s *Snapshot) Release() {
	if s.hold != nil {
		s.hold.release()
	}
}

// Serial is 1 for the generation that Open found, one more for each that Refresh took into use; 0 after Release.
func (s *Snapshot) Serial() uint64 {
	if !s.enter() {
		return 0
	}
	defer s.hold.leave()
	return snapshotSerial(s.hold.c)
}

// Dimensions are the ids of all dimensions, loaded or not.
func (s *Snapshot) Dimensions() []uint32 {
	if !s.enter() {
		return nil
	}
	defer s.hold.leave()
	return snapshotDimensions(s.hold.c)
}

// Dimension gives a loaded dimension; it ends with the snapshot.
func (s *Snapshot) Dimension(id uint32) (*Dimension, error) {
	if !s.enter() {
		return nil, closed("snapshot")
	}
	defer s.hold.leave()
	region, err := snapshotRegion(s.hold.c, id)
	if err != nil {
		return nil, err
	}
	return &Dimension{hold: s.hold, region: region, id: id}, nil
}

// Layer gives a layer of a loaded dimension.
func (s *Snapshot) Layer(dimension, layer uint32) (Layer, error) {
	if !s.enter() {
		return absent(closed("snapshot"))
	}
	defer s.hold.leave()
	return layerOf(s.hold)(snapshotLayer(s.hold.c, dimension, layer))
}

// FindKeyword gives the layers that have exactly this keyword, by dimension and id.
func (s *Snapshot) FindKeyword(keyword string) ([]Layer, error) {
	if !s.enter() {
		return nil, closed("snapshot")
	}
	defer s.hold.leave()
	return layersOf(s.hold)(snapshotKeyword(s.hold.c, keyword))
}

// FindFrequency gives the layers with low <= frequency <= high, by frequency.
func (s *Snapshot) FindFrequency(low, high float64) ([]Layer, error) {
	if !s.enter() {
		return nil, closed("snapshot")
	}
	defer s.hold.leave()
	return layersOf(s.hold)(snapshotFrequency(s.hold.c, low, high))
}

// FindPrefix gives the different keywords that begin with prefix, in the order of their bytes.
func (s *Snapshot) FindPrefix(prefix string) ([]string, error) {
	if !s.enter() {
		return nil, closed("snapshot")
	}
	defer s.hold.leave()
	return snapshotPrefix(s.hold.c, prefix)
}
