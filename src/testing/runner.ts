/** What the kit needs of a test runner. */
interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, run: () => Promise<void> | void): unknown;
}

/** The test runner that runs this process: vitest, one that defines `describe` and `it` globally such as jest, or node:test. */
const runnerHere = async (): Promise<Runner> => {
  if (process.env["VITEST"]) return import("vitest");
  const { describe, it } = globalThis as Partial<Runner>;
  return describe && it ? { describe, it } : import("node:test");
};

export const { describe, it }: Runner = await runnerHere();
