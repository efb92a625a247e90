import { arch, hostname as hostName, machine, release, type as systemName, version } from "node:os";
import type { Command } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { groupName, userName } from "../files/users.js";
import { extraOperand, parseOptions } from "../options.js";

const uids = () => ({ real: process.getuid?.() ?? 0, effective: process.geteuid?.() ?? 0 });
const gids = () => ({ real: process.getgid?.() ?? 0, effective: process.getegid?.() ?? 0 });

export const id: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "aGgnruz",
    names: { groups: "G", group: "g", name: "n", real: "r", user: "u", zero: "z" },
  });
  const [named] = options.operands;
  const uid = options.has("r") ? uids().real : uids().effective;
  const gid = options.has("r") ? gids().real : gids().effective;
  if (named !== undefined && named !== userName(uid) && named !== String(uid))
    throw new CommandError(`${quoted(named)}: no such user`);
  const groups = [...new Set([gid, ...(process.getgroups?.() ?? [])])];
  const name = options.has("n");
  const user = (number: number) => (name ? (userName(number) ?? String(number)) : String(number));
  const group = (number: number) => (name ? (groupName(number) ?? String(number)) : String(number));
  const what = options.last("u", "g", "G");
  if (what === undefined && (name || options.has("r")))
    throw new CommandError("cannot print only names or real IDs in default format");
  const full = (number: number, of: (id: number) => string | undefined) => {
    const text = of(number);
    return text === undefined ? String(number) : `${number}(${text})`;
  };
  const text =
    what === "u"
      ? user(uid)
      : what === "g"
        ? group(gid)
        : what === "G"
          ? groups.map(group).join(" ")
          : `uid=${full(uid, userName)} gid=${full(gid, groupName)} groups=${groups.map((one) => full(one, groupName)).join(",")}`;
  await context.stdout(`${text}\n`);
  return 0;
};

export const whoami: Command = async (context) => {
  const { operands } = parseOptions(context, { letters: "" });
  if (operands[0] !== undefined) throw extraOperand(context, operands[0]);
  const { effective } = uids();
  const name = userName(effective);
  if (name === undefined) throw new CommandError(`cannot find name for user ID ${effective}`);
  await context.stdout(`${name}\n`);
  return 0;
};

/** The processor's architecture as systems name it. */
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

export const uname: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "aimnoprsv",
    names: {
      all: "a",
      machine: "m",
      nodename: "n",
      "operating-system": "o",
      "kernel-release": "r",
      "kernel-name": "s",
      "kernel-version": "v",
    },
  });
  if (options.operands[0] !== undefined) throw extraOperand(context, options.operands[0]);
  const hardware = machine() || (architectures[arch()] ?? arch());
  const values: readonly (readonly [string, string])[] = [
    ["s", systemName()],
    ["n", hostName()],
    ["r", release()],
    ["v", version()],
    ["m", hardware],
    ["o", "GNU/Linux"],
  ];
  const all = options.has("a");
  const shown = values.filter(([letter]) => all || options.has(letter)).map(([, text]) => text);
  await context.stdout(`${shown.length === 0 ? systemName() : shown.join(" ")}\n`);
  return 0;
};

export const hostname: Command = async (context) => {
  const options = parseOptions(context, { letters: "fs", names: { fqdn: "f", long: "f", short: "s" } });
  if (options.operands.length > 0) throw new CommandError("you must be root to change the host name");
  const name = hostName();
  await context.stdout(`${options.has("s") ? name.split(".")[0] : name}\n`);
  return 0;
};
