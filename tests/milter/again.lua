-- Our own verdict is not followed by an abort: the next MAIL begins afresh.
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
mt.helo(conn, "mail.example")
for _ = 1, 3 do
	mt.mailfrom(conn, "<a@b.example>")
	expect(SMFIR_CONTINUE, "MAIL")
	mt.rcptto(conn, "<one@example.org>")
	expect(SMFIR_CONTINUE, "first RCPT")
	mt.rcptto(conn, "<two@example.org>")
	expect(SMFIR_CONTINUE, "second RCPT")
	mt.rcptto(conn, "<three@example.org>")
	expect(SMFIR_REPLYCODE, "third RCPT: too many")
	-- And now MAIL without an abort: recipients count from 1 again.
end
mt.mailfrom(conn, "<reject@b.example>")
expect(SMFIR_REPLYCODE, "MAIL refused")
mt.mailfrom(conn, "<a@b.example>")
expect(SMFIR_CONTINUE, "MAIL after a refused MAIL")
mt.abort(conn)
mt.abort(conn)
mt.mailfrom(conn, "<a@b.example>")
expect(SMFIR_CONTINUE, "MAIL after two aborts")
mt.disconnect(conn)
