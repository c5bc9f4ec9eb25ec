/*
 * wrap - cuts text at blanks.
 */
#include "tools/wrap.h"

#include <sys/ioctl.h>
#include <unistd.h>

size_t
wrap_width(FILE *out)
{
	struct winsize size;
	int fd = fileno(out);

	if (fd < 0 || isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) != 0 ||
	    size.ws_col == 0)
		return WRAP_WIDTH;
	if (size.ws_col < WRAP_LEAST)
		return WRAP_LEAST;
	return size.ws_col > WRAP_MOST ? WRAP_MOST : size.ws_col;
}

bool
wrap_next(struct str *rest, size_t width, struct str *line_r)
{
	size_t cut = width;

	if (rest->n == 0)
		return false;
	if (rest->n <= width) {
		*line_r = *rest;
		rest->n = 0;
		return true;
	}
	while (cut > 0 && rest->p[cut] != ' ')
		cut--;
	if (cut == 0) /* one long word */
		for (cut = width; cut < rest->n && rest->p[cut] != ' ';)
			cut++;
	*line_r = str_sub(*rest, 0, cut);
	*rest = str_trim(str_from(*rest, cut));
	return true;
}

void
wrap_put(struct str s, size_t indent, size_t width, FILE *out)
{
	struct str line;
	bool first = true;

	while (wrap_next(&s, width, &line)) {
		(void)fprintf(out, "%s%*s%.*s", first ? "" : "\n",
		    first ? 0 : (int)indent, "", STR_FMT(line));
		first = false;
	}
	(void)fputc('\n', out);
}
