-- An abort in every stage, and a whole message after it.
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
local steps = {
	function() mt.mailfrom(conn, "<a@b.example>") end,
	function() mt.rcptto(conn, "<data@example.org>") end,
	function() mt.data(conn) end,
}
for last = 1, #steps do
	for i = 1, last do
		steps[i]()
	end
	mt.abort(conn)
end
mt.mailfrom(conn, "<a@b.example>")
expect(SMFIR_CONTINUE, "MAIL")
mt.rcptto(conn, "<one@example.org>")
expect(SMFIR_CONTINUE, "RCPT")
mt.data(conn)
expect(SMFIR_CONTINUE, "DATA, as the recipient before was forgotten")
mt.header(conn, "X-Do", "hold")
mt.eoh(conn)
mt.abort(conn)
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
mt.data(conn)
mt.header(conn, "Subject", "x")
mt.eoh(conn)
mt.bodystring(conn, "hello\r\n")
mt.eom(conn)
if mt.eom_check(conn, MT_QUARANTINE) then
	error("the aborted message's quarantine holds this one")
end
mt.disconnect(conn)
