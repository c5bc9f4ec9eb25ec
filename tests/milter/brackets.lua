-- Mail of sendmail(1): no brackets, an empty null sender, no parameters.
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

mt.conninfo(conn, "localhost", "127.0.0.1")
mt.helo(conn, "localhost")
mt.mailfrom(conn, "a@b.example")
expect(SMFIR_CONTINUE, "a sender without brackets is no fault")
mt.rcptto(conn, "one@example.org")
expect(SMFIR_CONTINUE, "a recipient without brackets")
mt.rcptto(conn, "reject@example.org")
expect(SMFIR_REPLYCODE, "and it is looked at")
mt.abort(conn)
mt.mailfrom(conn, "")
expect(SMFIR_CONTINUE, "the empty null sender")
mt.abort(conn)
mt.mailfrom(conn, "<a@b.example")
expect(SMFIR_REPLYCODE, "a bracket that is not closed is one")
mt.disconnect(conn)
