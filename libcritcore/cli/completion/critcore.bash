# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of the critcore command for bash. The verbs come from `critcore --help`.

_critcore()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		options=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
		COMPREPLY=($(compgen -W "$options --help --version" -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]}:$prev in
	ls:--format)
		COMPREPLY=($(compgen -W 'table json' -- "$cur"))
		return ;;
	check:--only)
		options=$("${COMP_WORDS[0]}" check --list 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\) .*/\1/p')
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
		return ;;
	esac
	case $prev in
	-f | --format)
		COMPREPLY=($(compgen -W 'raw nice' -- "$cur"))
		return ;;
	--sysroot | --pages | --work-dir)
		compopt -o filenames
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	--parent)
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	esac
	case $cur in
	-*)
		options=$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --help 2>/dev/null |
			grep -o -- '--[a-z][a-z-]*' | sort -u)
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
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
