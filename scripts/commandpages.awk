# commandpages.awk: the manual pages of dimc and of its commands, section 1.
#
#   dimc completion tables | awk -v version=0.1.0 -v dir=DIRECTORY -v parts=docs/man -f scripts/mdoc.awk -f scripts/commandpages.awk
#
# In: the program's own tables; for each command what no table says, in parts/dimc-COMMAND.in, and for the program in dimc.in. Out: in
# DIRECTORY, dimc-COMMAND.1 and dimc.1. A part is mdoc; what stands before its first .Sh belongs to DESCRIPTION, behind
# the command's own text. Its lines
#   .\" @exit 0 1 3        are replaced by the meaning of these statuses
#   .\" @environment       by the variables that every command looks at; entries of its own may follow, then .El
#   .\" @commands          by the list of commands
#   .\" @options           by the options that every command has
# A command without a part gets a page all the same, and tests/pages.bats asks for the part. Uses mdoc.awk. POSIX awk.

BEGIN {
	FS = "\t"
	meanings = "done|the sources were rejected|wrong usage|the system said no: input or output, memory, permission, a lock|" \
		"compared and different|damaged: failed verification|a version this program does not know|" \
		"a bundle was refused as unsafe, or not signed by the key|" \
		"published, but durability could not be confirmed|the thing asked for is not there"
	split(meanings, meaning, "|")
	overview = parts "/dim.3"
	while ((getline text < overview) > 0)
		if (text ~ /^\.Dd /)
			date = text
	if (date == "")
		fail("no date in " overview)
}

$1 == "command" {
	name[++commands] = $2
	synopsis[$2] = $3
	summary[$2] = $4
	about[$2] = $5
}

$1 == "option" {
	count = ++options_of[$2]
	letter[$2, count] = $3
	long[$2, count] = $4
	argument[$2, count] = $5
	help[$2, count] = $6
	if ($5 != "")
		is_argument[$5] = 1
}

END {
	for (i = 1; i <= commands; i++)
		write_command(name[i])
	out = dir "/dimc.1"
	write_head("dimc")
	write_part("dimc")
	close(out)
	exit failed
}

function fail(text) {
	print "commandpages.awk: " text > "/dev/stderr"
	failed = 1
}

function put(line) { print line > out }

function write_head(page) {
	put(".\\\" Made by scripts/commandpages.awk from the tables of dimc and " parts "/" page ".in.")
	put(date)
	put(".Dt " toupper(page) " 1")
	put(".Os dimc " version)
}

function write_command(command,    page) {
	page = "dimc-" command
	out = dir "/" page ".1"
	write_head(page)
	put(".Sh NAME")
	put(".Nm " page)
	put(".Nd " macro_text(summary[command]))
	put(".Sh SYNOPSIS")
	put(".Nm dimc " command)
	write_synopsis(command, synopsis[command])
	put(".Sh DESCRIPTION")
	prose(spaced(about[command]))
	write_part(page, command)
	close(out)
}

# Words of [PATH] WORD... [-f LOW..HIGH] [--any | --all] --x=FILE as macros; another form of the command follows behind "; ".
function write_synopsis(command, text,    word, count, i, w, opens, closes, ends, depth) {
	count = split(text, word, / +/)
	for (i = 1; i <= count; i++) {
		w = word[i]
		ends = sub(/;$/, "", w)
		for (opens = 0; w ~ /^\[/; opens++)
			w = substr(w, 2)
		for (closes = 0; w ~ /\]$/ && !(w ~ /\[/); closes++)
			w = substr(w, 1, length(w) - 1)
		for (; opens > 0; opens--) {
			depth++
			put(".Oo")
		}
		put(w == "|" ? w : "." macros_of_argument(w == "OPTIONS" ? "option..." : w))
		for (; closes > 0; closes--) {
			depth--
			put(".Oc")
		}
		if (ends)
			put(".Nm dimc " command)
	}
	if (depth != 0)
		fail("brackets do not match in: " text)
}

function macros_of_argument(w,    p, more) {
	if (w ~ /\.\.\.$/) {
		w = substr(w, 1, length(w) - 3)
		more = " ..."
	}
	if (w ~ /^-/) {
		p = index(w, "=")
		if (p == 0)
			return "Fl " macro_text(substr(w, 2))
		return "Fl " macro_text(substr(w, 2, p - 2)) " Ns = Ns " macros_of_value(substr(w, p + 1))
	}
	return macros_of_value(w) more
}

# Words to choose from are typed as they stand; anything else is a name for what is typed.
function macros_of_value(w) {
	if (w ~ /\|/ && w !~ /[A-Z]/) {
		gsub(/\|/, " Ns | Ns Cm ", w)
		return "Cm " w
	}
	return "Ar " macro_text(w)
}

function write_options(command,    i, head) {
	put(".Bl -tag -width Ds")
	for (i = 1; i <= options_of[command]; i++) {
		head = ".It "
		if (letter[command, i] != "")
			head = head "Fl " substr(letter[command, i], 2) " , "
		head = head "Fl " substr(long[command, i], 2)
		if (argument[command, i] != "")
			head = head (long[command, i] ~ /^--/ ? " Ns = Ns " : " ") macros_of_value(argument[command, i])
		put(head)
		prose(sentence(spaced(help[command, i])))
	}
	put(".El")
}

function write_all_options(command) {
	if (options_of[command] > 0) {
		put(".Pp")
		put("The options are:")
		write_options(command)
	}
	put(".Ss Options of every command")
	write_options("")
}

# The part that was written by hand. The options of a command go before its first section.
function write_part(page, command,    file, text, before, lines) {
	file = parts "/" page ".in"
	before = command != ""
	while ((getline text < file) > 0) {
		lines++
		if (text ~ /^\.\\" dimc[a-z-]*\.in:/)
			continue
		if (before && text ~ /^\.(Sh|\\" @(exit|environment))/) {
			write_all_options(command)
			before = 0
		}
		if (text ~ /^\.\\" @exit /)
			write_exit(substr(text, 11))
		else if (text ~ /^\.\\" @environment/)
			write_environment()
		else if (text ~ /^\.\\" @commands/)
			write_commands()
		else if (text ~ /^\.\\" @options/)
			write_options("")
		else
			put(text)
	}
	close(file)
	if (before)
		write_all_options(command)
	if (lines == 0)
		print page "(1) has no part of its own yet: " file > "/dev/stderr"
}

function write_exit(statuses,    count, status, i) {
	put(".Sh EXIT STATUS")
	put(".Bl -tag -width Ds -compact")
	count = split(statuses, status, / +/)
	for (i = 1; i <= count; i++) {
		put(".It " status[i])
		prose(sentence(capital(meaning[status[i] + 1])))
	}
	put(".El")
}

function write_environment() {
	put(".Sh ENVIRONMENT")
	put("A file")
	put(".Pa .env")
	put("in the working directory may set the variables whose names begin with MMAP_;")
	put("the environment goes before it.")
	put(".Bl -tag -width Ds")
	put(".It Ev MMAP_BASE_PATH")
	put("The volume, where the command line names none; else it is")
	put(".Pa data/mmap .")
}

function write_commands(    i) {
	put(".Bl -tag -width \"dimc-completion(1)\" -compact")
	for (i = 1; i <= commands; i++) {
		put(".It Xr dimc-" name[i] " 1")
		prose(capital(summary[name[i]]))
	}
	put(".El")
}

# Spaces inside of backquotes do not part words, for prose().
function spaced(s,    made, p, q) {
	while ((p = index(s, "`")) > 0 && (q = index(substr(s, p + 1), "`")) > 0) {
		made = made substr(s, 1, p)
		s = substr(s, p + 1)
		p = substr(s, 1, q)
		gsub(/ /, "\001", p)
		made = made p
		s = substr(s, q + 1)
	}
	return made s
}

# The macro for a word, or nothing: `typed`, --option, -o, ARGUMENT, NAME(1).
function macro_of(w,    base) {
	if (w ~ /^`/) {
		w = macro_text(substr(w, 2, length(w) - 2))
		gsub(/\001/, " ", w)
		return "Ql \"" w "\""
	}
	if (w ~ /\([1-8]\)$/)
		return "Xr " substr(w, 1, length(w) - 3) " " substr(w, length(w) - 1, 1)
	if (w ~ /^-/)
		return "Fl " substr(w, 2)
	if (w ~ /^MMAP_[A-Z_]+$/)
		return "Ev " w
	if (w != "N" && (w in is_argument || w ~ /^(SOURCES|PATH|VOLUME|BUNDLE|WORD)$/))
		return "Ar " w
	return ""
}
