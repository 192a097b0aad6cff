/** A named check. It rejects if something is wrong. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}
