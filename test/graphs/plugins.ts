import { concatMap, delay, filter, mergeMap, of } from "rxjs";
import { type Data, defineTransform, type Event, type Plugin, RejectError, withData } from "weir";
import { turn } from "../../src/testing/clock.ts";
import { eachBatch } from "../../src/transform/each-batch.ts";
import type { EachStep, KeepTransform } from "../../src/transform/transform.ts";
import { eachOf, keepOf, transformOf } from "../runtime/placed.ts";
import type { NodePlan } from "./plan.ts";
import { copiesOf, keyOf, named, numberOf, outputFor, padding, routed, ttl, waitOf, windowOf } from "./steps.ts";

type Keep = KeepTransform<Record<string, never>>["keep"];

/** A transform of a random graph. A broken one can be fixed in a later life. */
export const pluginOf = (plan: NodePlan, isBroken: boolean): Plugin => {
  const { id, kind, size, waits } = plan;
  const rejects = (event: Event) => isBroken && numberOf(event.data) % (size + 1) === 0;
  const steps: { readonly [Name in NodePlan["kind"]]: () => Plugin } = {
    map: () => eachOf((event) => withData(event, named(event.data, id, size))),
    filter: () => eachOf((event) => (numberOf(event.data) % (size + 1) === 0 ? "filtered" : event)),
    split: () =>
      eachOf((event) => {
        const copies = Array.from({ length: copiesOf(event.data, size) }, (_, copy) =>
          withData(event, named(event.data, id, copy), `${event.meta.id}/${id}.${copy}`),
        );
        return copies.length > 0 ? copies : { dropped: "split_to_none" };
      }),
    reject: () => eachOf((event) => (rejects(event) ? rejection(event) : event)),
    route: () => routing((event) => outputFor(event.data), id),
    bulk: () => eachOf({ bulk: (events) => events.map((event) => withData(event, named(event.data, id, size))) }),
    slow: () => slowly(waits, (event) => withData(event, named(event.data, id, size))),
    slow_reject: () => slowly(waits, (event) => (rejects(event) ? rejection(event) : event)),
    flaky: () => {
      const tried = new Set<string>();
      return slowly(waits, (event) => {
        const isFirst = numberOf(event.data) % (size + 1) === 0 && !tried.has(event.meta.id);
        tried.add(event.meta.id);
        if (isFirst) throw new Error("not at the first try");
        return event;
      });
    },
    overtake: () =>
      transformOf(() => {
        let count = 0;
        return mergeMap(async (batch) => {
          for (let wait = waits[count++ % waits.length]!; wait > 0; wait--) await turn();
          return batch;
        });
      }),
    scheduled: () =>
      transformOf(({ scheduler }) =>
        eachBatch(concatMap((event) => of(event).pipe(delay(waitOf(event.data) * 40, scheduler)))),
      ),
    sieve: () =>
      transformOf(() =>
        eachBatch(
          filter((event) => numberOf(event.data) % (size + 1) !== 0),
          { consumed: "filtered" },
        ),
      ),
    count: () => keepOf(counting(id)),
    firsts: () => keepOf(firsts(size, rejects)),
    throws: () => keepOf(throwing(rejects)),
    quota: () => keepOf(filling),
    window: () => keepOf(windows(size * 700, size, 0)),
    flood: () => keepOf(windows(size * 900, Number.POSITIVE_INFINITY, 400_000)),
    pulse: () => keepOf(pulsing(size * 250)),
    gather: () => keepOf(gathering(size * 300)),
  };
  return steps[kind]();
};

const rejection = (event: Event) => ({ rejected: [{ event, reason: "unwanted", message: "not now" }] });

const routing = (to: (event: Event) => readonly string[], id: string): Plugin =>
  defineTransform({
    name: "routing",
    summary: "Planted.",
    options: {},
    outputs: () => ["a", "b"],
    each: () => (event) => {
      const names = to(event);
      return names.length === 0
        ? { events: [event] }
        : { to: Object.fromEntries(names.map((name) => [name, [withData(event, routed(event.data, id, name))]])) };
    },
  });

const slowly = (waits: readonly number[], step: EachStep): Plugin => {
  let count = 0;
  return defineTransform({
    name: "slowly",
    summary: "Planted.",
    options: {},
    async: true,
    each: () => async (event, tools) => {
      for (let wait = waits[count++ % waits.length]!; wait > 0; wait--) await turn();
      return step(event, tools);
    },
  });
};

const counting =
  (id: string): Keep =>
  ({ state }) =>
  (event) => {
    const scope = state.scope(`by ${numberOf(event.data) % 2}`);
    const key = keyOf(event.data);
    const count = Number(scope.get(key) ?? 0) + 1;
    scope.set(key, String(count));
    return withData(event, named(event.data, id, count));
  };

const firsts =
  (size: number, throws: (event: Event) => boolean): Keep =>
  ({ state }) =>
  (event) => {
    const { ingested, id } = event.meta;
    const key = keyOf(event.data);
    state.sweep(ingested);
    const isKnown = state.get(key) !== undefined;
    if (isKnown) return "known";
    state.set(key, id, ingested + size * ttl);
    if (throws(event)) throw new RejectError("thrown", "after a sweep");
    return withData(event, named(event.data, "first", 1));
  };

/** Writes state, emits and asks for a tick, and may then throw. */
const throwing =
  (throws: (event: Event) => boolean): Keep =>
  ({ state }) =>
  (event, { emit }) => {
    const key = keyOf(event.data);
    const count = Number(state.get(key) ?? 0) + 1;
    state.set(key, String(count));
    state.set(`last ${key}`, event.meta.id);
    if (count % 3 === 0) emit({ id: `${key}#${count}`, data: { key, v: count } });
    if (throws(event)) throw new RejectError("thrown", "after a write");
    if (count % 4 === 0) state.delete(`last ${key}`);
    return count % 2 === 0 ? event : "odd";
  };

const filling: Keep =
  ({ state }) =>
  (event) => {
    const number = numberOf(event.data);
    const [first] = state.scan("", { limit: 1 });
    if (first && number % 4 === 0) state.delete(first[0]);
    state.set(`${keyOf(event.data)}:${number % 7}`, padding(number % 20));
    return event;
  };

/** Counts by key in windows of ingestion. `page`: windows that one tick closes at most; `pad`: bytes of each count. */
const windows =
  (length: number, page: number, pad: number): Keep =>
  ({ state }) => ({
    event: ({ data, meta }, { mark }) => {
      if (meta.ingested < mark) return "late";
      const key = windowOf(meta.ingested, length, keyOf(data));
      state.set(key, String(Number(state.get(key) ?? 0) + 1));
      state.wake(Number(key.slice(0, 15)) + length);
      return "gathered";
    },
    tick: ({ now, final, emit }) => {
      let after: string | undefined;
      for (let closed = 0; ; ) {
        const rows = state.scan("", { limit: 3, ...(after !== undefined && { after }) });
        for (const [key, count] of rows) {
          const end = Number(key.slice(0, 15)) + length;
          if (!final && end > now) return state.wake(end);
          if (!final && closed === page) return state.wake(now);
          state.delete(key);
          closed++;
          if (!emit({ id: key, data: countOf(key, Number(count), pad) })) return;
          after = key;
        }
        if (rows.length < 3) return;
      }
    },
  });

export const countOf = (key: string, count: number, pad: number): Data => ({
  key: key.slice(16),
  v: count,
  start: Number(key.slice(0, 15)),
  ...(pad > 0 && { pad: padding(pad) }),
});

/** Always asks for the next tick, and emits nothing. */
const pulsing =
  (wait: number): Keep =>
  ({ state }) => ({
    event: (event) => {
      state.wake(event.meta.ingested + wait);
      return event;
    },
    tick: ({ now }) => state.wake(now + wait),
  });

/**
 * Sends the events of a key together, some time after the first. The id has the number of the round: an event that reaches
 * the component twice, or comes back from the dead letter, can be the last of two rounds.
 */
const gathering =
  (wait: number): Keep =>
  ({ state }) => ({
    event: ({ data, meta }) => {
      const key = keyOf(data);
      const { due, numbers, round } = JSON.parse(state.get(key) ?? '{"numbers":[],"round":0}');
      const next = numbers.length > 0 ? due : meta.ingested + wait;
      state.set(key, JSON.stringify({ due: next, numbers: [...numbers, numberOf(data)], round }));
      state.wake(next);
      return "gathered";
    },
    tick: ({ now, final, emit }) => {
      for (const [key, value] of state.scan("")) {
        const { due, numbers, round } = JSON.parse(value);
        if (numbers.length === 0) continue;
        if (!final && due > now) state.wake(due);
        else {
          state.set(key, JSON.stringify({ due, numbers: [], round: round + 1 }));
          emit({ id: `${key} ${round}`, data: { key, v: numbers.length, numbers } });
        }
      }
    },
  });
