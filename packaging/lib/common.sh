# common.sh - what every script here needs: messages, clean-up, directories.
# shellcheck shell=bash
#
# Sourced, not run; the script sets TOP, the checkout, before.

say() {
	printf '== %s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# at_exit COMMAND...: runs it when the script ends, last in, first out.
# Commands are single words or functions with plain words as arguments.
AT_EXIT=()
at_exit() {
	AT_EXIT+=("$*")
}

run_at_exit() {
	local status=$? i
	trap - EXIT
	trap '' INT TERM HUP
	for ((i = ${#AT_EXIT[@]} - 1; i >= 0; i--)); do
		# shellcheck disable=SC2086  # split into words on purpose
		${AT_EXIT[i]} || true
	done
	exit $status
}
trap run_at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# make_work_dir: a temporary directory in WORK that every user may enter
# (Postfix runs as user postfix), removed at the end.  KEEP=1 keeps it.
make_work_dir() {
	local base
	for base in "${TMPDIR:-}" /tmp /var/tmp /run; do
		[ -n "$base" ] && enterable "$base" || continue
		WORK=$(mktemp -d "$base/portreeve.XXXXXX" 2>/dev/null) || continue
		chmod 755 "$WORK"
		at_exit remove_work_dir
		return 0
	done
	die "no directory for temporary files that all users can enter:" \
		"/tmp, /var/tmp and /run were tried; set TMPDIR"
}

remove_work_dir() {
	if [ -n "${KEEP:-}" ]; then
		say "kept: $WORK"
	else
		rm -rf "$WORK"
	fi
}

# enterable DIR: it and all above it have x for others, so that another user
# gets in.  Short enough for a socket's path, too.
enterable() {
	local dir
	dir=$(cd "$1" 2>/dev/null && pwd -P) || return 1
	[ ${#dir} -le 40 ] || return 1
	while :; do
		case $(stat -c %A "$dir") in
		*[xt]) ;;
		*) return 1 ;;
		esac
		[ "$dir" != / ] || return 0
		dir=$(dirname "$dir")
	done
}

# wait_until SECONDS COMMAND...: until the command succeeds; 1 if it never
# does.
wait_until() {
	local tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# stop_process PID [SIGNAL]: ends one process of ours, by force after 30 s.
stop_process() {
	local pid=$1 i
	[ -n "$pid" ] && kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
	for ((i = 0; i < 600; i++)); do
		gone "$pid" && return 0
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null
	return 1
}

# gone PID: no such process, or only its exit status is left.
gone() {
	case $(sed -n 's/^[0-9]* (.*) \(.\) .*/\1/p' "/proc/$1/stat" 2>/dev/null) in
	"" | Z) return 0 ;;
	*) return 1 ;;
	esac
}

# port_open PORT: somebody listens on 127.0.0.1:PORT.
port_open() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# port_closed PORT: nobody does.
port_closed() {
	! port_open "$1"
}

# port_holder PORT: "name (pid N)" of who listens on it, as far as we may see.
port_holder() {
	local hex inode fd pid
	hex=$(printf '%04X' "$1")
	inode=$(awk -v p=":$hex" '$4 == "0A" && $2 ~ p "$" { print $10; exit }' \
		/proc/net/tcp /proc/net/tcp6 2>/dev/null)
	if [ -n "$inode" ]; then
		for fd in /proc/[0-9]*/fd/*; do
			if [ "$(readlink "$fd" 2>/dev/null)" = "socket:[$inode]" ]; then
				pid=${fd#/proc/}
				pid=${pid%%/*}
				printf '%s (pid %s)\n' "$(cat "/proc/$pid/comm")" "$pid"
				return 0
			fi
		done
	fi
	echo "a process that cannot be seen from here"
}

# prepare_checkout: so that it can be configured, out of tree.
prepare_checkout() {
	if [ ! -x "$TOP/configure" ] || [ "$TOP/configure.ac" -nt "$TOP/configure" ] ||
	    [ "$TOP/Makefile.am" -nt "$TOP/Makefile.in" ]; then
		(cd "$TOP" && autoreconf -fi) || return 1
	fi
	if [ -f "$TOP/config.status" ]; then
		echo "the checkout itself is configured; run make distclean there" >&2
		return 1
	fi
}

# build DIR [CONFIGURE-ARGUMENT...]: configures and makes the checkout, out
# of tree, in DIR.
build() {
	local dir=$1
	shift
	prepare_checkout || return 1
	mkdir -p "$dir" || return 1
	(cd "$dir" && "$TOP/configure" "$@" && make -j "$(nproc)") || return 1
}
