import { appendFile } from "node:fs/promises";
import { defineSink, option } from "weir";

export const ledger = defineSink({
  name: "ledger",
  summary: "Appends each event to a file, after its id.",
  options: { path: option.path("The path of the file.", { examples: ["entries.txt"] }) },
  delivery: { concurrency: "one" },
  open: ({ config: { path } }) => ({
    // What is thrown here is tried again. After a crash an event can come twice, with the same id.
    async write(events) {
      await appendFile(path, events.map(({ id, json }) => `${id} ${json}\n`).join(""));
    },
  }),
});
