import { EACCES, ESRCH } from "../../syscall/errno.js";
import { OWN_IPV4, OWN_IPV6 } from "../../syscall/socket-name.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { ProcessState } from "../process-state.js";

/** The user that guests are, beside the ids in their credentials. */
const user = { name: "user", home: "/home/user", shell: "/bin/sh" };

const localMac = "00:00:00:00:00:00";
const outsideMac = "02:00:00:00:00:02";

const { DateNow, MathFloor } = primordials;
const bufferFrom = Buffer.from;
const { arch } = process;

/** What the `os` binding has in its place: a small machine of its own, as its host describes it. */
export function osBinding(env: GuestEnv, state: ProcessState, environment: NodeJS.ProcessEnv) {
  const { getErrorMessage, errname } = internalBinding("uv");
  let niceness = 0;

  const uptime = () => (DateNow() - state.bootTime) / 1000;

  function fail(context: Internal, errno: number, syscall: string): void {
    context.errno = -errno;
    context.code = errname(-errno);
    context.message = getErrorMessage(-errno);
    context.syscall = syscall;
  }

  return {
    getHostname: () => state.hostname,
    getOSInformation: () => [
      "Linux",
      state.system.version,
      state.system.release,
      arch === "arm64" ? "aarch64" : "x86_64",
    ],
    getHomeDirectory: () => environment["HOME"] || user.home,
    getUptime: () => MathFloor(uptime() * 100) / 100,
    getTotalMem: () => state.system.totalMemory,
    getFreeMem: () => MathFloor(state.system.totalMemory / 2),
    getAvailableParallelism: () => state.system.cpus,

    getLoadAvg(averages: Float64Array): void {
      averages[0] = 0;
      averages[1] = 0;
      averages[2] = 0;
    },

    getCPUs(): unknown[] {
      const idle = MathFloor(uptime() * 1000);
      const flat: unknown[] = [];
      const { cpus, cpuModel, cpuSpeed } = state.system;
      for (let i = 0; i < cpus; i++)
        primordials.ArrayPrototypePush(flat, cpuModel, cpuSpeed, 0, 0, 0, idle, 0);
      return flat;
    },

    // Seven elements an address: name, address, netmask, family, mac, internal, scope.
    // biome-ignore format: one address a line
    getInterfaceAddresses: () => [
      "lo", "127.0.0.1", "255.0.0.0", "IPv4", localMac, true, -1,
      "lo", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "IPv6", localMac, true, 0,
      "eth0", OWN_IPV4, "255.255.255.0", "IPv4", outsideMac, false, -1,
      "eth0", OWN_IPV6, "ffff:ffff:ffff:ffff::", "IPv6", outsideMac, false, 0,
    ],

    getUserInfo(options: { encoding?: string } | null): Internal {
      const asBuffers = options?.encoding === "buffer";
      const text = (value: string) => (asBuffers ? bufferFrom(value) : value);
      return {
        __proto__: null,
        uid: env.cred.uid,
        gid: env.cred.gid,
        username: text(user.name),
        homedir: text(user.home),
        shell: text(user.shell),
      };
    },

    getPriority(pid: number, context: Internal): number | undefined {
      if (pid === 0 || pid === state.pid) return niceness;
      fail(context, ESRCH, "uv_os_getpriority");
      return undefined;
    },

    setPriority(pid: number, priority: number, context: Internal): number {
      const errno = pid !== 0 && pid !== state.pid ? ESRCH : priority < niceness ? EACCES : 0;
      if (errno !== 0) {
        fail(context, errno, "uv_os_setpriority");
        return -errno;
      }
      niceness = priority;
      return 0;
    },
  };
}
