/**
 * What a diagnostic report says: the sections of Node's own, about the guest process and its virtual machine.
 * Addresses, libraries and native frames would be those of the real one, and are left out.
 */
import type { GuestEnv } from "../../env.js";
import { type Internal, internalBinding, primordials } from "../../internals.js";
import type { ProcessState } from "../../process-state.js";
import type { ProcessParts } from "../process-methods.js";

const {
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ArrayPrototypeSort,
  DateNow,
  DatePrototypeToISOString,
  Date: NodeDate,
  ObjectKeys,
  String: toText,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeTrim,
} = primordials;
const Doubles = Float64Array;

const REPORT_VERSION = 5;
const WORD_SIZE = 64;
/** What the pinned Node was built against. */
const GLIBC = "2.28";
const NOWHERE = "0x0000000000000000";
const CPU_FIELDS = 7;
const INTERFACE_FIELDS = 7;

/** What the content stands on. */
export interface ReportSource {
  env: GuestEnv;
  state: ProcessState;
  environment: NodeJS.ProcessEnv;
  parts: Pick<ProcessParts, "clock" | "usage">;
  process: NodeJS.Process;
}

export interface ReportRequest {
  event: string;
  trigger: string;
  filename: string | null;
  error: unknown;
  excludeNetwork: boolean;
  excludeEnv: boolean;
}

type Section = Record<string, unknown>;

export function reportContent(source: ReportSource, request: ReportRequest): Section {
  const content: Section = {
    __proto__: null,
    header: header(source, request),
    javascriptStack: javascriptStack(request.error),
    javascriptHeap: javascriptHeap(),
    nativeStack: [],
    resourceUsage: resourceUsage(source),
    uvthreadResourceUsage: threadUsage(source),
    libuv: [
      {
        __proto__: null,
        type: "loop",
        is_active: true,
        address: NOWHERE,
        loopIdleTimeSeconds: source.parts.clock.loopIdleTime() / 1000,
      },
    ],
    workers: [],
  };
  if (!request.excludeEnv) content["environmentVariables"] = copyOf(source.environment as Section);
  content["userLimits"] = userLimits(source.env);
  content["sharedObjects"] = [];
  return content;
}

/** By name, as Node's own maps are. */
function sorted(values: Section): Section {
  return copyOf(values, ArrayPrototypeSort(ObjectKeys(values)));
}

function copyOf(values: Section, names: string[] = ObjectKeys(values)): Section {
  const copy: Section = { __proto__: null };
  for (let i = 0; i < names.length; i++) copy[names[i] as string] = values[names[i] as string];
  return copy;
}

function header({ env, state, process }: ReportSource, request: ReportRequest): Section {
  const os = internalBinding("os");
  const information: string[] = os["getOSInformation"]();
  const now = DateNow();
  const moment: string = DatePrototypeToISOString(new NodeDate(now));
  const content: Section = {
    __proto__: null,
    reportVersion: REPORT_VERSION,
    event: request.event,
    trigger: request.trigger,
    filename: request.filename,
    dumpEventTime: `${StringPrototypeSlice(moment, 0, 19)}Z`,
    dumpEventTimeStamp: toText(now),
    processId: state.pid,
    threadId: state.threadId,
    cwd: env.cwd(),
    commandLine: commandLine(state),
    nodejsVersion: process.version,
    glibcVersionRuntime: GLIBC,
    glibcVersionCompiler: GLIBC,
    wordSize: WORD_SIZE,
    arch: process.arch,
    platform: process.platform,
    componentVersions: sorted(process.versions as unknown as Section),
    release: copyOf(process.release as unknown as Section, ["name", "headersUrl", "sourceUrl"]),
    osName: information[0],
    osRelease: information[2],
    osVersion: information[1],
    osMachine: information[3],
    cpus: processors(os["getCPUs"]()),
  };
  if (!request.excludeNetwork) content["networkInterfaces"] = interfaces(os["getInterfaceAddresses"]());
  content["host"] = os["getHostname"]();
  return content;
}

function commandLine(state: ProcessState): string[] {
  const line = ["node"];
  for (let i = 0; i < state.execArgv.length; i++) ArrayPrototypePush(line, state.execArgv[i]);
  for (let i = 0; i < state.args.length; i++) ArrayPrototypePush(line, state.args[i]);
  return line;
}

function processors(flat: Internal[]): Section[] {
  const all: Section[] = [];
  for (let i = 0; i < flat.length; i += CPU_FIELDS) {
    ArrayPrototypePush(all, {
      __proto__: null,
      model: flat[i],
      speed: flat[i + 1],
      user: flat[i + 2],
      nice: flat[i + 3],
      sys: flat[i + 4],
      idle: flat[i + 5],
      irq: flat[i + 6],
    });
  }
  return all;
}

function interfaces(flat: Internal[]): Section[] {
  const all: Section[] = [];
  for (let i = 0; i < flat.length; i += INTERFACE_FIELDS) {
    const found: Section = {
      __proto__: null,
      name: flat[i],
      internal: flat[i + 5],
      mac: flat[i + 4],
      address: flat[i + 1],
      netmask: flat[i + 2],
      family: flat[i + 3],
    };
    if (found["family"] === "IPv6") found["scopeid"] = flat[i + 6];
    ArrayPrototypePush(all, found);
  }
  return all;
}

function javascriptStack(error: unknown): Section {
  if (typeof error !== "object" || error === null)
    return { __proto__: null, message: toText(error), errorProperties: { __proto__: null } };
  const { stack } = error as Internal;
  if (typeof stack !== "string") return { __proto__: null, message: "No stack.", stack: ["Unavailable."] };
  const lines: string[] = StringPrototypeSplit(stack, "\n");
  // Node's own leaves out the last line.
  const frames: string[] = ArrayPrototypeSlice(lines, 1, -1);
  for (let i = 0; i < frames.length; i++) frames[i] = StringPrototypeTrim(frames[i]);
  const errorProperties: Section = { __proto__: null };
  const names: string[] = ObjectKeys(error);
  for (let i = 0; i < names.length; i++)
    errorProperties[names[i] as string] = toText((error as Internal)[names[i] as string]);
  return { __proto__: null, message: lines[0], stack: frames, errorProperties };
}

function javascriptHeap(): Section {
  const v8: Internal = internalBinding("v8");
  v8["updateHeapStatisticsBuffer"]();
  const at = (name: string) => v8["heapStatisticsBuffer"][v8[name]];
  const heapSpaces: Section = { __proto__: null };
  const spaces: string[] = v8["kHeapSpaces"];
  for (let i = 0; i < spaces.length; i++) {
    v8["updateHeapSpaceStatisticsBuffer"](i);
    const of = (name: string) => v8["heapSpaceStatisticsBuffer"][v8[name]];
    const used = of("kSpaceUsedSizeIndex");
    const available = of("kSpaceAvailableSizeIndex");
    heapSpaces[spaces[i] as string] = {
      __proto__: null,
      memorySize: of("kSpaceSizeIndex"),
      committedMemory: of("kPhysicalSpaceSizeIndex"),
      capacity: used + available,
      used,
      available,
    };
  }
  return {
    __proto__: null,
    totalMemory: at("kTotalHeapSizeIndex"),
    executableMemory: at("kTotalHeapSizeExecutableIndex"),
    totalCommittedMemory: at("kTotalPhysicalSizeIndex"),
    availableMemory: at("kTotalAvailableSize"),
    totalGlobalHandlesMemory: at("kTotalGlobalHandlesSizeIndex"),
    usedGlobalHandlesMemory: at("kUsedGlobalHandlesSizeIndex"),
    usedMemory: at("kUsedHeapSizeIndex"),
    memoryLimit: at("kHeapSizeLimitIndex"),
    mallocedMemory: at("kMallocedMemoryIndex"),
    externalMemory: at("kExternalMemoryIndex"),
    peakMallocedMemory: at("kPeakMallocedMemoryIndex"),
    nativeContextCount: at("kNumberOfNativeContextsIndex"),
    detachedContextCount: at("kNumberOfDetachedContextsIndex"),
    doesZapGarbage: at("kDoesZapGarbageIndex"),
    heapSpaces,
  };
}

function times({ parts }: ReportSource): Section {
  const cpu = new Doubles(2);
  parts.usage.cpuUsage(cpu);
  const user = (cpu[0] as number) / 1e6;
  const kernel = (cpu[1] as number) / 1e6;
  const percent = (seconds: number) => (seconds / parts.clock.uptime()) * 100;
  return {
    __proto__: null,
    userCpuSeconds: user,
    kernelCpuSeconds: kernel,
    cpuConsumptionPercent: percent(user + kernel),
    userCpuConsumptionPercent: percent(user),
    kernelCpuConsumptionPercent: percent(kernel),
  };
}

const noActivity = { __proto__: null, reads: 0, writes: 0 };

function resourceUsage(source: ReportSource): Section {
  const { usage } = source.parts;
  const os = internalBinding("os");
  return {
    __proto__: null,
    free_memory: os["getFreeMem"](),
    total_memory: os["getTotalMem"](),
    rss: usage.rss(),
    constrained_memory: usage.memoryLimit(),
    available_memory: usage.availableMemory(),
    ...times(source),
    maxRss: usage.rss(),
    pageFaults: { __proto__: null, IORequired: 0, IONotRequired: 0 },
    fsActivity: noActivity,
  };
}

function threadUsage(source: ReportSource): Section {
  return { __proto__: null, ...times(source), fsActivity: noActivity };
}

const limitNames = [
  "core_file_size_blocks",
  "data_seg_size_bytes",
  "file_size_blocks",
  "max_locked_memory_bytes",
  "max_memory_size_bytes",
  "open_files",
  "stack_size_bytes",
  "cpu_time_seconds",
  "max_user_processes",
  "virtual_memory_bytes",
];

function userLimits({ fds }: GuestEnv): Section {
  const limits: Section = { __proto__: null };
  for (let i = 0; i < limitNames.length; i++) {
    const name = limitNames[i] as string;
    const value = name === "open_files" ? fds.limit : "unlimited";
    limits[name] = { __proto__: null, soft: value, hard: value };
  }
  return limits;
}
