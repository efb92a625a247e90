/** What is called where nothing is to happen. */
export function nothing(): void {
  // Nothing.
}
