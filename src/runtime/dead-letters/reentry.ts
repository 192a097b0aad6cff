import { Unreadable } from "../../decode/codec/codec.ts";
import { parsedJson } from "../../decode/codec/json.ts";
import { Decoder } from "../../decode/decoder.ts";
import { headBytes } from "../../decode/framing/framing.ts";
import { type Event, RecordMeta } from "../../event.ts";
import { annotateFor, type OriginOptions } from "../../origin/origin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { DecodingOptions, Topology } from "../../topology/topology.ts";
import type { Flight } from "../flow/flight.ts";
import type { Entrance } from "../flow/graph.ts";
import { notJsonData } from "./dead-letters.ts";
import { goneOf, type RefusedReplay } from "./desk.ts";
import type { DeadLetter } from "./letter-files.ts";

export interface ReentryOptions {
  readonly topology: () => Topology;
  /** What is added to the events of a source. */
  readonly added: (host: DecodingOptions) => OriginOptions;
  readonly entrance: (component: string) => Entrance | undefined;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Aborts when the run accepts no more events. */
  readonly signal: AbortSignal;
}

/**
 * Sends dead letters back into the running graph. A record is decoded again and leaves its source; an event enters the
 * transform or sink that rejected it. Both keep their ids and ingestion times, so that a replay gives the same results.
 */
export class Reentry {
  readonly #options: ReentryOptions;

  constructor(options: ReentryOptions) {
    this.#options = options;
  }

  /**
   * Resolves, with the refused letters, when the others are committed in the pipeline and as gone from the dead letter, in
   * one commit. Rejects if the run ends before that; then all letters are unchanged.
   */
  async readmit(component: string, letters: readonly DeadLetter[]): Promise<RefusedReplay[]> {
    const entrance = this.#options.entrance(component);
    const read = letters.map((letter) => ({ letter, outcome: this.#read(component, letter) }));
    const refused = read.flatMap(({ letter, outcome }) => ("why" in outcome ? [{ letter, why: outcome.why }] : []));
    const taken = read.flatMap(({ letter, outcome }) => ("why" in outcome ? [] : [{ letter, event: outcome }]));
    if (entrance && taken.length > 0) await this.#admit(component, entrance, taken);
    return refused;
  }

  #read(component: string, letter: DeadLetter): Event | { readonly why: string } {
    const { head } = letter;
    const placed = this.#options.topology().components.find(({ id }) => id === component);
    if (head.reason === "damaged") return { why: "it is damaged, and only a part of it is left" };
    if (head.reason === notJsonData) return { why: "its data was not JSON, and only a description of it was kept" };
    if (!placed) return { why: `the pipeline has no component "${component}"` };
    const isRecord = head.source === component;
    if (isRecord !== (placed.kind === "source"))
      return {
        why: `"${component}" ${isRecord ? "was a source when it rejected this" : "was no source when it rejected this"}, and is now a ${placed.kind}`,
      };
    if (placed.kind === "source") return decodedAgain(letter, placed.host, this.#options.added(placed.host));
    const { source, stream, position, ingested, id, origin } = head;
    const meta = new RecordMeta(source, stream, position, ingested, id, undefined, origin);
    const bytes = Buffer.from(letter.data);
    const event = parsedJson.read(letter.data, true, meta, undefined, bytes, 0, bytes.length);
    return event instanceof Unreadable ? { why: `it is ${event.reason}` } : event;
  }

  async #admit(
    component: string,
    { origin, kind, group }: Entrance,
    taken: readonly { readonly letter: DeadLetter; readonly event: Event }[],
  ): Promise<void> {
    const { ledgers, signal } = this.#options;
    await group.room(signal);
    if (signal.aborted || !group.isOpen)
      throw new Error("weir is stopping and accepts no replay; the dead letters are unchanged.");
    const ledger = ledgers.get(component)!;
    ledger.note("replayed", taken.length);
    // Transforms and sinks count what they receive. For a source, replayed events count as created, not as read.
    if (kind === "source") {
      ledger.created += taken.length;
      ledger.sent += taken.length;
    }
    const bytes = taken.reduce((total, { letter }) => total + letter.size, 0);
    const outcome = await new Promise((settled) => {
      const admission = { checkpoint: undefined, bytes, ingested: 0, settled };
      const events = taken.map(({ event }) => event);
      const alongside = (flight: Flight) => {
        flight.deadLetters.push(...taken.map(({ letter }) => goneOf(letter)));
      };
      group.admit(origin, { events, admission, alongside });
    });
    if (outcome !== "committed") throw new Error("weir stopped before the commit; the dead letters are unchanged.");
  }
}

const decodedAgain = (
  { head, data }: DeadLetter,
  decoding: DecodingOptions,
  added: OriginOptions,
): Event | { readonly why: string } => {
  const { raw, raw_base64: encoded } = JSON.parse(data) as { raw?: string; raw_base64?: string };
  const record = encoded === undefined ? Buffer.from(raw ?? "") : Buffer.from(encoded, "base64");
  if (record.length >= headBytes) return { why: `only the first ${headBytes} bytes of the record were kept` };
  // A record does not begin with the byte order mark of its stream.
  const encoding = decoding.encoding === "auto" ? (head.encoding ?? "utf-8") : decoding.encoding;
  const adding = { origin: head.origin, annotate: annotateFor(decoding.codec, added) };
  const options = { ...decoding, ...adding, encoding, framing: "whole" as const };
  const decoder = new Decoder(head.source, head.stream, options, head.position);
  let outcome: Event | { readonly why: string } = { why: "the record is empty" };
  const handlers = {
    event: (event: Event) => {
      outcome = event;
    },
    failure: ({ reason }: { readonly reason: string }) => {
      outcome = { why: `it is still ${reason}` };
    },
  };
  decoder.push(record, head.position, head.ingested, handlers);
  decoder.end(head.ingested, handlers);
  return outcome;
};
