/** Where a command prints. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether each stream supports colours. */
  readonly color: { readonly out: boolean; readonly error: boolean };
  /** Whether a person reads the error stream, with or without colours. */
  readonly isInteractive?: boolean;
  /** The same of `out`. */
  readonly isOutInteractive?: boolean;
  /** Whether `out` is a terminal that can be redrawn. */
  readonly hasScreen?: boolean;
  /** Width of `out` in columns. */
  readonly width: number;
  /** Height of `out` in lines, if it is a terminal. */
  readonly height?: number | undefined;
}

/** Exit codes: `config` is EX_CONFIG of sysexits.h. */
export const exit = { success: 0, failed: 1, usage: 2, config: 78 } as const;

/** The terminal of the process, with colours on a TTY unless NO_COLOR is set. */
export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  color: { out: hasColor(process.stdout), error: hasColor(process.stderr) },
  isInteractive: process.stderr.isTTY === true,
  isOutInteractive: process.stdout.isTTY === true,
  hasScreen: process.stdout.isTTY === true && process.env["TERM"] !== "dumb",
  get width() {
    return Math.min(process.stdout.columns || 100, 120);
  },
  get height() {
    return process.stdout.rows || undefined;
  },
});

/** Whether to colour what goes to a stream: on a TTY, unless NO_COLOR is set to anything but nothing. */
export const hasColor = (stream: Pick<NodeJS.WriteStream, "isTTY" | "hasColors">): boolean =>
  stream.isTTY === true && !process.env["NO_COLOR"] && stream.hasColors();
