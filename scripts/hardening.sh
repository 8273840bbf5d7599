#!/bin/sh
# Prints the hardening flags that a compiler takes, for a response file (@FILE): what makes a bug in dimc or in what reads its regions
# a message instead of a way in.
#
#   hardening.sh CC
set -eu

# takes FLAG...: the compiler knows them, for this machine, and has nothing to say about them.
takes() { echo 'int main(void) { return 0; }' | $cc -O2 -Werror "$@" -x c -c -o /dev/null - >/dev/null 2>&1; }

# One line, of flags that go together: the first that the compiler takes.
first() {
	for flags in "$@"; do
		# shellcheck disable=SC2086 # a list of flags
		if takes $flags; then
			echo "$flags"
			return 0
		fi
	done
}

cc=$1
first '-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3' '-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2' # buffers whose size the compiler knows
first -fstack-protector-strong                                                        # a word before each return address
first -fstack-clash-protection                                                        # large frames touch every page
first -fcf-protection=full -mbranch-protection=standard                               # jumps and returns that the processor checks
first -ftrivial-auto-var-init=zero                                                    # no secrets of the stack
