import type { Terminal } from "../terminal.ts";

/** What a command prints on a terminal without colours, and its exit code. */
export const printed = (command: (terminal: Terminal) => number) => {
  const [out, error]: [string[], string[]] = [[], []];
  const code = command({
    out: (text) => void out.push(text),
    error: (text) => void error.push(text),
    color: { out: false, error: false },
    width: 100,
  });
  return { out: out.join(""), error: error.join(""), code };
};
