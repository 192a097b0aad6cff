import { type CompleteSequence, type SequenceHit, SequenceMatcher, type SequencePlan } from "../../eql/index.ts";
import { type State, StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import type { Note } from "../../transform/transform.ts";
import { type Hash, tuple } from "../hash.ts";
import type { EventTools } from "../rule-type.ts";
import { type Document, Documents, shortDocument } from "./documents.ts";
import { type Group, shortGroup } from "./group.ts";
import { keyTexts } from "./key-texts.ts";
import { decodeMachine, dropSequencesWith, encodeMachine, type Machine, referencesOf } from "./machine.ts";
import { keyTitle, snapshotOf, traceTaken } from "./trace.ts";

export interface MachinesOptions {
  readonly state: State;
  readonly hash: Hash;
  /** Keys of other versions are forgotten when their time comes. */
  readonly version: string;
  readonly plan: SequencePlan & { readonly maxspan: number };
  /** The fields by which events are joined, for people. */
  readonly by: readonly string[];
  /** How long after its time an event can come, in milliseconds. */
  readonly lateness: number;
  /** How much longer a key is kept than its events need, in milliseconds: some clocks are ahead of others. */
  readonly slack: number;
  /** A key whose last event is further ahead of an event than this starts anew: the clock was set back. */
  readonly furthest: number;
  /** How many sequences of a key can wait for events that must be missing after them. */
  readonly mostWaiting: number;
  /** The most bytes of one document, in what an event with so many keys completes. */
  readonly room: (keys: number) => number;
}

/** The state machines of a rule's keys, with their documents, in durable state. */
export class Machines {
  readonly #keys: TimedKeys;
  readonly #documents: Documents;
  readonly #options: MachinesOptions;
  readonly #missing: number;
  readonly #waits: boolean;
  /** The last machine that was stored: a burst is of one key, and reading it takes as long as writing it. */
  #stored: { readonly text: string; readonly machine: Machine } | undefined;

  constructor(options: MachinesOptions) {
    const { state, plan } = options;
    this.#keys = new TimedKeys(state.scope("keys"));
    this.#documents = new Documents(state.scope("events"));
    this.#options = options;
    this.#missing = plan.missing.filter((missing) => missing).length;
    this.#waits = plan.missing.at(-1)!;
  }

  /**
   * Takes an event for one of its `among` keys, and gives the sequences that are complete. Those of one key must come in the
   * order of their times.
   */
  accept(hit: SequenceHit, given: Document, { note, trace }: EventTools, among: number): readonly Group[] {
    const {
      key: { text, values },
      stages,
      isUntil,
    } = hit;
    const { hash, version, room, furthest, mostWaiting, plan } = this.#options;
    const key = version + hash(tuple([text]));
    const known = this.#read(key);
    const before = known ? referencesOf(known.state) : new Set<number>();
    const isSetBack = known !== undefined && known.last - given.at > furthest;
    const matcher = new SequenceMatcher<number>(plan, { mostWaiting, dropped: () => note("overflow") });
    const { last, next, state } = isSetBack || !known ? { last: given.at, next: 0, state: matcher.empty() } : known;
    if (given.at < last) note("late");
    const time = Math.max(last, given.at);
    const document = shortDocument(given, room(among));
    const keys = keyTexts(values, hash);
    const reference = isSetBack ? known.next : next;
    const snapshot = trace && snapshotOf(state);
    const complete = matcher.accept(state, { time, reference, stages, isUntil });
    if (trace && snapshot) {
      const title = keyTitle(this.#options.by, keys);
      const { missing, maxspan } = plan;
      const isComplete = complete.some((sequence) => sequence.some((reached) => reached?.[1] === reference));
      const released = complete.length - (isComplete ? 1 : 0);
      const taken = { before: snapshot, after: state, hit, time, reference, isComplete, released };
      traceTaken({ ...taken, missing, maxspan, title }, trace);
    }
    const groups = complete
      .flatMap((sequence) => this.#group(key, keys, sequence, { reference, document }))
      .map((group) => (among === 1 ? group : shortGroup(group, room(among))));
    const machine: Machine = { keys, last: time, next: reference + 1, state };
    this.#store(key, machine, { before, reference, document, note });
    return groups;
  }

  /** The time has come to `now`. `raise` gets what is complete, and returns false when there is no room for more. */
  tick(now: number, raise: (group: Group) => boolean): void {
    const { version, lateness } = this.#options;
    this.#keys.tick({ now, final: false }, (key, text, isFull) => {
      const machine = decodeMachine(text);
      const before = referencesOf(machine.state);
      const isOwn = key.startsWith(version);
      if (isOwn && !this.#raiseWaiting(key, machine, now - lateness, raise)) isFull();
      const isOver = !isOwn || (this.#expiry(machine) <= now && machine.state.waiting.length === 0);
      const left = isOver ? undefined : encodeMachine(machine);
      this.#documents.forget(key, before, left ? referencesOf(machine.state) : new Set());
      return left === undefined ? undefined : { value: left, due: this.#dueOf(machine) };
    });
  }

  /** No event comes any more: gives what waited for events that are missing. */
  end(raise: (group: Group) => boolean): void {
    if (!this.#waits) return;
    for (const [key, text] of this.#keys.entries()) {
      if (!key.startsWith(this.#options.version)) continue;
      const machine = decodeMachine(text);
      if (machine.state.waiting.length === 0) continue;
      const before = referencesOf(machine.state);
      const hasRoom = this.#raiseWaiting(key, machine, Number.POSITIVE_INFINITY, raise);
      this.#documents.forget(key, before, referencesOf(machine.state));
      this.#write(key, machine);
      if (!hasRoom) return;
    }
  }

  /** Raises the sequences that waited until before a time, one by one while there is room. */
  #raiseWaiting(key: string, { keys, state }: Machine, time: number, raise: (group: Group) => boolean): boolean {
    const matcher = new SequenceMatcher<number>(this.#options.plan);
    while (state.waiting.length > 0 && state.waiting[0]!.until < time) {
      const alone = { ...matcher.empty(), waiting: state.waiting.splice(0, 1) };
      for (const sequence of matcher.tick(alone, Number.POSITIVE_INFINITY))
        for (const group of this.#group(key, keys, sequence)) if (!raise(group)) return false;
    }
    return true;
  }

  #group(
    key: string,
    keys: Machine["keys"],
    sequence: CompleteSequence<number>,
    current?: { readonly reference: number; readonly document: Document },
  ): readonly Group[] {
    const documents = sequence.flatMap((reached) => {
      if (!reached) return [];
      const [, reference] = reached;
      return (reference === current?.reference ? current.document : this.#documents.get(key, reference)) ?? [];
    });
    // An event that came twice is still one.
    const isRepeated = new Set(documents.map(({ id }) => id)).size < documents.length;
    return documents.length === 0 || isRepeated ? [] : [{ type: "sequence", documents, keys, missing: this.#missing }];
  }

  #read(key: string): Machine | undefined {
    const text = this.#keys.get(key);
    if (text === undefined) return undefined;
    const stored = this.#stored;
    this.#stored = undefined;
    return stored?.text === text ? stored.machine : decodeMachine(text);
  }

  #store(
    key: string,
    machine: Machine,
    {
      before,
      reference,
      document,
      note,
    }: {
      readonly before: ReadonlySet<number>;
      readonly reference: number;
      readonly document: Document;
      readonly note: Note;
    },
  ): void {
    const after = referencesOf(machine.state);
    this.#documents.forget(key, before, after);
    try {
      if (after.has(reference)) this.#documents.set(key, reference, document);
      this.#write(key, machine);
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      note("state_full");
      dropSequencesWith(machine.state, reference);
      this.#documents.forget(key, [...after, reference], referencesOf(machine.state));
      this.#writeIfRoom(key, machine);
    }
  }

  /** Forgets the key if even what is left of it has no room. */
  #writeIfRoom(key: string, machine: Machine): void {
    try {
      this.#write(key, machine);
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      this.#documents.forget(key, referencesOf(machine.state), new Set());
      this.#keys.delete(key);
    }
  }

  #write(key: string, machine: Machine): void {
    const text = encodeMachine(machine);
    if (text === undefined) this.#keys.delete(key);
    else this.#keys.set(key, text, this.#dueOf(machine));
    this.#stored = text === undefined ? undefined : { text, machine };
  }

  /** When nothing in the machine can be continued any more, by any clock. */
  #expiry({ last }: Machine): number {
    const { plan, lateness, slack } = this.#options;
    return last + plan.maxspan + lateness + slack + 1;
  }

  #dueOf(machine: Machine): number {
    const [first] = machine.state.waiting;
    const expiry = this.#expiry(machine);
    return first ? Math.min(expiry, first.until + this.#options.lateness + 1) : expiry;
  }
}
