-- No macros at all; then macros, which the filter reads.
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
mt.mailfrom(conn, "<a@b.example>")
expect(SMFIR_CONTINUE, "MAIL")
mt.rcptto(conn, "<one@example.org>")
mt.data(conn)
mt.header(conn, "Subject", "x")
mt.eoh(conn)
mt.bodystring(conn, "hello\r\n")
mt.eom(conn)
if not mt.eom_check(conn, MT_HDRADD, "X-Queue", "-") then
	error("a queue id without the macro is not -")
end
mt.macro(conn, SMFIC_MAIL, "i", "4ZbX1k")
mt.mailfrom(conn, "<a@b.example>")
mt.rcptto(conn, "<one@example.org>")
mt.data(conn)
mt.header(conn, "Subject", "x")
mt.eoh(conn)
mt.bodystring(conn, "hello\r\n")
mt.eom(conn)
if not mt.eom_check(conn, MT_HDRADD, "X-Queue", "4ZbX1k") then
	error("the queue id of the macro is not there")
end
mt.disconnect(conn)
