import { appendFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { pipelineFile, readLinesSoFar, startWeir, temporaryFolder } from "./weir.ts";

/** Whether the first look for files is committed. */
const hasLooked = (dataDir: string): boolean => {
  const path = join(dataDir, "weir.db");
  if (!existsSync(path)) return false;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const found = database.prepare("SELECT detail FROM checkpoint WHERE stream = 'first-look'").get();
    return String(found?.["detail"]).includes("over");
  } catch {
    return false; // The tables are not there yet.
  } finally {
    database.close();
  }
};

it.each([
  ["empty", "", "SIGTERM"],
  ["empty", "", "SIGKILL"],
  ["unterminated", '{"n":', "SIGTERM"],
  ["unterminated", '{"n":', "SIGKILL"],
  ["missing", undefined, "SIGTERM"],
] as const)(
  "reads a log that was %s at the first start, and was rotated while weir was down",
  async (_, content, signal) => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    if (content !== undefined) writeFileSync(path("audit.log"), content);
    const pipeline = pipelineFile(folder, {
      sources: { audit: { type: "file", include: [path("audit.log")], codec: "json" } },
      sinks: { out: { type: "file", inputs: ["audit"], path: path("out.ndjson") } },
    });
    const start = () => startWeir(["run", pipeline, "--data-dir", path("data")]);

    const first = start();
    while (!hasLooked(path("data"))) await sleep(5);
    await first.stop(signal);
    appendFileSync(path("audit.log"), content ? "1}\n" : '{"n":1}\n');
    renameSync(path("audit.log"), path("audit-2026-01-01T00-00-00.000.log"));
    writeFileSync(path("audit.log"), '{"n":2}\n');

    const second = start();
    const numbers = () => readLinesSoFar(path("out.ndjson")).map(({ n }) => n);
    while (!numbers().includes(2)) await sleep(5);
    await second.stop("SIGTERM");
    expect(numbers()).toEqual([1, 2]);
  },
);
