import fc from "fast-check";
import { expect, it } from "vitest";
import { auditEvent } from "../../plugins/sources/demo/generate.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "../../src/decode/decoder.ts";
import { type Event, jsonOf } from "../../src/event.ts";
import { kubernetesList } from "../../src/kubernetes-list.ts";
import { budget, mutated } from "./mutation.ts";

const events = [0, 1, 500].map((index) => auditEvent(index, 7));
const bases = [
  events.map((line) => `${line}\n`).join(""),
  `\ufeff${events.join("\r\n")}`,
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(",")}]}`,
  `{"items":[${events.join(" , ")}],"kind":"EventList"}`,
  `[${events.join(",")}]{"a":1}\n{"b":[2]}`,
  '\0\0\0{"a":"\ud83c\udf4f"}\n\0\n{"n":12345678901234567890}\n{"n":1e400}\n',
  '{"a":{"__proto__":{"b":1}},"a":2}\n["x"]\n7\nnull\n""\n',
];

const decoded = (bytes: Buffer, cuts: readonly number[], options: Partial<DecoderOptions>) => {
  const found: unknown[] = [];
  const decoder = new Decoder("in", "s", {
    codec: "json",
    framing: "newline",
    maxLine: 3_000,
    listKind: kubernetesList,
    ...options,
  });
  const handlers = {
    event: (event: Event, size: number) => void found.push([event.meta.id, size, jsonOf(event), event.data]),
    failure: ({ position, reason, message, head }: DecodeFailure) =>
      void found.push([position, reason, message, head.toString("latin1")]),
  };
  const bounds = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < bounds.length; index++) {
    const [from, to] = [bounds[index - 1]!, bounds[index]!];
    // A source may use its buffer again when `push` has returned.
    const block = Buffer.from(bytes.subarray(from, to));
    decoder.push(block, from, 1, handlers);
    block.fill("#");
  }
  decoder.end(1, handlers);
  expect(decoder.reached).toBe(bytes.length);
  return found;
};

it.each(["newline", "whole", "items"] as const)(
  "%s: however damaged bytes are cut, the records are the same",
  (framing) => {
    fc.assert(
      fc.property(
        mutated(bases),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.constantFrom("auto", "always", "never"),
        fc.constantFrom("json", "text"),
        (bytes, cuts, splitItems, codec) => {
          const options = { framing, splitItems, codec } as const;
          expect(decoded(bytes, cuts, options)).toEqual(decoded(bytes, [], options));
        },
      ),
      budget(100),
    );
  },
);

it.each(["newline", "whole", "items"] as const)(
  "%s: damaged bytes are the same whether they are parsed or only checked",
  (framing) => {
    fc.assert(
      fc.property(mutated(bases), (bytes) => {
        const options = { framing, maxLine: 100_000 };
        expect(decoded(bytes, [], { ...options, dataRead: "none" })).toEqual(decoded(bytes, [], options));
      }),
      budget(100),
    );
  },
);

it("lines that are intact are read, however damaged the others are", () => {
  fc.assert(
    fc.property(fc.array(mutated(events), { maxLength: 5 }), (damaged) => {
      const intact = '{"intact":true}';
      // A line feed within a damaged line only makes two of it.
      const bytes = Buffer.concat(damaged.flatMap((line) => [line, Buffer.from(`\n${intact}\n`)]));
      const found = decoded(bytes, [], {}).filter((one) => (one as unknown[])[2] === intact);
      expect(found.length).toBeGreaterThanOrEqual(damaged.length);
    }),
    budget(100),
  );
});
