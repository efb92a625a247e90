const LISTED = 20;

/** What a repair has put right. */
export class Findings {
  count = 0;
  readonly problems: string[] = [];
  private readonly listed: number;

  /** `quiet`: only counts. So it is in a guest's thread, where arrays may have setters. */
  constructor(quiet = false) {
    this.listed = quiet ? 0 : LISTED;
  }

  note(problem: string): void {
    if (this.count < this.listed) this.problems[this.count] = problem;
    this.count++;
  }
}
