import fc from "fast-check";
import { expect } from "vitest";
import { type State, StateFull } from "weir";
import type { Model } from "./model.ts";

/** What a transform does to its state. */
export type Operation = { readonly scope: string } & (
  | { readonly do: "get"; readonly key: string }
  | { readonly do: "delete"; readonly key: string }
  | { readonly do: "set"; readonly key: string; readonly value: string; readonly expires: number | undefined }
  | {
      readonly do: "scan";
      readonly prefix: string;
      readonly after: string | undefined;
      readonly limit: number | undefined;
    }
  | { readonly do: "sweep"; readonly before: number }
  | { readonly do: "wake"; readonly at: number }
);

const scopes = ["", "rule", "rule/deep", "other"];

/** UTF-16 order differs from code point order for some of them. */
const keys = [
  "a",
  "ab",
  "a\ud7ff",
  "a\ue000",
  "a\uffff",
  "a\u{10000}",
  "a\u{10000}b",
  "b",
  "é",
  "line\nend",
  "quote'\"",
  "a\u0000b",
  "\u{10ffff}",
  "\u{10ffff}\u{10ffff}x",
  "",
];
const prefixes = ["", "a", "ab", "a\ud7ff", "a\uffff", "a\u{10000}", "\u{10ffff}", "\u{10ffff}\u{10ffff}", "c"];

const scope = fc.constantFrom(...scopes);
// Mostly a few keys, so that they are overwritten.
const key = fc.oneof({ weight: 2, arbitrary: fc.constantFrom("a", "b") }, fc.constantFrom(...keys));
export const time = fc.nat({ max: 9 });
const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const is = <const T extends string>(what: T) => fc.constant(what);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: is("set"),
      scope,
      key,
      value: fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 12 }),
        fc.constant("x".repeat(30)),
        // What the index holds by itself, and what looks like it.
        fc.tuple(fc.nat({ max: 9 }), fc.maxSafeNat()).map((pair) => JSON.stringify(pair)),
        fc.constantFrom(
          "[0,0]",
          "[01,2]",
          "[1,2",
          "[1, 2]",
          "[1,2]]",
          "[-1,2]",
          "[1,2,3]",
          "[281474976710655,281474976710656]",
        ),
      ),
      expires: or(time),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is("delete"), scope, key }) },
  { weight: 2, arbitrary: fc.record({ do: is("sweep"), scope, before: time }) },
  { weight: 1, arbitrary: fc.record({ do: is("get"), scope, key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: is("scan"),
      scope,
      prefix: fc.constantFrom(...prefixes),
      after: or(key),
      limit: or(fc.integer({ min: 1, max: 4 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is("wake"), scope, at: time }) },
);

const at = (state: State, scope: string): State =>
  scope === "" ? state : scope.split("/").reduce((inner, name) => inner.scope(name), state);

/** Applies it to both, and compares the results. `share`: the part of the quota that may be used. */
export const perform = (operation: Operation, whole: State, model: Model, share = 1): void => {
  const { scope } = operation;
  const state = at(whole, scope);
  if (operation.do === "get") expect(state.get(operation.key)).toBe(model.get(scope, operation.key));
  else if (operation.do === "delete") {
    state.delete(operation.key);
    model.delete(scope, operation.key);
  } else if (operation.do === "sweep") {
    state.sweep(operation.before);
    model.sweep(scope, operation.before);
  } else if (operation.do === "wake") {
    state.wake(operation.at);
    model.askFor(operation.at);
  } else if (operation.do === "scan") {
    const { prefix, after, limit } = operation;
    const found = state.scan(prefix, { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) });
    expect(found).toEqual(model.scan(scope, prefix, after, limit));
  } else {
    const { key, value, expires } = operation;
    const set = () => state.set(key, value, expires);
    if (model.set(scope, key, value, expires, share)) set();
    else expect(set).toThrow(StateFull);
    expect(state.get(key)).toBe(model.get(scope, key));
  }
};

/** Checks that everything readable is the same in both. */
export const compare = (state: State, model: Model): void => {
  for (const scope of scopes) {
    for (const key of keys)
      expect([scope, key, at(state, scope).get(key)]).toEqual([scope, key, model.get(scope, key)]);
    expect([scope, at(state, scope).scan("")]).toEqual([scope, model.scan(scope, "", undefined)]);
  }
};
