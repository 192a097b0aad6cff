import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Change, type Claim, decodeChange, encodeChange, isClaim } from "./change.ts";
import { planFor } from "./plan.ts";
import { Replica } from "./replica.ts";

const window = 1_000;
const disorder = 100;
const keys = ["a", "b", "c"];

/** An event at one of several weirs, each of which has read the topic to a place of its own. */
const sightings = fc.array(
  fc.record({
    weir: fc.nat(2),
    reads: fc.nat(5),
    at: fc.nat(60).map((step) => step * disorder),
    keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }),
    repeats: fc.option(fc.nat(), { freq: 8 }),
  }),
  { minLength: 1, maxLength: 60, size: "max" },
);

interface Written {
  readonly key: string;
  readonly change: Change;
}

/** A topic, and weirs that follow it. All records are a millisecond apart. */
class Weirs {
  readonly topic: Written[] = [];
  readonly #replicas = [0, 1, 2].map(() => ({ replica: new Replica(), next: 0 }));

  /** Whether the event is told that something in it is new. */
  observe(weir: number, claim: Claim, reads: number): boolean {
    this.#read(weir, reads);
    const { replica } = this.#replicas[weir]!;
    const { answers, changes } = planFor(replica, [claim]);
    for (const change of changes) this.topic.push({ key: keyOf(weir, change, this.topic.length), change });
    // A weir goes on when it has read what it wrote: a refresh replaces an earlier one, so it must contain that.
    const written = changes.length > 0 ? this.#read(weir, Number.POSITIVE_INFINITY, claim) : undefined;
    const seen = answers[0] ?? written!;
    return seen.some((each) => each.isNew);
  }

  #read(weir: number, count: number, claim?: Claim) {
    const own = this.#replicas[weir]!;
    let seen: ReturnType<Replica["apply"]>;
    for (let left = count; left > 0 && own.next < this.topic.length; left--) {
      const { change } = this.topic[own.next]!;
      const answer = own.replica.apply(change, own.next++);
      if (claim && isClaim(change) && change.once === claim.once) seen = answer;
    }
    return seen;
  }
}

const keyOf = (weir: number, change: Change, index: number): string =>
  isClaim(change) ? `${weir}/${index}` : `${weir}/${change.keys.join()}`;

const claimOf = (once: string, at: number, of: readonly string[]): Claim => ({
  owner: "o",
  once,
  at,
  keys: of,
  window,
  lateness: window,
  disorder,
});

const follow = (topic: readonly Written[]): Replica => {
  const replica = new Replica();
  for (const [index, { change }] of topic.entries()) replica.apply(change, index);
  return replica;
};

/** What plain lists say: whether a key is new, given all sightings before. */
const isNewIn = (seen: ReadonlyMap<string, readonly number[]>, { keys: of, at }: Claim): boolean =>
  of.some((key) => !(seen.get(key) ?? []).some((time) => time >= at - window && time <= at + disorder));

const run = (events: typeof sightings extends fc.Arbitrary<infer T> ? T : never) => {
  const weirs = new Weirs();
  const handled: Claim[] = [];
  const results = events.map(({ weir, reads, at, keys: of, repeats }, index) => {
    const claim = repeats === null ? claimOf(`e${index}`, at, of) : handled[repeats % handled.length];
    const one = claim ?? claimOf(`e${index}`, at, of);
    handled.push(one);
    return { claim: one, isNew: weirs.observe(weir, one, reads) };
  });
  return { weirs, results };
};

describe("replicas of a topic", () => {
  it("say of each event what plain lists say, however far each has read, and again when it comes again", () => {
    fc.assert(
      fc.property(sightings, (events) => {
        const seen = new Map<string, readonly number[]>();
        const answers = new Map<string, boolean>();
        for (const { claim, isNew } of run(events).results) {
          const wanted = answers.get(claim.once) || isNewIn(seen, claim);
          expect(isNew).toBe(wanted);
          if (isNew) answers.set(claim.once, true);
          for (const key of claim.keys) seen.set(key, [...(seen.get(key) ?? []), claim.at]);
        }
      }),
    );
  });

  it("know the same when the topic keeps only the last record of each key", () => {
    fc.assert(
      fc.property(sightings, (events) => {
        const { topic } = run(events).weirs;
        const last = new Map(topic.map(({ key }, index) => [key, index]));
        const [whole, rest] = [follow(topic), follow(topic.filter(({ key }, index) => last.get(key) === index))];
        for (const key of keys) expect(rest.entry("o", key)).toEqual(whole.entry("o", key));
      }),
    );
  });

  it("forget what has not been written for long, and count what they keep", () => {
    const day = 24 * 3_600_000;
    const replica = new Replica();
    for (let n = 0; n < 100; n++) replica.apply(claimOf(`e${n}`, n, [`k${n}`]), 0);
    expect([replica.terms, replica.size > 0]).toEqual([100, true]);
    replica.apply(claimOf("later", 0, ["k0"]), day);
    const later = claimOf("last", 0, ["k0"]);
    expect(replica.apply(later, day + 3_600_000)).toMatchObject([{ isNew: false }]);
    expect(replica.terms).toBe(1);
    expect(replica.answer({ owner: "o", once: "e0" })).toBeDefined();
    replica.apply(later, 9 * day);
    expect([replica.terms, replica.answer({ owner: "o", once: "e0" })]).toEqual([1, undefined]);
    replica.clear();
    expect([replica.terms, replica.size]).toEqual([0, 0]);
  });
});

describe("a batch of events", () => {
  it("writes one record for what several of them have in common", () => {
    const claims = [0, 100, 200, 300].map((at, index) => claimOf(`e${index}`, at, ["a"]));
    const same = claims.map((claim) => ({ ...claim, at: 0 }));
    const { changes, answers } = planFor(new Replica(), same);
    expect(changes).toEqual([same[0]]);
    expect(answers.map((answer) => answer?.[0]?.isNew)).toEqual([undefined, false, false, false]);
    expect(planFor(new Replica(), claims).changes).toHaveLength(4);
  });

  it("writes nothing for what is known at that time", () => {
    const replica = new Replica();
    replica.apply(claimOf("e", 0, ["a", "b"]), 0);
    expect(planFor(replica, [claimOf("f", 0, ["a"])]).changes).toEqual([]);
    expect(planFor(replica, [claimOf("g", 100, ["a"])]).changes).toMatchObject([{ entries: [[[0, 100]]] }]);
  });
});

describe("a record", () => {
  it("is read as it was written", () => {
    const claim = claimOf("e", -5, ["a", "b"]);
    const { owner, lateness } = claim;
    const refresh = { owner, window, lateness, keys: ["a"], entries: [[[0, 1] as const, [5_000, 6_000] as const]] };
    for (const change of [claim, refresh]) expect(decodeChange(encodeChange(change))).toEqual(change);
  });

  it.each([
    "",
    "null",
    "[]",
    '{"v":2,"o":"o","w":1,"l":0,"k":["a"],"n":"e","t":1,"d":0}',
    '{"v":1,"o":"o","w":0,"l":0,"k":["a"],"n":"e","t":1,"d":0}',
    '{"v":1,"o":"o","w":1,"l":0,"k":[],"n":"e","t":1,"d":0}',
    '{"v":1,"o":"o","w":1,"l":0,"k":["a"],"e":[[1]]}',
    '{"v":1,"o":"o","w":1,"l":0,"k":["a"],"e":[[2,1]]}',
    '{"v":1,"o":"o","w":1,"l":0,"k":["a"],"e":[]}',
    '{"v":1,"o":"o","w":1,"l":0,"k":["a"],"n":"e","t":"1","d":0}',
  ])("of somebody else is none: %s", (text) => {
    expect(decodeChange(Buffer.from(text))).toBeUndefined();
  });

  it("of anybody is read without an error", () => {
    fc.assert(fc.property(fc.json(), (text) => void decodeChange(Buffer.from(text))));
  });
});
