# bash completion for portreeve                            -*- shell-script -*-
#
# Commands, options, facts and tables are asked of the program itself.

# The first words of the rows of a table.
_portreeve_table() {
	"$1" facts --table "$2" 2>/dev/null | sed '1d; /^ /d; s/ .*//'
}

# Long and short options of a command.
_portreeve_options() {
	"$1" "$2" --help 2>/dev/null |
		grep -oE '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,'
}

# Facts, and the families that they belong to.
_portreeve_facts() {
	_portreeve_table "$1" facts | sed '/(/d; p; s/\..*//' | sort -u
}

# Reply codes, and enhanced codes in the class of the word.
_portreeve_codes() {
	local class=${2:0:1}

	"$1" explain 2>/dev/null |
		sed -n "s/^  \([0-9][0-9]*\) .*/\1/p; s/^  X\([0-9.]*\) .*/${class:-5}\1/p"
}

# Files that end so, and directories.
_portreeve_files() {
	local file
	compopt -o filenames 2>/dev/null
	COMPREPLY=()
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(
		compgen -d -- "$2"
		compgen -f -X "!*.$1" -- "$2"
	)
}

_portreeve() {
	local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words

	# --config=FILE is three words to readline.
	[ "$word" != = ] || word=
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$(_portreeve_table "$program" commands) --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	case $before in
	-c | --config)
		_portreeve_files conf "$word"
		return
		;;
	--log)
		_portreeve_files log "$word"
		return
		;;
	--control | --live)
		return
		;;
	--table | --mdoc)
		words=$(_portreeve_table "$program" tables)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
		;;
	esac
	case $command:$word in
	*:-*) words=$(_portreeve_options "$program" "$command") ;;
	facts:*) words=$(_portreeve_facts "$program") ;;
	explain:*) words=$(_portreeve_codes "$program" "$word") ;;
	*)
		_portreeve_files smtp "$word"
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _portreeve portreeve
