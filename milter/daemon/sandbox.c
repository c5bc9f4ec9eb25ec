/*
 * sandbox - Landlock by system call, for the C library has no functions;
 * seccomp by libseccomp.
 */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#ifdef HAVE_LIBSECCOMP
#include <seccomp.h>
#endif

#include "base/buf.h"

static char text[1024] = "files and system calls are not restricted";
static bool files_restricted;

/* ---- files -------------------------------------------------------------- */

#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset)

enum {
	READS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	WRITES = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
	/* all that the first version knows, and are never allowed elsewhere */
	HANDLED = READS | WRITES | LANDLOCK_ACCESS_FS_EXECUTE |
		  LANDLOCK_ACCESS_FS_REMOVE_DIR |
		  LANDLOCK_ACCESS_FS_REMOVE_FILE |
		  LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
		  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
		  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
};

/* Accounts, libraries, time zones, random octets, itself. */
static const struct {
	const char *path;
	unsigned access;
} system_files[] = {
	{ "/etc", READS },
	{ "/usr", READS },
	{ "/lib", READS },
	{ "/lib64", READS },
	{ "/proc", READS },
	{ "/run", READS },
	{ "/sys/devices/system/cpu", READS },
	{ "/dev", READS | LANDLOCK_ACCESS_FS_WRITE_FILE },
};

struct rules {
	int fd;          /* of the ruleset */
	struct buf said; /* the directories, for the log */
	size_t part;     /* where those begin that are told now */
};

/* One that is not there, or not to be seen, is left out. */
static bool
allow(const struct rules *r, const char *directory, unsigned access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	bool ok;

	rule.parent_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return false;
	ok = syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH,
		 &rule, 0) == 0;
	(void)close(rule.parent_fd);
	return ok;
}

/* Tells of a directory, once. */
static void
say_directory(struct rules *r, struct str directory)
{
	struct str told = str_from(buf_str(&r->said), r->part);
	struct str one;

	while (str_word(&told, &one))
		if (str_eq(one, directory))
			return;
	buf_printf(&r->said, "%s%.*s", r->said.n == r->part ? " and " : " ",
	    STR_FMT(directory));
}

/* The directory of that name for a file. */
static void
allow_directory(struct rules *r, struct str file, unsigned access)
{
	char room[4096];
	struct buf path = BUF_ON(room);
	struct str directory = str_directory(file);

	buf_str_add(&path, directory);
	if (!path.cut && allow(r, buf_cstr(&path), access))
		say_directory(r, directory);
}

/* The directory of a file of the policy; and where a link leads, that too. */
static void
allow_beside(struct rules *r, struct str file, unsigned access)
{
	char *name = strndup(file.p, file.n);
	char *real = name == NULL ? NULL : realpath(name, NULL);

	allow_directory(r, file, access);
	if (real != NULL && !str_eq(file, str_c(real)))
		allow_directory(r, str_c(real), access);
	free(real);
	free(name);
}

static void
allow_policy(struct rules *r, const struct policy *policy)
{
	buf_c(&r->said, "it reads system files");
	r->part = r->said.n;
	for (const struct policy_text *t = policy->texts; t != NULL;
	     t = t->next)
		allow_beside(r, t->name, READS);
	for (const struct kept_def *d = policy->kept; d != NULL; d = d->next)
		for (uint32_t i = 0; i < d->n_files; i++)
			allow_beside(r, d->files[i].path, READS);
	buf_c(&r->said, "; it writes to devices");
	r->part = r->said.n;
	for (const struct setting_log *l = policy->logs; l != NULL; l = l->next)
		if (l->target == LOG_TO_FILE)
			allow_beside(r, l->value, READS | WRITES);
}

/* What came of it, into `said`. */
static void
restrict_files(const struct policy *policy, struct buf *said)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = HANDLED };
	char room[700];
	struct rules r = { .said = BUF_ON(room) };

	r.fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (r.fd < 0) {
		buf_c(said, "not restricted, for this kernel has no Landlock");
		return;
	}
	for (size_t i = 0; i < sizeof system_files / sizeof system_files[0];
	     i++)
		(void)allow(&r, system_files[i].path, system_files[i].access);
	allow_policy(&r, policy);
	files_restricted = syscall(SYS_landlock_restrict_self, r.fd, 0) == 0;
	if (files_restricted)
		buf_str_add(said, buf_str(&r.said));
	else
		buf_printf(said, "not restricted: %s", strerror(errno));
	(void)close(r.fd);
}

#else

static void
restrict_files(const struct policy *policy, struct buf *said)
{
	(void)policy;
	buf_c(said, "not restricted, for it was built without Landlock");
}

#endif

/* ---- system calls ------------------------------------------------------- */

#ifdef HAVE_LIBSECCOMP

/* Those that a kernel, or the library, does not know are passed over. */
static const char *const refused[] = { "acct", "add_key", "adjtimex", "bpf",
	"chroot", "clock_adjtime", "clock_settime", "create_module",
	"delete_module", "execve", "execveat", "fanotify_init", "finit_module",
	"fsconfig", "fsmount", "fsopen", "fspick", "init_module",
	"io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm",
	"iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
	"lookup_dcookie", "mknod", "mknodat", "modify_ldt", "mount",
	"mount_setattr", "move_mount", "name_to_handle_at", "nfsservctl",
	"open_by_handle_at", "open_tree", "perf_event_open", "personality",
	"pidfd_getfd", "pivot_root", "process_vm_readv", "process_vm_writev",
	"ptrace", "quotactl", "reboot", "request_key", "setdomainname",
	"setgid", "setgroups", "sethostname", "setns", "setregid", "setresgid",
	"setresuid", "setreuid", "settimeofday", "setuid", "stime", "swapoff",
	"swapon", "sysfs", "syslog", "umount", "umount2", "unshare", "uselib",
	"userfaultfd", "ustat", "vhangup", "vm86", "vm86old" };

static void
restrict_calls(struct buf *said)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	unsigned n = 0;
	int r = filter == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < sizeof refused / sizeof refused[0];
	     i++) {
		int call = seccomp_syscall_resolve_name(refused[i]);
		if (call >= 0 && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
				     call, 0) == 0)
			n++;
	}
	if (r == 0)
		r = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (r == 0)
		buf_printf(said, "%u are refused", n);
	else
		buf_printf(said, "not restricted: %s", strerror(-r));
}

#else

static void
restrict_calls(struct buf *said)
{
	buf_c(said, "not restricted, for it was built without libseccomp");
}

#endif

/* ---- both --------------------------------------------------------------- */

void
sandbox_enter(const struct policy *policy)
{
	struct buf said = BUF_ON(text);

	buf_c(&said, "sandbox: files: ");
	restrict_files(policy, &said);
	buf_c(&said, "; system calls: ");
	restrict_calls(&said);
	(void)buf_cstr(&said);
}

const char *
sandbox_text(void)
{
	return text;
}

const char *
sandbox_remedy(void)
{
	return files_restricted
		   ? "if it may, the file is in a directory that the policy "
		     "did not name when portreeve was started, and it takes a "
		     "restart to open it: systemctl restart portreeve"
		   : NULL;
}
