/** Where the events of a soak come from. */
export const origins = ["log", "http", "sockets"] as const;
export type Origin = (typeof origins)[number];

const fillingOf = (from: Origin, n: number): string => `${from} ${n} `.repeat(2 + (n % 11));

/** Event number `n` of an origin. Some terms come back, and new ones come up all the time. */
export const eventOf = (from: Origin, n: number): string =>
  JSON.stringify({ from, n, user: { name: `${from}-${n % 50}-${Math.floor(n / 5_000)}` }, text: fillingOf(from, n) });

/** What one receiver got. */
export class Received {
  readonly #counts: Readonly<Record<Origin, number[]>> = { log: [], http: [], sockets: [] };
  /** Events of which the receiver said that it has them, with repeats. */
  acknowledged = 0;
  /** Events that nobody sent, or that are not what was sent. */
  readonly strangers: string[] = [];

  take(line: string): void {
    const { from, n } = JSON.parse(line) as { readonly from: Origin; readonly n: number };
    const counts = this.#counts[from];
    if (!counts || eventOf(from, n) !== line) this.strangers.push(line.slice(0, 200));
    else counts[n] = (counts[n] ?? 0) + 1;
  }

  has(from: Origin, n: number): boolean {
    return this.#counts[from][n] !== undefined;
  }

  /** How many different events of an origin there are, and how many came again. */
  countsOf(from: Origin): { readonly events: number; readonly repeats: number; readonly highest: number } {
    const counts = this.#counts[from];
    let [events, all] = [0, 0];
    for (const count of counts)
      if (count !== undefined) {
        events++;
        all += count;
      }
    return { events, repeats: all - events, highest: counts.length - 1 };
  }
}

/** What one origin sent. */
export class Sent {
  /** Events given a number so far. */
  count = 0;
  /** By number: whether weir said that it has it. Of a log, every line that was written counts. */
  readonly acknowledged: boolean[] = [];
  /** Acknowledgements since the current life of weir began. */
  inThisLife = 0;

  /** The numbers of the next so many events. */
  next(count: number): number[] {
    return Array.from({ length: count }, () => this.count++);
  }

  acknowledge(numbers: readonly number[]): void {
    for (const n of numbers) this.acknowledged[n] = true;
    this.inThisLife += numbers.length;
  }

  /** Acknowledged events that a receiver does not have. */
  missingIn(received: Received, from: Origin): number[] {
    const missing: number[] = [];
    for (const [n, isSafe] of this.acknowledged.entries()) if (isSafe && !received.has(from, n)) missing.push(n);
    return missing;
  }
}
