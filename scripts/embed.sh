#!/bin/sh
# embed.sh: C text that holds files of the project, for compiler/embedded.h.
#
#   scripts/embed.sh FILE...      paths as embedded_find takes them; the text goes to stdout
set -eu

echo '#include "embedded.h"'
number=0
for file in "$@"; do
	echo "static const char file_${number}[] = {"
	od -An -v -t x1 "$file" | sed "s/ \(..\)/'\\\\x\1',/g"
	echo "0};"
	number=$((number + 1))
done
echo 'const struct embedded embedded_files[] = {'
number=0
for file in "$@"; do
	echo "	{\"$file\", file_$number, sizeof(file_$number) - 1},"
	number=$((number + 1))
done
echo '	{0}};'
