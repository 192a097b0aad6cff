import { describe, expect, it } from "vitest";
import { defineSink, defineSource, type Json, type Reading } from "weir";
import { keeping, lines, numbers, startRun, temporaryDir, topology, until } from "../runtime/harness.ts";
import { faultOf, values } from "./faults.ts";

const faulty = (read: () => unknown) =>
  defineSource({ name: "faulty", summary: "Has a fault.", options: {}, read: read as never });

const sending = (change: object) =>
  faulty(async function* () {
    yield { stream: "a", position: 0, bytes: Buffer.from("one\n"), ...change };
  });

/** How the run ends whose source is this. */
const sentenceOf = async (source: ReturnType<typeof faulty>): Promise<string> => {
  const { kept, plugin } = keeping();
  const { runtime } = await startRun(topology({ in: [source], out: [plugin, ["in"]] }), temporaryDir());
  const { component, message } = faultOf(await runtime.ended);
  expect(kept).toEqual([]);
  return `${component}: ${message}`;
};

describe("a source that breaks its contract ends the run by name (a commit was tried again for ever)", () => {
  it.each<[what: string, source: ReturnType<typeof faulty>, sentence: string]>([
    [
      "no stream",
      sending({ stream: undefined }),
      'in: the source sent a reading whose "stream" is undefined; it must be a text that is not empty',
    ],
    [
      "an empty stream",
      sending({ stream: "" }),
      'in: the source sent a reading whose "stream" is ""; it must be a text that is not empty',
    ],
    [
      "half a position",
      sending({ position: 0.5 }),
      'in: the source sent a reading whose "position" is 0.5; it must be the offset of its first byte in the stream',
    ],
    [
      "text for bytes",
      sending({ bytes: "one\n" }),
      'in: the source sent a reading whose "bytes" is "one\\n"; it must be a Buffer, or another Uint8Array',
    ],
    [
      "no reading",
      faulty(async function* () {
        yield undefined;
      }),
      'in: the source sent a reading whose "stream" is undefined; it must be a text that is not empty',
    ],
    [
      "no readings",
      faulty(() => 5),
      "in: read() of the source returned 5; write it as an async generator: async *read() { … }",
    ],
    [
      "a BigInt in detail",
      sending({ detail: { at: 10n } }),
      'weir: the detail of a reading of "in" cannot be written as JSON: Do not know how to serialize a BigInt',
    ],
    [
      "a BigInt as detail",
      sending({ detail: 10n }),
      'weir: the detail of a reading of "in" is a bigint that JSON cannot represent',
    ],
    [
      "a function as detail",
      sending({ detail: () => 1 }),
      'weir: the detail of a reading of "in" is a function that JSON cannot represent',
    ],
  ])("%s", async (_what, source, sentence) => expect(await sentenceOf(source)).toBe(sentence));

  it("a pushing source, too", async () => {
    const source = defineSource({
      name: "faulty",
      summary: "Has a fault.",
      options: {},
      async listen(_context, offer) {
        offer({ stream: "a", position: 0, bytes: "one\n" } as unknown as Reading);
      },
    });
    expect(await sentenceOf(source as never)).toContain('whose "bytes" is "one\\n"');
  });
});

it("what a source changes in a detail after it was sent does not reach a checkpoint that is committed", async () => {
  const dataDir = temporaryDir();
  const detail = { at: 1 };
  let seen: unknown;
  const source = () =>
    defineSource({
      name: "sharing",
      summary: "Shares its detail.",
      options: {},
      async *read({ checkpoints }) {
        seen = checkpoints.get("a")?.detail;
        if (seen === undefined) yield { stream: "a", position: 0, bytes: Buffer.from("one\n"), detail: detail as Json };
      },
    });
  for (let run = 0; run < 2; run++) {
    const { runtime } = await startRun(topology({ in: [source()], out: [keeping().plugin, ["in"]] }), dataDir);
    await runtime.ended;
    detail.at = 7;
  }
  expect(seen).toEqual({ at: 1 });
});

describe("a sink whose record cannot be saved", () => {
  it.each<[what: string, record: unknown, sentence: string]>([
    ["a BigInt", 10n, "its record is a bigint that JSON cannot represent"],
    [
      "a circular one",
      (() => {
        const record: Record<string, unknown> = {};
        record["self"] = record;
        return record;
      })(),
      "its record cannot be written as JSON: Converting circular structure to JSON",
    ],
  ])("is told, and its events are tried again: %s", async (_what, record, sentence) => {
    const got: unknown[] = [];
    let writes = 0;
    const sink = defineSink({
      name: "faulty",
      summary: "Has a fault.",
      options: {},
      open: () => ({
        async write(events) {
          got.push(...values(events));
          return writes++ === 0 ? { record: record as Json } : undefined;
        },
      }),
    });
    const run = await startRun(topology({ in: [lines(numbers(3))], out: [sink, ["in"]] }), temporaryDir());
    await until(() => writes >= 2);
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(got).toEqual([0, 1, 2, 0, 1, 2]);
    expect(run.log.join("\n")).toContain(`the sink "out" returned what cannot be saved: ${sentence}`);
  });
});
