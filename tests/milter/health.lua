-- Connections that are nothing but a health check: no session begins, and
-- the filter is there for the next one.
for i = 1, 20 do
	local conn = mt.connect(socket)
	if conn == nil then
		error("connection " .. i .. " failed")
	end
	mt.disconnect(conn, i % 2 == 0)
end
local conn = mt.connect(socket)
if mt.conninfo(conn, "mail.example", "198.51.100.7") ~= nil then
	error("conninfo failed")
end
mt.disconnect(conn)
