/*
 * peer - asks the kernel for the process, and /proc for its name.
 */
#include "base/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

void
peer_print(int fd, struct buf *out)
{
	struct ucred cred;
	socklen_t n = sizeof cred;
	char path[64];
	char comm[64] = "";
	ssize_t got = -1;
	int file;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0) {
		buf_c(out, "another process");
		return;
	}
	(void)snprintf(path, sizeof path, "/proc/%ld/comm", (long)cred.pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		got = read(file, comm, sizeof comm);
		(void)close(file);
	}
	if (got > 0)
		buf_safe(out, str_trim(str_of(comm, (size_t)got)), 0);
	else
		buf_c(out, "another program");
	buf_printf(out, " (process %ld)", (long)cred.pid);
}

bool
peer_is_init(int fd)
{
	struct ucred cred;
	socklen_t n = sizeof cred;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0 &&
	       cred.pid == 1;
}
