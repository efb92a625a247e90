/*
 * Stage 0: gives up, for good, what must be given up before Node runs, and becomes Node.
 *
 *   stage0 -k <kept descriptors> -p <parent> [-n] [-r <path>]... -- <node> <argument>...
 *
 * Every step that fails ends it, with an exit code of its own (failures.ts) and a line on fd 2.
 * main.ts does the same in TypeScript; test/jail/stage0.test.ts holds the two together.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "there is no jail for this architecture"
#endif

enum { USAGE = 80, DESCRIPTORS, LIMITS, PRIVILEGES, LANDLOCK, SECCOMP, ORPHAN, EXEC };
enum { WIRE = 3 };

extern char **environ;

static void fail(int code, const char *step) {
  dprintf(2, "stage 0: %s (errno %d)\n", step, errno);
  _exit(code);
}

/* The machine has what it is given and nothing else of what its host had open. */
static void keep_descriptors(int kept) {
  struct termios terminal;
  struct stat status;
  for (int fd = 0; fd < kept; fd++) {
    if (fstat(fd, &status) != 0) fail(DESCRIPTORS, "a descriptor is missing");
    if (fd == WIRE && !S_ISSOCK(status.st_mode)) fail(DESCRIPTORS, "the wire is no socket");
    if (fd > WIRE && !S_ISREG(status.st_mode)) fail(DESCRIPTORS, "the disk is no file");
    if (fcntl(fd, F_SETFD, 0) != 0) fail(DESCRIPTORS, "fcntl");
    /* A terminal is a way to its user: keys could be read, answers typed. */
    if (tcgetattr(fd, &terminal) == 0) fail(DESCRIPTORS, "a descriptor is a terminal");
  }
  if (syscall(SYS_close_range, kept, ~0U, 0) != 0) fail(DESCRIPTORS, "close_range");
}

/* When memory runs out, a machine is to die before its host. Raising one's own score is anybody's right. */
static void volunteer_for_oom(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t written = write(fd, "1000", 4);
  (void)written; /* best effort; the host reads the result in /proc */
  close(fd);
}

static void limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) fail(LIMITS, "getrlimit");
  if (hard > now.rlim_max) hard = now.rlim_max;
  if (soft > hard) soft = hard;
  if (setrlimit(resource, &(struct rlimit){soft, hard}) != 0) fail(LIMITS, "setrlimit");
}

static void limit_resources(void) {
  /* No dump of the machine's memory. 0 would keep files away; a handler in core_pattern only heeds 1. */
  limit(RLIMIT_CORE, 1, 1);
  limit(RLIMIT_FSIZE, 0, RLIM_INFINITY); /* hard as well once the disk has its size: see lock.ts */
  limit(RLIMIT_MEMLOCK, 0, 0);
  limit(RLIMIT_MSGQUEUE, 0, 0);
  limit(RLIMIT_NOFILE, 1024, 1024);
  /* Thread stacks, and how addresses are laid out, must not hang on the user's shell. */
  limit(RLIMIT_STACK, 8 << 20, 8 << 20);
}

static void drop_privileges(void) {
  /* Only who has CAP_SETPCAP may shrink the bounding set; who lacks it can't use what is in there. */
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* unknown before Linux 4.3 */
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
  if (syscall(SYS_capset, &header, none) != 0) fail(PRIVILEGES, "capset");
  /* From here exec gives nothing back: not to root, not by setuid files. */
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(PRIVILEGES, "no_new_privs");
}

/* Landlock's interface as of its seventh version; the C library's headers may be older. */
struct ruleset { uint64_t fs, net, scoped; };
struct path_rule { uint64_t allowed; int32_t parent; } __attribute__((packed));
enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF };
enum { EXECUTE = 1, READ_FILE = 4, READ_DIR = 8 };
/* What each version can forbid in the file system, and how long its ruleset is. */
static const struct { uint64_t fs; size_t size; } versions[] = {
  {0x1fff, 8}, {0x3fff, 8}, {0x7fff, 8}, {0x7fff, 16}, {0xffff, 16}, {0xffff, 24},
};

/* Only the given paths can be read, nothing else reached. Answers the version in force, 0 for none. */
static int restrict_files(char **paths, int count) {
  long version = syscall(CREATE_RULESET, NULL, 0, 1);
  if (version < 1) return 0; /* not in this kernel, switched off, or hidden by a container's filter */
  long known = version < 6 ? version : 6;
  /* Bind and connect by TCP; abstract sockets and signals out of the machine. */
  struct ruleset all = {versions[known - 1].fs, 3, 3};
  int ruleset = syscall(CREATE_RULESET, &all, versions[known - 1].size, 0);
  if (ruleset < 0) fail(LANDLOCK, "landlock_create_ruleset");
  for (int i = 0; i < count; i++) {
    struct stat status;
    int fd = open(paths[i], O_PATH | O_CLOEXEC);
    if (fd < 0) continue; /* no rule: what is not there stays out of reach */
    if (fstat(fd, &status) != 0) fail(LANDLOCK, "fstat");
    /* Node and its loader are executed once more, by this program; later the filter kills an exec. */
    uint64_t allowed = EXECUTE | READ_FILE | (S_ISDIR(status.st_mode) ? READ_DIR : 0);
    struct path_rule rule = {allowed, fd};
    if (syscall(ADD_RULE, ruleset, 1, &rule, 0) != 0) fail(LANDLOCK, "landlock_add_rule");
    close(fd);
  }
  if (syscall(RESTRICT_SELF, ruleset, 0) != 0) fail(LANDLOCK, "landlock_restrict_self");
  close(ruleset);
  return version;
}

/* libuv would make io_uring rings, whose operations pass by any filter: it must find none to be had. */
static void deny_io_uring(void) {
  struct sock_filter program[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
    /* x32: the same calls by other numbers */
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_enter, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_register, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof *program, program};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) fail(SECCOMP, "seccomp");
}

/* The machine dies with its host. A host that died before the signal was set has left its marks. */
static void die_with(pid_t parent) {
  struct pollfd wire = {WIRE, POLLIN | POLLRDHUP, 0};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail(ORPHAN, "no death signal");
  if (getppid() != parent) fail(ORPHAN, "the host is not the parent");
  if (poll(&wire, 1, 0) < 0 || (wire.revents & ~POLLIN)) fail(ORPHAN, "the host has hung up");
}

int main(int argc, char **argv) {
  int kept = 0, landlock = 1, reads = 0, option;
  pid_t parent = 0;
  char **read_paths = calloc(argc, sizeof *read_paths);
  if (read_paths == NULL) fail(USAGE, "calloc");
  while ((option = getopt(argc, argv, "+k:p:nr:")) != -1) {
    if (option == 'k') kept = atoi(optarg);
    else if (option == 'p') parent = atoi(optarg);
    else if (option == 'n') landlock = 0;
    else if (option == 'r') read_paths[reads++] = optarg;
    else _exit(USAGE);
  }
  if (kept <= WIRE || parent <= 0 || optind >= argc) fail(USAGE, "usage");

  keep_descriptors(kept);
  setsid(); /* a Ctrl-C in the host's terminal is for the host, which may want to end in good order */
  umask(077);
  volunteer_for_oom();
  limit_resources();
  drop_privileges();
  char version[16];
  snprintf(version, sizeof version, "%d", landlock ? restrict_files(read_paths, reads) : 0);
  if (setenv("SECURE_EXEC_LANDLOCK", version, 1) != 0) fail(EXEC, "setenv");
  deny_io_uring();
  die_with(parent);
  const char *program = argv[optind];
  argv[optind] = "node"; /* process.argv0 of the guests: no path of the host */
  execve(program, argv + optind, environ);
  fail(EXEC, "execve");
}
