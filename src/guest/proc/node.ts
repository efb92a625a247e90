/** What there is below /proc. Nothing of it is on the disk: it is made when somebody asks. */

/** A file, whose text is made when it is opened. */
export interface FileNode {
  readonly kind: "file";
  readonly mode: number;
  text(): string;
}

export interface DirectoryNode {
  readonly kind: "directory";
  readonly mode: number;
  /** The names in it. */
  list(): readonly string[];
}

/** A link that leads where its text says; the text may be a negative errno. */
export interface LinkNode {
  readonly kind: "link";
  target(): string | number;
}

/** A link to an open file of the process: it leads there whatever its text says. */
export interface DescriptorNode {
  readonly kind: "descriptor";
  readonly fd: number;
}

export type ProcNode = FileNode | DirectoryNode | LinkNode | DescriptorNode;
