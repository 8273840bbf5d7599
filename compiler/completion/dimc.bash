# shellcheck shell=bash
# Completion of dimc's command line in bash. dimc itself says what may come next: `dimc completion words`.
# In: the line, as bash has split it. Out: COMPREPLY.

# _dimc_plain WORD: a word of the line as dimc would get it, in $plain; $( ) and the like stay text.
_dimc_plain() {
	local at char quote=
	plain=
	for ((at = 0; at < ${#1}; at++)); do
		char=${1:at:1}
		if [[ $quote != "'" && $char = \\ ]]; then
			at=$((at + 1))
			plain+=${1:at:1}
		elif [[ -n $quote && $char = "$quote" ]]; then
			quote=
		elif [[ -z $quote && ($char = \' || $char = \") ]]; then
			quote=$char
		else
			plain+=$char
		fi
	done
	[[ $1 != \~/* ]] || plain=$HOME/${plain:2}
}

_dimc() {
	local plain program words=() at glued=1 answer kind kept entry tail IFS=$' \t\n'
	COMPREPLY=()
	_dimc_plain "$1"
	program=$plain
	# bash also splits at = and :, which dimc does not.
	for ((at = 1; at <= COMP_CWORD; at++)); do
		_dimc_plain "${COMP_WORDS[at]}"
		if ((${#words[@]} > 0)) && [[ $plain = [=:] || ($glued -eq 0) ]]; then
			words[${#words[@]} - 1]+=$plain
			[[ $plain = [=:] ]]
			glued=$?
		else
			words+=("$plain")
		fi
	done
	answer=$("$program" completion words -- "${words[@]}" 2>/dev/null) || return 0
	read -r kind kept <<<"${answer%%$'\n'*}"
	# What bash took for a word of its own begins behind the last = or :.
	tail=$kept
	[[ $COMP_WORDBREAKS != *=* ]] || tail=${tail##*[=:]}
	while IFS=$'\t' read -r entry _; do
		COMPREPLY+=("$tail$entry")
		# Quoted by readline, as names of files are.
		[[ $entry != *[^[:alnum:]/._-]* ]] || compopt -o filenames 2>/dev/null
	done < <(tail -n +2 <<<"$answer")
	if [[ $kind != words ]]; then
		compopt -o filenames 2>/dev/null
		entry=${words[${#words[@]} - 1]#"$kept"}
		[[ $kind = files ]] && kind=-f || kind=-d
		while IFS= read -r entry; do
			COMPREPLY+=("$tail$entry")
		done < <(compgen "$kind" -- "$entry")
	fi
}
complete -F _dimc dimc
