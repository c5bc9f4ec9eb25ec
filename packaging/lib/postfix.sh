# postfix.sh - a private Postfix: its own configuration, queue, data, log and
# master process below one directory.
# shellcheck shell=bash
#
# Sourced, not run.  /etc/postfix and the machine's own Postfix are neither
# read nor touched.  Nothing leaves the machine: there is no transport that
# could deliver; mail stays in the queue where it can be looked at, or is
# thrown away.

# postfix_start DIR PORT [main.cf line...]: DIR is made, readable by all.
postfix_start() {
	local dir=$1 port=$2
	shift 2
	local conf=$dir/conf
	# One that was stopped may still have children, which hold the port.
	wait_until 20 port_closed "$port" || {
		echo "127.0.0.1:$port is taken by $(port_holder "$port")" >&2
		return 1
	}
	mkdir -p "$conf" "$dir/queue" "$dir/data" || return 1
	chmod 755 "$dir" "$conf" "$dir/queue"
	chown postfix "$dir/data" || return 1
	chmod 700 "$dir/data"
	: >"$dir/maillog"

	cat >"$conf/main.cf" <<-EOF
		compatibility_level = 3.6
		config_directory = $conf
		queue_directory = $dir/queue
		data_directory = $dir/data
		maillog_file = $dir/maillog
		maillog_file_prefixes = ${dir%/*}
		multi_instance_enable = no
		mail_owner = postfix
		setgid_group = postdrop
		myhostname = mx.portreeve.example
		mydomain = portreeve.example
		myorigin = portreeve.example
		mydestination =
		inet_interfaces = 127.0.0.1
		inet_protocols = all
		alias_maps =
		alias_database =
		local_recipient_maps =
		# Nobody is refused by Postfix itself, and nothing is delivered.
		mynetworks = 0.0.0.0/0, [::]/0
		smtpd_relay_restrictions = permit_mynetworks, reject
		smtpd_authorized_xclient_hosts = static:all
		strict_rfc821_envelopes = no
		resolve_numeric_domain = yes
		hopcount_limit = 1000
		smtpd_reject_unlisted_sender = no
		smtpd_reject_unlisted_recipient = no
		# Missing headers are not made up, as for a client from outside.
		local_header_rewrite_clients =
		message_size_limit = 0
		mailbox_size_limit = 0
		default_transport = discard
		local_transport = discard
		relay_transport = discard
		virtual_transport = discard
		defer_transports = discard
		notify_classes =
		delay_warning_time = 0
		# Nobody has to wait after an error.
		smtpd_error_sleep_time = 0
		smtpd_soft_error_limit = 10000
		smtpd_recipient_limit = 2000
		smtpd_client_connection_count_limit = 0
		smtpd_client_event_limit_exceptions = static:all
		in_flow_delay = 0
		disable_dns_lookups = yes
		smtp_host_lookup = native
		milter_default_action = tempfail
		# Long enough for a machine that does much else.
		milter_connect_timeout = 60s
		milter_command_timeout = 60s
		milter_content_timeout = 60s
	EOF
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$conf/main.cf"
	cat >"$conf/master.cf" <<-EOF
		127.0.0.1:$port inet n - n - 1200 smtpd
		pickup    unix n - n 60 1 pickup
		cleanup   unix n - n - 0 cleanup
		qmgr      unix n - n 300 1 qmgr
		rewrite   unix - - n - - trivial-rewrite
		bounce    unix - - n - 0 bounce
		defer     unix - - n - 0 bounce
		trace     unix - - n - 0 bounce
		verify    unix - - n - 1 verify
		flush     unix n - n 1000? 0 flush
		proxymap  unix - - n - - proxymap
		showq     unix n - n - - showq
		error     unix - - n - - error
		retry     unix - - n - - error
		discard   unix - - n - - discard
		anvil     unix - - n - 1 anvil
		postlog   unix-dgram n - n - 1 postlogd
	EOF

	# A file that has just been written may not be whole yet: Postfix's
	# programs read it again and again for two seconds.
	touch -d @1 "$conf/main.cf" "$conf/master.cf"
	postfix_run "$dir" start >"$dir/start.log" 2>&1 || {
		cat "$dir/start.log" "$dir/maillog" >&2
		return 1
	}
	wait_until 60 port_open "$port" || {
		cat "$dir/start.log" "$dir/maillog" >&2
		echo "Postfix does not answer on 127.0.0.1:$port" >&2
		return 1
	}
}

# postfix_run DIR COMMAND...: postfix(1) for that instance.
postfix_run() {
	local dir=$1
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		postfix -c "$dir/conf" "$@"
}

postfix_pid() {
	tr -dc 0-9 <"$1/queue/pid/master.pid" 2>/dev/null
}

# postfix_stop DIR: its master by its own pid, and with it all it started.
postfix_stop() {
	local pid
	pid=$(postfix_pid "$1")
	[ -n "$pid" ] || return 0
	case $(readlink "/proc/$pid/exe") in
	*/master*) ;;
	*) return 0 ;;
	esac
	stop_process "$pid"
}
