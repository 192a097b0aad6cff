import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openDataDir } from "../runtime/data-dir.ts";
import { noChanges } from "./database.ts";
import { outboxDirectory, segmentName } from "./segments.ts";
import { threadedWriter } from "./writer.ts";

it("takes over the room that it gave, and gives it again; other bytes stay as they are", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const data = openDataDir(dataDir, threadedWriter);
  onTestFinished(() => data.close());
  const whole = data.writer.room(6);
  whole.set(Buffer.from("apples"));
  const { byteLength } = whole.buffer;
  const part = Buffer.from("apples and pears").subarray(0, 6);
  const appends = [whole, part].map((bytes, index) => ({ outbox: `out-${index}`, bytes }));
  expect(await data.writer.commit({ ...noChanges, appends })).toMatchObject({ ok: true });
  expect(whole.length).toBe(0);
  expect(part.toString()).toBe("apples");
  expect(data.writer.room(byteLength).buffer.byteLength).toBe(byteLength);
  for (const { outbox } of appends)
    expect(readFileSync(join(outboxDirectory(dataDir, outbox), segmentName(1)), "utf8")).toBe("apples");
});
