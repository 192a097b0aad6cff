/** Where a command prints. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether each stream supports colours. */
  readonly color: { readonly out: boolean; readonly error: boolean };
  /** Width of `out` in columns. */
  readonly width: number;
}

/** Exit codes: `config` is EX_CONFIG of sysexits.h. */
export const exit = { success: 0, failed: 1, usage: 2, config: 78 } as const;

/** The terminal of the process, with colours on a TTY unless NO_COLOR is set. */
export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  color: { out: hasColor(process.stdout), error: hasColor(process.stderr) },
  width: Math.min(process.stdout.columns ?? 100, 120),
});

const hasColor = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && stream.hasColors();
