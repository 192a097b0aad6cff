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
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Checkpoint } from "weir";
import { logRecorder, type RecordingHost, readSource, recordingHost, testSource } from "weir/testing";
import file from "./index.ts";
import { printOf } from "./print.ts";

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

/** Follows while `world` runs, then stops as a kill would: half lines are forgotten. */
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

const texts = () => host.lines.map(({ text }) => text);
const until = async (condition: () => unknown) => {
  for (const give = Date.now() + 30_000; !condition() && Date.now() < give; ) await sleep(2);
  expect(condition(), `lines: ${texts().join(", ")}`).toBeTruthy();
};
const seen = (...lines: string[]) => until(() => texts().join() === lines.join());
const said = (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message);
const states = () => [...host.checkpoints.values()].map(({ detail }) => (detail as { state?: string }).state ?? "open");
const rotated = (name: string) => join(directory, `audit-2031-01-01T00-00-0${name}.log`);

describe("growing files", () => {
  it("reads a half-written last line once it is whole, across a restart too", async () => {
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

  it("reads files that appear later from the beginning, and no excluded ones", async () => {
    const settings = {
      include: [join(directory, "*.txt")],
      exclude: [join(directory, "not*")],
      read_from: "end",
    } as const;
    await writeFile(join(directory, "one.txt"), "old\nha");
    await run(async () => {
      await until(() => host.checkpoints.size === 1);
      await writeFile(join(directory, "not.txt"), "excluded\n");
      await writeFile(join(directory, "two.txt"), "new\n");
      await seen("new");
      await appendFile(join(directory, "one.txt"), "lf\n");
      await seen("new", "half");
    }, settings);
  });

  it("goes on where `read_from: end` began, though nothing was read before the restart", async () => {
    await writeFile(path, "old\n");
    await run(() => until(() => host.checkpoints.size === 1), { read_from: "end" });
    await appendFile(path, "while down\n");
    await run(() => seen("while down"), { read_from: "end" });
  });

  it("follows a symbolic link to its file, and to the next one", async () => {
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

  it("waits for a file that is not there yet, in a directory that is not there yet", async () => {
    path = join(directory, "later", "audit.log");
    await run(async () => {
      await until(() => said("warn").length === 1);
      await mkdir(dirname(path));
      await writeFile(path, "a\n");
      await seen("a");
    });
    expect(said("warn")).toEqual([`no file matches "${path}" yet`]);
  });

  it("complains once about what it cannot read, with a way out, and reads the rest", async () => {
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
    expect(said("error")).toHaveLength(1);
    expect(said("error")[0]).toContain(`cannot read "${loop}"`);
    expect(said("info")).toEqual([`"${loop}" can be read again`]);
  });

  it("reads a block of each file in turn", async () => {
    const include = ["one", "two"].map((name) => join(directory, name));
    for (const each of include) await writeFile(each, `${"x".repeat(999)}\n`.repeat(5_000));
    await run(() => until(() => host.lines.length === 10_000), { include });
    const turns = host.lines.map(({ stream }) => stream).filter((stream, at, all) => stream !== all[at - 1]);
    expect(turns.length).toBeGreaterThan(4);
  });
});

it("reads no more of files that are no longer included, nor what is rotated from them", async () => {
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
  it("ends a rotated file whose last line has no end only when it stays so", async () => {
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

  it("reads files rotated while it was down whole and oldest first, and ignores those from before its first start", async () => {
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

  it("commits which files it ignores before it commits where it began", async () => {
    await writeFile(rotated("0"), "before\n");
    await writeFile(path, "a\n");
    await run(() => until(() => host.checkpoints.size === 2), { read_from: "end" });
    expect(states()).toEqual(["ignored", "open"]);
  });

  it("goes on in a rotated file that grows after its end was told", async () => {
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

  it("finds a file again that was moved to another inode while it was down", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i} of a file`);
    await writeFile(path, `${lines.slice(0, 20).join("\n")}\n`);
    await run(() => seen(...lines.slice(0, 20)));
    await appendFile(path, `${lines.slice(20).join("\n")}\n`);
    await copyFile(path, rotated("1"));
    await rm(path);
    await writeFile(path, "next\n");
    await run(() => seen(...lines, "next"));
  });

  it("does not read a copy that was put beside its log", async () => {
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

  it("is read before the log that took its place, also when that is gone as well", async () => {
    const older = Array.from({ length: 60_000 }, (_, index) => `${index} ${"o".repeat(80)}`);
    await writeFile(path, `${older.join("\n")}\n`);
    const stop = new AbortController();
    let readings = 0;
    for await (const reading of readSource(file, { config: configOf({}), signal: stop.signal, log })) {
      host.take(reading);
      // Its name says a time that no write to the next one has reached.
      if (++readings === 1) {
        await rename(path, rotated("1"));
        await writeFile(path, "next\n");
      }
      if (readings === 6) await rm(path);
      await sleep(8);
      if (texts().includes("next")) stop.abort();
    }
    expect(readings).toBeGreaterThan(12);
    expect(texts()).toEqual([...older, "next"]);
  });

  it("finds rotated files by globs of the user's", async () => {
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

  it("goes on in a file that was rotated and compressed while it was down, then reads what it never saw", async () => {
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
    // The newer one first: when they were compressed says nothing of their order.
    await compress(rotated("2"));
    await compress(rotated("1"));
    await run(() => seen(...lines(0, 50)));
    await run(() => until(() => states().toSorted().join() === "ended,ended,open"));
    expect(texts()).toEqual(lines(0, 50));
  });

  it("never reads one whose plain twin was read, nor one whose twin is there, nor those from before its first start", async () => {
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
    expect(log.lines).toEqual([]);
  });

  it("waits for the rest of one that is not whole yet", async () => {
    await writeFile(path, text(0, 5));
    await run(async () => {
      await seen(...lines(0, 5));
      const bytes = gzipSync(text(5, 5_000));
      await writeFile(`${rotated("1")}.gz`, bytes.subarray(0, bytes.length >> 1));
      await until(() => texts().length > 1_000);
      await appendFile(`${rotated("1")}.gz`, bytes.subarray(bytes.length >> 1));
      await seen(...lines(0, 5_000));
    });
    expect(said("error")).toEqual([]);
  });

  it("reads a broken one up to the break, says so once, and never again", async () => {
    await writeFile(path, text(0, 5));
    await run(() => seen(...lines(0, 5)));
    await writeFile(rotated("1"), text(5, 1_000));
    await compress(rotated("1"), (bytes) => {
      bytes[bytes.length - 6]! ^= 1;
      return bytes;
    });
    await run(async () => {
      await seen(...lines(0, 1_000));
      await until(() => said("error").length > 0);
    });
    await run(() => sleep(40));
    expect(texts()).toHaveLength(1_000);
    expect(said("error")).toEqual([expect.stringContaining(`"${rotated("1")}.gz" is not a whole gzip file`)]);
  });

  it("reads included ones whole", async () => {
    await writeFile(path, text(0, 9));
    await compress(path);
    const stop = new AbortController();
    const options = { config: configOf({ include: [`${path}*`], follow: false }), signal: stop.signal, log };
    for await (const reading of readSource(file, options)) host.take(reading);
    expect(texts()).toEqual(lines(0, 9));
  });
});

it("says that nothing was read when it does not wait for files and there are none", async () => {
  for await (const _ of readSource(file, { config: configOf({ follow: false }), log })) throw new Error("a reading");
  expect(said("warn")).toEqual([`no file matches "${path}": nothing was read`]);
});

describe("files that are copied and cut", () => {
  const line = (name: string) => name.repeat(80);

  it("reads from the copy what was not read before, once, a restart later too", async () => {
    await writeFile(path, `${line("a")}\n`);
    await run(() => seen(line("a")));
    await appendFile(path, `${line("b")}\n`);
    await copyFile(path, rotated("1"));
    await writeFile(path, `${line("c")}\n`);
    await run(() => seen(line("a"), line("b"), line("c")));
    await run(() => sleep(40));
    expect(texts()).toEqual([line("a"), line("b"), line("c")]);
    expect(said("error")).toEqual([]);
  });

  it("takes a copy of a file that is new as well and not cut yet for what it is", async () => {
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
    expect(said("error")).toEqual([]);
  });

  it("is not taken for a new file while its log, of which nothing was committed, is still to be read", async () => {
    const long = "x".repeat(600_000);
    await writeFile(path, `${long}\n`);
    for await (const reading of readSource(file, { config: configOf({}), log })) {
      host.take(reading);
      break;
    }
    host.crash();
    expect(host.lines).toEqual([]);
    // Rotated while it was down, and long enough to be read for a while before the log is.
    const older = Array.from({ length: 30_000 }, (_, index) => `${index} ${line("o")}`);
    await writeFile(rotated("0"), `${older.join("\n")}\n`);
    const stop = new AbortController();
    const options = { config: configOf({}), checkpoints: host.checkpoints, signal: stop.signal, log };
    let isCut = false;
    for await (const reading of readSource(file, options)) {
      host.take(reading);
      if (!isCut) {
        await copyFile(path, rotated("1"));
        await writeFile(path, `${line("c")}\n`);
        isCut = true;
      }
      await sleep(5);
      if (texts().includes(line("c"))) stop.abort();
    }
    expect(texts()).toEqual([...older, long, line("c")]);
    expect(said("error")).toEqual([]);
  });

  it.each(["before", "after"])(
    "goes to the log, and not to a copy that lost its own file, if that is known %s it",
    async (when) => {
      await writeFile(path, `${line("a")}\n`);
      await run(() => seen(line("a")));
      await appendFile(path, `${line("b")}\n`);
      await copyFile(path, rotated("1"));
      await writeFile(path, `${line("d")}\n`);
      await writeFile(rotated("2"), `${line("c")}\n`);
      // Its inode belongs to another file by now.
      const { dev, ino } = await stat(rotated("2"), { bigint: true });
      const bytes = await readFile(rotated("1"));
      const [head, tail] = [printOf(bytes, bytes.length), printOf(bytes.subarray(-64), bytes.length)];
      const detail = { path, device: String(dev), inode: String(ino), head, tail, state: "copy" };
      const copy = ["copy", { position: bytes.length, detail }] as unknown as [string, Checkpoint];
      const others = [...host.checkpoints];
      host.checkpoints.clear();
      for (const [id, checkpoint] of when === "before" ? [copy, ...others] : [...others, copy])
        host.checkpoints.set(id, checkpoint);
      await run(() => seen(...["a", "b", "c", "d"].map(line)));
      expect(said("error")).toEqual([]);
    },
  );

  /** The first read is a block and the few bytes that later reads check again. */
  const firstRead = 1024 * 1024 + 64;

  /** Cuts the file when the first of it has been read; `copy` holds so many of its bytes, and is made just before or earlier. */
  const cutWhileRead = async (copy: number | undefined, earlier = false) => {
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

  it("counts what was overwritten before it was read", async () => {
    const { whole, read } = await cutWhileRead(undefined);
    expect(said("error")).toEqual([
      expect.stringMatching(`"${path}" was cut while it was read .* bytes after byte ${firstRead} were overwritten`),
    ]);
    expect(log.lines[0]?.fields).toMatchObject({ lost: whole.length - firstRead });
    expect(read).toBeLessThanOrEqual(firstRead + 1);
  });

  it("finds it in a copy that was there before the very first start", async () => {
    const { whole, read } = await cutWhileRead(3_000_000, true);
    expect(whole.length).toBeLessThan(3_000_000);
    expect(read).toBe(whole.length);
    expect(said("error")).toEqual([]);
  });

  it("counts what its copy does not hold", async () => {
    const { whole, read } = await cutWhileRead(2_000_000);
    expect(read).toBeGreaterThan(1_999_000);
    expect(said("error")).toEqual([expect.stringContaining(`its copy "${rotated("1")}" holds less`)]);
    expect(log.lines[0]?.fields).toMatchObject({ lost: whole.length - 2_000_000 });
  });
});

describe("files that change under the reader", () => {
  it("reads a file that was cut from its start, as a new stream, and says so", async () => {
    await writeFile(path, "a\nb\n");
    await run(async () => {
      await seen("a", "b");
      await truncate(path, 0);
      await until(() => said("error").length === 1);
      await appendFile(path, "c\n");
      await seen("a", "b", "c");
    });
    expect(said("error")[0]).toContain(`"${path}" was cut while it was read`);
    expect(new Set(host.lines.map(({ stream }) => stream)).size).toBe(2);
    expect(host.checkpoints.size).toBe(1);
  });

  it("notices a cut though the file is longer again than it was", async () => {
    await writeFile(path, "a\nb\n");
    const stop = new AbortController();
    for await (const reading of readSource(file, { config: configOf({}), signal: stop.signal, log })) {
      host.take(reading);
      // The source waits while a reading is with the host: it sees the file before and after, not empty.
      if (texts().join() === "a,b") await writeFile(path, "other\nlines\n");
      if (texts().length >= 4) stop.abort();
    }
    expect(texts()).toEqual(["a", "b", "other", "lines"]);
    expect(said("error")).toHaveLength(1);
  });

  it.each([
    ["before its place", "#", "a"],
    ["at its start", "%", "-"],
  ])("notices after a restart that the bytes %s are others", async (_, first, last) => {
    const content = (first: string, last: string) => `${first.padEnd(1100, "-")}${"=".repeat(100)}${last}\n`;
    await writeFile(path, content("#", "-"));
    await run(() => until(() => host.lines.length === 1));
    await writeFile(path, `${content(first, last)}c\n`);
    await run(() => until(() => host.lines.length === 3));
    expect(texts().slice(1)).toEqual([content(first, last).trim(), "c"]);
    expect(said("warn")[0]).toContain("holds other bytes");
  });

  it("does not take a reused inode for the file that had it", async () => {
    await writeFile(path, "a\nb\n");
    await run(() => seen("a", "b"));
    const checkpoint = [...host.checkpoints.values()][0]!;
    await rm(path);
    await writeFile(path, "c\nd\ne\n");
    const { dev, ino } = await stat(path);
    Object.assign(checkpoint.detail as object, { device: String(dev), inode: String(ino) });
    await run(() => seen("a", "b", "c", "d", "e"));
    expect(host.checkpoints.size).toBe(1);
  });

  it("keeps two files with an equal head apart", async () => {
    const include = ["one", "two"].map((name) => join(directory, name));
    const head = "x".repeat(2_000);
    for (const each of include) await writeFile(each, `${head}\n`);
    await run(() => seen(head, head), { include });
    await appendFile(include[1]!, "two\n");
    await run(() => seen(head, head, "two"), { include });
    await appendFile(include[0]!, "one\n");
    await run(() => seen(head, head, "two", "one"), { include });
  });

  it("forgets a rotated file that it had read once it is gone for a while", async () => {
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
    // Each sleep of this clock is half a minute long and over at once.
    const clock = {
      now: () => now,
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

  it("reads the rest of a file that is deleted, then forgets it", async () => {
    let now = 0;
    await writeFile(path, "a\nb");
    const stop = new AbortController();
    const clock = {
      now: () => now,
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
    expect(host.checkpoints.size).toBe(0);
  });
});

testSource(file, [
  {
    name: "reads files to their ends, an unterminated last line too",
    async arrange() {
      await rm(path, { force: true });
      await writeFile(path, `${"x".repeat(300_000)}\ny\nz`);
      return { config: configOf({ follow: false }) };
    },
    lines: ["x".repeat(300_000), "y", "z"],
  },
]);
