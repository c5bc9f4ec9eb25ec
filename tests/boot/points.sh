# points.sh - for the scripts that run in a machine of their own.
# shellcheck shell=bash
#
# Sourced, not run.

export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
CONF=/etc/portreeve/portreeve.conf
SOCKET=/var/spool/postfix/portreeve/portreeve.sock
POINT_LOG=/root/point.log

# point NAME COMMAND...: one TAP line; the output behind it if it fails, and
# what more_of_it says, if there is such a function.
point() {
	local name=$1 status=0
	shift
	"$@" >$POINT_LOG 2>&1 </dev/null || status=$?
	if [ $status -eq 0 ]; then
		echo "ok - $name"
		return 0
	fi
	echo "not ok - $name (status $status)"
	{
		tail -n 40 $POINT_LOG
		! declare -F more_of_it >/dev/null || more_of_it
	} | sed 's/^/#   /'
	return $status
}

wait_until() {
	local tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# has TEXT...: what is read has all of them; it is printed, too.
has() {
	local all text status=0
	all=$(cat)
	printf '%s\n' "$all"
	for text; do
		case $all in
		*"$text"*) ;;
		*)
			echo "-- is not there: $text"
			status=1
			;;
		esac
	done
	return $status
}
