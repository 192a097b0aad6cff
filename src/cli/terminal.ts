/** Where a command prints. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether each of the two takes colours. */
  readonly color: { readonly out: boolean; readonly error: boolean };
  /** Columns of what `out` prints on. */
  readonly width: number;
}

/** Exit codes: `config` is EX_CONFIG of sysexits.h. */
export const exit = { well: 0, failed: 1, usage: 2, config: 78 } as const;

/** The process's own terminal: colours only where a person looks, and not against NO_COLOR. */
export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  color: { out: takesColor(process.stdout), error: takesColor(process.stderr) },
  width: Math.min(process.stdout.columns ?? 100, 120),
});

const takesColor = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && stream.hasColors();
