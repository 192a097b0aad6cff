import type { Data } from "weir";
import { ingestionTime, isSetBack } from "../../src/ingestion-time.ts";
import type { GraphPlan, NodePlan } from "./plan.ts";
import { outputsOf } from "./plan.ts";
import { countOf } from "./plugins.ts";
import type { Batch, Commit } from "./record.ts";
import { copiesOf, keyOf, named, numberOf, outputFor, padding, quota, routed, ttl, windowOf } from "./steps.ts";

/** An event on its way through the plain loop. */
export interface Item {
  readonly id: string;
  readonly data: Data;
  readonly source: string;
  readonly ingested: number;
}

/** The result for an event: where it goes, what else is emitted, or why it is rejected. */
interface Verdict {
  readonly to?: Readonly<Record<string, readonly Item[]>>;
  readonly rejected?: string;
}

interface Time {
  readonly now: number;
  readonly final: boolean;
}

/** An event that is made from state. */
interface Shown {
  readonly id: string;
  readonly data: Data;
}

interface Judge {
  event(item: Item, context: { readonly late: boolean; readonly epoch: number; readonly broken: boolean }): Verdict;
  /** What the tick emits; `isFull`: there is more to emit. */
  tick?(time: Time): { readonly shown: readonly Shown[]; readonly isFull: boolean };
  rows(): Map<string, string>;
  /** Earliest time at which a tick is needed. */
  due?(): number | undefined;
}

const passes = (...items: Item[]): Verdict => ({ to: { default: items } });
const none: Verdict = {};
const noRows = () => new Map<string, string>();

const stateless = (event: Judge["event"]): Judge => ({ event, rows: noRows });

const judgeOf = ({ id, kind, size }: NodePlan): Judge => {
  const named_ = (item: Item) => passes({ ...item, data: named(item.data, id, size) });
  const rejects = (item: Item, broken: boolean) => broken && numberOf(item.data) % (size + 1) === 0;
  const rejecting = stateless((item, { broken }) => (rejects(item, broken) ? { rejected: "unwanted" } : passes(item)));
  const sieve = stateless((item) => (numberOf(item.data) % (size + 1) === 0 ? none : passes(item)));
  switch (kind) {
    case "map":
    case "bulk":
    case "slow":
      return stateless(named_);
    case "filter":
    case "sieve":
      return sieve;
    case "reject":
    case "slow_reject":
      return rejecting;
    case "flaky":
    case "overtake":
    case "scheduled":
      return stateless((item) => passes(item));
    case "split":
      return stateless((item) =>
        passes(
          ...Array.from({ length: copiesOf(item.data, size) }, (_, copy) => ({
            ...item,
            id: `${item.id}/${id}.${copy}`,
            data: named(item.data, id, copy),
          })),
        ),
      );
    case "route":
      return stateless((item) => {
        const names = outputFor(item.data);
        return names.length === 0
          ? passes(item)
          : { to: Object.fromEntries(names.map((name) => [name, [{ ...item, data: routed(item.data, id, name) }]])) };
      });
    case "count":
      return counting(id);
    case "firsts":
      return firsts(id, size, rejects);
    case "throws":
      return throwing(id, rejects);
    case "quota":
      return filling(id);
    case "window":
      return windows(id, size * 700, size, 0);
    case "flood":
      return windows(id, size * 900, Number.POSITIVE_INFINITY, 400_000);
    case "pulse":
      return { ...stateless((item) => passes(item)), tick: () => ({ shown: [], isFull: false }) };
    case "gather":
      return gathering(id, size * 300);
  }
};

const counting = (id: string): Judge => {
  const counts = new Map<string, number>();
  return {
    event: (item) => {
      const place = `${id}/by ${numberOf(item.data) % 2}\n${keyOf(item.data)}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
      return passes({ ...item, data: named(item.data, id, counts.get(place)!) });
    },
    rows: () => new Map([...counts].map(([place, count]) => [place, String(count)])),
  };
};

const firsts = (id: string, size: number, rejects: (item: Item, broken: boolean) => boolean): Judge => {
  const seen = new Map<string, { readonly first: string; readonly until: number }>();
  let swept = Number.NEGATIVE_INFINITY;
  return {
    event: (item, { broken }) => {
      const next = Math.max(swept, item.ingested);
      const key = keyOf(item.data);
      const isKnown = (seen.get(key)?.until ?? Number.NEGATIVE_INFINITY) >= next;
      if (!isKnown && rejects(item, broken)) return { rejected: "thrown" };
      swept = next;
      for (const [other, { until }] of seen) if (until < swept) seen.delete(other);
      if (isKnown) return none;
      const until = item.ingested + size * ttl;
      if (until >= swept) seen.set(key, { first: item.id, until });
      return passes({ ...item, data: named(item.data, "first", 1) });
    },
    rows: () => new Map([...seen].map(([key, { first }]) => [`${id}\n${key}`, first])),
  };
};

const throwing = (id: string, rejects: (item: Item, broken: boolean) => boolean): Judge => {
  const counts = new Map<string, number>();
  const last = new Map<string, string>();
  return {
    event: (item, { broken }) => {
      if (rejects(item, broken)) return { rejected: "thrown" };
      const key = keyOf(item.data);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count % 4 === 0) last.delete(key);
      else last.set(key, item.id);
      const emitted = { ...item, source: id, id: `${id}/0/${key}#${count}`, data: { key, v: count } };
      return passes(...(count % 2 === 0 ? [item] : []), ...(count % 3 === 0 ? [emitted] : []));
    },
    rows: () =>
      new Map([
        ...[...counts].map(([key, count]) => [`${id}\n${key}`, String(count)] as const),
        ...[...last].map(([key, first]) => [`${id}\nlast ${key}`, first] as const),
      ]),
  };
};

const filling = (id: string): Judge => {
  let held = new Map<string, number>();
  const bytesOf = (map: Map<string, number>) => [...map].reduce((total, [key, size]) => total + key.length + size, 0);
  return {
    event: (item) => {
      const number = numberOf(item.data);
      const next = new Map(held);
      const first = [...next.keys()].sort()[0];
      if (first !== undefined && number % 4 === 0) next.delete(first);
      const before = bytesOf(next);
      next.set(`${keyOf(item.data)}:${number % 7}`, number % 20);
      const after = bytesOf(next);
      if (after > before && after > quota) return { rejected: "state_full" };
      held = next;
      return passes(item);
    },
    rows: () => new Map([...held].map(([key, size]) => [`${id}\n${key}`, padding(size)])),
  };
};

const windows = (id: string, length: number, page: number, pad: number): Judge => {
  const open = new Map<string, number>();
  const endOf = (key: string) => Number(key.slice(0, 15)) + length;
  return {
    event: (item, { late }) => {
      if (late) return none;
      const key = windowOf(item.ingested, length, keyOf(item.data));
      open.set(key, (open.get(key) ?? 0) + 1);
      return none;
    },
    tick: ({ now, final }) => {
      const shown: Shown[] = [];
      let bytes = 0;
      for (const key of [...open.keys()].sort()) {
        if (!final && endOf(key) > now) break;
        if (!final && shown.length === page) break;
        const data = countOf(key, open.get(key)!, pad);
        open.delete(key);
        shown.push({ id: key, data });
        bytes += JSON.stringify(data).length;
        if (bytes >= 512 * 1024) return { shown, isFull: true };
      }
      return { shown, isFull: false };
    },
    rows: () => new Map([...open].map(([key, count]) => [`${id}\n${key}`, String(count)])),
    due: () => (open.size === 0 ? undefined : Math.min(...[...open.keys()].map(endOf))),
  };
};

const gathering = (id: string, wait: number): Judge => {
  const held = new Map<string, { readonly due: number; readonly numbers: readonly number[]; readonly round: number }>();
  const open = () => [...held].filter(([, { numbers }]) => numbers.length > 0);
  return {
    event: (item) => {
      const key = keyOf(item.data);
      const { due, numbers, round } = held.get(key) ?? { due: 0, numbers: [], round: 0 };
      const next = numbers.length > 0 ? due : item.ingested + wait;
      held.set(key, { due: next, numbers: [...numbers, numberOf(item.data)], round });
      return none;
    },
    tick: ({ now, final }) => {
      const ended = open().filter(([, { due }]) => final || due <= now);
      for (const [key, { due, round }] of ended) held.set(key, { due, numbers: [], round: round + 1 });
      const shown = ended
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { numbers, round }]) => ({ id: `${key} ${round}`, data: { key, v: numbers.length, numbers } }));
      return { shown, isFull: false };
    },
    rows: () => new Map([...held].map(([key, value]) => [`${id}\n${key}`, JSON.stringify(value)])),
    due: () => (open().length === 0 ? undefined : Math.min(...open().map(([, { due }]) => due))),
  };
};

/** The expected results of a run, derived from the order of its committed batches alone. */
export class Oracle {
  /** What each sink must receive, in order, with the index of the batch. */
  readonly sinks = new Map<string, { readonly item: Item; readonly batch: number }[]>();
  /** `COMPONENT ID REASON`, of transforms. */
  readonly letters: string[] = [];
  /** Ids of all events made from state. */
  readonly shown: string[] = [];
  /** Events of each component with windows: how many arrived, were late, and were emitted. */
  readonly totals = new Map<string, { came: number; late: number; emitted: number }>();
  /** Of each source, ids in order. */
  readonly read = new Map<string, string[]>();
  /** `seen`: the time of its last tick; `latest`: of the last batch or tick. */
  readonly keepers = new Map<string, { mark: number; epoch: number; seen: number; latest: number }>();
  readonly judges = new Map<string, Judge>();
  readonly #plan: GraphPlan;
  #batches = 0;
  /** The latest ingestion time on disk, and the life that came to it last. */
  #ingested = 0;
  #life = 0;

  constructor(plan: GraphPlan) {
    this.#plan = plan;
    for (const node of plan.nodes) {
      const judge = judgeOf(node);
      this.judges.set(node.id, judge);
      if (judge.tick) this.keepers.set(node.id, { mark: Number.NEGATIVE_INFINITY, epoch: 0, seen: 0, latest: 0 });
      this.totals.set(node.id, { came: 0, late: 0, emitted: 0 });
    }
    for (const { id } of plan.sinks) this.sinks.set(id, []);
  }

  get rows(): Map<string, string> {
    return new Map([...this.judges.values()].flatMap((judge) => [...judge.rows()]));
  }

  commit({ first, batches }: Commit): void {
    if (first !== this.#life) for (const keeper of this.keepers.values()) keeper.latest = this.#ingested;
    this.#life = first;
    let ingested = 0;
    for (const batch of batches) {
      this.#take(batch);
      if (batch.stamp > 0) ingested = ingestionTime(batch.stamp, ingested);
    }
    if (ingested > 0) this.#ingested = ingestionTime(ingested, this.#ingested);
  }

  #take(batch: Batch): void {
    const parts = new Map<string, readonly Item[]>();
    const index = this.#batches++;
    const isSource = this.#plan.sources.some(({ id }) => id === batch.entered);
    if (isSource) {
      parts.set(batch.entered, batch.events);
      const read = this.read.get(batch.entered) ?? [];
      this.read.set(batch.entered, read);
      read.push(...batch.events.map(({ id }) => id));
    } else for (const { id } of batch.events) this.#backFromDead(batch.entered, id);
    const coming = ({ id, inputs }: { readonly id: string; readonly inputs: readonly string[] }) => {
      if (batch.entered === id) return batch.events;
      const open = inputs.filter((input) => parts.has(input));
      return open.length === 0 ? undefined : open.flatMap((input) => parts.get(input)!);
    };
    for (const node of this.#plan.nodes) {
      const hasTick = batch.tick?.ids.includes(node.id) ?? false;
      const items = coming(node);
      if (items === undefined && !hasTick) continue;
      const sent = this.#pass(node, items ?? [], batch, hasTick);
      for (const output of ["default", ...outputsOf(node.kind)])
        parts.set(output === "default" ? node.id : `${node.id}.${output}`, sent.get(output) ?? []);
    }
    for (const sink of this.#plan.sinks)
      this.sinks.get(sink.id)!.push(...(coming(sink) ?? []).map((item) => ({ item, batch: index })));
  }

  #backFromDead(component: string, id: string): void {
    const at = this.letters.findIndex((letter) => letter.startsWith(`${component} ${id} `));
    if (at >= 0) this.letters.splice(at, 1);
  }

  #pass(node: NodePlan, items: readonly Item[], { stamp, tick, broken }: Batch, hasTick: boolean) {
    const judge = this.judges.get(node.id)!;
    const keeper = this.keepers.get(node.id);
    const totals = this.totals.get(node.id)!;
    const sent = new Map<string, Item[]>();
    const send = (output: string, list: readonly Item[]) => sent.set(output, [...(sent.get(output) ?? []), ...list]);
    const emit = (shown: readonly Shown[], now: number) => {
      for (const { id, data } of shown) {
        const name = `${node.id}/${keeper!.epoch}/${id}`;
        this.shown.push(name);
        totals.emitted += Number(data["v"]);
        send("default", [{ id: name, data, source: node.id, ingested: now }]);
      }
    };
    const last = Math.max(keeper?.mark ?? 0, keeper?.latest ?? 0);
    if (keeper && stamp > 0 && (!tick || items.length > 0)) keeper.latest = stamp;
    if (keeper && stamp > 0 && (stamp < keeper.mark || isSetBack(stamp, last))) {
      for (let isFull = true; isFull; ) {
        const result = judge.tick!({ now: last, final: true });
        emit(result.shown, last);
        ({ isFull } = result);
      }
      keeper.latest = stamp;
      keeper.epoch++;
      keeper.seen = stamp;
      keeper.mark = Number.NEGATIVE_INFINITY;
    }
    for (const item of items) {
      const late = keeper !== undefined && item.ingested < keeper.mark;
      totals.came++;
      if (late) totals.late++;
      const { to = {}, rejected } = judge.event(item, { late, epoch: keeper?.epoch ?? 0, broken });
      if (rejected !== undefined) this.letters.push(`${node.id} ${item.id} ${rejected}`);
      for (const [output, list] of Object.entries(to)) send(output, list);
    }
    if (hasTick && keeper) {
      const { now, final } = tick!;
      const { shown } = judge.tick!({ now, final });
      emit(shown, now);
      keeper.seen = now;
      if (shown.length > 0) keeper.latest = now;
      if (shown.length > 0) keeper.mark = Math.max(keeper.mark, now);
      if (final && shown.length > 0) {
        keeper.epoch++;
        keeper.mark = Number.NEGATIVE_INFINITY;
      }
    }
    return sent;
  }
}
