"""read_layer.py VOLUME DIMENSION LAYER: prints one layer of a volume.

In: the path of the volume, the number of a dimension, the number of a layer.
Out: title, frequency and keywords on stderr, the content on stdout, written from where it is mapped; or why not.
"""

import sys

import dim


def main(path, dimension_id, layer_id):
    with dim.Volume(path) as volume, volume.snapshot() as snapshot:
        layer = snapshot.layer(dimension_id, layer_id)
        print(layer.title, "%g Hz" % layer.frequency, *("- " + word for word in layer.keywords), sep="\n",
              file=sys.stderr)
        with open(1, "wb", closefd=False) as stdout:
            stdout.write(layer.content)


if __name__ == "__main__":
    try:
        path, dimension_id, layer_id = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    except (IndexError, ValueError):
        sys.exit("usage: read_layer.py VOLUME DIMENSION LAYER")
    try:
        main(path, dimension_id, layer_id)
    except (dim.Error, OSError) as error:
        sys.exit("read_layer.py: %s" % error)
