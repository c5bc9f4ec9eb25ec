-- An MTA that offers protocol 2 and few actions.
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

if mt.negotiate(conn, 2, 0x1F, 0x7F) ~= nil then
	error("negotiation of protocol 2 failed")
end
mt.conninfo(conn, "mail.example", "198.51.100.7")
mt.helo(conn, "late.example")
expect(SMFIR_CONTINUE, "HELO")
mt.mailfrom(conn, "<a@b.example>")
expect(SMFIR_CONTINUE, "MAIL")
mt.rcptto(conn, "<one@example.org>")
expect(SMFIR_REPLYCODE, "RCPT: the late verdict")
mt.disconnect(conn)
