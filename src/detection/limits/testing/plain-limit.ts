/** A limit in words of the definition: of each group, so many pass since the first of them. Times are in milliseconds. */
export class PlainLimit {
  readonly #groups = new Map<string, { readonly start: number; passed: number; held: number }>();
  readonly #most: number;
  readonly #within: number;
  /** The summaries that were sent, as JSON: the group, when its time began, and how many were held back. */
  readonly summaries: string[] = [];

  constructor(most: number, within: number) {
    this.#most = most;
    this.#within = within;
  }

  passes(group: string, at: number): boolean {
    const before = this.#groups.get(group);
    if (before && at >= before.start + this.#within) this.#close(group);
    const known = this.#groups.get(group) ?? { start: at, passed: 0, held: 0 };
    this.#groups.set(group, known);
    const passes = known.passed < this.#most;
    if (passes) known.passed++;
    else known.held++;
    return passes;
  }

  /** Closes the groups whose time is over. */
  tick(now: number): void {
    for (const [group, { start }] of this.#groups) if (start + this.#within <= now) this.#close(group);
  }

  #close(group: string): void {
    const { start, held } = this.#groups.get(group)!;
    this.#groups.delete(group);
    if (held > 0) this.summaries.push(JSON.stringify([group, start, held]));
  }
}
