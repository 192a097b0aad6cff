import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  defineCodec,
  defineSink,
  defineSource,
  defineTransform,
  option,
  PipelineError,
  run,
  validate,
} from "../index.ts";

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "weir-embed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A sink that keeps what it gets. */
const collector = () => {
  const got: unknown[] = [];
  const sink = defineSink({
    name: "collect",
    summary: "Collects.",
    options: {},
    open: () => ({ write: async (events) => void got.push(...events.map(({ data }) => data)) }),
  });
  return { got, sink };
};

const pairs = defineCodec({
  name: "pairs",
  summary: "Reads a pair.",
  options: { between: option.text("What is between.") },
  decode:
    ({ config }) =>
    (text) =>
      Object.fromEntries([text.split(config.between)]),
});

const following = (path: string, follow: boolean) => ({
  sources: {
    in: { type: "file", include: [path], follow, codec: "pairs", origin: "never", codec_options: { between: "=" } },
  },
  sinks: { out: { type: "collect", inputs: ["in"] } },
});

it("runs an object or a text, with plugins that are values", async () => {
  const file = join(temporaryFolder(), "in");
  writeFileSync(file, "a=1\nb=2\n");
  for (const pipeline of [following(file, false), JSON.stringify(following(file, false))]) {
    const { got, sink } = collector();
    const weir = await run(pipeline, { plugins: [sink, pairs] });
    expect(await weir.ended).toBe("finished");
    expect(got).toEqual([{ a: "1" }, { b: "2" }]);
    expect(weir.status().components["out"]).toMatchObject({ component_sent_events_total: 2, unbalanced_events: 0 });
  }
});

it("continues on its data dir where it was stopped, and leaves no temporary directory without one", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "in");
  const { got, sink } = collector();
  const options = { plugins: [sink, pairs], dataDir: join(folder, "data") };
  writeFileSync(file, "a=1\n");
  const first = await run(following(file, false), options);
  await first.ended;
  appendFileSync(file, "b=2\n");
  const second = await run(following(file, true), options);
  await expect(run(following(file, true), options)).rejects.toThrow("in use");
  while (got.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(second.notReady()).toEqual(new Map());
  await second.stop({ drain: 5_000 });
  expect(await second.ended).toBe("stopped");
  expect(got).toEqual([{ a: "1" }, { b: "2" }]);

  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = temporaryFolder();
  try {
    const third = await run(following(file, false), { plugins: [sink, pairs] });
    expect(readdirSync(tmpdir())).toHaveLength(1);
    await third.ended;
    expect(readdirSync(tmpdir())).toEqual([]);
  } finally {
    process.env["TMPDIR"] = TMPDIR;
  }
});

it("reports all problems of a pipeline, with secrets masked", async () => {
  const pipeline = {
    sources: { in: { type: "stdn" } },
    sinks: { out: { type: "webhook", inputs: ["inn"], url: "nonsense", secret: "hunter2-hunter2" } },
  };
  const codes = (await validate(pipeline)).map(({ code, line }) => [code, line]);
  expect(codes).toEqual(
    expect.arrayContaining([
      ["config/unknown-type", 4],
      ["config/unknown-input", 11],
    ]),
  );
  const error = await run(pipeline).then(undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(PipelineError);
  const { message, problems } = error as PipelineError;
  expect(problems.map(({ code }) => code)).toEqual(codes.map(([code]) => code));
  expect(message).toContain('"stdn" is not a source type. Did you mean "stdin"?');
  expect(message).not.toContain("hunter2");
  const { sink } = collector();
  expect(await validate(following("/nowhere", false), { plugins: [sink, pairs] })).toEqual([]);
});

it("references are followed in the environment that the program gives", async () => {
  const { sink } = collector();
  const pipeline = { ...following("x", false), sources: { in: { type: "file", include: ["${env:LOG}"] } } };
  expect((await validate(pipeline, { plugins: [sink], env: {} })).map(({ code }) => code)).toEqual([
    "config/unset-variable",
  ]);
  expect(await validate(pipeline, { plugins: [sink], env: { LOG: "a.log" } })).toEqual([]);
});

describe("what breaks", () => {
  it("a plugin that is not well defined is refused by name", async () => {
    const plugin = { ...collector().sink, api: 9 } as never;
    await expect(run(following("x", false), { plugins: [plugin] })).rejects.toThrow(
      /"collect" of "program" is written for version 9/,
    );
  });

  it("a component that breaks its contract rejects `ended` with its id, and the data dir can be used again", async () => {
    const folder = temporaryFolder();
    const broken = defineSource({
      name: "broken",
      summary: "Breaks.",
      options: {},
      async *read() {
        yield { stream: "a", position: 0, bytes: Buffer.from("one\n") };
        throw new Error("boom");
      },
    });
    const { sink } = collector();
    const pipeline = { sources: { in: { type: "broken" } }, sinks: { out: { type: "collect", inputs: ["in"] } } };
    const options = { plugins: [broken, sink], dataDir: join(folder, "data") };
    for (const _again of [1, 2]) {
      const weir = await run(pipeline, options);
      await expect(weir.ended).rejects.toThrow('"in" failed, and the run ended: boom');
      await weir.stop();
    }
  });

  it("a log gets what the command would log, by component", async () => {
    const file = join(temporaryFolder(), "in");
    writeFileSync(file, "a=1\n");
    const refuse = defineTransform({
      name: "refuse",
      summary: "Refuses.",
      options: {},
      each: () => () => {
        throw new Error("no");
      },
    });
    const { sink, got } = collector();
    const lines: string[] = [];
    const at = (component: string, level: string) => (message: string) =>
      void lines.push(`${level} ${component}: ${message}`);
    const log = (component: string) => ({
      debug: () => undefined,
      info: at(component, "info"),
      warn: at(component, "warn"),
      error: at(component, "error"),
    });
    const pipeline = {
      ...following(file, false),
      transforms: { no: { type: "refuse", inputs: ["in"] } },
      sinks: { out: { type: "collect", inputs: ["no"] } },
    };
    await (await run(pipeline, { plugins: [sink, pairs, refuse], log })).ended;
    expect(got).toEqual([]);
    expect(lines).toContain("warn no: an event went to the dead letter (transform_error): no");
  });
});

it("two pipelines run beside each other", async () => {
  const folder = temporaryFolder();
  const both = await Promise.all(
    ["a", "b"].map(async (name) => {
      const file = join(folder, name);
      writeFileSync(file, `${name}=1\n`);
      const { got, sink } = collector();
      const weir = await run(following(file, false), { plugins: [sink, pairs] });
      await weir.ended;
      return got;
    }),
  );
  expect(both).toEqual([[{ a: "1" }], [{ b: "1" }]]);
});

it("shows a program the events that pass, and holds nothing up for one that does not look", async () => {
  const file = join(temporaryFolder(), "in");
  const { got, sink } = collector();
  const pipeline = {
    ...following(file, true),
    transforms: { one: { type: "filter", inputs: ["in"], where: "a:*" } },
    sinks: { out: { type: "collect", inputs: ["one"] } },
  };
  writeFileSync(file, "");
  const weir = await run(pipeline, { plugins: [sink, pairs] });
  const leaving = weir.tap("*");
  const entering = weir.tap("one", { inputs: true, where: "b:2" });
  const unread = weir.tap("*", { rate: 2 });
  expect(() => weir.tap("none")).toThrow('No output of a source or transform matches "none". There are "in", "one".');
  appendFileSync(file, "a=1\nb=2\na=3\n");
  const seen: unknown[] = [];
  for await (const { component, data, meta, id } of leaving) {
    expect(meta).toMatchObject({ source: "in", id });
    seen.push([component, data]);
    if (seen.length === 5) break;
  }
  const [one, two, three] = [{ a: "1" }, { b: "2" }, { a: "3" }];
  expect(seen).toEqual([
    ...[one, two, three].map((data) => ["in", data]),
    ...[one, three].map((data) => ["one", data]),
  ]);
  await weir.stop();
  expect(got).toEqual([one, three]);
  const entered: unknown[] = [];
  for await (const { json, output } of entering) entered.push([json, output]);
  expect(entered).toEqual([['{"b":"2"}', undefined]]);
  let shown = 0;
  for await (const { id } of unread) shown += Number(id !== "");
  expect(shown + unread.missed.rate).toBe(5);
  expect(() => weir.tap("*")).toThrow("the run has ended");
});
