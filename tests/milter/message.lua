-- What is done at the end of a message.
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

local function message(value)
	mt.mailfrom(conn, "<a@b.example>")
	mt.rcptto(conn, "<one@example.org>")
	mt.data(conn)
	mt.header(conn, "X-Do", value)
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		return
	end
	mt.eoh(conn)
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		return
	end
	mt.bodystring(conn, "hello\r\n")
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		return
	end
	mt.eom(conn)
end

mt.conninfo(conn, "mail.example", "198.51.100.7")
mt.helo(conn, "mail.example")
message("nothing")
if not mt.eom_check(conn, MT_HDRADD, "X-Helo", "mail.example") then
	error("no header was added")
end
message("hold")
if not mt.eom_check(conn, MT_QUARANTINE, "held") then
	error("no quarantine")
end
if not mt.eom_check(conn, MT_HDRADD, "X-Helo") then
	error("a message that is held goes on, with its header")
end
message("drop")
expect(SMFIR_DISCARD, "discard")
message("reject")
expect(SMFIR_REPLYCODE, "reject")
message("nothing")
if mt.eom_check(conn, MT_QUARANTINE) then
	error("the quarantine of an earlier message")
end
mt.disconnect(conn)
