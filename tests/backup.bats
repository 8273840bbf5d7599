#!/usr/bin/env bats
# make's targets around bundles, and the specification's own backups by tar and rsync: made, lost, brought back.
# In: a copy of the project with a small volume. Out: the same generation again.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# A copy of the project whose sources are two small dimensions, published, with the bundle beside them.
small_project() {
	copy_of_project
	rm -rf sources
	make_sources sources
	SOURCE_DATE_EPOCH=1700000000 make_with_built dimensions >/dev/null
}
change_sources() {
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy "Joy is $1."
}
generation() {
	sed -n 's/^  "generation": "sha256:\(.*\)",$/\1/p' data/mmap/consciousness/manifest.json
}
bundle=out/bundles/dimensions.tar.gz

@test "make dimensions leaves the bundle, and writes it again only for another generation" {
	small_project
	run_status 0 "$DIMC" verify $bundle
	(cd out/bundles && sha256sum -c --quiet dimensions.tar.gz.sha256)
	tar -xzOf $bundle data/mmap/consciousness/manifest.json | cmp - data/mmap/consciousness/manifest.json
	snapshot out/bundles >before
	run_status 0 make_with_built dimensions
	snapshot out/bundles | diff before -
	# Touched sources are the same generation.
	touch sources/*/*
	run_status 0 make_with_built dimensions
	snapshot out/bundles | diff before -

	change_sources brighter
	run_status 0 make_with_built dimensions
	contains "$out" "wrote $bundle"
	! snapshot out/bundles | diff -q before - >/dev/null || return 1
	tar -xzOf $bundle data/mmap/consciousness/manifest.json | cmp - data/mmap/consciousness/manifest.json
	snapshot out/bundles >before
	run_status 0 make_with_built dimensions
	snapshot out/bundles | diff before -
}

@test "make dimensions makes up for a bundle that is gone, damaged or another's" {
	small_project
	cp $bundle whole
	rm $bundle
	run_status 0 make_with_built dimensions
	cmp $bundle whole
	echo 'no bundle' >$bundle
	run_status 0 make_with_built dimensions
	cmp $bundle whole
	head -c 100 whole >$bundle
	run_status 0 make_with_built dimensions
	cmp $bundle whole
	"$DIMC" bundle -q -d D02 -o $bundle
	run_status 0 make_with_built dimensions
	cmp $bundle whole
	# Rejected sources leave it alone.
	echo 'frequncy: 1' >>sources/D01-emotion/010-joy.yaml
	run_status 2 make_with_built dimensions
	cmp $bundle whole
}

@test "make backup names the day and the generation, and no backup replaces another generation's" {
	small_project
	first=$(generation)
	day=$(date +%Y%m%d)
	run_status 0 make_with_built backup
	[[ $day = "$(date +%Y%m%d)" ]] || skip "the day ends"
	one=out/bundles/mmap-backup-$day-${first:0:12}.tar.gz
	run_status 0 "$DIMC" verify "$one"
	sum=$(sha256sum "$one")
	change_sources brighter
	run_status 0 make_with_built dimensions
	second=$(generation)
	run_status 0 make_with_built backup
	two=out/bundles/mmap-backup-$day-${second:0:12}.tar.gz
	[[ $one != "$two" && $(sha256sum "$one") = "$sum" ]]
	run_status 0 "$DIMC" verify "$two"
	snapshot out/bundles >before
	run_status 0 make_with_built backup
	contains "$out" "there already"
	snapshot out/bundles | diff before -
	# One that is not whole is none.
	cp "$two" whole
	head -c 1000 whole >"$two"
	run_status 0 make_with_built backup
	run_status 0 "$DIMC" verify "$two"
	# Some dimensions; another place.
	run_status 0 make_with_built backup D=D01
	run_status 0 "$DIMC" list "out/bundles/D01-backup-$day-${second:0:12}.tar.gz"
	lacks "$out" D02
	run_status 0 make_with_built backup D=D01,D02 BACKUPS=elsewhere/backups
	[[ -f elsewhere/backups/D01-D02-backup-$day-${second:0:12}.tar.gz ]]
	# make clean is about what was built, not about these.
	run_status 0 make OUT=out clean
	[[ $(ls -A out) = bundles && ! -e $bundle ]]
	run_status 0 "$DIMC" verify "$one"
}

@test "make backup of a volume that is damaged or not there fails and leaves nothing" {
	small_project
	snapshot out/bundles >before
	flip data/mmap/consciousness/D01/region.mmap 9000
	run_status 2 make_with_built backup
	contains "$err" D01
	snapshot out/bundles | diff before -
	rm -rf data
	run_status 2 make_with_built backup
	snapshot out/bundles | diff before -
}

@test "make image leaves an image of the generation, and the same one again" {
	small_project
	run_status 0 make_with_built image
	tar -tf out/bundles/dimensions.oci.tar >members
	grep -qx oci-layout members
	grep -qx manifest.json members
	sum=$(sha256sum out/bundles/dimensions.oci.tar)
	run_status 0 make_with_built image
	[[ $(sha256sum out/bundles/dimensions.oci.tar) = "$sum" ]]
	rm -rf data
	run_status 0 make_with_built restore FILE=out/bundles/dimensions.oci.tar
	run_status 0 "$DIMC" verify --strict
}

@test "from nothing but a backup, and from nothing but the sources, the same generation with one command" {
	small_project
	want=$(generation)
	make_with_built backup BACKUPS=backups
	backup=$(echo backups/mmap-backup-*.tar.gz)
	rm -rf data
	run_status 0 make_with_built restore FILE="$backup"
	[[ $(generation) = "$want" ]]
	run_status 0 "$DIMC" verify --strict
	rm -rf data out/bundles
	run_status 0 make_with_built dimensions
	[[ $(generation) = "$want" ]]
	# One dimension of it; and no file, and one that is not there.
	change_sources brighter
	make_layer sources/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention goes first.'
	make_with_built dimensions >/dev/null
	run_status 0 make_with_built restore FILE="$backup" D=D02
	run_status 0 "$DIMC" show D02/1
	[[ $out = "Attention is here." ]]
	run_status 0 "$DIMC" show D01/1
	[[ $out = "Joy is brighter." ]]
	run_status 2 make_with_built restore
	contains "$err" "make restore FILE="
	run_status 2 make_with_built restore FILE=nowhere.tar.gz
}

@test "the specification's backups by tar and rsync bring the generation back, and init-mmap a volume to fill" {
	need rsync
	small_project
	want=$(generation)
	tar -czf "mmap-backup-$(date +%Y%m%d).tar.gz" data/mmap/consciousness/
	tar -czf D01-backup.tar.gz data/mmap/consciousness/D01/
	mkdir backup
	rsync -av --progress data/mmap/ backup/mmap/ >/dev/null

	change_sources brighter
	make_with_built dimensions >/dev/null
	[[ $(generation) != "$want" ]]
	tar -xzf mmap-backup-*.tar.gz
	run_status 0 ./scripts/verify-mmap-volume.sh
	[[ $(generation) = "$want" ]]

	rm -rf data/mmap/
	run_status 0 make_with_built init-mmap
	run_status 0 ./scripts/verify-mmap-volume.sh
	contains "$out" "nothing published"
	run_status 0 make_with_built restore FILE=D01-backup.tar.gz
	run_status 0 "$DIMC" show D01/1
	[[ $out = "Joy is bright." ]]
	rsync -a --delete backup/mmap/ data/mmap/
	[[ $(generation) = "$want" ]]
	run_status 0 "$DIMC" verify --strict
}
