const LISTED = 20;

/** What a repair has put right. */
export class Findings {
  count = 0;
  readonly problems: string[] = [];

  note(problem: string): void {
    if (this.count < LISTED) this.problems[this.count] = problem;
    this.count++;
  }
}
