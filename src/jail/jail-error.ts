/** Why a process could not be locked, or be made ready for that. No guest code may run after one. */
export class JailError extends Error {
  constructor(step: string, detail: string) {
    super(`${step}: ${detail}`);
    this.name = "JailError";
  }
}
