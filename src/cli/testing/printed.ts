import { execute } from "../main.ts";
import type { Terminal } from "../terminal.ts";

/** A terminal without colours, 100 columns wide, that keeps what is printed. */
const recording = () => {
  const [out, error]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    error: (text) => void error.push(text),
    color: { out: false, error: false },
    width: 100,
  };
  return { terminal, with: (code: number) => ({ out: out.join(""), error: error.join(""), code }) };
};

/** What a function of a command prints, and its exit code. */
export const printed = (command: (terminal: Terminal) => number) => {
  const screen = recording();
  return screen.with(command(screen.terminal));
};

/** What `weir` prints with these arguments, in this process, and its exit code. */
export const weir = async (...argv: readonly string[]) => {
  const screen = recording();
  return screen.with(await execute([...argv], screen.terminal));
};
