# mdoc.awk: English as mdoc(7), for manpages.awk and commandpages.awk.
#
# In: plain text. Out: lines by put(), a sentence or less each, with macros for the words that macro_of(word) of the script beside
# it knows: name(2), `quoted`, --option, and words of letters, with or without a .member.

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
	if (match(w, /^[a-z_-]+\([1-8]\)/) || match(w, /^`[^`]+`/) || match(w, /^--?[A-Za-z][A-Za-z-]*/) || match(w, /^\*?[A-Za-z_]+((\.|->)[a-z_]+)?/)) {
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
