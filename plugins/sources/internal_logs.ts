import { defineSource, option, type SourceContext } from "weir";

type Inside = NonNullable<SourceContext<unknown>["inside"]>;
type LogLine = Parameters<Parameters<Inside["followLog"]>[0]>[0];

const stream = "log";

/** Lines that wait for room. */
const mostLines = 1000;
/** Of a message and of what is logged beside it, in characters. */
const longest = 8192;

/** Lines of level `debug` are about single batches: an event of each would cause another one. */
const levels = ["info", "warn", "error"] as const;
const height = (level: LogLine["level"]): number => (levels as readonly string[]).indexOf(level);

export default defineSource({
  name: "internal_logs",
  summary: "Makes events of what weir itself logs.",
  replays: false,
  reloads: true,
  options: {
    level: option.oneOf(...levels)("The lowest level of lines; it does not depend on `--log-level`.", {
      default: "info",
    }),
  },
  notes: `
\`\`\`json
{ "@timestamp": "2026-03-01T12:00:00.000Z", "message": "delivery of 3 events failed, retrying in 140 ms: …", "log": { "level": "warn", "logger": "alerts" },
  "event": { "kind": "event", "module": "weir" }, "service": { "type": "weir", "version": "0.1.0" }, "host": { "name": "node-1" },
  "weir": { "attempt": 1, "reason": "failed" } }
\`\`\`

\`log.logger\` is the component that logged the line, or \`weir\`; \`weir\` has what is logged beside the message.

**It does not feed on itself.** Lines of this source, and of the components that get its events, are left out: they are on standard error only. So
use a sink of its own for these events, if you want to see in them how the others do.

**It is bounded.** At most ${mostLines} lines wait for room. Further ones are left out and counted in \`weir_component_refusals_total\` as \`full\`. Longer
texts than ${longest} characters are cut.

What was logged before the source started, at the end of a run, or just before a crash, is on standard error only. The source never ends.
`,
  decoding: { codec: "json", framing: "newline" },
  async *read({ config, signal, checkpoints, inside, deployment, refused }) {
    if (!inside) return;
    const shared = {
      event: { kind: "event", module: "weir" },
      service: { type: "weir", version: deployment?.version },
      host: { name: deployment?.host },
    };
    let waiting: string[] = [];
    let filled = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => filled.resolve());
    inside.followLog((line) => {
      if (height(line.level) < height(config.level)) return;
      if (waiting.length >= mostLines) return refused?.("full");
      waiting.push(`${JSON.stringify({ ...documentOf(line), ...shared })}\n`);
      filled.resolve();
    }, signal);
    let position = checkpoints.get(stream)?.position ?? 0;
    while (!signal.aborted) {
      await filled.promise;
      if (signal.aborted) return;
      const bytes = Buffer.from(waiting.join(""));
      waiting = [];
      filled = Promise.withResolvers();
      yield { stream, position, bytes };
      position += bytes.length;
    }
  },
});

const documentOf = ({ at, level, component, message, fields = {} }: LogLine) => ({
  "@timestamp": new Date(at).toISOString(),
  message: message.slice(0, longest),
  log: { level, logger: component },
  ...(Object.keys(fields).length > 0 && { weir: jsonOf(fields) }),
});

/** What is logged may be anything. */
const jsonOf = (fields: Readonly<Record<string, unknown>>): unknown => {
  try {
    const text = JSON.stringify(fields);
    return text.length > longest ? { text: text.slice(0, longest) } : JSON.parse(text);
  } catch {
    return { text: String(fields) };
  }
};
