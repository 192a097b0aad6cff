import fc from "fast-check";

/** How many times as long as usual a long run takes; undefined in a short one. */
const long = process.env["WEIR_LONG"];

/** A short run has a fixed number of cases, and a long one as many as fit into its time, in milliseconds, times WEIR_LONG. */
export const budget = (short: number, time = 10_000): fc.Parameters<unknown> =>
  long === undefined
    ? { numRuns: short }
    : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: time * Number(long) };

/** A long run has so many cases times WEIR_LONG, however busy the machine is. */
export const cases = (short: number, usual: number): fc.Parameters<unknown> => ({
  numRuns: long === undefined ? short : Math.ceil(usual * Number(long)),
});

/** Bytes that mean something to some parser. */
const telling = [...'{}[]",:\\/ \r\n\t\0-.0159eEtfn<>()*"&#|@!%`~'].map((mark) => mark.charCodeAt(0));
const byte = fc.oneof(fc.constantFrom(...telling), fc.nat({ max: 255 }));

type Edit =
  | { readonly do: "flip"; readonly at: number; readonly bit: number }
  | { readonly do: "set"; readonly at: number; readonly byte: number }
  | { readonly do: "insert"; readonly at: number; readonly bytes: readonly number[] }
  | { readonly do: "remove" | "repeat"; readonly at: number; readonly length: number }
  | { readonly do: "cut"; readonly at: number };

const place = fc.nat();
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant("flip" as const), at: place, bit: fc.nat({ max: 7 }) }),
  fc.record({ do: fc.constant("set" as const), at: place, byte }),
  fc.record({ do: fc.constant("insert" as const), at: place, bytes: fc.array(byte, { minLength: 1, maxLength: 8 }) }),
  fc.record({ do: fc.constantFrom("remove" as const, "repeat" as const), at: place, length: fc.nat({ max: 40 }) }),
  fc.record({ do: fc.constant("cut" as const), at: place }),
);

const edited = (bytes: Buffer, change: Edit): Buffer => {
  const at = change.at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.do) {
    case "cut":
      return before;
    case "insert":
      return Buffer.concat([before, Buffer.from(change.bytes), after]);
    case "remove":
      return Buffer.concat([before, after.subarray(change.length)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, change.length), after]);
    default: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = change.do === "set" ? change.byte : copy[at]! ^ (1 << change.bit);
      return copy;
    }
  }
};

/** One of the given texts with a few edits. */
export const mutated = (bases: readonly (string | Buffer)[], { maxEdits = 6 } = {}): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: maxEdits }))
    .map(([base, edits]) => edits.reduce(edited, Buffer.from(base)));

export const mutatedText = (bases: readonly string[], options?: { maxEdits?: number }): fc.Arbitrary<string> =>
  mutated(bases, options).map((bytes) => bytes.toString("utf8"));

/** A JSON value in which some values were replaced, repeated, wrapped or removed. */
export const mutatedJson = (bases: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.constantFrom(...bases),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom("replace", "remove", "wrap", "text"), fc.jsonValue()), {
        maxLength: 4,
      }),
    )
    .map(([base, changes]) =>
      changes.reduce<unknown>((value, [at, how, other]) => changed(value, at, how, other), structuredClone(base)),
    );

const changed = (root: unknown, at: number, how: string, other: unknown): unknown => {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ holder: value as Record<string, unknown>, key });
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  if (places.length === 0) return root;
  const { holder, key } = places[at % places.length]!;
  if (how === "remove" && !Array.isArray(holder)) delete holder[key];
  else if (how === "wrap") holder[key] = [holder[key]];
  else if (how === "text") holder[key] = JSON.stringify(holder[key]);
  else holder[key] = other;
  return root;
};
