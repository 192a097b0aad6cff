import { mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { logRecorder, runStep, testEvent, testTransform, virtualClock } from "weir/testing";
import { writeMmdb } from "../../../test/mmdb-writer.ts";
import enrich from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-enrich-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
};

const hosts = fileOf("hosts.csv", "ip,host.name,team\n10.0.0.1,web-1,shop\n10.0.0.2,web-2,\n");
const origins = fileOf("origins.csv", "source,team\ntest,shop\n");
const owners = fileOf("owners.json", '{ "shop": { "mail": "shop@example.com", "tags": ["a"] }, "x": "plain" }');
const hostile = fileOf("hostile.csv", "k,__proto__,a.__proto__.b\n1,x,y\n");
const cities = fileOf(
  "cities.mmdb",
  writeMmdb("GeoLite2-City", [
    {
      network: "192.0.2.0/24",
      record: { country: { iso_code: "FR", names: { en: "France" } }, autonomous_system_number: 64500 },
    },
  ]),
);

const defaults = {
  delimiter: ",",
  match: "exact",
  ignore_case: false,
  override: true,
  on_missing: "keep",
  max_size: 2 ** 20,
  refresh: 10_000,
} as const;
const byIp = { ...defaults, file: hosts, field: "source.ip", key: "ip" };

testTransform(enrich, [
  {
    name: "looks up what weir knows about an event",
    config: { ...byIp, file: origins, field: "_meta.source", key: "source" },
    input: [{ a: 1 }],
    output: [{ a: 1, team: "shop" }],
  },
  {
    name: "adds the columns of the row, and leaves events without one",
    config: byIp,
    input: [
      { source: { ip: "10.0.0.1" }, team: "old" },
      { "source.ip": "10.0.0.2" },
      { source: { ip: "10.0.0.3" } },
      {},
    ],
    output: [
      { source: { ip: "10.0.0.1" }, host: { name: "web-1" }, team: "shop" },
      { "source.ip": "10.0.0.2", host: { name: "web-2" } },
      { source: { ip: "10.0.0.3" } },
      {},
    ],
  },
  {
    name: "adds some columns, under a target, and replaces nothing if it must not",
    config: { ...byIp, columns: ["team"], target: "labels", override: false },
    input: [{ source: { ip: "10.0.0.1" } }, { source: { ip: "10.0.0.1" }, labels: { team: "mine", a: 1 } }],
    output: [
      { source: { ip: "10.0.0.1" }, labels: { team: "shop" } },
      { source: { ip: "10.0.0.1" }, labels: { team: "mine", a: 1 } },
    ],
  },
  {
    name: "rejects events without a row, if the pipeline asks for it, and those that cannot be written",
    config: { ...byIp, on_missing: "reject" },
    input: [
      { source: { ip: "10.0.0.9" } },
      {},
      { source: { ip: "10.0.0.1" }, host: "text" },
      { source: { ip: "10.0.0.2" } },
    ],
    output: [{ source: { ip: "10.0.0.2" }, host: { name: "web-2" } }],
    rejected: { no_row: 2, enrich_failed: 1 },
  },
  {
    name: "gives events without a row the default",
    config: { ...byIp, default: { team: "unknown" } },
    input: [{ source: { ip: "10.0.0.9" } }, { source: { ip: "10.0.0.1" } }],
    output: [
      { source: { ip: "10.0.0.9" }, team: "unknown" },
      { source: { ip: "10.0.0.1" }, host: { name: "web-1" }, team: "shop" },
    ],
  },
  {
    name: "reads an object by key",
    config: { ...defaults, file: owners, field: "team", target: "owner" },
    input: [{ team: "shop" }, { team: "x" }, { team: "toString" }],
    output: [
      { team: "shop", owner: { mail: "shop@example.com", tags: ["a"] } },
      { team: "x", owner: { value: "plain" } },
      { team: "toString" },
    ],
  },
  {
    name: "adds what a database knows beside the address",
    config: { ...defaults, file: cities, field: "source.ip" },
    input: [
      { source: { ip: "192.0.2.1", port: 1 } },
      { source: { ip: ["host", "::ffff:192.0.2.1"] } },
      { source: { ip: "::1" } },
    ],
    output: [
      {
        source: {
          ip: "192.0.2.1",
          port: 1,
          geo: { country_iso_code: "FR", country_name: "France" },
          as: { number: 64500 },
        },
      },
      {
        source: {
          ip: ["host", "::ffff:192.0.2.1"],
          geo: { country_iso_code: "FR", country_name: "France" },
          as: { number: 64500 },
        },
      },
      { source: { ip: "::1" } },
    ],
  },
  {
    name: "takes any name of a column for a name, and any value of an event for a value",
    config: { ...defaults, file: hostile, field: "k", key: "k" },
    input: [
      { k: 1 },
      { k: "x".repeat(1_000_000) },
      { k: Array.from({ length: 10_000 }, (_, at) => `v${at}`) },
      Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at])),
    ],
    output: [
      JSON.parse('{ "k": 1, "__proto__": "x", "a": { "__proto__": { "b": "y" } } }'),
      { k: "x".repeat(1_000_000) },
      { k: Array.from({ length: 10_000 }, (_, at) => `v${at}`) },
      Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at])),
    ],
  },
]);

const build = (config: object, clock = virtualClock()) => {
  const log = logRecorder();
  const signal = new AbortController().signal;
  const step = enrich.each({ id: "enrich", config: { ...byIp, ...config } as never, clock, log, signal });
  if (typeof step !== "function") throw new Error("it is to be a step");
  const notes: Record<string, number> = {};
  const look = (ip: string) => {
    const sent = runStep(step as never, [testEvent({ source: { ip } })]);
    for (const [name, count] of Object.entries(sent.notes ?? {})) notes[name] = (notes[name] ?? 0) + Number(count);
    return sent.events[0]?.data["team"];
  };
  return { look, log, clock, notes };
};

/** Lets the reading in the background end. */
const settled = async (done: () => boolean) => {
  for (let waited = 0; waited < 500 && !done(); waited++) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe("a table that changes", () => {
  it("is read again; a version that is no table leaves the old one in use", async () => {
    const path = fileOf("changing.csv", "ip,team\n1.1.1.1,a\n");
    const { look, log, clock } = build({ file: path });
    const next = async (content: string | undefined, message: string) => {
      if (content === undefined) rmSync(path);
      else fileOf("changing.csv", content);
      const before = log.lines.length;
      expect(look("1.1.1.1")).toBeDefined();
      expect(log.lines.length).toBe(before);
      await clock.advance(10_000);
      look("1.1.1.1");
      await settled(() => log.lines.length > before);
      expect(log.lines.slice(before).map((line) => line.message)).toEqual([expect.stringContaining(message)]);
    };
    expect(look("1.1.1.1")).toBe("a");
    await next("ip,team\n1.1.1.1,b\n", `read "${path}" again, because it has changed: 1 row`);
    expect(look("1.1.1.1")).toBe("b");
    await next(
      "ip,team\n1.1.1.1\n",
      `the table "${path}" cannot be used: line 2: the number of values is 1, but line 1 names 2 columns; the table that was read before stays in use`,
    );
    expect(look("1.1.1.1")).toBe("b");
    await next(undefined, "it does not exist");
    expect(look("1.1.1.1")).toBe("b");
    await next(
      `ip,team\n1.1.1.1,${"x".repeat(2 ** 20)}\n`,
      `it has ${2 ** 20 + 17} bytes, and "max_size" allows ${2 ** 20}`,
    );
    await next("ip,name\n1.1.1.1,c\n", "again");
    expect(look("1.1.1.1")).toBeUndefined();
  });

  it("is logged once, and not read again while it is the same", async () => {
    const path = fileOf("broken.csv", "ip,team\n1.1.1.1,a\n");
    const { look, log, clock } = build({ file: path });
    const looks = async () => {
      for (let times = 0; times < 3; times++) {
        await clock.advance(10_000);
        expect(look("1.1.1.1")).toBe("a");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await looks();
    expect(log.lines).toEqual([]);
    fileOf("broken.csv", "x\n");
    await looks();
    expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
    rmSync(path);
    await looks();
    expect(log.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });

  it.skipIf(process.platform !== "linux")("is tried again after it could not be read", async () => {
    const path = fileOf("locked.csv", "ip,team\n1.1.1.1,a\n");
    const { look, log, clock } = build({ file: path });
    look("1.1.1.1");
    // A file whose data cannot be read, though what is known about it can.
    rmSync(path);
    symlinkSync("/proc/self/mem", path);
    const next = async () => {
      const before = log.lines.length;
      await clock.advance(10_000);
      look("1.1.1.1");
      await settled(() => log.lines.length > before);
    };
    await next();
    await next();
    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining("cannot be read"),
      expect.stringContaining("cannot be read"),
    ]);
    expect(look("1.1.1.1")).toBe("a");
  });

  it("counts what became of it, and events without a row", async () => {
    const path = fileOf("counted.csv", "ip,team\n1.1.1.1,a\n");
    const { look, log, clock, notes } = build({ file: path });
    look("2.2.2.2");
    utimesSync(path, 1, 1);
    await clock.advance(10_000);
    look("1.1.1.1");
    await settled(() => log.lines.length > 0);
    look("1.1.1.1");
    expect(notes).toEqual({ unmatched: 1, table_reloaded: 1 });
  });
});

describe("what cannot be used", () => {
  it.each([
    [{ file: join(folder, "none.csv") }, /^the table ".*none.csv" cannot be read: it does not exist$/],
    [{ file: folder, format: "csv" }, /cannot be used: it is not a file$/],
    [
      { file: fileOf("table.txt", "") },
      /table.txt" does not say its format; set "format" to one of csv, json, ndjson, mmdb$/,
    ],
    [{ key: undefined }, /cannot be used: a table of CSV needs "key"/],
    [{ key: "IP" }, /line 1 has no column "IP"; it has "ip", "host.name", "team"$/],
    [{ columns: ["site"] }, /it has no column "site"; it has "host.name", "team"$/],
    [{ file: fileOf("dots.csv", "ip,a..b\n") }, /a column cannot be a field: .*"a..b"/],
    [{ max_size: 10 }, /it has \d+ bytes, and "max_size" allows 10$/],
    [{ default: { team: "x" }, on_missing: "reject" }, /^"default" is for events that are kept/],
    [{ default: { a: "x" }, columns: ["team"] }, /^"default" has the column "a", which "columns" leaves out$/],
    [{ default: ["x"] }, /^"default" must be a map/],
    [{ file: cities, key: undefined, match: "network" }, /^"match" is not for MMDB/],
    [{ file: cities }, /a database finds addresses; leave "key" out/],
  ])("is refused with a sentence: %#", (config, message) => {
    expect(() => build(config)).toThrow(message);
  });
});
