/** One figure: ours, and where it can be, plain Node's for the same work in the same round. */
export interface Scenario {
  /** What is measured, as the table shows it. */
  name: string;
  /** The unit of the samples: `ms`, `µs`, `MB`. */
  unit: string;
  /** Counted rounds; each measures ours and then plain Node's. */
  rounds: number;
  /** Rounds that are not counted, first. */
  warmup: number;
  /** What the median must keep: at most `p50` or `p99`, or at most a ratio to plain Node. */
  bound?: { p50?: number; p99?: number; ratioAtMost?: number };
  /** Takes one sample of ours. */
  ours(): Promise<number>;
  /** Takes one sample of plain Node. */
  plain?(): Promise<number>;
  /** Called once after the last round. */
  close?(): Promise<void>;
}
