import { defineCodec } from "weir";
import { parseCri } from "weir/formats";

export default defineCodec({
  name: "cri",
  summary: "Each record is a line of a container's log, as containerd and CRI-O write it.",
  options: {},
  notes: `
An event has \`@timestamp\`, \`stream\` (\`stdout\` or \`stderr\`) and \`message\`.

**Long lines.** The runtime cuts a line of more than 16 KiB into parts, with \`P\` after all but the last. weir joins the parts of
each of the two streams, up to \`max_line\`. With \`multiline\`, it then joins the lines of each stream: the patterns see what the
program wrote. See [lines that belong together](../../sources.md#lines-that-belong-together).
`,
  unwrap: () => (line) => {
    const { timestamp, stream, isPartial, message } = parseCri(line);
    return { lane: stream, text: message, isPartial, data: { "@timestamp": timestamp, stream } };
  },
});
