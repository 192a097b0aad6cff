import fc from "fast-check";
import { expect, it } from "vitest";
import { generationOf, rotatedFrom, rotationTime } from "./rotated-name.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "-", "."), minLength: 1, maxLength: 4 });
const extension = fc.constantFrom("", ".log", ".json");
const time = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
const suffix = fc.constantFrom("", ".gz");

const is = (name: string) => (other: string) => other === name;
const digits = (time: Date) => time.toISOString().replaceAll(/\D/g, "");

/** The names that programs give to a rotated log with this stem and extension. */
const schemes: Readonly<Record<string, (stem: string, extension: string, time: Date) => string>> = {
  "kube-apiserver": (stem, extension, time) =>
    `${stem}-${time.toISOString().slice(0, -1).replaceAll(":", "-")}${extension}`,
  "logrotate dateext": (stem, extension, time) => `${stem}${extension}-${digits(time).slice(0, 8)}`,
  "logrotate dateformat with %s": (stem, extension, time) =>
    `${stem}${extension}-${digits(time).slice(0, 8)}-${Math.floor(time.getTime() / 1000)}`,
  "logrotate dateext and extension": (stem, extension, time) => `${stem}-${digits(time).slice(0, 8)}${extension}`,
  kubelet: (stem, extension, time) => `${stem}${extension}.${digits(time).slice(0, 8)}-${digits(time).slice(8, 14)}`,
  logback: (stem, extension, time) => `${stem}.${time.toISOString().slice(0, 10)}.0${extension}`,
  "Python, daily": (stem, extension, time) => `${stem}${extension}.${time.toISOString().slice(0, 10)}`,
};

it.each(Object.entries(schemes))("recognises the names of %s, compressed or not", (_, nameAt) => {
  fc.assert(
    fc.property(word, extension, time, suffix, (stem, extension, time, suffix) => {
      const log = stem + extension;
      const name = nameAt(stem, extension, time) + suffix;
      fc.pre(name !== log);
      expect(rotatedFrom(name, is(log))).toBe(log);
      expect(rotatedFrom(name, is(`x${log}`))).toBeUndefined();
      expect(rotatedFrom(name, is(`${stem}x${extension}`))).toBeUndefined();
    }),
  );
});

it("recognises numbered generations, and reads the time in a name", () => {
  for (const [name, number] of [
    ["app.log.1", 1],
    ["app.log.12.gz", 12],
    ["app.3.log", 3],
    ["app.log.20260101", undefined],
  ] as const) {
    expect(rotatedFrom(name, is("app.log"))).toBe("app.log");
    expect(generationOf(name, "app.log")).toBe(number);
  }
  expect(rotatedFrom("app.log.old", is("app.log"))).toBe("app.log");
  fc.assert(
    fc.property(time, suffix, (time, suffix) => {
      expect(generationOf(schemes["kube-apiserver"]!("audit", ".log", time), "audit.log")).toBeUndefined();
      const name = `${schemes["kube-apiserver"]!("audit", ".log", time)}${suffix}`;
      expect(rotationTime(`/logs/${name}`)).toBe(BigInt(time.getTime()) * 1_000_000n);
    }),
  );
  expect(rotationTime("/logs/a.log-20310102")).toBe(BigInt(Date.UTC(2031, 0, 2)) * 1_000_000n);
  expect(rotationTime("/logs/a.log.20310102-030405")).toBe(BigInt(Date.UTC(2031, 0, 2, 3, 4, 5)) * 1_000_000n);
});

it("does not take the log of another program for a rotated file", () => {
  const others = [
    "app-debug.log",
    "app-debug.log.1",
    "app-1.log",
    "app-v2.log",
    "app.log.bak",
    "app.log.conf",
    "app2.log",
    "app.logs",
    "app.log",
    "application.log.1",
    "app-debug-20260101.log",
  ];
  for (const name of others) expect(rotatedFrom(name, is("app.log")), name).toBeUndefined();
  expect(rotatedFrom("audit-.log", is("audit-.log"))).toBeUndefined();
});

it("finds no time in other names", () => {
  for (const name of ["audit.log", "audit-1.log", "audit-2031-13-01T00-00-00.000.log", "app.log-12345678901234"])
    expect(rotationTime(`/logs/${name}`), name).toBeUndefined();
  expect(rotationTime("/logs/a-2031-01-01T00-00-00.000.log/b.log")).toBeUndefined();
});

it("assigns a rotated file to the log with the longest matching name", () => {
  const logs = new Set(["app.log", "app-2026.log", "app-debug.log"]);
  const isLog = (name: string) => logs.has(name);
  expect(rotatedFrom("app-2026-20260101.log", isLog)).toBe("app-2026.log");
  expect(rotatedFrom("app-debug.log-20260101", isLog)).toBe("app-debug.log");
  expect(rotatedFrom("app.log-20260101", isLog)).toBe("app.log");
});
