-- Unknown commands where they may stand.
local conn = mt.connect(socket)
if conn == nil then
	error("cannot connect")
end

local function expect(want, what)
	local got = mt.getreply(conn)
	if got ~= want then
		error(what .. ": got " .. string.char(got) .. ", expected " ..
		    string.char(want))
	end
end

mt.conninfo(conn, "mail.example", "198.51.100.7")
mt.unknown(conn, "XDEFER before HELO")
expect(SMFIR_REPLYCODE, "unknown before HELO")
mt.helo(conn, "mail.example")
mt.unknown(conn, "XOTHER")
expect(SMFIR_CONTINUE, "another one")
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
mt.rcptto(conn, "<two@example.org>")
mt.unknown(conn, "XDEFER between recipients")
expect(SMFIR_REPLYCODE, "unknown between recipients")
mt.rcptto(conn, "<three@example.org>")
expect(SMFIR_REPLYCODE, "the message is still the same: too many")
mt.data(conn)
expect(SMFIR_CONTINUE, "DATA")
mt.disconnect(conn)
