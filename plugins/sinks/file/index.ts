import { defineSink, option } from "weir";
import { AppendFile, cutTail, type Place } from "./append-file.ts";

export default defineSink({
  name: "file",
  summary: "Appends events to a file, one line of JSON each.",
  options: {
    path: option.path("The file to append to; it and its directories are made if need be.", {
      examples: ["alerts.ndjson"],
    }),
    encoding: option.oneOf("json")("How an event becomes a line.", { default: "json" }),
  },
  notes: `
An event counts as delivered when its line is synced to disk. A write that fails is cut back at once. If the file is
renamed or removed meanwhile, for example by logrotate, the next write makes it anew. After a crash only an unterminated
last line is cut, and only if weir wrote it.
`,
  async open({ config, recorded }) {
    await cutTail(config.path, recorded as unknown as Place | undefined);
    const file = new AppendFile(config.path);
    return {
      write: async (events) => {
        if (events.length === 0) return undefined;
        const lines = Buffer.from(events.map(({ json }) => `${json}\n`).join(""));
        return { record: { ...(await file.append(lines)) } };
      },
      close: () => file.close(),
    };
  },
});
