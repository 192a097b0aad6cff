import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { compilePath } from "../fields/path.ts";
import type { Data } from "../json.ts";
import { addLabels, addOrigin } from "./annotate.ts";
import { annotateFor } from "./origin.ts";
import { pathFields } from "./path-fields.ts";

const at = Date.parse("2026-01-02T03:04:05.678Z");
const meta = new RecordMeta("in", "stream", 42, at, undefined, undefined, pathFields("/a.log"));
const bare = new RecordMeta("in", "stream", 42, at);
const add = addOrigin("cp-1");
const origin = {
  log: { file: { path: "/a.log" }, offset: 42 },
  host: { name: "cp-1" },
  event: { ingested: "2026-01-02T03:04:05.678Z" },
};
const paths = ["log.file.path", "log.offset", "host.name", "event.ingested"];
const valuesAt = (data: Data, path: string) => compilePath(path).values(data);

describe("where an event is from", () => {
  it("is added to a line", () => {
    expect(add({ message: "m" }, meta)).toEqual({ message: "m", ...origin });
    expect(add({ message: "m" }, bare)).toEqual({ message: "m", host: origin.host, event: origin.event });
  });

  it.each<[Data, Data]>([
    [{ host: { name: "web", os: "x" } }, { ...origin, host: { name: "web", os: "x" } }],
    [{ "host.name": "web" }, { "host.name": "web", log: origin.log, event: origin.event }],
    [{ host: "web" }, { ...origin, host: "web" }],
    [{ log: [1] }, { ...origin, log: [1] }],
    [
      { log: { level: "info" }, "event.kind": "event" },
      { ...origin, log: { level: "info", ...origin.log }, "event.kind": "event" },
    ],
  ])("does not replace what the event says: %j", (data, expected) => {
    const copy = structuredClone(data);
    expect(add(data, meta)).toEqual(expected);
    expect(data).toEqual(copy);
  });

  it("leaves every value of an event as it is, and adds what a plain loop would", () => {
    const key = fc.constantFrom(
      "log",
      "host",
      "event",
      "name",
      "file",
      "path",
      "host.name",
      "log.file",
      "__proto__",
      "x",
    );
    const { tree } = fc.letrec<{ tree: Data }>((tie) => ({
      tree: fc.dictionary(key, fc.oneof({ depthSize: "small" }, fc.constantFrom("s", 1, null), tie("tree")), {
        maxKeys: 4,
      }),
    }));
    fc.assert(
      fc.property(tree, (data) => {
        const before = JSON.stringify(data);
        const after = add(data, meta);
        expect(JSON.stringify(data)).toBe(before);
        for (const path of paths) {
          const own = valuesAt(data, path);
          if (own.length > 0) expect(valuesAt(after, path)).toEqual(own);
        }
      }),
    );
  });

  it("is added by the option and the codec", () => {
    const of = (mode: "auto" | "always" | "never", codec: "json" | "text") =>
      annotateFor(codec, { mode, host: "cp-1" });
    expect(of("auto", "json")).toBeUndefined();
    expect(of("never", "text")).toBeUndefined();
    expect(of("always", "json")?.({ a: 1 }, meta)).toEqual({ a: 1, ...origin });
    expect(of("auto", "text")?.({ a: 1 }, meta)).toEqual({ a: 1, ...origin });
    const labelled = annotateFor("json", { mode: "auto", host: "cp-1", labels: { site: "paris" } });
    expect(labelled?.({ a: 1 }, meta)).toEqual({ a: 1, labels: { site: "paris" } });
    expect(annotateFor("json", { mode: "auto", host: "cp-1", labels: {} })).toBeUndefined();
  });
});

describe("labels of the pipeline", () => {
  const label = addLabels({ site: "paris", tier: "edge" });
  it.each<[Data, Data]>([
    [{}, { labels: { site: "paris", tier: "edge" } }],
    [{ labels: { site: "rome", team: "a" } }, { labels: { site: "paris", tier: "edge", team: "a" } }],
    [
      { "labels.site": "rome", a: 1 },
      { a: 1, labels: { site: "paris", tier: "edge" } },
    ],
    [{ labels: "x" }, { labels: "x", "labels.site": "paris", "labels.tier": "edge" }],
    [{ labels: ["x"] }, { labels: ["x"], "labels.site": "paris", "labels.tier": "edge" }],
    [{ labels: null }, { labels: { site: "paris", tier: "edge" } }],
    [{ "labels.site": "a", labels: { site: "b", x: 1 } }, { labels: { site: "paris", tier: "edge", x: 1 } }],
  ])("replace those of the event, and nothing else: %j", (data, expected) => {
    const copy = structuredClone(data);
    const after = label(data, meta);
    expect(after).toEqual(expected);
    expect(data).toEqual(copy);
    expect(valuesAt(after, "labels.site")).toEqual(["paris"]);
  });
});
