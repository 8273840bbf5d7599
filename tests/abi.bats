#!/usr/bin/env bats
# abi.bats: scripts/abi.sh, by which lint tells what would break programs that are linked with libdim.
# In: copies of the headers, the record and the libraries, each changed in one way. Out: what the script says of it.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# copy: the files that the script looks at.
copy() {
	need_plain_library
	mkdir -p scripts loader
	cp "$ROOT"/scripts/{abi.sh,abi.awk,headers.awk} scripts
	cp "$ROOT/loader/libdim.abi" loader
	cp -r "$ROOT/include" include
}

abi() {
	run_status "$1" env OUT="${2:-$OUT}" CC="${CC:-cc}" scripts/abi.sh "${@:3}"
}

# change FILE SED: one change, which must be one.
change() {
	cp "include/$1" saved
	sed -i "$2" "include/$1"
	if cmp -s saved "include/$1"; then
		echo "nothing was changed by $2"
		return 1
	fi
}

@test "libraries and headers are what is recorded" {
	copy
	abi 0 "$OUT" check
	[[ -z $out$err ]]
	local line
	for line in 'symbol dim_region_open: DIM_0 of libdim.so.0' 'symbol dim_verify_region: DIM_VERIFY_0 of libdim-verify.so.0' \
		'value DIM_READS_ONCE: 32' 'member dim_error.path: char[256], bytes 240 to 495' 'struct dim_cursor: 80 bytes, aligned to 8' \
		'function dim_version: const char * (void)'; do
		grep -qxF "$line" loader/libdim.abi || { echo "not recorded: $line"; return 1; }
	done
}

@test "a struct, an enum or a type of a function that changed is found" {
	copy
	local text
	change dim.h '/^struct dim_usage/,/^}/s/uint64_t budget;/uint64_t new_one;\n\t&/'
	change dim_region.h 's/uint32_t advice;/uint64_t advice;/'
	change dim_region.h 's/DIM_KEEP_FILES = 16/DIM_KEEP_FILES = 64/'
	change dim_region.h '/DIM_ADVICE_HUGEPAGE/d; s/DIM_ADVICE_WILLNEED = 3,/DIM_ADVICE_WILLNEED = 3/'
	change dim_region.h 's/^uint32_t dim_layer_id(/uint64_t dim_layer_id(/'
	change dim_verify.h 's/uint8_t ret_digest\[32\]/uint8_t ret_digest[64]/'
	change dim_region.h 's/^typedef void (\*dim_trace)(void \*context, /typedef void (*dim_trace)(/'
	abi 1 "$OUT" check
	for text in 'changed: struct dim_usage: 72 bytes, aligned to 8; was: 64 bytes, aligned to 8' \
		'changed: member dim_usage.budget: uint64_t, bytes 8 to 15; was: uint64_t, bytes 0 to 7' \
		'changed: member dim_options.advice: uint64_t, ' 'changed: value DIM_KEEP_FILES: 64; was: 16' 'gone: value DIM_ADVICE_HUGEPAGE: 4' \
		'changed: function dim_layer_id: uint64_t (const struct dim_layer *); was: uint32_t (const struct dim_layer *)' \
		'changed: function dim_snapshot_digest: ' 'changed: typedef dim_trace: void (const struct dim_event *); was: ' \
		'would break' 'make abi BREAK=yes'; do
		contains "$err" "$text"
	done
	[[ $(grep -c ': value ' <<<"$err") -eq 2 && $(grep -c ': function ' <<<"$err") -eq 2 ]]
}

@test "what was added is told from what breaks, and nothing that is not understood is passed over" {
	copy
	# The name of an argument is nobody's business; a reserved member may become one.
	change dim.h 's/uint32_t dimension_id, struct dim_error/uint32_t id, struct dim_error/'
	abi 0 "$OUT" check
	change dim.h 's/uint32_t reserved\[5\];/uint32_t new_count;\n\tuint32_t reserved[4];/'
	change dim_region.h 's/DIM_ERR_UNKNOWN = 10/DIM_ERR_NEW = 11,\n\t&/'
	abi 1 "$OUT" check
	contains "$err" $'new: member dim_usage.new_count: uint32_t, bytes 44 to 47\nnew: value DIM_ERR_NEW: 11\nThat is not in loader/libdim.abi'
	lacks "$err" 'would break'
	change dim.h 's/uint32_t new_count;/uint32_t a; uint32_t new_count;/'
	abi 1 "$OUT" check
	contains "$err" 'more than a plain member of struct dim_usage'
	mv saved include/dim.h
	change dim.h 's/^void dim_volume_close/extern int dim_number;\n&/'
	abi 1 "$OUT" check
	contains "$err" 'a declaration of an unknown kind: extern int dim_number'
}

@test "a symbol that is gone, or has another version, is found" {
	copy
	local objects
	cp -r "$OUT/lib" lib
	mapfile -t objects < <(find "$OUT/obj/loader" -name '*.o' ! -name 'verify*')
	link() {
		"${CC:-cc}" -shared -pthread -Wl,-soname,libdim.so.0 -Wl,--version-script=map "${objects[@]}" -o lib/libdim.so.0.1.0
	}
	cp "$ROOT/loader/libdim.map" map
	link
	abi 0 "$PWD" check
	sed '/dim_volume_usage;/d' "$ROOT/loader/libdim.map" >map
	link
	abi 1 "$PWD" check
	contains "$err" 'gone: symbol dim_volume_usage: DIM_0 of libdim.so.0'
	sed 's/^DIM_0/DIM_1/' "$ROOT/loader/libdim.map" >map
	link
	abi 1 "$PWD" check
	contains "$err" 'changed: symbol dim_volume_open: DIM_1 of libdim.so.0; was: DIM_0 of libdim.so.0'
}

@test "what was added is recorded, what breaks programs only when that is said" {
	copy
	sed -i 's/DIM_ERR_UNKNOWN = 10/DIM_ERR_NEW = 11,\n\t&/' include/dim_region.h
	abi 0 "$OUT" record
	abi 0 "$OUT" check
	grep -qx 'value DIM_ERR_NEW: 11' loader/libdim.abi
	sed -i 's/DIM_ERR_NEW = 11/DIM_ERR_NEW = 12/' include/dim_region.h
	cp loader/libdim.abi before
	abi 1 "$OUT" record
	contains "$err" 'changed: value DIM_ERR_NEW: 12; was: 11'
	run_status 0 cmp before loader/libdim.abi
	abi 0 "$OUT" record yes
	abi 0 "$OUT" check
}
