// content prints the first layer of the first dimension: MMAP_BASE_PATH=VOLUME content
package main

import (
	"fmt"
	"log"

	"jessy/api/consciousness"
)

func main() {
	data, err := consciousness.LoadDimension(1)
	if err != nil {
		log.Fatal(err)
	}
	content := data.GetLayer(1)
	fmt.Println("Content:", content)
}
