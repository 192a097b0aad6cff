import { fingerprint, type State } from "weir";
import { newTerms, type SharedHistory, sharedNewTerms } from "weir/detection";
import { RecordMeta } from "weir/testing";
import { Host } from "../state/host.ts";

/** All times of the tests are in milliseconds after this. */
const start = Date.UTC(2026, 10, 1);
export const window = 1_000;

/** An event of the tests: when it happened, and its terms. */
export interface Seen {
  readonly id: string;
  readonly at: number;
  readonly user: string;
  readonly ips: readonly string[];
}

/** A combination that was new: its values, and which of them were new by themselves. */
export type Found = readonly (readonly [value: string, isNew: boolean])[];

const quotas = new Map([["c", Number.POSITIVE_INFINITY]]);

type Step = ReturnType<typeof sharedNewTerms>["event"];

/** What one weir does with events: it finds new terms, and commits event by event, in a database of its own. */
export class Collector {
  readonly #shared: SharedHistory | undefined;
  #host: Host;
  #event!: Step;
  #ask: ReturnType<typeof sharedNewTerms>["ask"] | undefined;

  constructor(path: string, shared?: SharedHistory) {
    this.#host = new Host(path, quotas);
    this.#shared = shared;
    this.#build();
  }

  #build(): void {
    const { state } = this.#host.of("c");
    const options = { ...this.#options, state };
    if (this.#shared) {
      const { event, ask } = sharedNewTerms({ ...options, owner: ["c"], history: this.#shared });
      this.#event = event;
      this.#ask = ask;
    } else this.#event = newTerms(options);
  }

  // Nothing may be late here: what is forgotten then is another matter.
  readonly #options: Omit<Parameters<typeof newTerms>[0], "state"> & { readonly state?: State } = {
    id: "c",
    fields: ["user", "ip"],
    window,
    lateness: 1_000 * window,
    timestamp: "time",
    hash: fingerprint,
  };

  /** What is sent on for an event. `crashes`: how often the process is killed before the commit, and gets the event again. */
  async handle(
    seen: Seen,
    crashes = 0,
  ): Promise<{ readonly found: readonly Found[]; readonly sent: readonly unknown[] }> {
    for (let left = crashes; left > 0; left--) {
      await this.#try(seen);
      this.restart();
    }
    const sent = await this.#try(seen);
    this.#host.write(1);
    this.#host.answer();
    const found = sent.map(({ terms }) => terms.map((term) => [term.value, term.new] as const));
    return { found, sent };
  }

  async #try({ id, at, user, ips }: Seen) {
    const meta = new RecordMeta("in", "stream", 0, start + 1_000_000, id);
    const event = { data: { user, ip: ips, time: start + at }, meta };
    const asked = this.#ask?.(event);
    if (asked) asked.take((await this.#shared!.observe([asked.ask], new AbortController().signal))[0]!);
    const state = this.#host.of("c");
    state.begin(this.#host.flight(0));
    const result = this.#event(event, { note: () => undefined });
    state.keep();
    state.end();
    return typeof result === "string" ? [] : result.map(({ data }) => newTermsIn(data));
  }

  /** A new process on what is committed. */
  restart(): void {
    this.#host = this.#host.reopen();
    this.#build();
  }

  close(): void {
    this.#host.close();
  }
}

const newTermsIn = (data: object) =>
  (data as { readonly weir: { readonly new_terms: { readonly terms: readonly { value: string; new: boolean }[] } } })
    .weir.new_terms;
