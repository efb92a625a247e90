/** A directory of the guest whose content comes from the host. */
export interface MountDescription {
  id: number;
  /** Absolute and normal; made when missing. */
  path: string;
  /** Nobody in the machine changes anything in it. */
  sealed: boolean;
}

/** A link that is made beside the mounts. */
export interface MountLink {
  path: string;
  target: string;
}

/** Asks for what a mount has. */
export interface MountMessage {
  type: "mount";
  /** The machine's own number. */
  request: number;
  mount: number;
  /** The names of a directory, or the bytes of a file. */
  want: "names" | "content";
  /** Relative to the root of the mount, which is an empty one. */
  path: string;
  /** Where somebody is on the way to, from there. */
  ahead: string;
}

/** Answers `mount`: blocks flow to the machine on the stream (see `mount-blocks.ts`). */
export interface MountedMessage {
  type: "mounted";
  request: number;
  stream: number;
}

/** Names in directories of a mount, or files by these names, may have changed. */
export interface ChangedMessage {
  type: "changed";
  mount: number;
  /** Relative to the root of the mount. */
  paths: string[];
}
