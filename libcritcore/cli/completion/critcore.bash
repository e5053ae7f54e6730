# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of the critcore command for bash. The verbs come from `critcore --help`, the options of
# a verb and what values they have from `critcore VERB --help`: lines "  -o, --out FILE  text".

# The options, one on each line: letter or -, name, value or -.
_critcore_options()
{
	"${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --help 2>/dev/null |
		awk -F '  +' '/^  (-., )?--[a-z]/ {
			n = split($2, word, " ")
			i = word[1] ~ /,$/ ? 2 : 1
			print (i > 1 ? substr(word[1], 1, 2) : "-"), word[i], (i < n ? word[n] : "-")
		}'
}

# Complete the value of an option as the help calls it.
_critcore_value()
{
	local words
	case $1 in
	*FILE* | *ARCHIVE*)
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$2")) ;;
	DIR)
		compopt -o filenames
		COMPREPLY=($(compgen -d -- "$2")) ;;
	CHECK)
		words=$("${COMP_WORDS[0]}" check --list 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\) .*/\1/p')
		COMPREPLY=($(compgen -W "$words" -- "$2")) ;;
	*[a-z]\|[a-z]*)
		COMPREPLY=($(compgen -W "${1//|/ }" -- "$2")) ;;
	esac
}

_critcore()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verbs options value
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		verbs=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
		COMPREPLY=($(compgen -W "$verbs --help --version" -- "$cur"))
		return
	fi
	case $prev in
	-?*)
		options=$(_critcore_options)
		value=$(awk -v o="$prev" '$1 == o || $2 == o { print $3 }' <<<"$options")
		if [ -n "$value" ] && [ "$value" != - ]; then
			_critcore_value "$value" "$cur"
			return
		fi ;;
	esac
	case $cur in
	-*)
		options=$(_critcore_options | cut -d ' ' -f 2)
		COMPREPLY=($(compgen -W "$options --help" -- "$cur"))
		return ;;
	esac
	if [ "${COMP_WORDS[1]}" = x ] && [ "$COMP_CWORD" -eq 3 ]; then
		COMPREPLY=($(compgen -W 'ps fds mems rss sk' -- "$cur"))
		return
	fi
	compopt -o filenames
	COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _critcore critcore
