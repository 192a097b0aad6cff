import { existsSync, readdirSync, readlinkSync } from "node:fs";
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Checkpoint } from "weir";
import { logRecorder, type RecordingHost, readSource, recordingHost, testSource } from "weir/testing";
import { fingerprintOf } from "./content/fingerprint.ts";
import file from "./index.ts";

let directory: string;
let path: string;
let host: RecordingHost;
let log: ReturnType<typeof logRecorder>;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-file-")));
  path = join(directory, "audit.log");
  host = recordingHost();
  log = logRecorder();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Settings {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly rotated?: readonly string[];
  readonly follow?: boolean;
  readonly read_from?: "beginning" | "end";
}

const configOf = (settings: Settings) => ({
  include: [path],
  follow: true,
  read_from: "beginning",
  poll_interval: 5,
  ...settings,
});

/** Follows the files while `world` changes them, then stops as if killed: incomplete lines are lost. */
const run = async (world: () => Promise<unknown>, settings: Settings = {}) => {
  const stop = new AbortController();
  const options = { config: configOf(settings), checkpoints: host.checkpoints, signal: stop.signal, log };
  const reading = (async () => {
    for await (const next of readSource(file, options)) host.take(next);
  })();
  try {
    await world();
  } finally {
    stop.abort();
    await reading;
    host.crash();
  }
};

/** Whether this process has the file open; where that cannot be seen, it is assumed. */
const isOpenHere = (wanted: string): boolean => {
  if (!existsSync("/proc/self/fd")) return true;
  const target = (descriptor: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return undefined;
    }
  };
  return readdirSync("/proc/self/fd").some((descriptor) => target(descriptor) === wanted);
};

const texts = () => host.lines.map(({ text }) => text);
const until = async (condition: () => unknown) => {
  for (const give = Date.now() + 30_000; !condition() && Date.now() < give; ) await sleep(2);
  expect(condition(), `lines: ${texts().join(", ")}`).toBeTruthy();
};
const seen = (...lines: string[]) => until(() => texts().join() === lines.join());
const logged = (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message);
/** The checkpoints of files. */
const checkpoints = () =>
  [...host.checkpoints].filter(([id]) => id !== "first-look").map(([, checkpoint]) => checkpoint);
const states = () => checkpoints().map(({ detail }) => (detail as { state?: string }).state ?? "open");
const rotated = (name: string) => join(directory, `audit-2031-01-01T00-00-0${name}.log`);

describe("growing files", () => {
  it("reads an incomplete last line once it is complete, also after a restart", async () => {
    await writeFile(path, "a\nb");
    await run(() => seen("a"));
    await run(async () => {
      await appendFile(path, "b\nc");
      await seen("a", "bb");
    });
    await run(async () => {
      await appendFile(path, "\n");
      await seen("a", "bb", "c");
    });
  });

  it("reads files that appear later from the beginning, and skips excluded ones", async () => {
    const settings = {
      include: [join(directory, "*.txt")],
      exclude: [join(directory, "not*")],
      read_from: "end",
    } as const;
    await writeFile(join(directory, "one.txt"), "old\nha");
    await run(async () => {
      await until(() => checkpoints().length === 1);
      await writeFile(join(directory, "not.txt"), "excluded\n");
      await writeFile(join(directory, "two.txt"), "new\n");
      await seen("new");
      await appendFile(join(directory, "one.txt"), "lf\n");
      await seen("new", "half");
    }, settings);
  });

  it("continues where `read_from: end` started even if nothing was read before the restart", async () => {
    await writeFile(path, "old\n");
    await run(() => until(() => checkpoints().length === 1), { read_from: "end" });
    await appendFile(path, "while down\n");
    await run(() => seen("while down"), { read_from: "end" });
  });

  it("follows a symbolic link to its file, and then to the next one", async () => {
    const real = join(directory, "pods", "0.log");
    await mkdir(dirname(real));
    await writeFile(real, "a\n");
    await symlink(real, path);
    await run(async () => {
      await seen("a");
      await appendFile(real, "b\n");
      await seen("a", "b");
      await rename(real, `${real}.20310101`);
      await writeFile(real, "c\n");
      await seen("a", "b", "c");
    });
  });

  it("waits for a file in a directory when neither exists yet", async () => {
    path = join(directory, "later", "audit.log");
    await run(async () => {
      await until(() => logged("warn").length === 1);
      await mkdir(dirname(path));
      await writeFile(path, "a\n");
      await seen("a");
    });
    expect(logged("warn")).toEqual([`no file matches "${path}" yet`]);
  });

  it("reports once that a file cannot be read, and reads the other files", async () => {
    const loop = join(directory, "loop.log");
    await symlink(loop, loop);
    await writeFile(path, "a\n");
    await run(
      async () => {
        await seen("a");
        await sleep(60);
        await rm(loop);
        await writeFile(loop, "b\n");
        await seen("a", "b");
      },
      { include: [loop, path] },
    );
    expect(logged("error")).toHaveLength(1);
    expect(logged("error")[0]).toContain(`cannot read "${loop}"`);
    expect(logged("info")).toEqual([`"${loop}" can be read again`]);
  });

  it("reads what is there at the start file by file, oldest first, then alternates between files block by block", async () => {
    const include = ["one", "two", "three"].map((name) => join(directory, name));
    const content = `${"x".repeat(999)}\n`.repeat(3_000);
    for (const [age, each] of include.toReversed().entries()) {
      await writeFile(each, content);
      await utimes(each, 1_000 + age, 1_000 + age);
    }
    const turns = (from: number) => {
      const streams = host.lines.slice(from).map(({ stream }) => stream);
      return streams.filter((stream, at) => stream !== streams[at - 1]);
    };
    await run(
      async () => {
        await until(() => host.lines.length === 9_000);
        expect(turns(0)).toHaveLength(3);
        await Promise.all(include.map((each) => appendFile(each, content)));
        await until(() => host.lines.length === 18_000);
      },
      { include },
    );
    expect(turns(9_000).length).toBeGreaterThan(4);
    const byAge = [...host.checkpoints].map(([stream, { detail }]) => [(detail as { path: string }).path, stream]);
    expect(turns(0).slice(0, 3)).toEqual(
      include.toReversed().map((path) => new Map(byAge as [string, string][]).get(path)),
    );
  });
});

it("stops reading files that are no longer included, and the files rotated from them", async () => {
  const other = join(directory, "other.log");
  await writeFile(path, "a\n");
  await writeFile(other, "b\n");
  await run(() => until(() => host.lines.length === 2), { include: [path, other] });
  await appendFile(path, "not included\n");
  await rename(path, rotated("1"));
  await writeFile(path, "nor this\n");
  await appendFile(other, "c\n");
  await run(
    async () => {
      await until(() => host.lines.length === 3);
      await sleep(60);
    },
    { include: [other] },
  );
  expect(texts().slice(2)).toEqual(["c"]);
});

describe("rotation", () => {
  it("waits before it ends a rotated file whose last line is incomplete", async () => {
    await writeFile(path, "a\nb");
    await run(async () => {
      await seen("a");
      await rename(path, rotated("1"));
      await writeFile(path, "c\n");
      await seen("a", "c");
      await appendFile(rotated("1"), "b\n");
      await seen("a", "c", "bb");
      await until(() => states().join() === "ended,open");
    });
  });

  it("reads files rotated while it was down completely, oldest first, and ignores those from before its first start", async () => {
    await writeFile(rotated("0"), "before\n");
    await writeFile(path, "a\nb\n");
    await run(() => seen("a", "b"));
    await appendFile(path, "c\n");
    for (const [name, next] of Object.entries({ 1: "d\n", 2: "e\n", 3: "f\n" })) {
      await rename(path, rotated(name));
      await writeFile(path, next);
    }
    await run(() => seen("a", "b", "c", "d", "e", "f"));
    await run(() => until(() => states().toSorted().join() === "ended,ended,ended,ignored,open"));
    expect(texts()).toHaveLength(6);
  });

  it("commits which files it ignores before it commits where it started", async () => {
    await writeFile(rotated("0"), "before\n");
    await writeFile(path, "a\n");
    await run(() => until(() => checkpoints().length === 2), { read_from: "end" });
    expect(states()).toEqual(["ignored", "open"]);
  });

  it("continues in a rotated file that grows after the stream has ended", async () => {
    await writeFile(path, "a\n");
    await run(async () => {
      await seen("a");
      await rename(path, rotated("1"));
      await writeFile(path, "b\n");
      await until(() => states().join() === "ended,open");
      await appendFile(rotated("1"), "late\n");
      await seen("a", "b", "late");
    });
  });

  it("recognises a file that was moved to another inode while it was down", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i} of a file`);
    await writeFile(path, `${lines.slice(0, 20).join("\n")}\n`);
    await run(() => seen(...lines.slice(0, 20)));
    await appendFile(path, `${lines.slice(20).join("\n")}\n`);
    await copyFile(path, rotated("1"));
    await rm(path);
    await writeFile(path, "next\n");
    await run(() => seen(...lines, "next"));
  });

  it("does not read a copy of the log", async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i} of a file`);
    await writeFile(path, `${lines.join("\n")}\n`);
    await run(async () => {
      await seen(...lines);
      await copyFile(path, rotated("1"));
      await sleep(80);
      await appendFile(path, "next\n");
      await seen(...lines, "next");
    });
  });

  it("reads a rotated file before the log that replaced it, even if that log is deleted", async () => {
    const older = Array.from({ length: 60_000 }, (_, index) => `${index} ${"o".repeat(320)}`);
    await writeFile(path, `${older.join("\n")}\n`);
    const stop = new AbortController();
    let readings = 0;
    let isDeleted = false;
    for await (const reading of readSource(file, { config: configOf({}), signal: stop.signal, log })) {
      host.take(reading);
      if (reading.bytes.length === 0) continue;
      // The timestamp in its name is later than any write to the next file.
      if (++readings === 1) {
        await rename(path, rotated("1"));
        await writeFile(path, "next\n");
      }
      // Only what the source has opened can it read after that.
      if (!isDeleted && readings >= 6 && isOpenHere(path)) {
        isDeleted = true;
        await rm(path);
      }
      await sleep(isDeleted || readings < 30 ? 8 : 200);
      if (texts().includes("next")) stop.abort();
    }
    expect(readings).toBeGreaterThan(12);
    expect(isDeleted).toBe(true);
    expect(texts()).toEqual([...older, "next"]);
  });

  it("finds rotated files by the globs in `rotated`", async () => {
    const old = join(directory, "audit.log.1");
    await writeFile(path, "a\n");
    await run(() => seen("a"), { rotated: [`${path}.*`] });
    await appendFile(path, "b\n");
    await rename(path, old);
    await writeFile(path, "c\n");
    await run(() => seen("a", "b", "c"), { rotated: [`${path}.*`] });
  });
});

describe("compressed files", () => {
  const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i} of a file`);
  const text = (from: number, to: number) => `${lines(from, to).join("\n")}\n`;
  const compress = async (file: string, change = (bytes: Buffer) => bytes) => {
    await writeFile(`${file}.gz`, change(gzipSync(await readFile(file))));
    await rm(file);
  };

  it("continues in a file that was rotated and compressed while it was down, then reads the files it never saw", async () => {
    await writeFile(path, text(0, 20));
    await run(() => seen(...lines(0, 20)));
    await appendFile(path, text(20, 30));
    for (const [name, next] of [
      ["1", text(30, 40)],
      ["2", text(40, 50)],
    ] as const) {
      await rename(path, rotated(name));
      await writeFile(path, next);
    }
    // The newer one first: the time of compression must not affect the order.
    await compress(rotated("2"));
    await compress(rotated("1"));
    await run(() => seen(...lines(0, 50)));
    await run(() => until(() => states().toSorted().join() === "ended,ended,open"));
    expect(texts()).toEqual(lines(0, 50));
  });

  it("skips a compressed file whose original was read or still exists, and those from before its first start", async () => {
    await writeFile(rotated("0"), text(0, 5));
    await compress(rotated("0"));
    await writeFile(path, text(5, 20));
    await run(() => seen(...lines(5, 20)));
    await run(async () => {
      await rename(path, rotated("1"));
      await writeFile(path, text(20, 30));
      await seen(...lines(5, 30));
      await until(() => states().toSorted().join() === "ended,ignored,open");
      await writeFile(`${rotated("1")}.gz`, "half of it");
      await sleep(40);
      await compress(rotated("1"));
      await sleep(60);
    });
    await run(() => sleep(40));
    expect(texts()).toEqual(lines(5, 30));
    expect(states().toSorted()).toEqual(["ended", "ignored", "open"]);
    expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining(`("${rotated("0")}.gz")`)]);
  });

  it("waits for the rest of an incomplete file", async () => {
    await writeFile(path, text(0, 5));
    await run(async () => {
      await seen(...lines(0, 5));
      const bytes = gzipSync(text(5, 5_000));
      await writeFile(`${rotated("1")}.gz`, bytes.subarray(0, bytes.length >> 1));
      await until(() => texts().length > 1_000);
      await appendFile(`${rotated("1")}.gz`, bytes.subarray(bytes.length >> 1));
      await seen(...lines(0, 5_000));
    });
    expect(logged("error")).toEqual([]);
  });

  it("reads a corrupt file up to the damage and reports it once", async () => {
    await writeFile(path, text(0, 5));
    await run(() => seen(...lines(0, 5)));
    await writeFile(rotated("1"), text(5, 1_000));
    await compress(rotated("1"), (bytes) => {
      bytes[bytes.length - 6]! ^= 1;
      return bytes;
    });
    await run(async () => {
      await seen(...lines(0, 1_000));
      await until(() => logged("error").length > 0);
    });
    await run(() => sleep(40));
    expect(texts()).toHaveLength(1_000);
    expect(logged("error")).toEqual([
      expect.stringContaining(`gzip file "${rotated("1")}.gz" is truncated or corrupt`),
    ]);
  });

  it("reads included compressed files completely", async () => {
    await writeFile(path, text(0, 9));
    await compress(path);
    const stop = new AbortController();
    const options = { config: configOf({ include: [`${path}*`], follow: false }), signal: stop.signal, log };
    for await (const reading of readSource(file, options)) host.take(reading);
    expect(texts()).toEqual(lines(0, 9));
  });
});

it("reports that nothing was read if no file exists and `follow` is false", async () => {
  for await (const reading of readSource(file, { config: configOf({ follow: false }), log })) host.take(reading);
  expect(checkpoints()).toEqual([]);
  expect(logged("warn")).toEqual([`no file matches "${path}", so nothing was read`]);
});

describe("files that are copied and truncated", () => {
  const line = (name: string) => name.repeat(80);

  it("reads the unread rest from the copy, once, also after a restart", async () => {
    await writeFile(path, `${line("a")}\n`);
    await run(() => seen(line("a")));
    await appendFile(path, `${line("b")}\n`);
    await copyFile(path, rotated("1"));
    await writeFile(path, `${line("c")}\n`);
    await run(() => seen(line("a"), line("b"), line("c")));
    await run(() => sleep(40));
    expect(texts()).toEqual([line("a"), line("b"), line("c")]);
    expect(logged("error")).toEqual([]);
  });

  it("recognises a copy of a log that is also new and not yet truncated", async () => {
    await writeFile(path, `${line("a")}\n`);
    await run(() => seen(line("a")));
    await copyFile(path, rotated("1"));
    await writeFile(path, `${line("b")}\n`);
    await copyFile(path, rotated("2"));
    await run(async () => {
      await seen(line("a"), line("b"));
      await writeFile(path, `${line("c")}\n`);
      await seen(line("a"), line("b"), line("c"));
    });
    expect(logged("error")).toEqual([]);
  });

  it("does not treat a copy as a new file while its log, of which nothing was committed, is still unread", async () => {
    const long = "x".repeat(1_200_000);
    await writeFile(path, `${long}\n`);
    for await (const reading of readSource(file, { config: configOf({}), log })) {
      host.take(reading);
      if (reading.bytes.length > 0) break;
    }
    host.crash();
    expect(host.lines).toEqual([]);
    // Rotated while it was down, and long enough to be read for a while before the log is.
    const older = Array.from({ length: 30_000 }, (_, index) => `${index} ${line("o")}`);
    await writeFile(rotated("0"), `${older.join("\n")}\n`);
    const stop = new AbortController();
    const options = { config: configOf({}), checkpoints: host.checkpoints, signal: stop.signal, log };
    let isTruncated = false;
    for await (const reading of readSource(file, options)) {
      host.take(reading);
      if (!isTruncated && reading.bytes.length > 0) {
        await copyFile(path, rotated("1"));
        await writeFile(path, `${line("c")}\n`);
        isTruncated = true;
      }
      await sleep(5);
      if (texts().includes(line("c"))) stop.abort();
    }
    expect(texts()).toEqual([...older, long, line("c")]);
    expect(logged("error")).toEqual([]);
  });

  it("reads from its copy what a log contained that is truncated between the first look and the first read", async () => {
    await writeFile(path, `${line("a")}\n`);
    await copyFile(path, rotated("1"));
    const stop = new AbortController();
    let isTruncated = false;
    for await (const reading of readSource(file, { config: configOf({}), signal: stop.signal, log })) {
      host.take(reading);
      const hasLooked = (reading.detail as { progress?: string }).progress === "over";
      if (hasLooked && !isTruncated) {
        await writeFile(path, `${line("c")}\n`);
        isTruncated = true;
      }
      if (texts().length === 2) stop.abort();
    }
    expect(texts()).toEqual([line("a"), line("c")]);
  });

  it.each(["before", "after"])(
    "assigns a copy to the truncated log rather than to a copy that lost its file (checkpoint %s the log's)",
    async (when) => {
      await writeFile(path, `${line("a")}\n`);
      await run(() => seen(line("a")));
      await appendFile(path, `${line("b")}\n`);
      await copyFile(path, rotated("1"));
      await writeFile(path, `${line("d")}\n`);
      await writeFile(rotated("2"), `${line("c")}\n`);
      // Its inode belongs to another file now.
      const { dev, ino } = await stat(rotated("2"), { bigint: true });
      const bytes = await readFile(rotated("1"));
      const [head, tail] = [fingerprintOf(bytes, bytes.length), fingerprintOf(bytes.subarray(-64), bytes.length)];
      const detail = { path, device: String(dev), inode: String(ino), head, tail, state: "copy" };
      const copy = ["copy", { position: bytes.length, detail }] as unknown as [string, Checkpoint];
      const others = [...host.checkpoints];
      host.checkpoints.clear();
      for (const [id, checkpoint] of when === "before" ? [copy, ...others] : [...others, copy])
        host.checkpoints.set(id, checkpoint);
      await run(() => seen(...["a", "b", "c", "d"].map(line)));
      expect(logged("error")).toEqual([]);
    },
  );

  /** The first read returns a block, plus as many bytes as later reads check again. */
  const firstRead = 1024 * 1024 + 64;

  /** Truncates the file after the first read. A copy of its first `copy` bytes is made just before that, or before the start. */
  const truncateWhileRead = async (copy: number | undefined, earlier = false) => {
    const whole = Array.from({ length: 30_000 }, (_, index) => `${index} ${line("x")}\n`).join("");
    await writeFile(path, whole);
    if (copy !== undefined && earlier) await writeFile(rotated("1"), whole.slice(0, copy));
    const stop = new AbortController();
    const options = { config: configOf({}), signal: stop.signal, log };
    for await (const reading of readSource(file, options)) {
      if (host.lines.length === 0 && reading.bytes.length > 0) {
        if (copy !== undefined && !earlier) await writeFile(rotated("1"), whole.slice(0, copy));
        await writeFile(path, `${line("c")}\n`);
      }
      host.take(reading);
      if (texts().at(-1) === line("c")) stop.abort();
    }
    return { whole, read: texts().join("").length + texts().length - line("c").length - 1 };
  };

  it("reports how many bytes were overwritten before they were read", async () => {
    const { whole, read } = await truncateWhileRead(undefined);
    expect(logged("error")).toEqual([
      expect.stringMatching(`"${path}" was truncated .* bytes after byte ${firstRead} were overwritten`),
    ]);
    expect(log.lines[0]?.fields).toMatchObject({ lost: whole.length - firstRead });
    expect(read).toBeLessThanOrEqual(firstRead + 1);
  });

  it("finds the rest in a copy that existed before the very first start", async () => {
    const { whole, read } = await truncateWhileRead(3_000_000, true);
    expect(whole.length).toBeLessThan(3_000_000);
    expect(read).toBe(whole.length);
    expect(logged("error")).toEqual([]);
  });

  it("reports how many bytes are missing from the copy", async () => {
    const { whole, read } = await truncateWhileRead(2_000_000);
    expect(read).toBeGreaterThan(1_999_000);
    expect(logged("error")).toEqual([expect.stringContaining(`its copy "${rotated("1")}" is shorter`)]);
    expect(log.lines[0]?.fields).toMatchObject({ lost: whole.length - 2_000_000 });
  });
});

describe("files that change under the reader", () => {
  it("reads a truncated file from the start, as a new stream, and reports it", async () => {
    await writeFile(path, "a\nb\n");
    await run(async () => {
      await seen("a", "b");
      await truncate(path, 0);
      await until(() => logged("error").length === 1);
      await appendFile(path, "c\n");
      await seen("a", "b", "c");
    });
    expect(logged("error")[0]).toContain(`"${path}" was truncated`);
    expect(new Set(host.lines.map(({ stream }) => stream)).size).toBe(2);
    expect(checkpoints()).toHaveLength(1);
  });

  it("notices a truncation even if the file is longer than before", async () => {
    await writeFile(path, "a\nb\n");
    const stop = new AbortController();
    for await (const reading of readSource(file, { config: configOf({}), signal: stop.signal, log })) {
      host.take(reading);
      // The source waits while the host handles a reading, so it never sees the file empty.
      if (texts().join() === "a,b") await writeFile(path, "other\nlines\n");
      if (texts().length >= 4) stop.abort();
    }
    expect(texts()).toEqual(["a", "b", "other", "lines"]);
    expect(logged("error")).toHaveLength(1);
  });

  it.each([
    ["before the position", "#", "a"],
    ["at the start", "%", "-"],
  ])("notices after a restart that the bytes %s have changed", async (_, first, last) => {
    const content = (first: string, last: string) => `${first.padEnd(1100, "-")}${"=".repeat(100)}${last}\n`;
    await writeFile(path, content("#", "-"));
    await run(() => until(() => host.lines.length === 1));
    await writeFile(path, `${content(first, last)}c\n`);
    await run(() => until(() => host.lines.length === 3));
    expect(texts().slice(1)).toEqual([content(first, last).trim(), "c"]);
    expect(logged("warn")[0]).toContain("was replaced or truncated");
  });

  it("does not mistake a reused inode for the old file", async () => {
    await writeFile(path, "a\nb\n");
    await run(() => seen("a", "b"));
    const checkpoint = checkpoints()[0]!;
    await rm(path);
    await writeFile(path, "c\nd\ne\n");
    const { dev, ino } = await stat(path);
    Object.assign(checkpoint.detail as object, { device: String(dev), inode: String(ino) });
    await run(() => seen("a", "b", "c", "d", "e"));
    expect(checkpoints()).toHaveLength(1);
  });

  it("tells two files with the same head apart", async () => {
    const include = ["one", "two"].map((name) => join(directory, name));
    const head = "x".repeat(2_000);
    for (const each of include) await writeFile(each, `${head}\n`);
    await run(() => seen(head, head), { include });
    await appendFile(include[1]!, "two\n");
    await run(() => seen(head, head, "two"), { include });
    await appendFile(include[0]!, "one\n");
    await run(() => seen(head, head, "two", "one"), { include });
  });

  it("forgets a rotated file that it has read once it has been gone for a while", async () => {
    await writeFile(path, "a\n");
    await run(async () => {
      await seen("a");
      await rename(path, rotated("1"));
      await writeFile(path, "b\n");
      await until(() => states().join() === "ended,open");
    });
    await rm(rotated("1"));
    let now = 0;
    const stop = new AbortController();
    // Each sleep of this clock takes half a minute but returns at once.
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async () => {
        now += 30_000;
      },
    };
    const options = { config: configOf({}), checkpoints: host.checkpoints, signal: stop.signal, clock };
    for await (const reading of readSource(file, options)) {
      host.take(reading);
      if (reading.forget) stop.abort();
    }
    expect(states()).toEqual(["open"]);
  });

  it("reports the loss of a file at once, and once, however often it is restarted; then forgets it", async () => {
    await writeFile(path, "a\n");
    await run(() => seen("a"));
    await appendFile(path, "unread\n");
    await rename(path, join(directory, "elsewhere"));
    let now = 1_000_000;
    for (let start = 0; start < 10; start++) {
      const stop = new AbortController();
      const clock = {
        now: () => now,
        monotonic: () => now - start * 10_000,
        sleep: async () => {
          now += 10_000;
          stop.abort();
        },
      };
      const options = { config: configOf({}), checkpoints: host.checkpoints, signal: stop.signal, clock, log };
      for await (const reading of readSource(file, options)) host.take(reading);
      host.crash();
      expect(logged("warn").filter((message) => message.includes("is gone"))).toHaveLength(1);
      expect(checkpoints()).toHaveLength(start < 6 ? 1 : 0);
    }
    expect(logged("warn")[0]).toContain(`"${path}" is gone (deleted, or no longer included): anything after byte 2`);
  });

  it("continues in a file that was gone for a while", async () => {
    await writeFile(path, "a\n");
    await run(() => seen("a"));
    await rename(path, join(directory, "elsewhere"));
    await run(() => until(() => logged("warn").some((message) => message.includes("is gone"))));
    await appendFile(join(directory, "elsewhere"), "b\n");
    await rename(join(directory, "elsewhere"), path);
    await run(() => seen("a", "b"));
    expect(logged("info")).toEqual([`"${path}" is there again; weir continues at byte 2`]);
  });

  it("reads the rest of a deleted file, then forgets it", async () => {
    let now = 0;
    await writeFile(path, "a\nb");
    const stop = new AbortController();
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async () => {
        now += 500;
        if (now === 500) await rm(path);
        await sleep(1);
      },
    };
    for await (const reading of readSource(file, { config: configOf({}), clock, signal: stop.signal })) {
      host.take(reading);
      if (reading.forget) stop.abort();
    }
    expect(texts()).toEqual(["a", "b"]);
    expect(checkpoints()).toEqual([]);
  });
});

testSource(file, [
  {
    name: "reads files to their ends, including an unterminated last line",
    async arrange() {
      await rm(path, { force: true });
      await writeFile(path, `${"x".repeat(300_000)}\ny\nz`);
      return { config: configOf({ follow: false }) };
    },
    lines: ["x".repeat(300_000), "y", "z"],
  },
]);
