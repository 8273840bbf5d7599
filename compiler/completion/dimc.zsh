#compdef dimc
# Completion of dimc's command line in zsh. dimc itself says what may come next: `dimc completion words`.
# In: the line, as zsh has split it. Out: matches, with their descriptions.

_dimc() {
	local -a answer line
	local -aU entries
	local first kind kept entry
	line=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
	answer=("${(@f)$(_call_program words ${(q)${(Q)words[1]}} completion words -- ${(q)line} 2>/dev/null)}")
	first=$answer[1]
	kind=${first%% *}
	kept=${first#* }
	[[ -n $kind ]] || return 1
	if [[ -n $kept ]]; then
		IPREFIX+=$kept
		PREFIX=${PREFIX#$kept}
	fi
	for entry in "${(@)answer[2,-1]}"; do
		entries+=("${${entry%%$'\t'*}//:/\\:}:${entry#*$'\t'}")
	done
	local result=1
	(( $#entries )) && _describe -V 'dimc' entries && result=0
	case $kind in
	files) _files && result=0 ;;
	directories) _files -/ && result=0 ;;
	esac
	return result
}

# Read by autoload, it completes at once; sourced, it waits for the shell.
if [[ $funcstack[1] = _dimc ]]; then
	_dimc "$@"
else
	compdef _dimc dimc
fi
