# debroot.sh - a clean Debian below one directory, to install packages into.
# shellcheck shell=bash
#
# Sourced, not run, behind common.sh.  It is of the release and from the
# archive of this machine.  What runs in it runs in namespaces of its own:
# with a network without a way out, on which port 25 is free, and whose
# processes end with the one that was started.

# debian_archive: the archive of this machine's release.
debian_archive() {
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v release="$(debian_release)" \
			'$1 == "Debian" && $2 == release { print $3; exit }'
}

debian_release() {
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

# debroot_make ROOT: no service starts in it.
debroot_make() {
	local root=$1
	timeout --kill-after=20 900 debootstrap --variant=minbase "$(debian_release)" "$root" \
		"$(debian_archive)" || return 1
	apt-get indextargets --format \
		'$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sed -n 's/^Debian //p' \
		>"$root/etc/apt/sources.list"
	apt-config dump | grep '^Acquire::\(Check\|http\|Retries\)' \
		>"$root/etc/apt/apt.conf.d/99local"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	debroot_run "$root" apt-get -q update
}

# debroot_run ROOT COMMAND...: in it, with the machine's network.
debroot_run() {
	local root=$1
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
		DEBIAN_FRONTEND=noninteractive chroot "$root" "$@" </dev/null
}

# debroot_apt ROOT ARGUMENT...: apt-get, as a user says apt.
debroot_apt() {
	local root=$1
	shift
	debroot_run "$root" apt-get -q -y --no-install-recommends "$@"
}

# debroot_postfix ROOT: as its package sets it up for a mail server.
debroot_postfix() {
	debroot_apt "$1" install debconf &&
		printf 'postfix postfix/%s\n' \
			'main_mailer_type select Internet Site' \
			'mailname string mx.example.org' 'protocols select all' |
		chroot "$1" debconf-set-selections &&
		debroot_apt "$1" install postfix
}

# debroot_isolated ROOT COMMAND...: a command of this machine, which gets ROOT
# in $ROOT, where that is another host, 192.0.2.10.
debroot_isolated() {
	local root=$1
	shift
	ROOT=$root timeout --kill-after=20 600 \
		unshare --net --mount --pid --fork --kill-child \
		/bin/bash -c '
		ip link set lo up &&
		ip link add eth0 type veth peer name eth1 &&
		ip address add 192.0.2.10/24 dev eth0 &&
		ip link set eth0 up && ip link set eth1 up &&
		mount -t proc proc /proc &&
		mount -t proc proc "$ROOT/proc" || exit 1
		"$@"' isolated "$@"
}

# debroot_files ROOT: all that is there and stays, but for what apt and dpkg
# keep.
debroot_files() {
	(cd "$1" && find . -xdev \
		\( -path ./proc -o -path ./run -o -path ./tmp \
		-o -path ./var/cache -o -path ./var/lib/apt -o -path ./var/lib/dpkg \
		-o -path ./var/log/apt -o -path "./var/log/*.log" \) -prune \
		-o -print | sort)
}
