/*
 * facility - names of syslog facilities, as `log syslog NAME` takes them.
 */
#ifndef LANG_FACILITY_H
#define LANG_FACILITY_H

#include "base/str.h"

/* The number that openlog(3) and syslog(3) want; -1 if there is none. */
int facility_find(struct str name);
/* The nearest name to a misspelt one, or none. */
struct str facility_near(struct str name);
/* Each name, by index; NULL behind the last. */
const char *facility_name(size_t i);
/* All names, apart by spaces: for messages. */
const char *facility_names(void);

#endif
