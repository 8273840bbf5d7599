# compose-facts.awk: what a compose file in block style says about volumes, a fact a line, in the file's order.
#
#   volume NAME KEY VALUE                  a key of the volume; those of driver_opts stand beside it
#   mount SERVICE SOURCE TARGET ro|rw      either syntax, "source:target:ro" or a mapping

function plain(text) {
	if (match(text, /^"[^"]*"/) || match(text, /^'[^']*'/))
		return substr(text, 2, RLENGTH - 2)
	sub(/[ \t]+#.*$/, "", text)
	sub(/[ \t\r]+$/, "", text)
	return text
}

# Forgets what is not around a line that begins in column `at`. An item is half a column deeper than its dash.
function leave(at) {
	while (depth > 0 && column[depth] >= at)
		depth--
}

function enter(at, name) {
	depth++
	column[depth] = at
	key[depth] = name
}

function short_mount(text,    part, n) {
	gsub(/\$\{[^}]*\}/, "$", text)
	n = split(text, part, ":")
	source[mounts] = n > 1 ? part[1] : "-"
	target[mounts] = n > 1 ? part[2] : part[1]
	if (n > 2 && part[3] ~ /(^|,)ro(,|$)/)
		mode[mounts] = "ro"
}

/^[ \t]*(#|$)/ || /^(---|\.\.\.)/ { next }

{
	match($0, /^ */)
	at = RLENGTH
	rest = substr($0, at + 1)
	while (rest ~ /^- /) {
		leave(at + 0.5)
		enter(at + 0.5, "-")
		in_mounts = depth == 4 && key[1] == "services" && key[3] == "volumes"
		if (in_mounts) {
			mounts++
			service[mounts] = key[2]
			mode[mounts] = "rw"
		}
		match(rest, /^- +/)
		at += RLENGTH
		rest = substr(rest, RLENGTH + 1)
		if (in_mounts && rest !~ /^[a-z_]+:( |$)/)
			short_mount(plain(rest))
	}
	if (rest !~ /^[^ ]+:([ \t]|$)/)
		next
	name = plain(substr(rest, 1, match(rest, /:([ \t]|$)/) - 1))
	sub(/^[^:]*:[ \t]*/, "", rest)
	value = plain(rest)
	leave(at)
	enter(at, name)
	if (key[1] == "volumes" && value != "" && (depth == 3 || depth == 4 && key[3] == "driver_opts"))
		print "volume", key[2], name, value
	if (depth == 5 && key[1] == "services" && key[3] == "volumes" && key[4] == "-") {
		if (name == "source")
			source[mounts] = value
		if (name == "target")
			target[mounts] = value
		if (name == "read_only" && value == "true")
			mode[mounts] = "ro"
	}
}

END {
	for (i = 1; i <= mounts; i++)
		print "mount", service[i], source[i] == "" ? "-" : source[i], target[i], mode[i]
}
