# manpages.awk: the manual pages of libdim, section 3, made of the comments of its public headers.
#
#   awk -v version=0.1.0 -v dir=DIRECTORY -v overview=docs/man/dim.3 -f scripts/headers.awk -f scripts/mdoc.awk \
#       -f scripts/manpages.awk include/dim.h ...
#
# In: the headers (headers.awk), and dim(3), which is written by hand. Out: in DIRECTORY, one page for each block of
# declarations, and dim(3) with the functions of a group where it says @functions GROUP; to stdout, "PAGE NAME" for each further name
# that leads to a page. A declaration without a comment, or with too long a first sentence for a title, fails the run.
# A line "DIM_ERR_NAME: ..." of a comment begins an entry of ERRORS, and "dim_function: ..." one of a list, up to the next
# such line or an empty one. What else a comment may say is in mdoc.awk. POSIX awk.

BEGIN {
	while ((getline line < overview) > 0) {
		overview_line[++overview_lines] = line
		if (line ~ /^\.Dd /)
			date = line
	}
	if (date == "")
		fail("no date in " overview)
}

function group(name) { group_now = name }

function member(of, name, type, comment) {
	sub(/.* /, "", of)
	members_of[of]++
	member_name[of, members_of[of]] = name
	member_type[of, members_of[of]] = type
	member_text[of, members_of[of]] = comment
}

function declared(kind, name, code, comment, behind,    n) {
	if (kind == "opaque") {
		opaque[name] = behind
		return
	}
	if (block != page_block) { # the next block begins a page, unless that has its name already (dim_faults)
		page_block = block
		if (comment == "")
			fail(name " has no comment")
		if (!(name in page_of)) {
			page_name[++pages] = name
			page_header[name] = file
			page_group[name] = group_now
			page_comment[name] = comment
		}
		page = page_of[name] = name
	}
	if (!(name in page_of))
		page_of[name] = page
	n = ++entries[page]
	entry_kind[page, n] = kind
	entry_name[page, n] = name
	entry_code[page, n] = code
	entry_behind[page, n] = behind
}

END {
	if (failed)
		exit 1
	for (i = 1; i <= pages; i++)
		write_page(page_name[i])
	for (name in page_of)
		if (page_of[name] != name)
			print page_of[name], name
	for (name in opaque)
		if (!(name in page_of))
			print "dim", name
	write_overview()
	exit failed
}

# --- one page -----------------------------------------------------------------------------------------------------

function put(line) { print line > out }

function write_head(name) {
	put(".\\\" Made by scripts/manpages.awk from the comments of " page_header[name] ".")
	put(date)
	put(".Dt " toupper(name) " 3")
	put(".Os libdim " version)
}

function write_page(name,    i, library) {
	out = dir "/" name ".3"
	here = name
	split("", mentioned)
	write_head(name)
	put(".Sh NAME")
	for (i = 1; i < entries[name]; i++)
		if (entry_name[name, i] != entry_name[name, i + 1]) # a struct and its function
			put(".Nm " entry_name[name, i] " ,")
	put(".Nm " entry_name[name, i])
	put(".Nd " macro_text(title(name)))
	put(".Sh LIBRARY")
	library = page_header[name] == "dim_verify.h" ? "dim-verify" : "dim"
	put("lib" library)
	put(".Pq Fl l" library)
	put(".Sh SYNOPSIS")
	put(".In " (library == "dim" ? "dim.h" : "dim_verify.h"))
	for (i = 1; i <= entries[name]; i++)
		write_entry(name, i)
	put(".Sh DESCRIPTION")
	write_comment(name)
	for (i = 1; i <= entries[name]; i++)
		if (entry_kind[name, i] == "struct" || entry_kind[name, i] == "enum")
			write_members(entry_name[name, i], entry_kind[name, i])
	write_behind(name)
	write_return_values(name)
	write_errors()
	write_see_also(name)
	close(out)
}

# The first sentence, without what is for the eye.
function title(name,    s) {
	s = page_comment[name]
	gsub(/\n/, " ", s)
	if (match(s, /[.:;]( |$)/))
		s = substr(s, 1, RSTART - 1)
	gsub(/`/, "", s)
	if (s ~ /^[A-Z][^A-Z]/)
		s = tolower(substr(s, 1, 1)) substr(s, 2)
	if (length(s) > 90) {
		print page_header[name] ": the first sentence about " name " is its title, and longer than 90: " s > "/dev/stderr"
		failed = 1
	}
	return s
}

# A declaration, as the synopsis shows it.
function write_entry(name, n,    kind, code, of, i, count, argument, width) {
	kind = entry_kind[name, n]
	code = entry_code[name, n]
	if (kind == "function") {
		if (n > 1 && entry_kind[name, n - 1] != "function")
			put(".Pp")
		of = code
		sub(/ ?dim_[a-z0-9_]+\(.*/, "", of)
		put(".Ft " quoted(of))
		put(".Fo " entry_name[name, n])
		sub(/^[^(]*\(/, "", code)
		sub(/\)$/, "", code)
		count = split(code, argument, /, /)
		for (i = 1; i <= count; i++)
			put(".Fa " quoted(argument[i]))
		put(".Fc")
		return
	}
	if (n > 1)
		put(".Pp")
	put(".Bd -literal")
	if (kind == "typedef") {
		put(text_line(escaped(code ";")))
	} else {
		of = entry_name[name, n]
		put(kind " " of " {")
		for (i = 1; i <= members_of[of]; i++) {
			code = member_name[of, i]
			if (kind == "enum")
				code = code " = " member_type[of, i] (i < members_of[of] ? "," : "")
			else
				code = member_type[of, i] code ";"
			put("        " escaped(code))
		}
		put("};")
	}
	put(".Ed")
}

function write_members(of, kind,    i, name) {
	put(".Bl -tag -width Ds")
	for (i = 1; i <= members_of[of]; i++) {
		name = member_name[of, i]
		if (kind == "struct" && name ~ /^reserved/ && member_text[of, i] == "")
			continue
		if (member_text[of, i] == "") {
			print page_header[here] ": " name " of " of " has no comment" > "/dev/stderr"
			failed = 1
		}
		put(kind == "enum" ? ".It Dv " name : ".It Fa " quoted(member_type[of, i] name))
		prose(sentence(member_text[of, i]))
	}
	put(".El")
}

# What stands behind single functions of a block.
function write_behind(name,    i, begun) {
	for (i = 1; i <= entries[name]; i++)
		if (entry_behind[name, i] != "") {
			if (!begun++)
				put(".Bl -tag -width Ds")
			put(".It Fn " entry_name[name, i])
			prose(sentence(entry_behind[name, i]))
		}
	if (begun)
		put(".El")
}

# The comment: paragraphs, lists, and ERRORS, which are kept for later.
function write_comment(name,    line, count, i, state, paragraphs, word) {
	split("", error_name)
	error_count = 0
	paragraph = ""
	state = "text"
	count = split(page_comment[name] "\n", line, "\n")
	for (i = 1; i <= count; i++) {
		word = line[i]
		sub(/: .*/, "", word)
		if (line[i] == "") {
			end_paragraph()
			if (state == "list")
				put(".El")
			state = "text"
		} else if (word ~ /^DIM_ERR_[A-Z_]+$/ && line[i] ~ /: /) {
			end_paragraph()
			error_name[++error_count] = word
			error_text[error_count] = substr(line[i], length(word) + 3)
			state = "error"
		} else if (word in page_of && line[i] ~ /: /) {
			end_paragraph()
			if (state != "list")
				put(".Bl -tag -width Ds")
			put(".It Fn " word)
			paragraph = capital(substr(line[i], length(word) + 3))
			state = "list"
		} else if (state == "error") {
			error_text[error_count] = error_text[error_count] " " line[i]
		} else {
			if (paragraph == "" && state == "text" && paragraphs++)
				put(".Pp")
			paragraph = paragraph (paragraph == "" ? "" : " ") line[i]
		}
	}
}

function end_paragraph() {
	if (paragraph != "")
		prose(paragraph)
	paragraph = ""
}

function write_return_values(name,    i, statuses, details) {
	for (i = 1; i <= entries[name]; i++) {
		if (entry_kind[name, i] != "function" || entry_code[name, i] !~ /^enum dim_status /)
			continue
		statuses++
		if (entry_code[name, i] ~ /struct dim_error \*ret_error/)
			details = 1
	}
	if (!statuses)
		return
	put(".Sh RETURN VALUES")
	prose("DIM_OK, or what dim_status says. After a failure, what the ret_ arguments lead to is untouched" \
		(error_list_has("*ret_") ? ", but for what is said below." : "."))
	if (details)
		prose("Then *ret_error, which may be NULL, has the details: dim_error.")
}

function error_list_has(s,    i) {
	for (i = 1; i <= error_count; i++)
		if (index(error_text[i], s))
			return 1
	return 0
}

function write_errors(    i) {
	if (error_count == 0)
		return
	put(".Sh ERRORS")
	put(".Bl -tag -width Ds")
	for (i = 1; i <= error_count; i++) {
		put(".It Dv " error_name[i])
		prose(capital(error_text[i]))
	}
	put(".El")
}

function write_see_also(name,    i, k, count, list, n, word, words, key) {
	for (n = 1; n <= entries[name]; n++) {
		key = entry_code[name, n]
		for (i = 1; i <= members_of[entry_name[name, n]]; i++)
			key = key " " member_type[entry_name[name, n], i]
		words = split(key, word, /[^a-z0-9_]+/)
		for (i = 1; i <= words; i++)
			if (word[i] in page_of)
				mentioned["3 " word[i]] = 1
	}
	mentioned["3 dim"] = 1
	count = 0
	for (key in mentioned)
		if (!(substr(key, 3) in page_of) || page_of[substr(key, 3)] != name)
			list[++count] = key
	for (i = 2; i <= count; i++) # few: by insertion
		for (k = i; k > 1 && list[k - 1] > list[k]; k--) {
			key = list[k]
			list[k] = list[k - 1]
			list[k - 1] = key
		}
	put(".Sh SEE ALSO")
	for (i = 1; i <= count; i++)
		put(".Xr " substr(list[i], 3) " " substr(list[i], 1, 1) (i < count ? " ," : ""))
}

# --- dim(3) -------------------------------------------------------------------------------------------------------

function write_overview(    i) {
	out = dir "/dim.3"
	here = "dim"
	for (i = 1; i <= overview_lines; i++) {
		if (overview_line[i] ~ /^\.Os/)
			put(".Os libdim " version)
		else if (overview_line[i] ~ /^\.\\" @functions /)
			write_group(substr(overview_line[i], 16))
		else
			put(overview_line[i])
	}
	close(out)
	for (i = 1; i <= pages; i++)
		if (!(page_name[i] in listed))
			fail(page_name[i] " is in no list of " overview)
}

function write_group(wanted,    i, n, name, last) {
	put(".Bl -tag -width Ds -compact")
	for (i = 1; i <= pages; i++) {
		name = page_name[i]
		if (page_group[name] != wanted)
			continue
		listed[name] = 1
		last = ""
		for (n = 1; n <= entries[name]; n++)
			if (entry_name[name, n] != last) {
				put(".It Xr " entry_name[name, n] " 3")
				last = entry_name[name, n]
			}
		prose(title(name))
	}
	put(".El")
}

# --- words --------------------------------------------------------------------------------------------------------

# `name` is an argument or a member; *ret_name, DIM_NAME, NULL, MMAP_NAME, dim_name, dim_name.member and name(2) are known.
# The macro for a word, or nothing; `mentioned` has the pages that were referred to.
function macro_of(w,    base) {
	if (w ~ /^`/)
		return "Fa " substr(w, 2, length(w) - 2)
	if (w ~ /\([1-8]\)$/) {
		base = substr(w, 1, length(w) - 3)
		mentioned[substr(w, length(w) - 1, 1) " " base] = 1
		return "Xr " base " " substr(w, length(w) - 1, 1)
	}
	if (w ~ /^\*?ret_[a-z_]+$/)
		return "Fa " w
	if (w ~ /^DIM_[A-Z_]+$/ || w ~ /^(NULL|AT_FDCWD|SIGBUS|CLOCK_MONOTONIC)$/)
		return "Dv " w
	if (w ~ /^MMAP_[A-Z_]+$/)
		return "Ev " w
	if (w ~ /^dim(_[a-z]+)?\.h$/)
		return "In " w
	base = w
	sub(/[.-].*/, "", base)
	if (!(base in page_of))
		return ""
	mentioned["3 " base] = 1
	if (base != w)
		return "Fa " w
	return page_of[w] == here ? (w ~ /^dim_/ && is_function(w) ? "Fn " w : "Vt " w) : "Xr " w " 3"
}

function is_function(name,    n) {
	for (n = 1; n <= entries[page_of[name]]; n++)
		if (entry_name[page_of[name], n] == name && entry_kind[page_of[name], n] == "function")
			return 1
	return 0
}
