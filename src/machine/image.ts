import { fileURLToPath } from "node:url";
import { libraryPaths } from "../jail/stage0/command.js";
import { resolveNode } from "./node-binary.js";

/** The files that a machine is made from. */
export interface MachineImage {
  /** The pinned Node. */
  node: string;
  /** The static stage 0; null where there is none and the script serves. */
  stage0: string | null;
  stage0Script: string;
  kernel: string;
  /** OpenSSL refuses to start without a configuration that it can read. */
  opensslConfig: string;
  /** What a machine may read before it is locked. */
  read: string[];
}

/** From src/machine and from dist/machine alike. */
const directory = fileURLToPath(new URL("../../dist/image/", import.meta.url));

/** Finds the image of this package and the Node of this system. */
export async function resolveImage(): Promise<MachineImage> {
  const { node, stage0 } = await resolveNode();
  return {
    node,
    stage0,
    stage0Script: `${directory}stage0.cjs`,
    kernel: `${directory}machine.cjs`,
    opensslConfig: `${directory}openssl.cnf`,
    read: [directory, ...libraryPaths, "/proc/self"],
  };
}
