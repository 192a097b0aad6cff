import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Batch, State } from "weir";

/** A kind of state, as a transform and the host see it. */
export interface StateUnderTest {
  readonly state: State;
  /** The next batch, as a transform gets it. */
  batch(): Batch;
  /** Makes what the oldest `count` batches wrote true for good; absent where nothing survives. */
  commit?(count: number): void;
  /** The state as the next process finds it. */
  reopen?(): StateUnderTest;
}

type Step =
  | {
      readonly do: "set";
      readonly scope: string;
      readonly key: string;
      readonly value: string;
      readonly expires?: number;
    }
  | { readonly do: "sweep"; readonly scope: string; readonly before: number }
  | { readonly do: "next batch" | "reopen" }
  | { readonly do: "commit"; readonly count: number };

const scope = fc.constantFrom("", "rule", "rule/deep", "other");
const key = fc.constantFrom("a", "b", "line\nend", "quote'\"");
const time = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        do: fc.constant("set" as const),
        scope,
        key,
        value: fc.string({ unit: "grapheme", maxLength: 4 }),
        expires: time,
      },
      { requiredKeys: ["do", "scope", "key", "value"] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const), scope, before: time }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("next batch" as const, "reopen" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 3 }) }) },
);

/** What is known by plain means: every write with the number of its batch, and how far each scope was swept. */
class Model {
  #writes: { readonly batch: number; readonly place: string; readonly value: string; readonly expires: number }[] = [];
  readonly #swept = new Map<string, number>();
  #committed = 0;

  set(batch: number, { scope, key, value, expires = Number.POSITIVE_INFINITY }: Step & { do: "set" }) {
    this.#writes.push({ batch, place: `${scope}|${key}`, value, expires });
  }

  sweep(scope: string, before: number) {
    this.#swept.set(scope, Math.max(before, this.#swept.get(scope) ?? before));
  }

  commit(upTo: number) {
    this.#committed = upTo;
  }

  reopen() {
    this.#writes = this.#writes.filter(({ batch }) => batch <= this.#committed);
  }

  /** What a read may answer: an entry that a sweep covers may be there still, or not. */
  allowed(scope: string, key: string): (string | undefined)[] {
    const last = this.#writes.findLast(({ place }) => place === `${scope}|${key}`);
    if (!last) return [undefined];
    return last.expires < (this.#swept.get(scope) ?? Number.NEGATIVE_INFINITY) ? [last.value, undefined] : [last.value];
  }
}

const at = (state: State, scope: string) =>
  scope === "" ? state : scope.split("/").reduce((inner, name) => inner.scope(name), state);

/** The contract of `State`, for any store of it. */
export const testState = (name: string, make: () => StateUnderTest): void => {
  describe(`state ${name}`, () => {
    it("reads the newest write at once, in each scope by itself; commits, restarts and sweeps lose nothing else", () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
          let store = make();
          const model = new Model();
          let [number, committed] = [1, 0];
          let batch = store.batch();
          for (const next of steps) {
            if (next.do === "set") {
              at(store.state, next.scope).set(batch, next.key, next.value, next.expires);
              model.set(number, next);
            } else if (next.do === "sweep") {
              at(store.state, next.scope).sweep(batch, next.before);
              model.sweep(next.scope, next.before);
            } else if (next.do === "next batch") {
              batch = store.batch();
              number++;
            } else if (next.do === "commit" && store.commit) {
              const count = Math.min(next.count, number - committed - 1);
              store.commit(count);
              committed += count;
              model.commit(committed);
            } else if (next.do === "reopen" && store.reopen) {
              store = store.reopen();
              model.reopen();
              batch = store.batch();
              number = committed + 1;
            }
            for (const scope of ["", "rule", "rule/deep", "other"])
              for (const key of ["a", "b", "line\nend", "quote'\""])
                expect(model.allowed(scope, key)).toContain(at(store.state, scope).get(key));
          }
        }),
        { numRuns: 30 },
      );
    });

    it("keeps an empty value apart from none", () => {
      const { state, batch } = make();
      state.set(batch(), "k", "");
      expect([state.get("k"), state.get("none")]).toEqual(["", undefined]);
    });
  });
};
