-- A body in odd pieces; the size counts across them.
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

local function send(pieces)
	mt.mailfrom(conn, "<a@b.example>")
	mt.rcptto(conn, "<one@example.org>")
	mt.data(conn)
	mt.header(conn, "Subject", "x")
	mt.eoh(conn)
	for _, piece in ipairs(pieces) do
		mt.bodystring(conn, piece)
		if mt.getreply(conn) ~= SMFIR_CONTINUE then
			return
		end
	end
	mt.eom(conn)
end

mt.conninfo(conn, "mail.example", "198.51.100.7")
mt.helo(conn, "mail.example")
send({ "a\r", "\n\r", "\n", ".", "\r\n" })
if mt.getreply(conn) == SMFIR_REPLYCODE then
	error("a small message in pieces was refused")
end
local pieces = {}
for i = 1, 40 do
	pieces[i] = string.rep("x", 2498) .. "\r\n"
end
send(pieces)
expect(SMFIR_REPLYCODE, "100,000 octets of body and a header")
send({ "small\r\n" })
if mt.getreply(conn) == SMFIR_REPLYCODE then
	error("the count goes on in the next message")
end
mt.disconnect(conn)
