// read_layer VOLUME DIMENSION LAYER prints one layer of a volume: title, frequency and keywords to stderr, the content to stdout,
// written from where it is mapped; or why not.
package main

import (
	"fmt"
	"os"
	"strconv"

	"jessy/api/consciousness"
)

func read(path string, dimension, layer uint64) error {
	volume, err := consciousness.Open(path, consciousness.Options{})
	if err != nil {
		return err
	}
	defer volume.Close()
	snapshot := volume.Snapshot()
	defer snapshot.Release()
	found, err := snapshot.Layer(uint32(dimension), uint32(layer))
	if err != nil {
		return err
	}
	keywords, err := found.Keywords()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s\n%g Hz\n", found.Title(), found.Frequency())
	for _, keyword := range keywords {
		fmt.Fprintln(os.Stderr, "-", keyword)
	}
	_, err = found.WriteTo(os.Stdout)
	return err
}

func main() {
	var numbers [2]uint64
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: read_layer VOLUME DIMENSION LAYER")
		os.Exit(2)
	}
	for i := range numbers {
		var err error
		if numbers[i], err = strconv.ParseUint(os.Args[2+i], 10, 32); err != nil {
			fmt.Fprintln(os.Stderr, "read_layer:", err)
			os.Exit(2)
		}
	}
	if err := read(os.Args[1], numbers[0], numbers[1]); err != nil {
		fmt.Fprintln(os.Stderr, "read_layer:", err)
		os.Exit(1)
	}
}
