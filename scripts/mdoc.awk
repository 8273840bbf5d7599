# mdoc.awk: English as mdoc(7), for manpages.awk.
#
# In: the text of comments. What it may say, beside words: `name` is an argument or a member; *ret_name, DIM_NAME, NULL, MMAP_NAME,
# dim_name, dim_name.member and name(2) are known. Out: lines by put(), a sentence or less each, with macros for what is known;
# `mentioned` has the pages that were referred to. Needs page_of, here, and the entries of manpages.awk.

function sentence(s) { return capital(s) (s ~ /[.!?]$/ ? "" : ".") }

# Names stay as they are.
function capital(s) { return s ~ /^[a-z]+_/ ? s : toupper(substr(s, 1, 1)) substr(s, 2) }

function escaped(s) {
	gsub(/\\/, "\\e", s)
	return s
}

# A line of text, escaped already: nothing in it is a request.
function text_line(s) {
	return s ~ /^[.']/ ? "\\&" s : s
}

# Text behind a macro: nothing in it is a macro or a quote.
function macro_text(s) {
	s = escaped(s)
	gsub(/"/, "\\(dq", s)
	return s
}

function quoted(s) {
	gsub(/ $/, "", s)
	return s ~ / / ? "\"" escaped(s) "\"" : escaped(s)
}

# Sentences, a line each or more; words that are known become macros.
function prose(s,    count, word, i) {
	gsub(/\n/, " ", s)
	line = ""
	count = split(s, word, / +/)
	for (i = 1; i <= count; i++)
		one_word(word[i])
	end_line()
}

function end_line() {
	if (line != "")
		put(text_line(line))
	line = ""
}

function one_word(w,    before, behind, macro, p) {
	before = behind = ""
	if (match(w, /^[[(]+/)) {
		before = substr(w, 1, RLENGTH)
		w = substr(w, RLENGTH + 1)
	}
	if (match(w, /^[a-z_]+\([1-8]\)/) || match(w, /^`[^`]+`/) || match(w, /^\*?[A-Za-z_]+((\.|->)[a-z_]+)?/)) {
		behind = substr(w, RLENGTH + 1)
		macro = macro_of(substr(w, 1, RLENGTH))
	}
	if (macro == "") {
		w = escaped(before w)
		if (w == "-")
			w = "\\-"
		if (length(line) + length(w) > 76)
			end_line()
		line = line (line == "" ? "" : " ") w
		if (w ~ /[.!?]\)?$/)
			end_line()
		return
	}
	end_line()
	if (before != "") {
		gsub(/./, "& ", before)
		p = index(macro, " ")
		macro = substr(macro, 1, p) before substr(macro, p + 1)
	}
	macro = "." macro
	while (behind != "") {
		p = substr(behind, 1, 1)
		behind = substr(behind, 2)
		if (p !~ /[].,:;)!?]/) {
			macro = macro " Ns " macro_text(p behind)
			behind = ""
		} else {
			macro = macro " " p
		}
	}
	put(macro)
}

# The macro for a word, or nothing.
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
