# headers.awk: reads the public headers; what manpages.awk and abi.awk make of them is theirs.
#
# In: include/*.h in the shape that CONTRIBUTING.md asks for: a comment, then the declarations that it is about, then an
# empty line; a member or an enumerator a line, with its comment behind it or above it.
# Out: a call of group(NAME) for each "--- NAME ---", of declared(KIND, NAME, TEXT, COMMENT, TRAILING) for each declaration,
# where KIND is function, typedef, struct, enum or opaque, and of member(OF, NAME, TYPE, COMMENT) for what is in braces
# (before the declaration itself). COMMENT has a newline between lines, and is what stands above the whole block, whose number
# is in `block`; the header's name is in `file`. POSIX awk.

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	comment = code = ""
	depth = in_comment = conditional = 0
	has_sign = 0 # the first comment is the file's sign
	block++
	group("")
}

/^#ifdef __cplusplus/ { conditional = 1 }
conditional { if (/^#endif/) conditional = 0; next }
/^#/ && !in_comment { next }

in_comment {
	line = $0
	if (line ~ /\*\//)
		in_comment = 0
	add_comment(line)
	if (!in_comment)
		end_comment()
	next
}

/^[ \t]*$/ {
	if (depth == 0) {
		comment = ""
		block++
	}
	next
}

/^\/\* --- / {
	sub(/^\/\* --- */, "")
	sub(/ -*-* *\*\/.*/, "")
	group($0)
	comment = ""
	next
}

# A comment on a line of its own.
/^[ \t]*\/\*/ {
	text = ""
	above = 1
	in_comment = !/\*\//
	add_comment($0)
	if (!in_comment)
		end_comment()
	next
}

{
	line = $0
	text = ""
	at = index(line, "/*")
	if (at) {
		above = 0
		in_comment = !(substr(line, at) ~ /\*\//)
		add_comment(substr(line, at))
		line = substr(line, 1, at - 1)
	}
	take_code(line)
	if (!at)
		flush_declaration("")
	else if (!in_comment)
		end_comment()
}

function add_comment(s) {
	sub(/^[ \t]*\/\*+ ?/, "", s)
	sub(/[ \t]*\*+\/[ \t]*$/, "", s)
	sub(/^[ \t]*\*( |$)/, "", s)
	text = text (text == "" ? "" : "\n") s
}

function end_comment() {
	gsub(/^\n+|[ \n]+$/, "", text)
	if (!above) {
		if (depth > 0)
			member_comment[members] = text
		else
			flush_declaration(text)
	} else if (depth > 0) {
		waiting = text
	} else if (!has_sign) {
		has_sign = 1
	} else {
		comment = text
	}
}

# One line of code without its comment.
function take_code(s,    at) {
	gsub(/[ \t]+/, " ", s)
	gsub(/^ | $/, "", s)
	if (s == "")
		return
	if (depth == 0 && s ~ /^(struct|enum) dim_[a-z0-9_]+ \{$/) {
		head = substr(s, 1, length(s) - 2)
		depth = 1
		members = 0
		waiting = ""
		return
	}
	if (depth > 0 && s == "};") {
		depth = 0
		flush_type()
		return
	}
	if (depth > 0) {
		members++
		sub(/[,;]$/, "", s)
		if (s ~ /[,;(){}:]/)
			fail("more than a plain member of " head ": " s)
		member_code[members] = s
		member_comment[members] = waiting
		waiting = ""
		return
	}
	code = code (code == "" ? "" : " ") s
}

# A declaration is done when its line ends with a semicolon; BEHIND is the comment that follows it.
function flush_declaration(behind,    name, kind) {
	if (code !~ /;$/)
		return
	sub(/;$/, "", code)
	if (code ~ /^typedef /) {
		kind = "typedef"
		name = code
		sub(/.*\(\*/, "", name)
		sub(/\).*/, "", name)
	} else if (code ~ /\(/) {
		kind = "function"
		name = code
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
	} else if (code ~ /^struct dim_[a-z0-9_]+$/) {
		kind = "opaque"
		name = substr(code, 8)
	} else {
		fail("a declaration of an unknown kind: " code)
	}
	declared(kind, name, code, comment, behind)
	code = ""
}

function flush_type(    i, name, type, array, value, kind) {
	kind = head
	sub(/ .*/, "", kind)
	for (i = 1; i <= members; i++) {
		name = member_code[i]
		if (kind == "enum") {
			if (!match(name, / = [0-9]+$/))
				fail(name " of " head " has no value: say which")
			value = substr(name, RSTART + 3)
			name = substr(name, 1, RSTART - 1)
			member(head, name, value, member_comment[i])
		} else {
			array = ""
			if (match(name, /\[[0-9]+\]$/)) {
				array = substr(name, RSTART)
				name = substr(name, 1, RSTART - 1)
			}
			match(name, /[a-z0-9_]+$/)
			type = substr(name, 1, RSTART - 1)
			name = substr(name, RSTART)
			member(head, name array, type, member_comment[i])
		}
	}
	sub(/.* /, "", head)
	declared(kind, head, "", comment, "")
}

function fail(why) {
	print file ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}
