/** A kind of thing that `weir new` writes. */
export const scaffolds = ["source", "transform", "sink", "codec", "rule"] as const;
export type Scaffold = (typeof scaffolds)[number];

/** The text of a plugin's file, and of its test. They are complete: the test passes as they are. */
export interface PluginText {
  readonly plugin: string;
  readonly test: string;
}

/** What a plugin of this kind begins with. `file` is how its test imports it. */
export const pluginText = (kind: Exclude<Scaffold, "rule">, name: string, file: string): PluginText => {
  const { plugin, test } = texts[kind];
  const fill = (text: string) => `${text.trim()}\n`.replaceAll("NAME", name).replaceAll("FILE", file);
  return { plugin: fill(plugin), test: fill(test) };
};

const texts: Readonly<Record<Exclude<Scaffold, "rule">, PluginText>> = {
  source: {
    plugin: `
import { defineSource, option } from "weir";

export default defineSource({
  name: "NAME",
  summary: "Sends numbered events, and continues after a restart where it stopped.",
  options: {
    count: option.integer("How many events to send.", { default: 10, minimum: 0 }),
  },
  decoding: { codec: "json" },
  async *read({ config, checkpoints }) {
    const stream = "numbers";
    const { position: start, detail } = checkpoints.get(stream) ?? { position: 0, detail: 0 };
    let position = start;
    for (let number = Number(detail); number < config.count; number++) {
      const bytes = Buffer.from(\`\${JSON.stringify({ number })}\\n\`);
      yield { stream, position, bytes, detail: number + 1 };
      position += bytes.length;
    }
  },
});`,
    test: `
import { testSource } from "weir/testing";
import NAME from "FILE";

testSource(NAME, [
  {
    name: "sends the given number of events",
    arrange: async () => ({ config: { count: 3 } }),
    lines: ['{"number":0}', '{"number":1}', '{"number":2}'],
  },
]);`,
  },
  transform: {
    plugin: `
import { defineTransform, option, withData } from "weir";

export default defineTransform({
  name: "NAME",
  summary: "Adds a label to every event.",
  options: {
    label: option.text("The label.", { default: "seen" }),
  },
  each:
    ({ config: { label } }) =>
    (event) =>
      withData(event, { ...event.data, label }),
});`,
    test: `
import { testTransform } from "weir/testing";
import NAME from "FILE";

testTransform(NAME, [
  {
    name: "adds the label",
    config: { label: "new" },
    input: [{ message: "hello" }],
    output: [{ message: "hello", label: "new" }],
  },
]);`,
  },
  sink: {
    plugin: `
import { appendFile } from "node:fs/promises";
import { defineSink, option } from "weir";

export default defineSink({
  name: "NAME",
  summary: "Appends each event to a file.",
  options: {
    path: option.path("The path of the file.", { examples: ["events.ndjson"] }),
  },
  delivery: { concurrency: "one" },
  open: ({ config: { path } }) => ({
    // What is thrown here is tried again. An event can come twice after a crash, with the same id.
    async write(events) {
      await appendFile(path, events.map(({ json }) => \`\${json}\\n\`).join(""));
    },
  }),
});`,
    test: `
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSink } from "weir/testing";
import NAME from "FILE";

testSink(NAME, [
  {
    name: "appends what it gets",
    events: [{ n: 1 }, { n: 2 }],
    async arrange() {
      const folder = await mkdtemp(join(tmpdir(), "NAME-"));
      const path = join(folder, "events.ndjson");
      return {
        config: { path },
        received: async () => (await readFile(path, "utf8")).trimEnd().split("\\n").map((line) => JSON.parse(line)),
        close: () => rm(folder, { recursive: true }),
      };
    },
  },
]);`,
  },
  codec: {
    plugin: `
import { defineCodec, option } from "weir";

export default defineCodec({
  name: "NAME",
  summary: "Reads values that are separated by a text.",
  options: {
    fields: option.list(option.text)("The names of the values.", { examples: [["user", "status"]] }),
    separator: option.text("What is between two values.", { default: "," }),
  },
  decode: ({ config: { fields, separator } }) => (text) => {
    const values = text.split(separator);
    if (values.length !== fields.length) throw new Error(\`there are \${values.length} values, not \${fields.length}\`);
    return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? ""]));
  },
});`,
    test: `
import { testCodec } from "weir/testing";
import NAME from "FILE";

testCodec(NAME, [
  {
    name: "names the values",
    config: { fields: ["user", "status"], separator: "," },
    records: ["marta,200", "jan"],
    output: [{ user: "marta", status: "200" }],
    rejected: { codec_error: 1 },
  },
]);`,
  },
};
