/** What the filter of a machine is to do with each call, by number, written down from the kernel's tables. */

interface Expected {
  audit: number;
  /** Calls that are made whatever their arguments are, by number: copied from the kernel, not from src. */
  allowed: number[];
  killed: number[];
  checked: Record<string, number>;
}

export const expected: Record<"x64" | "arm64", Expected> = {
  x64: {
    audit: 0xc000003e,
    allowed: [
      // read write close fstat poll mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn readv writev
      0, 1, 3, 5, 7, 10, 11, 12, 13, 14, 15, 19, 20,
      // sched_yield nanosleep getpid shutdown getsockname exit uname getcwd gettimeofday getrusage
      24, 35, 39, 48, 51, 60, 63, 79, 96, 98,
      // getuid getgid geteuid getegid sigaltstack gettid time restart_syscall exit_group epoll_ctl ppoll
      102, 104, 107, 108, 131, 186, 201, 219, 231, 233, 271,
      // set_robust_list epoll_pwait eventfd2 epoll_create1 getcpu getrandom pkey_mprotect/alloc/free rseq
      273, 281, 290, 291, 309, 318, 329, 330, 331, 334,
    ],
    killed: [
      // fork vfork execve ptrace syslog uselib vhangup modify_ldt pivot_root chroot acct mount umount2
      57, 58, 59, 101, 103, 134, 153, 154, 155, 161, 163, 165, 166,
      // swapon swapoff reboot sethostname setdomainname iopl ioperm init_module delete_module quotactl
      167, 168, 169, 170, 171, 172, 173, 175, 176, 179,
      // lookup_dcookie kexec_load add_key request_key keyctl unshare perf_event_open fanotify_init
      212, 246, 248, 249, 250, 272, 298, 300,
      // name_to_handle_at open_by_handle_at setns process_vm_readv/writev kcmp finit_module
      303, 304, 308, 310, 311, 312, 313,
      // kexec_file_load bpf execveat userfaultfd pidfd_send_signal io_uring_enter/register
      320, 321, 322, 323, 424, 426, 427,
      // open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open pidfd_getfd process_madvise
      428, 429, 430, 431, 432, 433, 434, 438, 440,
      // mount_setattr quotactl_fd memfd_secret process_mrelease statmount listmount open_tree_attr
      442, 443, 447, 448, 457, 458, 467,
    ],
    checked: {
      mmap: 9,
      ioctl: 16,
      mremap: 25,
      madvise: 28,
      getsockopt: 55,
      clone: 56,
      kill: 62,
      fcntl: 72,
      sched_getparam: 143,
      sched_getscheduler: 145,
      prctl: 157,
      futex: 202,
      sched_getaffinity: 204,
      clock_gettime: 228,
      clock_getres: 229,
      clock_nanosleep: 230,
      tgkill: 234,
      pipe2: 293,
      prlimit64: 302,
      io_uring_setup: 425,
      clone3: 435,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    allowed: [
      // getcwd eventfd2 epoll_create1 epoll_ctl epoll_pwait close read write readv writev ppoll fstat
      17, 19, 20, 21, 22, 57, 63, 64, 65, 66, 73, 80,
      // exit exit_group set_robust_list nanosleep sched_yield restart_syscall sigaltstack rt_sig*
      93, 94, 99, 101, 124, 128, 132, 134, 135, 139,
      // uname getrusage getcpu gettimeofday getpid getuid geteuid getgid getegid gettid
      160, 165, 168, 169, 172, 174, 175, 176, 177, 178,
      // getsockname shutdown brk munmap mprotect getrandom pkey_* rseq
      204, 210, 214, 215, 226, 278, 288, 289, 290, 293,
    ],
    killed: [
      // lookup_dcookie umount2 mount pivot_root chroot vhangup quotactl acct unshare kexec_load
      18, 39, 40, 41, 51, 58, 60, 89, 97, 104,
      // init_module delete_module syslog ptrace reboot sethostname setdomainname add_key request_key keyctl
      105, 106, 116, 117, 142, 161, 162, 217, 218, 219,
      // execve swapon swapoff perf_event_open fanotify_init name_to_handle_at open_by_handle_at setns
      221, 224, 225, 241, 262, 264, 265, 268,
      // process_vm_readv/writev kcmp finit_module bpf execveat userfaultfd kexec_file_load
      270, 271, 272, 273, 280, 281, 282, 294, 424, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442,
      443, 447, 448, 457, 458, 467,
    ],
    checked: {
      fcntl: 25,
      ioctl: 29,
      pipe2: 59,
      futex: 98,
      clock_gettime: 113,
      clock_getres: 114,
      clock_nanosleep: 115,
      sched_getscheduler: 120,
      sched_getparam: 121,
      sched_getaffinity: 123,
      kill: 129,
      tgkill: 131,
      prctl: 167,
      getsockopt: 209,
      mremap: 216,
      clone: 220,
      mmap: 222,
      madvise: 233,
      prlimit64: 261,
      io_uring_setup: 425,
      clone3: 435,
    },
  },
};
