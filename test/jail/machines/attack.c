/*
 * What hostile native code would try from inside a machine. It is loaded before the lock, as no honest
 * machine does. Each attack says its name on fd 3, is made, and says what came of it: a negative errno,
 * or what it got, which is a breach. Some end in SIGSYS; the test goes on with the next in a new machine.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static long victim, host, disk, chosen, outcome;
static const char *name;
static char buffer[4096];
static sem_t wanted, made;

static void tell(const char *line) {
  if (write(3, line, strlen(line)) < 0 || write(3, "\n", 1) < 0) _exit(1);
}

static void say(const char *what) {
  name = what;
  tell(what);
}

static long answer(long result) {
  outcome = result == -1 ? -errno : result;
  return outcome;
}

#define TRY(what, expression) \
  case __COUNTER__:           \
    say(what);                \
    errno = 0;                \
    return answer(expression)

/* Code that the attacker has put into memory itself. */
static long shellcode(void) {
#ifdef __x86_64__
  /* mov eax, 257 (openat); syscall; ret */
  static const unsigned char code[] = {0xb8, 0x01, 0x01, 0, 0, 0x0f, 0x05, 0xc3};
  long (*run)(int, const char *, int) =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (run == MAP_FAILED) return -1;
  memcpy((void *)run, code, sizeof code);
  long result = run(AT_FDCWD, "/etc/passwd", O_RDONLY);
  if (result >= 0) return result;
  errno = -result;
#endif
  return -1;
}

static long i386_call(void) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20 /* getpid */) : "memory");
  return result;
#else
  return -1;
#endif
}

static long pass_descriptor(void) {
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec part = {"x", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  *(int *)CMSG_DATA(header) = (int)disk;
  return sendmsg(3, &message, 0);
}

static long library(void) {
  if (dlopen("libutil.so.1", RTLD_NOW | RTLD_LOCAL)) return 0;
  errno = EPERM;
  return -1;
}

static long file(void) {
  return fopen("/etc/passwd", "r") ? 0 : -1;
}

static long attack_by_index(void) {
  struct iovec local = {buffer, 8}, remote = {(void *)0x400000, 8};
  struct sockaddr_un address = {AF_UNIX, "/run/docker.sock"};
  unsigned long limit[2] = {1 << 20, 1 << 20};
  char *arguments[] = {"/bin/true", NULL};
  int one = 1;
  socklen_t size = sizeof buffer;
  switch (chosen) {
    /* files */
    TRY("openat", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
    TRY("openat create", syscall(SYS_openat, AT_FDCWD, "/tmp/breach", O_CREAT | O_WRONLY, 0600));
    TRY("openat2", syscall(437, AT_FDCWD, "/etc/passwd", buffer, 24));
    TRY("openat of /proc", syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR));
    TRY("openat of a descriptor", syscall(SYS_openat, AT_FDCWD, "/proc/self/fd/0", O_RDWR));
    TRY("newfstatat", syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", buffer, 0));
    TRY("newfstatat empty", syscall(SYS_newfstatat, 3, "", buffer, AT_EMPTY_PATH));
    TRY("statx", syscall(SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0xfff, buffer));
    TRY("faccessat", syscall(SYS_faccessat, AT_FDCWD, "/etc/passwd", R_OK));
    TRY("readlinkat", syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buffer, 100));
    TRY("getdents64", syscall(SYS_getdents64, 0, buffer, sizeof buffer));
    TRY("unlinkat", syscall(SYS_unlinkat, AT_FDCWD, "/tmp/nothing", 0));
    TRY("renameat2", syscall(SYS_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b", 0));
    TRY("linkat", syscall(SYS_linkat, AT_FDCWD, "/etc/passwd", AT_FDCWD, "/tmp/b", 0));
    TRY("symlinkat", syscall(SYS_symlinkat, "/etc/passwd", AT_FDCWD, "/tmp/b"));
    TRY("mkdirat", syscall(SYS_mkdirat, AT_FDCWD, "/tmp/breach", 0700));
    TRY("mknodat", syscall(SYS_mknodat, AT_FDCWD, "/tmp/breach", S_IFIFO | 0600, 0));
    TRY("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, "/tmp", 01777));
    TRY("fchmod", syscall(SYS_fchmod, disk, 0777));
    TRY("fchownat", syscall(SYS_fchownat, AT_FDCWD, "/tmp", 0, 0, 0));
    TRY("fchown", syscall(SYS_fchown, disk, 0, 0));
    TRY("truncate", syscall(SYS_truncate, "/tmp/breach", 0));
    TRY("ftruncate", syscall(SYS_ftruncate, disk, 0));
    TRY("fallocate", syscall(SYS_fallocate, disk, 0, 0, 1 << 20));
    TRY("utimensat", syscall(SYS_utimensat, AT_FDCWD, "/tmp", 0, 0));
    TRY("setxattr", syscall(SYS_setxattr, "/tmp", "user.x", "x", 1, 0));
    TRY("getxattr", syscall(SYS_getxattr, "/tmp", "user.x", buffer, 100));
    TRY("chdir", syscall(SYS_chdir, "/tmp"));
    TRY("fchdir", syscall(SYS_fchdir, disk));
    TRY("statfs", syscall(SYS_statfs, "/", buffer));
    TRY("fstatfs", syscall(SYS_fstatfs, disk, buffer));
    TRY("umask", syscall(SYS_umask, 0));
    TRY("sync", syscall(SYS_sync));
    TRY("inotify_init1", syscall(SYS_inotify_init1, 0));
    TRY("inotify_add_watch", syscall(SYS_inotify_add_watch, 0, "/tmp", 0xfff));
    TRY("fanotify_init", syscall(SYS_fanotify_init, 0, 0));
    TRY("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/", buffer, &one, 0));
    TRY("open_by_handle_at", syscall(SYS_open_by_handle_at, 0, buffer, 0));
    TRY("memfd_create", syscall(SYS_memfd_create, "x", 0));
    TRY("pread64", syscall(SYS_pread64, disk, buffer, 8, 0));
    TRY("pwrite64", syscall(SYS_pwrite64, disk, buffer, 8, 0));
    TRY("lseek", syscall(SYS_lseek, disk, 0, SEEK_SET));
    TRY("flock", syscall(SYS_flock, disk, 2));
    TRY("sendfile", syscall(SYS_sendfile, 3, disk, 0, 8));
    TRY("splice", syscall(SYS_splice, 0, 0, 3, 0, 8, 0));
    TRY("tee", syscall(SYS_tee, 0, 3, 8, 0));
    TRY("vmsplice", syscall(SYS_vmsplice, 3, &local, 1, 0));
    TRY("copy_file_range", syscall(SYS_copy_file_range, disk, 0, disk, 0, 8, 0));
    TRY("dup", syscall(SYS_dup, 3));
    TRY("dup3", syscall(SYS_dup3, 3, 100, 0));
    TRY("close_range", syscall(436, 500, 600, 0));
    TRY("fopen", file());
    TRY("dlopen", library());
    TRY("shellcode", shellcode());
    /* sockets */
    TRY("socket AF_UNIX", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
    TRY("socket AF_INET", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
    TRY("socket AF_INET udp", syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0));
    TRY("socket AF_INET6", syscall(SYS_socket, AF_INET6, SOCK_STREAM, 0));
    TRY("socket raw", syscall(SYS_socket, AF_INET, SOCK_RAW, 1));
    TRY("socket AF_NETLINK", syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0));
    TRY("socket AF_PACKET", syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0));
    TRY("socket AF_ALG", syscall(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0));
    TRY("socket AF_VSOCK", syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0));
    TRY("socketpair", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, buffer));
    TRY("connect", syscall(SYS_connect, 3, &address, sizeof address));
    TRY("bind", syscall(SYS_bind, 3, &address, sizeof address));
    TRY("listen", syscall(SYS_listen, 3, 1));
    TRY("accept4", syscall(SYS_accept4, 3, 0, 0, 0));
    TRY("sendto", syscall(SYS_sendto, 3, "x", 1, 0, 0, 0));
    TRY("sendto out of band", syscall(SYS_sendto, 3, "x", 1, MSG_OOB, 0, 0));
    TRY("sendmsg with a descriptor", pass_descriptor());
    TRY("sendmmsg", syscall(SYS_sendmmsg, 3, buffer, 1, 0));
    TRY("recvfrom", syscall(SYS_recvfrom, 3, buffer, 1, MSG_DONTWAIT, 0, 0));
    TRY("recvmsg", syscall(SYS_recvmsg, 3, buffer, MSG_DONTWAIT));
    TRY("setsockopt", syscall(SYS_setsockopt, 3, SOL_SOCKET, SO_SNDBUF, &one, sizeof one));
    TRY("getsockopt SO_PEERCRED", syscall(SYS_getsockopt, 3, SOL_SOCKET, SO_PEERCRED, buffer, &size));
    TRY("getsockopt SO_PEERPIDFD", syscall(SYS_getsockopt, 3, SOL_SOCKET, 77, buffer, &size));
    TRY("getpeername", syscall(SYS_getpeername, 3, buffer, &size));
    /* other programs and processes */
    TRY("execve", syscall(SYS_execve, "/bin/true", arguments, NULL));
    TRY("execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, NULL, 0));
    TRY("posix system()", system("true") == 0 ? 0 : (errno = EPERM, -1));
    TRY("clone as fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    TRY("clone as vfork", syscall(SYS_clone, 0x4100 | SIGCHLD, 0, 0, 0, 0));
    TRY("clone into a user namespace", syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0));
    TRY("clone3", syscall(435, buffer, 88));
    TRY("ptrace", syscall(SYS_ptrace, 16, victim, 0, 0));
    TRY("process_vm_readv", syscall(SYS_process_vm_readv, victim, &local, 1, &remote, 1, 0));
    TRY("process_vm_writev", syscall(SYS_process_vm_writev, victim, &local, 1, &remote, 1, 0));
    TRY("process_madvise", syscall(440, 3, &local, 1, 21, 0));
    TRY("kill the victim", syscall(SYS_kill, victim, SIGKILL));
    TRY("kill the host", syscall(SYS_kill, host, 0));
    TRY("kill the group", syscall(SYS_kill, 0, 0));
    TRY("kill everybody", syscall(SYS_kill, -1, 0));
    TRY("tkill", syscall(SYS_tkill, victim, SIGKILL));
    TRY("tgkill", syscall(SYS_tgkill, victim, victim, SIGKILL));
    TRY("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, victim, SIGKILL, buffer));
    TRY("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, victim, victim, SIGKILL, buffer));
    TRY("pidfd_open", syscall(434, victim, 0));
    TRY("pidfd_send_signal", syscall(424, 3, SIGKILL, 0, 0));
    TRY("pidfd_getfd", syscall(438, 3, 0, 0));
    TRY("kcmp", syscall(SYS_kcmp, host, victim, 0, 0, 0));
    TRY("prlimit64 of the host", syscall(SYS_prlimit64, host, 7, limit, 0));
    TRY("prlimit64 of the host, read", syscall(SYS_prlimit64, host, 7, 0, buffer));
    TRY("prlimit64, raise", syscall(SYS_prlimit64, 0, 7, limit, 0));
    TRY("setpriority", syscall(SYS_setpriority, 0, victim, 19));
    TRY("sched_setaffinity", syscall(SYS_sched_setaffinity, victim, 8, buffer));
    TRY("sched_getaffinity", syscall(SYS_sched_getaffinity, victim, 8, buffer));
    TRY("sched_setscheduler", syscall(SYS_sched_setscheduler, 0, 1, &one));
    TRY("move_pages", syscall(SYS_move_pages, victim, 0, 0, 0, 0, 0));
    TRY("get_robust_list", syscall(SYS_get_robust_list, victim, buffer, buffer + 8));
    TRY("capget of the victim", syscall(SYS_capget, &(int[]){0x20080522, (int)victim}, buffer));
    TRY("clock of the victim", syscall(SYS_clock_gettime, (~victim << 3) | 2, buffer));
    TRY("getppid", syscall(SYS_getppid));
    TRY("getsid", syscall(SYS_getsid, victim));
    TRY("getpgid", syscall(SYS_getpgid, victim));
    TRY("setpgid", syscall(SYS_setpgid, 0, 0));
    TRY("setsid", syscall(SYS_setsid));
    TRY("timer_create", syscall(SYS_timer_create, 0, 0, buffer));
    /* descriptors that tell the kernel to signal */
    TRY("F_SETOWN", syscall(SYS_fcntl, 3, F_SETOWN, host));
    TRY("F_SETSIG", syscall(SYS_fcntl, 3, 10, SIGKILL));
    TRY("F_SETOWN_EX", syscall(SYS_fcntl, 3, 15, buffer));
    TRY("F_SETFL O_ASYNC", syscall(SYS_fcntl, 3, F_SETFL, O_RDWR | O_NONBLOCK | O_ASYNC));
    TRY("F_SETLEASE", syscall(SYS_fcntl, disk, 1024, F_RDLCK));
    TRY("F_NOTIFY", syscall(SYS_fcntl, disk, 1026, 0xf));
    TRY("F_ADD_SEALS", syscall(SYS_fcntl, disk, 1033, 8));
    TRY("F_SETPIPE_SZ", syscall(SYS_fcntl, 3, 1031, 1 << 20));
    TRY("FIOSETOWN", syscall(SYS_ioctl, 3, 0x8901, &host));
    TRY("FIOASYNC", syscall(SYS_ioctl, 3, 0x5452, &one));
    TRY("TIOCSTI", syscall(SYS_ioctl, 0, 0x5412, "x"));
    TRY("FIONREAD", syscall(SYS_ioctl, 3, 0x541b, buffer));
    TRY("a notification pipe", syscall(SYS_pipe2, buffer, 0x80));
    /* memory */
    TRY("mmap of the disk", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, (int)disk, 0));
    TRY("mmap shared", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    TRY("mmap shared file", (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)disk, 0));
    TRY("mmap huge", (long)mmap(NULL, 1 << 21, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0));
    TRY("mmap locked", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
    TRY("madvise MERGEABLE", syscall(SYS_madvise, (long)buffer & ~4095L, 4096, 12));
    TRY("mlockall", syscall(SYS_mlockall, 1));
    TRY("mincore", syscall(SYS_mincore, (long)buffer & ~4095L, 4096, buffer));
    TRY("remap_file_pages", syscall(SYS_remap_file_pages, (long)buffer & ~4095L, 4096, 0, 0, 0));
    TRY("userfaultfd", syscall(SYS_userfaultfd, 1));
    TRY("memfd_secret", syscall(447, 0));
    TRY("futex FUTEX_LOCK_PI", syscall(SYS_futex, buffer, 6, 0, 0, 0, 0));
    TRY("futex CMP_REQUEUE_PI", syscall(SYS_futex, buffer, 12, 1, 1, buffer + 8, 0));
    TRY("shmget", syscall(SYS_shmget, 0, 4096, 0600 | 01000));
    TRY("semget", syscall(SYS_semget, 0, 1, 0600 | 01000));
    TRY("msgget", syscall(SYS_msgget, 0, 0600 | 01000));
    TRY("mq_open", syscall(SYS_mq_open, "x", O_CREAT | O_RDWR, 0600, 0));
    /* the jail itself */
    TRY("io_uring_setup", syscall(425, 8, buffer));
    TRY("io_uring_enter", syscall(426, 3, 1, 0, 0, 0, 0));
    TRY("io_uring_register", syscall(427, 3, 0, 0, 0));
    TRY("seccomp", syscall(SYS_seccomp, 1, 0, buffer));
    TRY("seccomp listener", syscall(SYS_seccomp, 1, 8, buffer));
    TRY("landlock_create_ruleset", syscall(444, buffer, 8, 0));
    TRY("prctl PDEATHSIG", syscall(SYS_prctl, 1, 0, 0, 0, 0));
    TRY("prctl DUMPABLE", syscall(SYS_prctl, 4, 0, 0, 0, 0));
    TRY("prctl PTRACER", syscall(SYS_prctl, 0x59616d61, -1, 0, 0, 0));
    TRY("prctl SUBREAPER", syscall(SYS_prctl, 36, 1, 0, 0, 0));
    TRY("prctl SPECULATION_CTRL", syscall(SYS_prctl, 53, 0, 2, 0, 0));
    TRY("prctl SYSCALL_USER_DISPATCH", syscall(SYS_prctl, 59, 0, 0, 0, 0));
    TRY("personality", syscall(SYS_personality, 0x40000));
    TRY("capset", syscall(SYS_capset, &(int[]){0x20080522, 0}, buffer));
    TRY("setuid", syscall(SYS_setuid, 0));
    TRY("setresuid", syscall(SYS_setresuid, 0, 0, 0));
    TRY("setgroups", syscall(SYS_setgroups, 0, 0));
    TRY("unshare", syscall(SYS_unshare, 0x10000000));
    TRY("setns", syscall(SYS_setns, 3, 0));
    TRY("chroot", syscall(SYS_chroot, "/"));
    TRY("pivot_root", syscall(SYS_pivot_root, "/", "/"));
    TRY("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0));
    TRY("umount2", syscall(SYS_umount2, "/nowhere", 0));
    TRY("open_tree", syscall(428, AT_FDCWD, "/", 1));
    TRY("fsopen", syscall(430, "tmpfs", 0));
    TRY("mount_setattr", syscall(442, AT_FDCWD, "/nowhere", 0, buffer, 32));
    TRY("statmount", syscall(457, buffer, buffer, 100, 0));
    /* the kernel and the whole system */
    TRY("bpf", syscall(SYS_bpf, 0, buffer, 48));
    TRY("perf_event_open", syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
    TRY("add_key", syscall(SYS_add_key, "user", "x", "x", 1, -3));
    TRY("request_key", syscall(SYS_request_key, "user", "x", 0, 0));
    TRY("keyctl", syscall(SYS_keyctl, 0, -3, 0));
    TRY("init_module", syscall(SYS_init_module, buffer, 8, ""));
    TRY("finit_module", syscall(SYS_finit_module, 0, "", 0));
    TRY("delete_module", syscall(SYS_delete_module, "nothing", 0));
    TRY("kexec_load", syscall(SYS_kexec_load, 0, 1, 0, -1));
    TRY("syslog", syscall(SYS_syslog, 10, 0, 0));
    TRY("sethostname", syscall(SYS_sethostname, "", -1));
    TRY("swapoff", syscall(SYS_swapoff, "/nowhere"));
    TRY("acct", syscall(SYS_acct, "/nowhere"));
    TRY("quotactl", syscall(SYS_quotactl, 0, "/nowhere", 0, 0));
    TRY("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
    TRY("clock_settime", syscall(SYS_clock_settime, 100, buffer));
    TRY("adjtimex", syscall(SYS_adjtimex, buffer));
    TRY("membarrier", syscall(SYS_membarrier, 0, 0, 0));
    TRY("a call that does not exist", syscall(1000));
    TRY("call -1", syscall(-1));
#ifdef __x86_64__
    TRY("open", syscall(SYS_open, "/etc/passwd", O_RDONLY));
    TRY("creat", syscall(SYS_creat, "/tmp/breach", 0600));
    TRY("stat", syscall(SYS_stat, "/etc/passwd", buffer));
    TRY("dup2", syscall(SYS_dup2, 3, 100));
    TRY("pipe", syscall(SYS_pipe, buffer));
    TRY("fork", syscall(SYS_fork));
    TRY("alarm", syscall(SYS_alarm, 0));
    TRY("setrlimit", syscall(SYS_setrlimit, 7, limit));
    TRY("arch_prctl", syscall(SYS_arch_prctl, 0x1003, buffer));
    TRY("modify_ldt", syscall(SYS_modify_ldt, 0, buffer, 8));
    TRY("iopl", syscall(SYS_iopl, 3));
    TRY("ioperm", syscall(SYS_ioperm, 0, 1, 1));
    TRY("int 0x80", i386_call());
    TRY("x32 getpid", syscall(0x40000000 | 39));
    TRY("x32 execve", syscall(0x40000000 | 520, "/bin/true", arguments, NULL));
#endif
  }
  return 1;
}

enum { COUNT = __COUNTER__ };

static void *wait_for_attacks(void *unused) {
  for (;;) {
    sem_wait(&wanted);
    attack_by_index();
    sem_post(&made);
  }
  return unused;
}

long prepare(long victim_pid, long host_pid, long disk_fd) {
  pthread_t thread;
  victim = victim_pid;
  host = host_pid;
  disk = disk_fd;
  sem_init(&wanted, 0, 0);
  sem_init(&made, 0, 0);
  /* A thread that was there before the lock, and that Node knows nothing of. */
  pthread_create(&thread, NULL, wait_for_attacks, NULL);
  return COUNT;
}

long attack(long index, long by_thread) {
  chosen = index;
  if (by_thread) {
    sem_post(&wanted);
    while (sem_wait(&made) != 0) {}
  } else {
    attack_by_index();
  }
  char line[200];
  snprintf(line, sizeof line, "%s: %ld", name, outcome);
  tell(line);
  return outcome;
}
