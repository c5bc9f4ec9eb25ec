-- HELO again, within a session and within a message.
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
mt.helo(conn, "late.example")
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
expect(SMFIR_REPLYCODE, "the late verdict of HELO")
mt.helo(conn, "fine.example")
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
expect(SMFIR_CONTINUE, "another HELO ends it")
mt.helo(conn, "late.example")
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
expect(SMFIR_REPLYCODE, "and the next brings it back")
mt.disconnect(conn)
