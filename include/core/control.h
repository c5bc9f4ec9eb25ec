/*
 * control - what is said on the control socket, by which the daemon takes
 * commands from root and from the user it runs as.
 *
 *     client:  reload\n                  one line, the words of a command
 *     daemon:  ok\n or fault\n           how it went
 *              text                      to its end; then it closes
 */
#ifndef CORE_CONTROL_H
#define CORE_CONTROL_H

/* Unless the policy says: `control "unix:..."`. */
#define CONTROL_DIRECTORY "/run/portreeve"
#define CONTROL_ADDRESS "unix:" CONTROL_DIRECTORY "/control.sock"

#define CONTROL_OK "ok\n"
#define CONTROL_FAULT "fault\n"

enum {
	CONTROL_LINE_MAX = 256, /* octets of a request with its newline */
};

#endif
