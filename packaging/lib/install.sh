# install.sh - installs what packaging/dependencies lists and is missing.
# shellcheck shell=bash
#
# Sourced, not run.  Installing leaves no service behind: while packages are
# set up, a policy-rc.d forbids invoke-rc.d to start any, and it is removed
# again whatever happens.  An existing one is left as it is.

# dependencies SECTION...: the packages of these sections, one a line.
dependencies() {
	local section
	for section; do
		awk -v want="[$section]" '
			/^#/ || /^[[:space:]]*$/ { next }
			/^\[/ { here = ($1 == want); found = found || here; next }
			here { print $1 }
			END { exit !found }
		' "$TOP/packaging/dependencies" ||
			die "packaging/dependencies has no section [$section]"
	done
}

# missing_packages SECTION...: those of them that are not installed.
missing_packages() {
	local package
	dependencies "$@" | while read -r package; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
		installed) ;;
		*) printf '%s\n' "$package" ;;
		esac
	done
}

POLICY_RC=/usr/sbin/policy-rc.d

# The file is ours if it holds this mark.
POLICY_RC_MARK="# put here by Portreeve's packaging/lib/install.sh"

policy_rc_remove() {
	if grep -qsF "$POLICY_RC_MARK" "$POLICY_RC"; then
		rm -f "$POLICY_RC"
	fi
}

apt_install() {
	apt-get -q -y install --no-install-recommends --no-remove "$@" </dev/null
}

# install_missing SECTION...
install_missing() {
	local missing sim removed conflicts status=0
	mapfile -t missing < <(missing_packages "$@")
	if [ "${#missing[@]}" -eq 0 ]; then
		return 0
	fi
	if [ "$(id -u)" -ne 0 ]; then
		die "these packages are missing, and only root can install them:" \
			"${missing[*]}"
	fi
	command -v apt-get >/dev/null ||
		die "there is no apt-get here; install these yourself: ${missing[*]}"
	say "installing: ${missing[*]}"

	export DEBIAN_FRONTEND=noninteractive
	if ! apt-cache policy "${missing[@]}" 2>/dev/null |
	    grep -q 'Candidate: [0-9]'; then
		apt-get -q update || die "apt-get update failed"
	fi

	sim=$(apt-get -s install --no-install-recommends "${missing[@]}" 2>&1) || {
		# The lists may be there and old.
		apt-get -q update || die "apt-get update failed"
		sim=$(apt-get -s install --no-install-recommends \
			"${missing[@]}" 2>&1) || {
			printf '%s\n' "$sim" >&2
			die "apt-get cannot install: ${missing[*]}"
		}
	}
	removed=$(printf '%s\n' "$sim" | sed -n 's/^Remv \([^ ]*\).*/\1/p' | sort -u)
	if [ -n "$removed" ]; then
		conflicts=$(printf '%s' "$removed" | tr '\n' ' ')
		die "installing ${missing[*]} would remove: $conflicts-" \
			"another mail server, most likely. Nothing was changed." \
			"Run this on a machine where that may go, or in a container."
	fi

	# Postfix asks what kind of site this is; it is to configure nothing.
	# Debconf takes the answer without debconf-utils.
	case " ${missing[*]} " in
	*" postfix "*)
		echo "postfix postfix/main_mailer_type select No configuration" |
			debconf-set-selections || true
		;;
	esac

	if [ ! -e "$POLICY_RC" ]; then
		at_exit policy_rc_remove
		printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_RC_MARK" >"$POLICY_RC"
		chmod 755 "$POLICY_RC"
	fi
	apt_install "${missing[@]}" || {
		# Old lists name packages that the archive no longer has.
		apt-get -q update && apt_install "${missing[@]}"
	} || status=$?
	policy_rc_remove
	if [ $status -ne 0 ]; then
		die "apt-get could not install: ${missing[*]}"
	fi
}

# unpack_packages ROOT PACKAGE...: downloaded and unpacked below ROOT, which is
# made; not installed.
unpack_packages() {
	local root=$1 package
	shift
	mkdir -p "$root.deb" || return 1
	for package; do
		# Old lists name versions that the archive no longer has.
		(cd "$root.deb" && apt-get -q download "$package") ||
			{ apt-get -q update &&
				(cd "$root.deb" && apt-get -q download "$package"); } ||
			return 1
	done
	for package in "$root.deb"/*.deb; do
		dpkg-deb -x "$package" "$root" || return 1
	done
	rm -rf "$root.deb"
}
