// dimension.go: one dimension of one generation.

package consciousness

import "time"

// Dimension is a dimension of one generation; a publication or Refresh does not change it. It is valid until Close (that of
// LoadDimension and Volume.Dimension) or until its snapshot is released (that of Snapshot.Dimension).
type Dimension struct {
	hold    *hold
	region  *cRegion
	id      uint32
	isOwner bool
}

// Info is what an author says of a dimension. Times are zero where there are none.
type Info struct {
	Name, Description    string
	CreatedAt, UpdatedAt time.Time
}

// Close ends a dimension of LoadDimension or Volume.Dimension. Without it, the garbage collector does, some time.
func (d *Dimension) Close() error {
	if d.isOwner {
		d.hold.release()
	}
	return nil
}

// ID is the dimension's number.
func (d *Dimension) ID() uint32 { return d.id }

// Info reads name, description and times.
func (d *Dimension) Info() (Info, error) {
	if !d.hold.enter() {
		return Info{}, closed("dimension")
	}
	defer d.hold.leave()
	return regionInfo(d.region)
}

// Len is the number of layers; 0 after Close.
func (d *Dimension) Len() int {
	if !d.hold.enter() {
		return 0
	}
	defer d.hold.leave()
	return regionLen(d.region)
}

// At gives the layer at a position, 0 to Len() - 1, by ascending id.
func (d *Dimension) At(position int) (Layer, error) {
	if !d.hold.enter() {
		return absent(closed("dimension"))
	}
	defer d.hold.leave()
	return layerOf(d.hold)(regionLayerAt(d.region, position))
}

// Layer gives the layer with this id.
func (d *Dimension) Layer(id uint32) (Layer, error) {
	if !d.hold.enter() {
		return absent(closed("dimension"))
	}
	defer d.hold.leave()
	return layerOf(d.hold)(regionLayer(d.region, id))
}

// GetLayer gives the layer with this id for use at once: fmt prints its text. Where it cannot be had, the Layer is empty, prints
// nothing, and Err tells why.
func (d *Dimension) GetLayer(id uint32) Layer {
	layer, _ := d.Layer(id)
	return layer
}

// FindKeyword gives the dimension's layers that have exactly this keyword, by id.
func (d *Dimension) FindKeyword(keyword string) ([]Layer, error) {
	if !d.hold.enter() {
		return nil, closed("dimension")
	}
	defer d.hold.leave()
	return layersOf(d.hold)(regionKeyword(d.region, keyword))
}

// FindFrequency gives the dimension's layers with low <= frequency <= high, by frequency.
func (d *Dimension) FindFrequency(low, high float64) ([]Layer, error) {
	if !d.hold.enter() {
		return nil, closed("dimension")
	}
	defer d.hold.leave()
	return layersOf(d.hold)(regionFrequency(d.region, low, high))
}

// FindPrefix gives the dimension's keywords that begin with prefix, in the order of their bytes.
func (d *Dimension) FindPrefix(prefix string) ([]string, error) {
	if !d.hold.enter() {
		return nil, closed("dimension")
	}
	defer d.hold.leave()
	return regionPrefix(d.region, prefix)
}
