import type { Terminal } from "./terminal.ts";

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearLine = "\u001b[2K";
const clearBelow = "\u001b[J";

/** The keys that end a command: q, Ctrl-C, Ctrl-D. */
const quitKeys = new Set(["q", "Q", "\u0003", "\u0004"]);

/** The whole terminal, drawn again and again; what was on it comes back at the end. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #input = process.stdin;
  readonly #quit: () => void;
  readonly #onKeys = (keys: Buffer) => {
    if ([...keys.toString("latin1")].some((key) => quitKeys.has(key))) this.#quit();
  };
  #isOpen = true;

  /** `quit` is called when a key asks for it. */
  constructor(terminal: Terminal, quit: () => void) {
    this.#terminal = terminal;
    this.#quit = quit;
    terminal.out(enter);
    process.once("exit", this.close);
    if (!this.#input.isTTY) return;
    this.#input.setRawMode(true).on("data", this.#onKeys).resume();
  }

  draw(lines: readonly string[]): void {
    if (this.#isOpen)
      this.#terminal.out(`${home}${lines.map((line) => `${clearLine}${line}`).join("\r\n")}${clearBelow}`);
  }

  readonly close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.close);
    if (this.#input.isTTY) this.#input.off("data", this.#onKeys).pause().setRawMode(false);
    this.#terminal.out(leave);
  };
}
