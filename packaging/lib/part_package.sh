# part_package.sh - the part "package" of packaging/test: the Debian package,
# made twice, and in the life of a clean machine; the rpm.
# shellcheck shell=bash
#
# Sourced by packaging/test, whose point and bounded it uses; not run.

make_elsewhere() {
	mkdir -p "$WORK/some/where/else" "$WORK/deb2" &&
		bounded 900 packaging/lib/elsewhere "$WORK/some/where/else" \
			"$WORK/deb2"
}

same_packages() {
	local file status=0
	for file in "$WORK"/deb/*.tar.xz "$WORK"/deb/*.deb "$WORK"/deb/*.dsc; do
		cmp "$file" "$WORK/deb2/${file##*/}" || status=1
	done
	return $status
}

in_root() {
	debroot_run "$ROOT" "$@"
}

apt_root() {
	debroot_apt "$ROOT" "$@"
}

# As README has it, but for the name of the program: apt wants a terminal.
install_package() {
	cp "$WORK"/deb/portreeve_*.deb "$ROOT/root" &&
		in_root sh -c 'cd /root && apt-get -q -y install \
			--no-install-recommends ./portreeve_*.deb' |
		tee "$WORK/install.log"
}

socket_directory() {
	[ "$(in_root stat -c '%U %G %a' /var/spool/postfix/portreeve)" = \
		"portreeve postfix 2750" ]
}

installed_whole() {
	socket_directory && in_root portreeve check &&
		in_root dpkg-query -W -f '${Conffiles}\n' portreeve |
		grep /etc/portreeve/portreeve.conf &&
		cmp "$WORK/main.cf" "$ROOT/etc/postfix/main.cf" &&
		grep 'smtpd_milters = unix:portreeve/portreeve.sock' \
			"$WORK/install.log" &&
		grep 'milter_default_action = tempfail' "$WORK/install.log"
}

refuse_a_spoof() {
	cp packaging/debian/tests/spoof "$ROOT/tmp" &&
		debroot_isolated "$ROOT" packaging/lib/machine /tmp/spoof
}

# A new version, with another default policy.
upgrade_package() {
	local tree=$WORK/newer
	dpkg-deb -R "$WORK"/deb/portreeve_*.deb "$tree" &&
		sed -i 's/^Version: .*/Version: 99-1/' "$tree/DEBIAN/control" &&
		echo '# newer' >>"$tree/etc/portreeve/portreeve.conf" &&
		dpkg-deb -b "$tree" "$ROOT/root/newer.deb" &&
		cp "$ROOT/etc/portreeve/portreeve.conf" "$WORK/changed.conf" &&
		apt_root -o Dpkg::Options::=--force-confdef install /root/newer.deb &&
		cmp "$WORK/changed.conf" "$ROOT/etc/portreeve/portreeve.conf" &&
		grep 'spoof:' "$WORK/changed.conf"
}

remove_package() {
	apt_root remove portreeve | tee "$WORK/remove.log" &&
		grep 'Postfix still asks Portreeve' "$WORK/remove.log" &&
		[ -e "$ROOT/etc/portreeve/portreeve.conf" ]
}

# What Postfix made while it ran is its own.
root_files() {
	debroot_files "$ROOT" |
		awk '!/^.\/var\/(lib|spool)\/postfix\// || /portreeve/'
}

purge_package() {
	apt_root purge portreeve && apt_root autoremove --purge &&
		rm -f "$ROOT"/root/*.deb &&
		root_files | diff "$WORK/files.before" - &&
		! grep portreeve "$ROOT/etc/passwd" "$ROOT/etc/group"
}

postfix_later() {
	apt_root purge postfix && install_package &&
		! grep main.cf "$WORK/install.log" &&
		[ ! -e "$ROOT/var/spool/postfix" ] &&
		apt_root install postfix && socket_directory
}

package_in_root() {
	point "Postfix in it" debroot_postfix "$ROOT" || return 1
	root_files >"$WORK/files.before"
	cp "$ROOT/etc/postfix/main.cf" "$WORK/main.cf"
	point "the package can be installed" install_package || return 1
	point "user, socket directory, policy; main.cf left alone, but told of" \
		installed_whole
	point "README, by the letter: a spoof is refused" \
		refuse_a_spoof
	point "an upgrade keeps a policy that was changed" upgrade_package
	point "removed: Postfix's lines are told of, the policy stays" \
		remove_package
	point "purged: nothing is left" purge_package
	point "Postfix installed later" postfix_later
	under_openrc
	apt_root purge portreeve >"$WORK/purge.log" 2>&1
	[ ! -e "$RPM" ] ||
		point "the rpm's user is made where there is none" rpm_user
}

# What it is built with is listed in two places.
build_depends() {
	local package status=0
	for package in $(dependencies build | grep '^lib.*-dev$'); do
		case $package in
		libc6-dev) ;;
		*) grep "^ $package,$" packaging/debian/control || status=1 ;;
		esac
	done
	return $status
}

rpm_spec() {
	rpmlint -c packaging/rpm/rpmlint.toml packaging/rpm/portreeve.spec |
		tee "$WORK/rpmlint.log" &&
		grep ' 0 errors, 0 warnings' "$WORK/rpmlint.log" &&
		rpmspec -P packaging/rpm/portreeve.spec >"$WORK/portreeve.spec" &&
		same_version
}

# configure.ac, the spec and the changelog tell the same version.
same_version() {
	local version
	version=$(sed -n 's/^AC_INIT(\[portreeve\], \[\(.*\)\])$/\1/p' \
		configure.ac)
	grep "^Version: *$version$" "$WORK/portreeve.spec" &&
		head -n 1 packaging/debian/changelog | grep "($version-"
}

# There is no Fedora here to install it on: what its macros would do is said
# by the scriptlets, which are looked at.
rpm_build() {
	mkdir -p "$WORK/rpm/SOURCES" &&
		cp "$WORK"/deb/portreeve-*.tar.xz "$WORK/rpm/SOURCES" &&
		bounded 600 rpmbuild -ba --nodeps --nocheck \
			--load packaging/rpm/macros.debian \
			--define "_topdir $WORK/rpm" packaging/rpm/portreeve.spec &&
		RPM=$(echo "$WORK"/rpm/RPMS/*/portreeve-*.rpm) && [ -e "$RPM" ]
}

rpm_works() {
	local tree=$WORK/rpm/tree
	mkdir "$tree" && rpm2archive -n - <"$RPM" | tar -C "$tree" -xf - &&
		"$tree/usr/sbin/portreeve" --version &&
		"$tree/usr/sbin/portreeve" check \
			-c "$tree/etc/portreeve/portreeve.conf" &&
		grep '^ExecStart=/usr/sbin/portreeve run -c /etc/portreeve/' \
			"$tree/usr/lib/systemd/system/portreeve.service" &&
		[ "$(rpm -qp --configfiles "$RPM")" = \
			/etc/portreeve/portreeve.conf ]
}

# rpm_scriptlet TAG SAYS...: one line each.
rpm_scriptlet() {
	rpm -qp --qf "%{$1}" "$RPM" | tee "$WORK/rpm/$1"
	[ "$(sh -e "$WORK/rpm/$1")" = "$(shift && printf '%s\n' "$@")" ]
}

rpm_scriptlets() {
	rpm_scriptlet POSTIN \
		"tmpfiles_create /usr/lib/tmpfiles.d/portreeve.conf" \
		"systemd_post portreeve.service" &&
		rpm_scriptlet PREUN \
			"systemd_preun portreeve.service portreeve.socket" &&
		rpm_scriptlet POSTUN \
			"systemd_postun_with_restart portreeve.service"
}

# make_service FILE: as make install --with-openrc would put it there.
make_service() {
	sed -e 's|@sbindir@|/usr/sbin|' -e 's|@sysconfdir@|/etc|' \
		packaging/openrc/portreeve.in >"$1" && chmod 755 "$1"
}

prepare_openrc() {
	local packages
	mapfile -t packages < <(dependencies openrc)
	apt_root install "${packages[@]}" &&
		make_service "$ROOT/etc/init.d/portreeve" &&
		cp tests/boot/openrc tests/boot/points.sh "$ROOT/root"
}

# In namespaces of its own, which end with it; its points are counted.
under_openrc() {
	point "OpenRC" prepare_openrc || return 1
	debroot_isolated "$ROOT" chroot "$ROOT" /root/openrc
}

# Twice: an upgrade finds the user there.
rpm_user() {
	rpm -qp --qf '%{PREIN}' "$RPM" >"$ROOT/tmp/PREIN" || return 1
	in_root sh -e /tmp/PREIN && in_root sh -e /tmp/PREIN &&
		grep '^portreeve:.*:/sbin/nologin$' "$ROOT/etc/passwd" &&
		in_root userdel portreeve
}

package_for_rpm() {
	point "the rpm can be built" rpm_build || return 1
	point "what is in it works" rpm_works
	point "its scriptlets name the units" rpm_scriptlets
}

part_package() {
	ROOT=$WORK/debian
	RPM=
	debroot_make "$ROOT" >"$WORK/debroot.log" 2>&1 &
	local root_made=$!
	point "packaging/mkdeb" bounded 900 packaging/mkdeb "$WORK/deb" ||
		return 1
	point "debian/control has the libraries of packaging/dependencies" \
		build_depends
	point "rpmlint has no warnings; the versions are the same" rpm_spec
	point "lintian has no warnings" lintian --fail-on warning \
		"$WORK"/deb/*.changes
	point "made elsewhere, by another user and clock" make_elsewhere &&
		point "to the octet the same packages" same_packages
	package_for_rpm
	if ! wait $root_made; then
		tail -n 20 "$WORK/debroot.log" | sed 's/^/#   /'
		echo "not ok - there is a clean Debian"
		return 1
	fi
	package_in_root
}
