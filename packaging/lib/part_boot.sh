# part_boot.sh - the part "boot" of packaging/test: the Debian package on a
# machine that systemd has booted.
# shellcheck shell=bash
#
# Sourced by packaging/test, whose point and bounded it uses; not run.
#
# The machine is emulated, by software alone, so that this works where there
# is no machine to boot.  It has Debian's kernel, which is unpacked and not
# installed, a disk that is a file below $WORK, two serial lines, and no
# network.  tests/boot/guest runs in it, and tells its points on the second
# line.

# The kernel, and its modules, below $1.
boot_kernel() {
	local meta kernel
	meta=$(dependencies kernel)
	kernel=$(apt-cache depends "$meta" | sed -n 's/^ *Depends: //p') &&
		[ -n "$kernel" ] && unpack_packages "$1" "$kernel"
}

boot_package() {
	if [ ! -e "$WORK/deb" ]; then
		bounded 900 packaging/mkdeb "$WORK/deb"
	fi
}

# A Debian below $1 with Postfix, which has Portreeve as an administrator gets
# it who installs both before the machine has ever run.
boot_debian() {
	local root=$1 packages
	mapfile -t packages < <(dependencies guest)
	debroot_make "$root" && debroot_apt "$root" install "${packages[@]}" &&
		debroot_postfix "$root" &&
		cp "$WORK"/deb/portreeve_*.deb "$root/root" &&
		debroot_run "$root" sh -c 'cd /root && apt-get -q -y install \
			--no-install-recommends ./portreeve_*.deb' &&
		rm "$root/usr/sbin/policy-rc.d" &&
		echo mx >"$root/etc/hostname"
}

# The disk $3, of the Debian $1 and the kernel $2.
boot_disk() {
	local root=$1 kernel=$2 units=$1/etc/systemd/system
	cp tests/boot/guest tests/boot/points.sh packaging/debian/tests/spoof \
		"$kernel"/lib/modules/*/kernel/drivers/net/dummy.ko \
		"$root/root" &&
		cp tests/boot/guest.service "$units" &&
		ln -s ../guest.service "$units/multi-user.target.wants" &&
		# Nobody logs in; systemd would wait for the line.
		ln -s /dev/null "$units/serial-getty@ttyS0.service" &&
		mke2fs -q -t ext4 -d "$root" "$3" 1500M
}

# The machine with the disk $2, for as long as it wants to run.
boot_run() {
	bounded "${BOOT_SECONDS:-900}" qemu-system-x86_64 -accel tcg \
		-machine q35 -cpu max -smp 2 -m 1024 -nodefaults -display none \
		-no-reboot -serial "file:$LOGS/boot-console.log" -serial stdio \
		-kernel "$1"/boot/vmlinuz-* -append "root=/dev/nvme0n1 rw quiet
			console=ttyS0 panic=-1 systemd.show_status=no
			systemd.default_timeout_start_sec=600" \
		-drive "file=$2,format=raw,if=none,id=disk,cache=unsafe" \
		-device nvme,drive=disk,serial=1 | sed -u 's/\r$//' |
		tee "$WORK/boot.log"
}

part_boot() {
	local root=$WORK/machine kernel=$WORK/kernel disk=$WORK/disk
	point "packaging/mkdeb" boot_package &&
		point "Debian's kernel" boot_kernel "$kernel" &&
		point "a Debian with Postfix and the package" \
			boot_debian "$root" &&
		point "a disk of it" boot_disk "$root" "$kernel" "$disk" ||
		return 1
	boot_run "$kernel" "$disk"
	point "the machine has told all, and ended by itself" \
		grep '^# all is told' "$WORK/boot.log" ||
		tail -n 20 "$LOGS/boot-console.log" | sed 's/^/#   /'
}
