import type { Delivery } from "weir";
import { Recent, type RecentLimits } from "./recent.ts";

/** The share of the time that all subscribers may take, and how much of it may be saved up, in milliseconds. */
const share = 0.25;
const mostSaved = 10;
/** How long to wait when the time is used up, in milliseconds. */
const pause = 20;
/** How many events a query is applied to before it is another's turn, how many bytes of them, and for how long. */
const mostInTurn = 32;
const bytesInTurn = 64 * 1024;
const timeOfTurn = 1;
/** After how long the time that queries have used counts half, in milliseconds. */
const halfLife = 1_000;

/** Whether a subscriber wants an event; `unknown` if its query would take too long. */
export type Verdict = "wanted" | "unwanted" | "unknown";

/** A subscriber with a query. */
export interface Member {
  /** Applies the query. */
  judge(event: Delivery): Verdict;
  /** Takes the event as its verdict says; never waits. */
  show(event: Delivery, verdict: Verdict): void;
  /** It misses so many events, to which its query is not applied. */
  miss(count: number): void;
}

export interface AudienceOptions {
  readonly limits: RecentLimits;
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Monotonic, in milliseconds. */
  readonly now?: () => number;
}

/**
 * The subscribers with a query. To apply their queries and to send what matches may take a quarter of the time, shared
 * fairly: each event is kept until all queries were applied to it, or until there are too many events. Then those who fell
 * behind miss the oldest.
 */
export class Audience {
  readonly #recent: Recent;
  readonly #sleep: AudienceOptions["sleep"];
  readonly #now: () => number;
  readonly #members = new Map<Member, Progress>();
  #saved = mostSaved;
  #savedAt: number;
  #isWaiting = false;
  #halvedAt: number;

  constructor({ limits, sleep, now = () => performance.now() }: AudienceOptions) {
    this.#recent = new Recent(limits);
    this.#sleep = sleep;
    this.#now = now;
    this.#savedAt = this.#halvedAt = now();
  }

  /** Adds a subscriber, for the events from now on. */
  add(member: Member): void {
    // As much as the one that has used the least: to connect again gives no claim to more time than that.
    const used = Math.min(...[...this.#members.values()].map((progress) => progress.used));
    this.#members.set(member, { next: this.#recent.end, used: Number.isFinite(used) ? used : 0 });
  }

  remove(member: Member): void {
    this.#members.delete(member);
  }

  /** Shows the events to those who ask for them, at once or later; it never waits. */
  show(events: readonly Delivery[]): void {
    if (this.#members.size === 0) return;
    this.#recent.add(events);
    if (!this.#isWaiting) this.#work();
    this.#tidy();
  }

  /** Goes on until nobody is behind, or the time is used up. */
  #work(): void {
    const now = this.#now();
    this.#saved = Math.min(mostSaved, this.#saved + (now - this.#savedAt) * share);
    this.#savedAt = now;
    this.#halveUse(now);
    while (this.#saved > 0) {
      const member = this.#neediest();
      if (!member) return;
      this.#serve(...member);
    }
    if (this.#neediest()) void this.#goOnLater();
  }

  /** What was used long ago does not count. */
  #halveUse(now: number): void {
    if (now - this.#halvedAt < halfLife) return;
    this.#halvedAt = now;
    for (const progress of this.#members.values()) progress.used /= 2;
  }

  async #goOnLater(): Promise<void> {
    this.#isWaiting = true;
    await this.#sleep(pause);
    this.#isWaiting = false;
    this.#work();
    this.#tidy();
  }

  /** Of those who are behind, the one that has used the least time. */
  #neediest(): readonly [Member, Progress] | undefined {
    let found: readonly [Member, Progress] | undefined;
    for (const member of this.#members)
      if (member[1].next < this.#recent.end && (!found || member[1].used < found[1].used)) found = member;
    return found;
  }

  #serve(member: Member, progress: Progress): void {
    const missed = Math.max(0, this.#recent.first - progress.next);
    member.miss(missed);
    progress.next += missed;
    const from = this.#now();
    let took = 0;
    let bytes = 0;
    for (let count = 0; count < mostInTurn && bytes < bytesInTurn && took < timeOfTurn; count++) {
      const event = this.#recent.at(progress.next);
      if (!event) break;
      progress.next++;
      bytes += event.json.length;
      member.show(event, member.judge(event));
      took = this.#now() - from;
    }
    this.#saved -= took;
    progress.used += took;
  }

  #tidy(): void {
    let needed = this.#recent.end;
    for (const { next } of this.#members.values()) needed = Math.min(needed, next);
    this.#recent.trim(needed);
  }
}

interface Progress {
  /** Number of the next event that its query is applied to. */
  next: number;
  /** Time that it has taken, in milliseconds; it fades away. */
  used: number;
}
