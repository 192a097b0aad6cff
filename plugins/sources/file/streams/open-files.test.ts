import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { OpenFiles } from "./open-files.ts";
import { Stream } from "./stream.ts";

/** A stream that reads a file of its own. */
const opened = async (path: string): Promise<Stream> => {
  await writeFile(path, "apples\n");
  const handle = await open(path);
  const { dev, ino } = await handle.stat();
  const stream = new Stream(path, { path, device: String(dev), inode: String(ino) });
  await stream.reader.open(handle, { compressed: false });
  onTestFinished(() => stream.reader.close());
  return stream;
};

it("keeps nothing of files that were closed elsewhere, however many there were", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weir-open-files-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = new OpenFiles(1_000, 3);
  onTestFinished(() => files.close());
  const current = await opened(join(folder, "current.log"));
  files.touch(current);
  for (let number = 0; number < 10; number++) {
    const rotated = await opened(join(folder, `${number}.log`));
    files.touch(rotated);
    expect(files.isFull).toBe(false);
    await rotated.reader.close();
    files.dropClosed();
  }
  const other = await opened(join(folder, "other.log"));
  files.touch(other);
  expect(files.isFull).toBe(false);
  files.touch(await opened(join(folder, "third.log")));
  expect(files.isFull).toBe(true);
});
