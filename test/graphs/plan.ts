import fc from "fast-check";

/** What a transform of a random graph does; numbers are its own choice of details. */
export type Kind =
  | "map"
  | "filter"
  | "split"
  | "reject"
  | "route"
  | "bulk"
  | "slow"
  | "slow_reject"
  | "flaky"
  | "overtake"
  | "scheduled"
  | "sieve"
  | "count"
  | "firsts"
  | "throws"
  | "quota"
  | "window"
  | "flood"
  | "gather"
  | "pulse";

export interface NodePlan {
  readonly id: string;
  readonly kind: Kind;
  /** From 1 up; its meaning depends on the kind. */
  readonly size: number;
  /** How many turns of the event loop each call takes, in rotation. */
  readonly waits: readonly number[];
  /** `ID` or `ID.OUTPUT`. */
  readonly inputs: readonly string[];
  readonly dropOutputs: readonly string[];
}

export interface SourcePlan {
  readonly id: string;
  /** Its records, by their keys. */
  readonly keys: readonly number[];
  readonly perReading: number;
  /** Milliseconds between its readings. */
  readonly gap: number;
}

export interface SinkPlan {
  readonly id: string;
  readonly inputs: readonly string[];
  /** Of its outbox, in bytes. */
  readonly room: number;
  /** Number of writes that fail in each life. */
  readonly failures: number;
  /** While things are broken, it refuses every nth event for good; 0 for none. */
  readonly refuses: number;
}

/** A graph as data: printed when a property fails. */
export interface GraphPlan {
  readonly sources: readonly SourcePlan[];
  readonly nodes: readonly NodePlan[];
  readonly sinks: readonly SinkPlan[];
}

export const outputsOf = (kind: Kind): readonly string[] => (kind === "route" ? ["a", "b"] : []);

const kind: fc.Arbitrary<Kind> = fc.constantFrom<Kind[]>(
  ...(["map", "filter", "split", "reject", "route", "bulk", "slow", "slow_reject", "flaky"] as const),
  ...(["overtake", "overtake", "scheduled", "sieve", "count", "firsts", "throws", "quota"] as const),
  ...(["window", "window", "window", "flood", "gather", "pulse"] as const),
);

/** Prefers the last components, so that chains get long. */
const picks = fc.array(fc.oneof(fc.nat({ max: 1 }), fc.nat({ max: 1000 })), { minLength: 1, maxLength: 2 });

const draftNode = fc.record({
  kind,
  size: fc.integer({ min: 1, max: 5 }),
  waits: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }),
  picks,
  drops: fc.array(fc.constantFrom("a", "b"), { maxLength: 1 }),
});

const draftSink = fc.record({
  picks,
  room: fc.constantFrom(300, 1200, 1_000_000),
  failures: fc.constantFrom(0, 0, 3, 12),
  refuses: fc.constantFrom(0, 0, 5),
});

const source = fc.record({
  keys: fc.array(fc.nat({ max: 5 }), { maxLength: 40, size: "max" }),
  perReading: fc.integer({ min: 1, max: 6 }),
  gap: fc.constantFrom(0, 150, 700, 3000),
});

/** Joins drafts to a graph: inputs are picked among what comes before, and what nobody has picked goes to the last sink. */
const joined = ([sources, nodes, sinks]: readonly [
  readonly Omit<SourcePlan, "id">[],
  readonly (Omit<NodePlan, "id" | "inputs" | "dropOutputs"> & {
    readonly picks: readonly number[];
    readonly drops: readonly string[];
  })[],
  readonly (Omit<SinkPlan, "id" | "inputs"> & { readonly picks: readonly number[] })[],
]): GraphPlan => {
  const refs = sources.map((_, index) => `s${index}`);
  const unread = new Set(refs);
  const picked = (picks: readonly number[]) => {
    const inputs = [...new Set(picks.map((pick) => refs[refs.length - 1 - (pick % refs.length)]!))];
    for (const input of inputs) unread.delete(input);
    return inputs;
  };
  const placed = nodes.map(({ picks, drops, ...node }, index): NodePlan => {
    const id = `n${index}`;
    const inputs = picked(picks);
    const outputs = outputsOf(node.kind);
    const dropOutputs = drops.filter((name) => outputs.includes(name));
    for (const ref of [id, ...outputs.filter((name) => !dropOutputs.includes(name)).map((name) => `${id}.${name}`)]) {
      refs.push(ref);
      unread.add(ref);
    }
    return { ...node, id, inputs, dropOutputs };
  });
  const ends = sinks.map(({ picks, ...sink }, index) => ({ ...sink, id: `out${index}`, inputs: picked(picks) }));
  const last = ends.pop()!;
  return {
    sources: sources.map((plan, index) => ({ ...plan, id: `s${index}` })),
    nodes: placed,
    sinks: [...ends, { ...last, inputs: [...new Set([...last.inputs, ...unread])] }],
  };
};

export const graphs: fc.Arbitrary<GraphPlan> = fc
  .tuple(
    fc.array(source, { minLength: 1, maxLength: 3 }),
    fc.array(draftNode, { minLength: 1, maxLength: 7, size: "max" }),
    fc.array(draftSink, { minLength: 1, maxLength: 3 }),
  )
  .map(joined);
