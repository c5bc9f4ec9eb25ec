# sendmail.sh - a private Sendmail: Debian's packages unpacked, its own
# configuration, queue and daemon process below one directory.
# shellcheck shell=bash
#
# Sourced, not run, behind common.sh and install.sh.  The packages conflict
# with Postfix's, so that they are not installed: apt-get downloads them, and
# dpkg-deb unpacks them.  /etc/mail is neither read nor written, and nothing
# is delivered: messages stay in the queue, and nobody runs it.

# sendmail_unpack ROOT: what [sendmail] in packaging/dependencies lists, below
# ROOT, which is made.
sendmail_unpack() {
	local packages
	mapfile -t packages < <(dependencies sendmail)
	unpack_packages "$1" "${packages[@]}"
}

# sendmail_configure DIR PORT ROOT [sendmail.mc line...]: DIR/sendmail.cf, made
# with the m4 files that were unpacked.
sendmail_configure() {
	local dir=$1 port=$2 cf=$3/usr/share/sendmail/cf/
	shift 3
	printf '%s\n' 'aliases files' 'hosts files dns' >"$dir/switch"
	{
		cat <<-EOF
			OSTYPE(\`linux')dnl
			define(\`confDOMAIN_NAME', \`mx.portreeve.example')dnl
			define(\`QUEUE_DIR', \`$dir/queue')dnl
			define(\`confPID_FILE', \`$dir/pid')dnl
			define(\`STATUS_FILE', \`$dir/status')dnl
			define(\`ALIAS_FILE', \`')dnl
			define(\`HELP_FILE', \`')dnl
			define(\`confSERVICE_SWITCH_FILE', \`$dir/switch')dnl
			dnl Nothing is delivered.
			define(\`confDELIVERY_MODE', \`queueonly')dnl
			dnl Nobody is refused by Sendmail itself, and nobody has to wait.
			define(\`confTO_IDENT', \`0')dnl
			define(\`confREFUSE_LA', \`1000')dnl
			define(\`confQUEUE_LA', \`1000')dnl
			define(\`confDELAY_LA', \`0')dnl
			define(\`confPRIVACY_FLAGS', \`public')dnl
			define(\`confBAD_RCPT_THROTTLE', \`0')dnl
			define(\`confMAX_HOP', \`1000')dnl
			define(\`confALLOW_BOGUS_HELO', \`True')dnl
			define(\`confMILTER_LOG_LEVEL', \`9')dnl
			define(\`confAUTH_MECHANISMS', \`PLAIN')dnl
			TRUST_AUTH_MECH(\`PLAIN')dnl
			FEATURE(\`nocanonify')dnl
			FEATURE(\`accept_unresolvable_domains')dnl
			FEATURE(\`accept_unqualified_senders')dnl
			FEATURE(\`promiscuous_relay')dnl
			FEATURE(\`no_default_msa')dnl
			DAEMON_OPTIONS(\`Name=MTA, Family=inet, Addr=127.0.0.1, Port=$port')dnl
			DAEMON_OPTIONS(\`Name=MTA6, Family=inet6, Addr=::1, Port=$port')dnl
			dnl There are no local users.
			MODIFY_MAILER_FLAGS(\`LOCAL', \`-w5')dnl
		EOF
		[ $# -eq 0 ] || printf '%s\n' "$@"
		cat <<-EOF
			MAILER(\`local')dnl
			MAILER(\`smtp')dnl
		EOF
	} >"$dir/sendmail.mc"
	m4 -D_CF_DIR_="$cf" "$cf/m4/cf.m4" "$dir/sendmail.mc" \
		>"$dir/sendmail.cf" 2>"$dir/m4.log" || {
		cat "$dir/m4.log" >&2
		return 1
	}
}

# sendmail_start DIR PORT ROOT [sendmail.mc line...]: DIR is made.
sendmail_start() {
	local dir=$1 port=$2 root=$3
	mkdir -p "$dir/queue" || return 1
	chmod 755 "$dir"
	chmod 700 "$dir/queue"
	sendmail_configure "$@" || return 1
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		"$root/usr/libexec/sendmail/sendmail" -bd -C "$dir/sendmail.cf" \
		>"$dir/start.log" 2>&1 && wait_until 60 port_open "$port" || {
		cat "$dir/start.log" >&2
		echo "Sendmail does not answer on 127.0.0.1:$port" >&2
		return 1
	}
}

# sendmail_stop DIR: the daemon, by its own pid.
sendmail_stop() {
	local pid
	pid=$(head -n 1 "$1/pid" 2>/dev/null | tr -dc 0-9)
	[ -n "$pid" ] || return 0
	case $(readlink "/proc/$pid/exe") in
	*/sendmail/sendmail) stop_process "$pid" ;;
	esac
}
