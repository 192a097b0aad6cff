import { defaultOutput, type Rejection } from "../../../batch.ts";
import type { Event } from "../../../event.ts";
import { RecordEvent } from "../../../record-event.ts";
import { freezeParsed, soundData } from "../../../sound-data.ts";
import type { Ledger } from "../../../telemetry/ledger.ts";
import type { Counts, Sent } from "../../../transform/tally.ts";
import type { Flight } from "../flight.ts";
import { type Expected, Gate, type Part } from "../gate.ts";
import type { Group } from "../group.ts";
import { Outlets, type Receiver } from "../outlets.ts";

export interface StageOptions {
  readonly id: string;
  readonly group: Group;
  readonly ledger: Ledger;
  /** Names of its outputs besides the default one. */
  readonly outputs: readonly string[];
  /** The outputs whose events are discarded. */
  readonly dropOutputs: readonly string[];
  /** Whether the plugin is known not to change event data and to send valid JSON. Data is then not frozen or checked. */
  readonly isTrusted: boolean;
  readonly reject: (flight: Flight, component: string, rejections: readonly Rejection[]) => void;
  /** Called when the component broke its contract. The process must end. */
  readonly fail: (component: string, error: unknown) => void;
  /** Called when the stage holds no batch any more. */
  readonly onIdle: () => void;
}

/** A transform in the running graph. The stage restores the order of batches in front of the transform, and counts and
 *  sends on its results; a subclass for each shape runs the transform itself. */
export abstract class Stage implements Receiver {
  readonly id: string;
  readonly outlets: Outlets;
  /** Names of its outputs besides the default one. */
  protected readonly outputs: ReadonlySet<string>;
  protected readonly options: StageOptions;
  readonly #gate = new Gate();
  /** Batches that have not been sent on yet, with the time of arrival in milliseconds since 1970. */
  readonly #held = new Map<Flight, number>();
  readonly #dropped: ReadonlySet<string>;

  constructor(options: StageOptions) {
    this.id = options.id;
    this.options = options;
    this.outputs = new Set(options.outputs);
    this.#dropped = new Set(options.dropOutputs);
    this.outlets = new Outlets(options.outputs);
  }

  /** Processes a batch, and calls `sendOn` for it, now or later. */
  protected abstract process(part: Part): void;

  expect(flight: Flight, expected: Expected): void {
    this.#gate.expect(flight, expected);
  }

  receive(flight: Flight, input: number, events: readonly Event[]): void {
    const { group, ledger } = this.options;
    ledger.received += events.length;
    ledger.inFlight += events.length;
    this.#gate.arrive(flight, input, events);
    for (let next = this.#gate.take(); next; next = this.#gate.take()) {
      for (let part = 1; part < next.parts; part++) group.release(next.flight);
      this.#begin(next);
    }
  }

  #begin(part: Part): void {
    const { group, isTrusted, fail } = this.options;
    this.#held.set(part.flight, group.clock.monotonic());
    if (!isTrusted)
      for (const event of part.events) {
        Object.freeze(event);
        freezeParsed(event.data);
      }
    try {
      this.process(part);
    } catch (error) {
      fail(this.id, error);
    }
  }

  /** Counts the results of a batch, sends it on and releases it. `came`: the number of events that the transform got. */
  protected sendOn(flight: Flight, came: number, sent: Sent): void {
    const { group, reject, onIdle } = this.options;
    const checked = this.options.isTrusted ? sent : this.#checked(sent);
    this.#write(came, checked);
    if (checked.rejected.length > 0) reject(flight, this.id, checked.rejected);
    this.#held.delete(flight);
    this.outlets.send(flight, checked.events, checked.to);
    group.release(flight);
    if (this.#held.size === 0) onIdle();
  }

  /** Rejects events whose data JSON cannot represent, here under the name of this component rather than at a sink. */
  #checked(sent: Sent): Sent {
    const refused: Rejection[] = [];
    const keep = (events: readonly Event[]) =>
      events.filter((event) => {
        // An unchanged record is JSON, and is written as it was read.
        const message = event instanceof RecordEvent ? undefined : soundData(event.data);
        if (message !== undefined) refused.push({ event, reason: "not_json_data", message });
        return message === undefined;
      });
    const events = keep(sent.events);
    const to = sent.to && new Map([...sent.to].map(([name, list]) => [name, keep(list)]));
    const { consumed, dropped, notes } = sent;
    return { consumed, dropped, notes, events, to, rejected: [...sent.rejected, ...refused] };
  }

  #write(came: number, { events, to, rejected, consumed, dropped, notes }: Sent): void {
    const { ledger } = this.options;
    let accounted = events.length + rejected.length;
    ledger.inFlight -= came;
    this.#count(defaultOutput, events.length);
    for (const [name, { length }] of to ?? []) {
      accounted += length;
      this.#count(name, length);
    }
    for (const { reason } of rejected) ledger.deadLetter(reason, 1);
    accounted += each(consumed, (reason, count) => ledger.consume(reason, count));
    accounted += each(dropped, (reason, count) => ledger.drop(reason, count));
    each(notes, (name, count) => ledger.note(name, count));
    ledger.created += accounted - came;
  }

  #count(output: string, events: number): void {
    const { ledger } = this.options;
    if (events === 0) return;
    if (this.#dropped.has(output)) ledger.drop(`output_${output}`, events);
    else ledger.send(events, output === defaultOutput ? undefined : output);
  }

  /** The time since when it has held the oldest uncommitted batch, in milliseconds since 1970. */
  get blockingSince(): number | undefined {
    for (const [flight, since] of this.#held) if (flight.isFirst) return since;
    return undefined;
  }

  /** What it waits for outside weir, as the rest of a sentence, if a batch is held because of that. It is logged already. */
  get waitsFor(): string | undefined {
    return undefined;
  }

  /** Whether all batches have been sent on. */
  get isIdle(): boolean {
    return this.#held.size === 0;
  }

  /** Called when no more batches will come. */
  complete(): void {}

  /** Ends the stage. Results that arrive later are ignored. */
  close(): void {
    this.#held.clear();
  }
}

const each = (counts: Counts | undefined, tell: (reason: string, count: number) => void): number => {
  let total = 0;
  for (const reason in counts) {
    tell(reason, counts[reason]!);
    total += counts[reason]!;
  }
  return total;
};
