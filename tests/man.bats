#!/usr/bin/env bats
# man.bats: the manual pages of libdim, which are made of the comments of its headers.
# In: the pages that the build made. Out: each exported name has one, they are sound, and what has no comment has no page.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

PAGES=$OUT/man/man3

# make_pages AWK HEADER...: the pages of other headers, or by another awk, in new/; what has further names, in $out.
make_pages() {
	local awk=$1
	shift
	rm -rf new && mkdir new
	# shellcheck disable=SC2086 # awk may be two words
	$awk -v version=0.1.0 -v dir=new -v overview="$ROOT/docs/man/dim.3" -f "$ROOT/scripts/headers.awk" \
		-f "$ROOT/scripts/mdoc.awk" -f "$ROOT/scripts/manpages.awk" "$@"
}

@test "every exported function has a page, which names it and shows how it is called" {
	need nm
	local name page list count=0
	list=$(<"$PAGES/dim.3")
	for name in $(nm -D --defined-only "$OUT/lib/libdim.so" "$OUT/lib/libdim-verify.so" | sed -n 's/.* T \(dim_[a-z_]*\)@.*/\1/p'); do
		count=$((count + 1))
		page=$(<"$PAGES/$name.3")
		[[ $page =~ $'\n.Nm '$name( ,)?$'\n' ]] || { echo "no page names $name"; return 1; }
		contains "$page" $'\n.Fo '"$name"$'\n'
		contains "$list" $'\n.It Xr '"$name"$' 3\n'
	done
	[[ $count -gt 70 ]]
}

@test "every public type has a page, opaque ones have dim(3), and no page is of anything else" {
	local type
	while read -r type; do
		[[ -e $PAGES/$type.3 ]] || { echo "no page of $type"; return 1; }
		[[ $(<"$PAGES/$type.3") = *$'\n.Dt '"${type^^}"$' 3\n'* ]]
	done < <(sed -nE 's/^(struct|enum) (dim_[a-z_]+) \{.*/\2/p; s/^typedef .*\(\*(dim_[a-z_]+)\).*/\1/p' \
		"$ROOT"/include/dim.h "$ROOT"/include/dim_region.h "$ROOT"/include/dim_verify.h)
	for type in volume snapshot region layer; do
		[[ $(readlink "$PAGES/dim_$type.3") = dim.3 ]]
	done
	grep -q 'It Dv DIM_ERR_LIMIT' "$PAGES/dim_status.3"
	grep -q 'It Fa "uint64_t memory_budget"' "$PAGES/dim_options.3"
	cat "$ROOT"/include/dim{,_region,_verify}.h | grep -oE '\bdim(_[a-z]+)*\b' | sort -u >names
	(cd "$PAGES" && printf '%s\n' *.3) | sed 's/\.3$//' | sort >pages
	run_status 0 comm -13 names pages
	[[ -z $out ]]
}

@test "mandoc finds nothing to warn of, and every reference to a page of ours leads to one" {
	need mandoc
	local name
	cd "$PAGES"
	# What the system has of other pages is not ours to say.
	run_status 0 mandoc -Tlint -Wwarning -- *.3
	[[ -z $out ]]
	while read -r name; do
		[[ -e $name.3 ]] || { echo "$name(3) is not there"; return 1; }
	done < <(sed -nE 's/^\.(It )?Xr \(? ?(dim[a-z_]*) 3.*/\2/p' -- *.3 | sort -u)
}

@test "a page reads as its comment does" {
	need mandoc
	mandoc -Tascii "$PAGES/dim_region_resident.3" | sed 's/.\x08//g' >page
	run_status 0 sed -n '/^SYNOPSIS/,/^SEE ALSO/p' page
	[[ $(tr -s ' \n' ' ' <<<"$out") = *'#include <dim.h> enum dim_status dim_region_resident(const struct dim_region *region, uint64_t offset, uint64_t size, uint64_t *ret_bytes);'* ]]
	contains "$(tr -s ' \n' ' ' <page)" '*ret_bytes counts those of [offset, offset + size), in whole pages. '
	contains "$(tr -s ' \n' ' ' <page)" 'DIM_ERR_USAGE The range leads outside, or the region is in memory. '
	contains "$(<page)" 'dim(3), dim_status(3)'
}

@test "every awk makes the same pages" {
	local awk count=0
	make_pages "${AWK:-awk}" "$ROOT"/include/dim{,_region,_verify}.h >links
	mv new first
	for awk in mawk gawk original-awk 'busybox awk'; do
		command -v "${awk%% *}" >/dev/null || continue
		count=$((count + 1))
		make_pages "$awk" "$ROOT"/include/dim{,_region,_verify}.h | sort >others
		run_status 0 diff -r first new
		run_status 0 diff <(sort links) others
	done
	[[ $count -gt 0 ]] || skip 'no awk here by its own name'
}

# refused TEXT WHY: dim.h with TEXT at its end gives no pages, for that reason.
refused() {
	printf '%s\n' "$1" | cat "$ROOT/include/dim.h" - >dim.h
	run_status 1 make_pages "${AWK:-awk}" dim.h "$ROOT"/include/dim_{region,verify}.h
	contains "$err" "$2"
}

@test "a function, a member or an enumerator without a comment is refused, and so is a title that is none" {
	refused $'void dim_new(void);' 'dim_new has no comment'
	refused $'\n/* Something. */\nstruct dim_new {\n\tint a; /* one */\n\tint b;\n};' 'b of dim_new has no comment'
	refused $'\n/* Something. */\nenum dim_new {\n\tDIM_A = 1\n};' 'DIM_A of dim_new has no comment'
	refused $'\n/* Something. */\nenum dim_new {\n\tDIM_A /* one */\n};' 'DIM_A of enum dim_new has no value'
	refused $'\n/* This is a sentence that goes on and on, far beyond what anybody would read as the title of a page in a list. */\nvoid dim_new(void);' 'dim_new is its title'
	refused $'\n/* --- other --- */\n\n/* Something. */\nvoid dim_new(void);' 'dim_new is in no list'
}
