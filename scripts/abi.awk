# abi.awk: a C program that tells what of the public headers is compiled into other programs.
#
#   awk -f scripts/headers.awk -f scripts/abi.awk include/dim.h ... >abi.c
#
# In: the headers (headers.awk). Out: a program that prints "KIND NAME: WHAT" for each function, typedef, struct, member, enum and
# value, and declares each function again, without the names of arguments: where that is misread, it does not compile.
# Members that are called reserved, or whose comment says "private", may change as long as the struct keeps its size. POSIX awk.

function group(name) { }

function tell(format, values) {
	statements = statements "\tprintf(\"" format "\\n\"" values ");\n"
}

function member(of, name, type, comment,    plain) {
	if (of ~ /^enum /) {
		later = later "\tprintf(\"value " name ": %d\\n\", (int)" name ");\n"
		return
	}
	if (name ~ /^reserved/ || comment == "private")
		return
	plain = name
	sub(/\[.*/, "", plain)
	sub(/ $/, "", type)
	later = later "\tprintf(\"member " substr(of, 8) "." plain ": " type substr(name, length(plain) + 1) \
		", bytes %zu to %zu\\n\", offsetof(" of ", " plain "), offsetof(" of ", " plain ") + sizeof(((" of " *)0)->" plain \
		") - 1);\n"
}

function declared(kind, name, code, comment, behind,    before, arguments) {
	if (kind == "opaque")
		return
	if (kind == "struct" || kind == "enum") {
		tell(kind " " name ": %zu bytes, aligned to %zu", ", sizeof(" kind " " name "), _Alignof(" kind " " name ")")
		statements = statements later
		later = ""
		return
	}
	# "typedef TYPE (*NAME)(ARGUMENTS)" or "TYPE NAME(ARGUMENTS)"
	before = arguments = code
	sub(/^typedef /, "", before)
	sub(/ ?(\(\*)?dim_[a-z0-9_]+\)?\(.*/, "", before)
	sub(/^.*dim_[a-z0-9_]+\)?\(/, "", arguments)
	sub(/\)$/, "", arguments)
	arguments = without_names(arguments)
	tell(kind " " name ": " before " (" arguments ")", "")
	if (kind == "typedef")
		declarations = declarations "typedef " before " (*" name ")(" arguments ");\n"
	else
		declarations = declarations before " " name "(" arguments ");\n"
}

function without_names(arguments,    argument, count, i, array, all) {
	count = split(arguments, argument, /, /)
	for (i = 1; i <= count; i++) {
		array = ""
		if (match(argument[i], /\[[0-9]*\]$/)) {
			array = " " substr(argument[i], RSTART)
			argument[i] = substr(argument[i], 1, RSTART - 1)
		}
		if (argument[i] != "void")
			sub(/ ?[a-z0-9_]+$/, "", argument[i])
		all = all (i > 1 ? ", " : "") argument[i] array
	}
	return all
}

END {
	if (failed)
		exit 1
	print "#include <dim_verify.h>\n#include <stddef.h>\n#include <stdio.h>\n"
	print declarations
	print "int main(void)\n{\n\tif (sizeof(void *) != 8 || sizeof(long) != 8)\n\t\treturn 77;"
	print statements "\treturn 0;\n}"
}
