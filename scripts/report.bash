# report.bash: one line for each check, for the scripts that make many.
# In: sourced, after `cd` to the top. Out: report, need; $passed and $failed, how many; $about, set by the script, stands before each.
# shellcheck shell=bash
passed=0
failed=0
about=

report() { # report STATUS TEXT
	if [[ $1 -eq 0 ]]; then
		echo "ok   $about$2"
		passed=$((passed + 1))
	else
		echo "FAIL $about$2"
		failed=$((failed + 1))
	fi
}

# need TOOL: whether it is here; that it is not counts as a failure.
need() {
	command -v "$1" >/dev/null 2>&1 && return 0
	report 1 "$1 is missing; \`make deps-all\` brings it"
	return 1
}
