import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { flaws, logRecorder, readSource, recordingHost } from "weir/testing";
import source from "./index.ts";
import { Lines } from "./lines.ts";

const defaults = {
  units: [],
  identifiers: [],
  matches: [],
  current_boot: false,
  read_from: "beginning",
  follow: false,
  journalctl: "journalctl",
  backoff: { initial: 1, max: 20 },
};

/** Writes the journals of tests; from Debian's package systemd-journal-remote. */
const writer = "/lib/systemd/systemd-journal-remote";
const isThere = existsSync(writer) && spawnSync("journalctl", ["--version"]).status === 0;
if (!isThere) console.warn("journald: left out, since journalctl and systemd-journal-remote are not installed");

const journal = () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, "journal");
  mkdirSync(directory);
  let count = 0;
  const add = (fields: Readonly<Record<string, string | Buffer>>[]) => {
    const boot = "ed5c1ae0a2b94e4f8b5a3e1c9d0f7a11";
    const entries = fields.map((one) => {
      count++;
      const head = `__REALTIME_TIMESTAMP=${1_767_225_600_000_000 + count}\n__MONOTONIC_TIMESTAMP=${1000 + count}\n_BOOT_ID=${boot}\n`;
      const written = Object.entries(one).map(([name, value]) => {
        if (typeof value === "string") return Buffer.from(`${name}=${value}\n`);
        const size = Buffer.alloc(8);
        size.writeBigUInt64LE(BigInt(value.length));
        return Buffer.concat([Buffer.from(`${name}\n`), size, value, Buffer.from("\n")]);
      });
      return Buffer.concat([Buffer.from(head), ...written, Buffer.from("\n")]);
    });
    const run = spawnSync(writer, ["-o", join(directory, "test.journal"), "-"], { input: Buffer.concat(entries) });
    expect(run.status, String(run.stderr)).toBe(0);
  };
  return { directory, add };
};

const messages = (host: ReturnType<typeof recordingHost>): unknown[] =>
  host.lines.map(({ text }) => (JSON.parse(text) as { readonly MESSAGE: unknown }).MESSAGE);

it("is well formed", () => expect(flaws(source)).toEqual([]));

describe.skipIf(!isThere)("a journal", () => {
  it("is read to its end, and resumed after any reading without missing or repeating an entry", async () => {
    const { directory, add } = journal();
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `m${from + n}`);
    add(numbers(0, 300).map((MESSAGE) => ({ MESSAGE })));
    const host = recordingHost();
    for (let expected = 300, cut = 1; cut < 5; cut++) {
      let taken = 0;
      for await (const reading of readSource(source, {
        config: { ...defaults, directory },
        checkpoints: host.checkpoints,
      })) {
        host.take(reading);
        if (++taken === cut) break;
      }
      host.crash();
      add(numbers(expected, expected + 50).map((MESSAGE) => ({ MESSAGE })));
      expected += 50;
    }
    for await (const reading of readSource(source, {
      config: { ...defaults, directory },
      checkpoints: host.checkpoints,
    }))
      host.take(reading);
    expect(messages(host)).toEqual(numbers(0, 500));
  });

  it("is followed", async () => {
    const { directory, add } = journal();
    add([{ MESSAGE: "old" }]);
    const host = recordingHost();
    const stop = new AbortController();
    const config = { ...defaults, directory, follow: true };
    for await (const reading of readSource(source, { config, signal: stop.signal })) {
      host.take(reading);
      if (host.lines.length === 1) add([{ MESSAGE: "new" }]);
      else stop.abort();
    }
    expect(messages(host)).toEqual(["old", "new"]);
  });

  it("is filtered by journalctl", async () => {
    const { directory, add } = journal();
    add([
      { MESSAGE: "a", SYSLOG_IDENTIFIER: "x", PRIORITY: "3" },
      { MESSAGE: "b", SYSLOG_IDENTIFIER: "x", PRIORITY: "6" },
      { MESSAGE: "c", SYSLOG_IDENTIFIER: "y", PRIORITY: "3", _TRANSPORT: "kernel" },
    ]);
    const read = async (config: object) => {
      const host = recordingHost();
      for await (const reading of readSource(source, { config: { ...defaults, directory, ...config } }))
        host.take(reading);
      return messages(host);
    };
    expect(await read({ priority: "err" })).toEqual(["a", "c"]);
    expect(await read({ identifiers: ["x"] })).toEqual(["a", "b"]);
    expect(await read({ matches: ["_TRANSPORT=kernel"] })).toEqual(["c"]);
    expect(await read({ read_from: "end" })).toEqual([]);
  });

  it("has bytes that are no text, and long values", async () => {
    const { directory, add } = journal();
    add([{ MESSAGE: Buffer.from([0x61, 0x01, 0xff]) }, { MESSAGE: "x".repeat(10_000) }]);
    const host = recordingHost();
    for await (const reading of readSource(source, { config: { ...defaults, directory } })) host.take(reading);
    expect(messages(host)).toEqual([[0x61, 0x01, 0xff], "x".repeat(10_000)]);
  });
});

it("says that there is no journalctl", async () => {
  const log = logRecorder();
  const stop = new AbortController();
  const config = { ...defaults, journalctl: "/no/such/journalctl" };
  const logged = setInterval(() => log.lines.length > 0 && stop.abort(), 10);
  for await (const _ of readSource(source, { config, log, signal: stop.signal }));
  clearInterval(logged);
  expect(log.lines[0]).toMatchObject({ level: "warn", message: expect.stringContaining("does not exist") });
});

it("cuts output into whole entries, however it arrives", () => {
  const line = fc.tuple(
    fc.boolean(),
    fc.string({ unit: fc.constantFrom("a", '\\"__CURSOR\\":\\"x', "ü"), maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300 }), fc.array(fc.nat(5_000), { maxLength: 10 }), (all, ends) => {
      const written = all.map(([has, text], n) => `{"MESSAGE":"${text}"${has ? `,"__CURSOR":"c${n}"` : ""}}\n`);
      const output = Buffer.from(written.join(""));
      const lines = new Lines();
      let read = "";
      let from = 0;
      for (const end of [...ends.sort((a, b) => a - b), output.length]) {
        for (const { bytes, cursor } of lines.push(output.subarray(from, end))) {
          read += bytes.toString();
          expect(bytes.toString().endsWith(`"__CURSOR":"${cursor}"}\n`)).toBe(true);
          expect(bytes.toString().split("\n").length).toBeLessThanOrEqual(256);
        }
        from = Math.max(from, Math.min(end, output.length));
      }
      const last = all.findLastIndex(([has]) => has);
      expect(read).toBe(written.slice(0, last + 1).join(""));
    }),
  );
});
