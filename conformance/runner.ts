import type { Run } from "./outcome.ts";
import type { TestCase } from "./test-case.ts";

/** One of the two sides that a test runs on. */
export interface Runner {
  run(test: TestCase, timeout: number): Promise<Run>;
  dispose(): Promise<void>;
}
