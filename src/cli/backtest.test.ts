import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BacktestDocument } from "../backtest/document.ts";
import { knownTimes } from "../recorded/time-reader.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type BacktestOptions, backtest } from "./backtest.ts";

const sample = "examples/audit-sample.log";

const run = async (options: Partial<BacktestOptions>, pipeline = "examples/demo.yaml") => {
  let [out, error] = ["", ""];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
    color: { out: false, error: false },
    width: 120,
  };
  const code = await backtest(pipeline, { input: [sample], ...options }, terminal);
  return { out, error, code };
};

describe("weir backtest", () => {
  it("prints what docs/backtest.md shows, in 80 columns", async () => {
    const [, shown] = /^```console\n\$ weir backtest .*\n([\s\S]*?)^```$/m.exec(
      readFileSync("docs/backtest.md", "utf8"),
    )!;
    const { out, error, code } = await run({});
    const timeless = (text: string) => text.replace(/ · [\d.]+ s, [\d,]+ events\/s/, "");
    expect(timeless(out)).toBe(timeless(shown!));
    expect([error, code]).toEqual(["", 0]);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("prints a document with all members that the page names", async () => {
    const { out } = await run({ json: true, since: { before: 1_800_000 } });
    const document = JSON.parse(out) as BacktestDocument;
    expect(document).toMatchObject({ alerts: 4, events: { read: 421, before: 212, untimed: 1 } });
    expect(document.rules[0]).toMatchObject({ alerts: 4, alerts_before: 4 });
    const page = readFileSync("docs/backtest.md", "utf8");
    for (const name of [...Object.keys(document), ...Object.keys(document.rules[0]!)])
      expect(page).toContain(`\`${name}\``);
    for (const name of [...Object.keys(document.events), ...knownTimes]) expect(page).toContain(`\`${name}\``);
    expect(document.rules[0]!.profiles.map(({ profile, alerts }) => [profile, alerts])).toEqual([
      ["literal", 4],
      ["tuned", 3],
    ]);
  });

  it("fails if a rule is louder than it may be", async () => {
    const { error, code } = await run({ failAbove: 7.5 });
    expect(error).toBe("kubernetes_secret_access_unusual_user_agent raises 8.0 alerts a day, more than 7.5.\n");
    expect(code).toBe(1);
    expect((await run({ failAbove: 8 })).code).toBe(0);
  });

  it.each<[Partial<BacktestOptions>, string]>([
    [{ input: ["examples/no.log"] }, 'There is no file "examples/no.log".'],
    [{ input: ["examples/*.nothing"] }, 'No file matches "examples/*.nothing".'],
    [{ input: ["examples"] }, "\"examples\" is a directory. Name the files in it: 'examples/*'."],
    [{ source: "audits" }, 'The pipeline has no source "audits". Did you mean "audit"?'],
    [{ rule: ["unusual"] }, 'The pipeline runs no rule "unusual".'],
    [{ since: { at: 5 }, until: { at: 5 } }, "--since must be the earlier of the two."],
  ])("says what is wrong with %j", async (options, message) => {
    const { error, out, code } = await run(options);
    expect(error).toContain(message);
    expect([out, code]).toEqual(["", 2]);
  });

  it("says what is wrong with a pipeline that has several sources, or no rules", async () => {
    const folder = temporaryFolder("weir-backtest-test-");
    const file = join(folder, "p.yaml");
    const sink = "sinks: { out: { type: console, inputs: [a, b] } }\n";
    writeFileSync(file, `sources: { a: { type: stdin }, b: { type: file, include: [x.log] } }\n${sink}`);
    expect((await run({}, file)).error).toContain("Name the one that the files replace with --source: a, b.");
    expect((await run({ source: "b" }, file)).error).toContain('No detection rule sees the events of "b".');
  });

  it("fails if there is no event", async () => {
    const empty = join(temporaryFolder("weir-backtest-test-"), "empty.log");
    writeFileSync(empty, "");
    const { error, code, out } = await run({ input: [empty] });
    expect([error, code]).toEqual(["No event was read from the files.\n", 1]);
    expect(out).toContain("0 events from 1 file (0 bytes), no event has a time");
  });
});
