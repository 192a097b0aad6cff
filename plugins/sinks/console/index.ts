import { isatty } from "node:tty";
import { defineSink, option } from "weir";
import { writeAll } from "./output.ts";
import { coloured, plain } from "./paint.ts";
import { prettyText } from "./pretty.ts";

const standardOutput = 1;

export default defineSink({
  name: "console",
  summary: "Prints events to standard output.",
  options: {
    format: option.oneOf("json", "pretty")(
      "`json`: one line of JSON per event. `pretty`: readable text, with alerts as cards that show what was found and why.",
      { default: "json" },
    ),
  },
  notes: `
Colours are used only on a terminal, and not if \`NO_COLOR\` is set. With \`pretty\`, control characters in the values of an
event are printed as escapes such as \`\\u{1b}\`, so that an event cannot manipulate the terminal.

When the program that reads standard output exits, as \`head\` does, or the terminal is closed, weir stops as after a signal:
it delivers what was read to the other sinks, keeps what was not printed in the data dir for the next start, and ends with code 0.
What was in the pipe at that moment counts as printed.
`,
  open({ config, clock, signal }) {
    const isTerminal = isatty(standardOutput);
    const paint = isTerminal && !process.env["NO_COLOR"] ? coloured : plain;
    return {
      write: async (events) => {
        const texts = events.map((event) =>
          config.format === "pretty" ? prettyText(event, paint) : `${event.json}\n`,
        );
        await writeAll(standardOutput, Buffer.from(texts.join("")), { clock, signal, isTerminal });
        return undefined;
      },
    };
  },
});
