import { isatty } from "node:tty";
import { defineSink, option } from "weir";
import { writeAll } from "./output.ts";
import { coloured, plain } from "./paint.ts";
import { prettyText } from "./pretty.ts";

const standardOutput = 1;

export default defineSink({
  name: "console",
  summary: "Prints events on standard output.",
  options: {
    format: option.oneOf("json", "pretty")(
      "`json`: one line of JSON each. `pretty`: for people, alerts as cards that say what was found and why.",
      { default: "json" },
    ),
  },
  notes: `
Colours are used on a terminal only, and not when \`NO_COLOR\` is set. With \`pretty\`, control characters in an event's
values are shown as \`\\u{1b}\`, so that an event cannot change what the terminal shows.
`,
  open({ config, clock, signal }) {
    const paint = isatty(standardOutput) && !process.env["NO_COLOR"] ? coloured : plain;
    return {
      write: async (events) => {
        const texts = events.map((event) =>
          config.format === "pretty" ? prettyText(event, paint) : `${event.json}\n`,
        );
        await writeAll(standardOutput, Buffer.from(texts.join("")), { clock, signal });
        return undefined;
      },
    };
  },
});
