import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonOf } from "../event.ts";
import { parseJson } from "../parse-json.ts";
import { Draft } from "./draft.ts";
import { read, record, value } from "./testing/records.ts";
import { WriteError, writePath } from "./write-path.ts";

const path = fc
  .array(fc.constantFrom("a", "b", "c", "0", "1", "log", "é", "new"), { minLength: 1, maxLength: 4 })
  .map((names) => writePath(names.join(".")));
const action = fc.oneof(
  fc.record({ what: fc.constant("set" as const), path, value }),
  fc.record({ what: fc.constant("add" as const), path, value }),
  fc.record({ what: fc.constantFrom("get" as const, "remove" as const, "removeAll" as const), path }),
  fc.record({ what: fc.constantFrom("snapshot" as const, "restore" as const, "data" as const) }),
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Does it to a draft, and tells what can be seen of it. */
const act = (draft: Draft, one: Action, saved: ReturnType<Draft["snapshot"]>[]): unknown => {
  try {
    if (one.what === "snapshot") return void saved.push(draft.snapshot());
    if (one.what === "restore") return saved.length > 0 ? draft.restore(saved.at(-1)!) : undefined;
    if (one.what === "data") return structuredClone(parseJson(JSON.stringify(draft.data)));
    if (one.what === "set" || one.what === "add") return draft[one.what](one.path, one.value);
    const { path } = one as { readonly path: ReturnType<typeof writePath> };
    return draft[one.what](path);
  } catch (error) {
    expect(error).toBeInstanceOf(WriteError);
    return (error as Error).message;
  }
};

it("does to a record that is not parsed the same as to one that is, also one after the other", () => {
  const list = fc.array(action, { maxLength: 8 });
  fc.assert(
    fc.property(record, fc.array(list, { minLength: 1, maxLength: 3 }), (text, lists) => {
      let [parsed, unparsed] = [read(text, "all"), read(text, "parts")];
      for (const actions of lists) {
        const drafts = [Draft.of(parsed), Draft.of(unparsed)] as const;
        const saved: ReturnType<Draft["snapshot"]>[][] = [[], []];
        for (const one of actions) {
          const seen = drafts.map((draft, index) => act(draft, one, saved[index]!));
          expect(seen[1]).toEqual(seen[0]);
        }
        const isSame = drafts.map((draft, index) => draft.event === [parsed, unparsed][index]);
        expect(isSame[1]).toBe(isSame[0]);
        [parsed, unparsed] = [drafts[0].event, drafts[1].event];
        // What is written comes first: the data must not be needed for it.
        const [json, other] = [jsonOf(unparsed) as string, jsonOf(parsed) as string];
        expect(json).not.toMatch(/[\r\n]/);
        expect(parseJson(json)).toEqual(parseJson(other));
        expect(parseJson(json)).toEqual(parsed.data);
        expect(unparsed.data).toEqual(parsed.data);
        expect(JSON.stringify(unparsed.data)).toBe(JSON.stringify(parsed.data));
      }
    }),
    { numRuns: process.env["WEIR_LONG"] ? 3000 : 750 },
  );
});
