import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Where programs of systems are found that no user's path has. */
const folders = [
  ...(process.env["PATH"] ?? "").split(delimiter),
  "/usr/sbin",
  ...versionsOf("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`),
];

/** Servers of databases don't run as root. */
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** How a server is started in an empty folder, on a port of the loopback. */
export interface DatabaseServer {
  /** What has to be installed for it. */
  programs: readonly string[];
  /** Makes its data; answers the command that serves them. */
  prepare(folder: string, port: number): Promise<string[]>;
  /** What it says when it takes connections. */
  ready: string;
}

/** A server that runs. */
export interface RunningServer extends AsyncDisposable {
  port: number;
}

/** The servers, by the package that speaks to them. */
export const databaseServers = {
  pg: {
    programs: ["initdb", "postgres"],
    async prepare(folder, port) {
      const password = join(folder, "password");
      writeFileSync(password, "pw");
      const data = join(folder, "data");
      await run("initdb", ["-D", data, "-U", "ada", "-A", "scram-sha-256", `--pwfile=${password}`, "-N"]);
      return ["postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", String(port), "-F"];
    },
    ready: "ready to accept connections",
  },
  ioredis: {
    programs: ["redis-server"],
    prepare: async (folder, port) => [
      ...["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
      ...["--save", "", "--requirepass", "pw"],
    ],
    ready: "Ready to accept connections",
  },
  mysql2: {
    programs: ["mariadb-install-db", "mariadbd", "my_print_defaults"],
    async prepare(folder, port) {
      const data = join(folder, "data");
      const first = join(folder, "first.sql");
      writeFileSync(
        first,
        "CREATE USER ada@'127.0.0.1' IDENTIFIED BY 'pw';\nGRANT ALL ON test.* TO ada@'127.0.0.1';\n",
      );
      await run("mariadb-install-db", ["--no-defaults", `--datadir=${data}`]);
      return [
        ...["mariadbd", "--no-defaults", `--datadir=${data}`, `--socket=${join(folder, "socket")}`],
        ...["--skip-name-resolve", "--bind-address=127.0.0.1", `--port=${port}`, `--init-file=${first}`],
      ];
    },
    ready: "ready for connections",
  },
} satisfies Record<string, DatabaseServer>;

/** Whether what a server needs is there. */
export function isInstalled({ programs }: DatabaseServer): boolean {
  return programs.every((program) => find(program) !== undefined);
}

/** Starts a server whose data go with it. */
export async function startDatabase(server: DatabaseServer): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "database-"));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const port = await freePort();
  const [program = "", ...args] = await server.prepare(folder, port);
  const child = spawn(find(program) ?? program, args, { ...user, cwd: folder });
  await started(child, server.ready);
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

async function started(child: ChildProcess, ready: string): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.on("exit", () => reject(new Error(`the server ended: ${said}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text) => {
        said += text;
        if (said.includes(ready)) resolve();
      });
    }
  });
}

async function run(program: string, args: string[]): Promise<void> {
  await promisify(execFile)(find(program) ?? program, args, { ...user, cwd: "/" });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function find(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function versionsOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
