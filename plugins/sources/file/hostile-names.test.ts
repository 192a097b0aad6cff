import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

// Whoever may create a file in a watched directory chooses its name. A regular expression takes hours for this one.
it("finds its files beside one whose name matches the stars of a glob in very many ways", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "weir-names-")));
  await writeFile(join(directory, "-".repeat(255)), "hostile\n");
  await writeFile(join(directory, "one-2-3-4-5-6-7-8.log"), "read\n");
  await writeFile(join(directory, "one-2-3-4-5-6-7-8.old"), "excluded\n");
  const stars = join(directory, "*-*-*-*-*-*-*-*");
  const config = {
    include: [`${stars}.{log,old}`],
    exclude: [`${stars}.old`],
    rotated: [`${stars}.rotated`],
    follow: false,
    read_from: "beginning",
    poll_interval: 5,
  };
  const host = recordingHost();
  for await (const reading of readSource(file, { config })) host.take(reading);
  expect(host.lines.map(({ text }) => text)).toEqual(["read"]);
  await rm(directory, { recursive: true });
});
