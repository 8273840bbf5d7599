# lookups.awk: figures as a table with ratios and goals, and as JSON.
# In: `name<TAB>value` lines; corpus and json (a file to write) as variables.
# Out: a table on stdout.

{ value[$1] = $2; order[NR] = $1 }

function line(name, base, unit) {
	if (!(name in value)) return
	if (name ~ /pages|faults|bytes/) {
		printf "  %12d %s            %s\n", value[name], "  ", name
		return
	}
	printf "  %12.1f %s  %8.2fx  %s\n", value[name], unit, value[name] / value[base], name
}

# A goal is a ratio of two figures, or a figure (b is ""), and what it may be at most or at least.
function goal(text, a, b, sign, limit,    ratio, holds) {
	if (!(a in value) || (b != "" && !(b in value))) return
	ratio = b == "" ? value[a] : value[a] / value[b]
	holds = sign == "<=" ? ratio <= limit : ratio >= limit
	printf "  %-5s %10.2f  %s %-7g %s\n", holds ? "holds" : "FAILS", ratio, sign, limit, text
	goals = goals (goals == "" ? "" : ",") sprintf("\n    {\"goal\": \"%s\", \"is\": %.3f, \"%s\": %g, \"holds\": %s}", \
		text, ratio, sign == "<=" ? "at_most" : "at_least", limit, holds ? "true" : "false")
}

function section(title, prefix, base, unit,    i) {
	printf "\n%s\n", title
	for (i = 1; i <= NR; i++)
		if (index(order[i], prefix) == 1) line(order[i], base, unit)
}

END {
	printf "\ncorpus %s: %d layers, %d keywords in dimensions, %d different ones; medians, warm, CPU time\n", corpus,
		value["layers"], value["keywords"], value["keywords of all"]
	section("a layer by dimension_id and layer_id, random order, its first and last byte touched; ratio to libdim", "layer: ", "layer: libdim", "ns")
	section("the same, but no byte of it touched", "layer found: ", "layer found: libdim", "ns")
	section("a keyword to its layers, one dimension", "keyword: ", "keyword: libdim", "ns")
	section("a keyword that is not there, one dimension", "keyword, a miss: ", "keyword, a miss: libdim", "ns")
	section("a keyword to the contents of its layers, one dimension", "keyword to contents: ", "keyword to contents: libdim", "ns")
	section("a keyword to its layers, 14 dimensions; the others have one database for all", "keyword of all: ", "keyword of all: libdim", "ns")
	section("a keyword that is not there, 14 dimensions", "keyword of all, a miss: ", "keyword of all, a miss: libdim", "ns")
	section("the same layer by id by threads that share a snapshot, CPU time of each", "layer, threads: ", "layer, threads: 1 threads", "ns")
	section("the same by an array", "array, threads: ", "array, threads: 1 threads", "ns")
	section("a volume acquired and released", "acquire and release: ", "acquire and release: 1 threads", "ns")
	section("all regions opened and closed; ratio to the bare system calls", "open: ", "open: open+fstat+mmap+munmap+close", "us")
	section("heap of a volume, all dimensions mapped", "heap", "heap for each dimension", " B")
	section("cold, on the wall, DIM_ADVICE_RANDOM; ratio to one cold page", "cold, random: ", "cold, random: pread of one page", "us")
	section("cold, on the wall, DIM_ADVICE_NORMAL", "cold, normal: ", "cold, normal: pread of one page", "us")
	printf "\ngoals\n"
	goal("layer by id: libdim to an array index", "layer: libdim", "layer: array", "<=", 2)
	goal("layer by id: LMDB to libdim", "layer: LMDB", "layer: libdim", ">=", 10)
	goal("layer by id: tinycdb to libdim", "layer: tinycdb", "layer: libdim", ">=", 4)
	goal("layer found, not touched: LMDB to libdim", "layer found: LMDB", "layer found: libdim", ">=", 10)
	goal("layer found, not touched: tinycdb to libdim", "layer found: tinycdb", "layer found: libdim", ">=", 4)
	goal("keyword to layers: LMDB to libdim", "keyword: LMDB", "keyword: libdim", ">=", 4)
	goal("keyword to layers: tinycdb to libdim", "keyword: tinycdb", "keyword: libdim", ">=", 1.5)
	goal("keyword: a miss to a hit", "keyword, a miss: libdim", "keyword: libdim", "<=", 1)
	goal("keyword of all: LMDB to libdim", "keyword of all: LMDB", "keyword of all: libdim", ">=", 4)
	goal("keyword of all: tinycdb to libdim", "keyword of all: tinycdb", "keyword of all: libdim", ">=", 1.5)
	goal("open: dim_region_open to bare", "open: dim_region_open", "open: open+fstat+mmap+munmap+close", "<=", 1.5)
	goal("open: dim_volume_open to bare", "open: dim_volume_open", "open: open+fstat+mmap+munmap+close", "<=", 1.5)
	goal("open: dim_volume_open to bare, all mapped at once", "open: dim_volume_open", "open: the same, all mapped at once", "<=", 1.5)
	goal("open: with dim_region_check to bare", "open: dim_region_open, dim_region_check", "open: open+fstat+mmap+munmap+close", "<=", 8)
	goal("open: jansson to dim_volume_open", "open: jansson", "open: dim_volume_open", ">=", 100)
	goal("open: python3 json to dim_volume_open", "open: python3 json", "open: dim_volume_open", ">=", 100)
	goal("layer by id: 2 threads to 1", "layer, threads: 2 threads", "layer, threads: 1 threads", "<=", 1.1)
	goal("layer by id: 100 threads to 1", "layer, threads: 100 threads", "layer, threads: 1 threads", "<=", 1.1)
	goal("heap for each dimension, bytes", "heap for each dimension", "", "<=", 4096)
	goal("heap for each dimension to that of corpus S", "heap for each dimension", "heap for each dimension, corpus S", "<=", 1)
	goal("warm: dim_volume_open, us", "open: dim_volume_open", "", "<=", 1000)
	goal("cold: dim_volume_open, us", "cold, random: dim_volume_open", "", "<=", 5000)
	goal("cold: the first layer, us", "cold, random: the first layer", "", "<=", 100)
	goal("cold: the first layer, to that with DIM_ADVICE_NORMAL", "cold, random: the first layer", "cold, normal: the first layer", "<=", 1)
	printf "{\n  \"corpus\": \"%s\",\n  \"figures\": {", corpus >json
	for (i = 1; i <= NR; i++) printf("%s\n    \"%s\": %s", (i > 1 ? "," : ""), order[i], value[order[i]]) >json
	printf "\n  },\n  \"goals\": [%s\n  ]\n}\n", goals >json
	close(json)
}
