#!/usr/bin/env bats
# pages.bats: the manual pages of dimc, its commands and its files: sound, complete, and true to the program.
# In: the pages that the build made, the program's help, the code. Out: each option, limit and offset is the same in both.
# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2016 # backquotes are text here

load lib

PAGES=$OUT/man

# page FILE: as a person reads it, in 80 columns.
page() {
	mandoc -Tascii -Owidth=80 "$1" | sed 's/.\x08//g'
}

# commands: their names, as the program's own tables have them.
commands() {
	"$DIMC" completion tables | sed -n 's/^command\t\([^\t]*\).*/\1/p'
}

@test "every command has a page, and no page is of anything else" {
	run_status 0 diff <(commands | sed 's/.*/dimc-&.1/' | cat - <(echo dimc.1) | sort) \
		<(cd "$PAGES/man1" && printf '%s\n' ./* | sed 's/^..//' | sort)
	[[ $(commands | wc -l) -gt 15 ]]
}

@test "every command has a part by hand, with examples and exit statuses; without one there is a page all the same" {
	local name
	for name in $(commands); do
		if ! grep -qs '^\.Sh EXAMPLES' "$ROOT/docs/man/dimc-$name.in" || ! grep -q '^\.\\" @exit 0' "$ROOT/docs/man/dimc-$name.in"; then
			echo "write docs/man/dimc-$name.in, with @exit and EXAMPLES; docs/man/dimc-check.in is an example"
			return 1
		fi
	done
	mkdir new
	{ "$DIMC" completion tables && printf 'command\tmelt\t[A | B]; PATH... -o FILE\tmelt it\tMelts `all of` A.\n'; } >listed
	run_status 0 "${AWK:-awk}" -v version=0 -v dir=new -v parts="$ROOT/docs/man" -f "$ROOT/scripts/mdoc.awk" \
		-f "$ROOT/scripts/commandpages.awk" listed
	contains "$err" 'dimc-melt(1) has no part of its own yet'
	need mandoc
	contains "$(page new/dimc-melt.1)" $'     dimc melt [A | B]\n     dimc melt PATH ... -o FILE\n'
	contains "$(page new/dimc-melt.1 | tr -d "\`'")" 'Melts all of A.'
}

@test "mandoc finds nothing to warn of, nor a matter of style" {
	need mandoc
	# What the system has of other pages is not ours to say.
	run_status 0 bash -c "mandoc -Tlint -Wstyle '$PAGES'/man[15]/* 2>/dev/null | grep -v 'referenced manual not found' || true"
	[[ -z $out ]] || { echo "$out"; return 1; }
	run_status 3 mandoc -Tlint -Wstyle <(sed 's/^\.Sh SEE ALSO/.Sh EXTRA\n.Bl/' "$PAGES/man1/dimc.1")
}

@test "every reference to a page of ours leads to one, and SEE ALSO names more than dimc(1)" {
	local file name section
	for file in "$PAGES"/man[135]/*; do
		while read -r name section; do
			[[ $name != dim* || -e $PAGES/man$section/$name.$section ]] ||
				{ echo "$file: $name($section) is not there"; return 1; }
		done < <(sed -nE 's/^\.(It )?Xr \(? ?([^ ]+) ([1-8]).*/\2 \3/p' "$file")
	done
	for file in "$PAGES"/man[15]/*; do
		[[ $(sed '1,/^\.Sh SEE ALSO/d' "$file" | grep -c '^\.Xr') -ge 2 ]]
		grep -q '^\.Sh EXAMPLES' "$file"
	done
	for name in $(commands); do
		grep -q "^\.It Xr dimc-$name 1" "$PAGES/man1/dimc.1"
		grep -q '^\.Sh EXIT STATUS' "$PAGES/man1/dimc-$name.1"
	done
}

@test "a page has the options that --help has, with the same arguments, and no others" {
	need mandoc
	local command
	for command in $(commands); do
		"$DIMC" "$command" --help | sed -nE 's/^  (-., |    )?(-[^ ]*( [A-Z][A-Z]+)?)( .*|$)/\1\2/p' | sed 's/^ *//' | sort >help
		page "$PAGES/man1/dimc-$command.1" | sed '/^ENVIRONMENT/,$d; /^FILES/,$d; /^EXIT/,$d' |
			awk '/^     The options are:|^   Options of/ { on = 1 } on && /^     -/ { print $1 ($1 ~ /,$/ || ($1 !~ /^--/ && $2 ~ /^[A-Z][A-Z]+$/) ? " " $2 : "") }' | sort >shown
		run_status 0 diff help shown
		[[ $(wc -l <help) -ge 8 ]]
		# The usage is the synopsis.
		"$DIMC" "$command" --help | sed -n '1,/^$/p' | sed 's/^usage: //; s/OPTIONS/option .../' | tr -s ' \n' ' ' >help
		page "$PAGES/man1/dimc-$command.1" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed '1d;$d' | tr -s ' \n' ' ' | sed 's/^ //' >shown
		run_status 0 diff <(sed 's/\.\.\./ .../; s/  / /g; s/ $//' help) <(sed 's/ $//' shown)
	done
}

@test "a page says what --help says, and fits 80 columns" {
	need mandoc
	local command file
	for command in $(commands); do
		"$DIMC" "$command" --help | sed '1,/^$/d; /^options:/,$d; /^for every command:/,$d' | tr -d "\n\`' " >help
		page "$PAGES/man1/dimc-$command.1" | tr -d "\n\`' " >shown
		contains "$(cat shown)" "$(cat help)"
	done
	for file in "$PAGES"/man[15]/*; do
		[[ $(page "$file" | awk '{ if (length > m) m = length } END { print m }') -le 80 ]]
	done
}

@test "exit statuses mean in the pages what they mean in the README" {
	local status meaning
	for status in 0 1 2 3 4 5 6 7 8 9; do
		meaning=$(sed -nE "s/^\| (.*\| )?$status \| ([^|]*[^| ]) +\|.*/\2/p" "$ROOT/README.md")
		[[ -n $meaning ]]
		grep -iqF "${meaning%% or *}" <(sed -n "/^\.It $status\$/{n;p;}" "$PAGES/man1/dimc.1" | sed 's/[,:] .*//') ||
			grep -iqF "$(sed -n "/^\.It $status\$/{n;p;}" "$PAGES/man1/dimc.1" | sed 's/[,.:].*//')" <<<"$meaning"
	done
}

@test "dim-region(5) has every field of the format, with its offset and size, and every constant" {
	local header=$ROOT/include/dim_format.h region=$PAGES/man5/dim-region.5
	# offsets by addition: no struct has padding, since all are made of bytes
	awk '
		function flush_struct() { if (name != "") print "struct", name, at }
		/^struct dim_(le32|le64|lef64|string_ref) / { next }
		/^struct dim_[a-z_]+ \{/ { name = $2; at = 0; rows = ""; next }
		name != "" && /^\};/ { printf "struct %s %d\n%s", name, at, rows; name = ""; next }
		name != "" {
			sub(/\/\*.*/, "")
			text = text " " $0
			if (text !~ /;/) next
			n = split(text, word, /[ \t;]+/)
			field = word[n - 1]
			size = text ~ /le32/ ? 4 : text ~ /le64|lef64|string_ref/ ? 8 : 1
			type = text ~ /le32/ ? "u32" : text ~ /le64/ ? "u64" : text ~ /lef64/ ? "f64" : text ~ /string_ref/ ? "string" : "bytes"
			if (field ~ /\[/) {
				count = field
				gsub(/.*\[|\].*/, "", count)
				if (count == "DIM_FORMAT_DIGEST_SIZE") count = 32
				size *= count
				sub(/\[.*/, "", field)
			}
			rows = rows at " " size " " type " " field "\n"
			at += size
			text = ""
		}' "$header" >want
	sed -nE 's/^\.\\" struct (dim_)/struct \1/p; s/^\.It ([0-9]+) Ta ([0-9]+) Ta ([a-z0-9]+) Ta ([a-z_]+) Ta .*/\1 \2 \3 \4/p' "$region" >got
	[[ $(grep -c '^struct' want) -eq 6 && $(wc -l <want) -gt 40 ]]
	run_status 0 diff want got
	# constants, as the compiler has them
	sed -nE 's/^\.It Dv (DIM_FORMAT_[A-Z_]+) Ta (-?[0-9]+) Ta .*/\1 \2/p' "$region" | sort >got
	{
		printf '#include <stdio.h>\n#include "%s"\nint main(void) {\n' "$header"
		sed -nE '/DIM_FORMAT_(MAGIC|ASSERT)|_H$/d; s/^#define (DIM_FORMAT_[A-Z_]+) .*/printf("\1 %lld\\n", (long long)\1);/p' "$header"
		printf '}\n'
	} >constants.c
	"${CC:-cc}" -o constants constants.c
	run_status 0 diff <(./constants | sort) got
	# kinds and flags
	run_status 0 diff <(sed -nE 's/^\t(DIM_(SECTION|DIMENSION_HAS)_[A-Z_]+) = ([0-9]+),?.*/\3 \1/p' "$header" | grep -v SECTION_KNOWN) \
		<(sed -nE 's/^\.It ([0-9]+) Ta Dv ([A-Z_]+) Ta .*/\1 \2/p' "$region")
}

@test "dim-sources(5) has every key, and the limits that the compiler has" {
	local sources=$ROOT/docs/man/dim-sources.5 name value
	run_status 0 diff <(sed -nE 's/^\t\{"([a-z_]+)", [a-z_]*read_.*/\1/p' "$ROOT"/compiler/*.c | sort -u) \
		<(sed -n '/^\.Ss dimension.yaml/,/^\.Ss YAML/p' "$sources" | sed -n 's/^\.It Cm //p' | sed 's/ , /\n/g' | sort -u)
	while read -r name value; do
		grep -A 1 "^\.\\\\\" $name\$" "$sources" | tail -n 1 | grep -qw "$value" ||
			{ echo "dim-sources(5) should say that $name is $value"; return 1; }
	done < <(sed -nE 's/^.*\b((MODEL|YAML)_MAX_[A-Z_]+|SOURCE_TIMES_REGION) = ([0-9]+).*/\1 \3/p' \
		"$ROOT"/compiler/{model.h,event.h,events.h,source.c})
	[[ $(grep -c '^\.\\" [A-Z_]*$' "$sources") -eq 11 ]]
}

@test "the examples of dim-sources(5) compile, without a warning" {
	local line tree='' file='' inside='' count=0
	while IFS= read -r line; do
		case $line in
		'.\" tree '*) tree=${line##* } ;;
		'.Pa '*' :') file=$tree/$(cut -d ' ' -f 2 <<<"$line") ;;
		.Bd*)
			[[ -n $file ]] || { echo 'an example without the name of its file'; return 1; }
			mkdir -p "${file%/*}"
			: >"$file"
			inside=1
			;;
		.Ed)
			inside='' file=''
			count=$((count + 1))
			;;
		*) [[ -z $inside ]] || printf '%s\n' "$line" >>"$file" ;;
		esac
	done < <(sed -n '/^\.Sh EXAMPLES/,$p' "$PAGES/man5/dim-sources.5")
	[[ $count -eq 5 ]]
	for tree in */; do
		run_status 0 "$DIMC" compile "$tree" -o volume --no-sync
		[[ -z $err ]]
	done
	run_status 0 "$DIMC" show volume D09/2
	[[ $out = 'To give everybody the same reasons.' ]]
	run_status 0 "$DIMC" check first
	contains "$out" '3 layers'
}

@test "every awk makes the same pages" {
	local awk count=0
	"$DIMC" completion tables >listed
	for awk in mawk gawk original-awk 'busybox awk'; do
		command -v "${awk%% *}" >/dev/null || continue
		count=$((count + 1))
		rm -rf new && mkdir new
		# shellcheck disable=SC2086 # awk may be two words
		$awk -v version="$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")" -v dir=new -v parts="$ROOT/docs/man" \
			-f "$ROOT/scripts/mdoc.awk" -f "$ROOT/scripts/commandpages.awk" listed
		sed -i "1s|$ROOT/||" new/*
		run_status 0 diff -r "$PAGES/man1" new
	done
	[[ $count -gt 0 ]] || skip 'no awk here by its own name'
}
