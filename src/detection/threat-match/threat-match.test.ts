import { describe, expect, it } from "vitest";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { Data } from "../../json.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { detect } from "../detect.ts";
import { fixedIndicators } from "./indicator.ts";
import { enrichmentsIn, entry, matchedIn, ruleOf, runOn, start } from "./testing/rule.ts";

const day = 86_400_000;

describe("a rule of type threat_match", () => {
  const indicator = {
    _id: "a1",
    _index: "logs-ti_x",
    _source: { threat: { indicator: { ip: "192.0.2.7", type: "ipv4-addr" }, feed: { name: "Feed" } } },
  };

  it("raises an alert with what Kibana writes", () => {
    const event = {
      source: { ip: "192.0.2.7" },
      threat: { framework: "x", enrichments: [{ matched: { type: "other" } }] },
    };
    const { events, consumed } = runOn({}, [indicator], [event, { source: { ip: "192.0.2.8" } }, {}]);
    expect(consumed).toEqual({ no_indicator: 2 });
    expect(events).toHaveLength(1);
    expect(events[0]!.data).toMatchObject({
      source: { ip: "192.0.2.7" },
      threat: {
        framework: "x",
        enrichments: [
          { matched: { type: "other" } },
          {
            indicator: { ip: "192.0.2.7", type: "ipv4-addr" },
            feed: { name: "Feed" },
            matched: {
              atomic: "192.0.2.7",
              field: "source.ip",
              id: "a1",
              index: "logs-ti_x",
              type: "indicator_match_rule",
            },
          },
        ],
      },
      "kibana.alert.rule.type": "threat_match",
      "kibana.alert.rule.category": "Indicator Match Rule",
      "kibana.alert.rule.parameters": {
        threat_index: ["*"],
        threat_query: "*:*",
        threat_language: "kuery",
        threat_indicator_path: "threat.indicator",
        threat_mapping: [{ entries: [{ field: "source.ip", type: "mapping", value: "threat.indicator.ip" }] }],
      },
      weir: { threat_match: { matched: [{ field: "source.ip", value: "192.0.2.7" }] } },
    });
    expect(events[0]!.data["kibana.alert.reason"]).toContain(
      'source.ip "192.0.2.7" is that of an indicator of "Feed" in logs-ti_x.',
    );
  });

  it("gives the same event the same id, whatever the indicators are", () => {
    const idsOf = (given: readonly Data[]) =>
      runOn({}, given, [{ source: { ip: "192.0.2.7" } }]).events.map(({ meta }) => meta.id);
    expect(idsOf([indicator])).toEqual(idsOf([{ "threat.indicator.ip": "192.0.2.7", x: 1 }, indicator]));
  });

  it("compares addresses in all their forms, lists, and networks", () => {
    const ids = (ip: unknown, threat: unknown) =>
      matchedIn({}, [{ _id: "1", _source: { threat: { indicator: { ip: threat } } } }], { source: { ip } });
    expect(ids("::ffff:192.0.2.7", "192.0.2.7")).toEqual([["source.ip", "::ffff:192.0.2.7", "1"]]);
    expect(ids(["10.0.0.1", "2001:DB8:0::1"], ["x", "2001:db8::1"])).toEqual([["source.ip", "2001:DB8:0::1", "1"]]);
    expect(ids(["10.0.0.1", "192.0.2.7"], "192.0.2.0/24")).toEqual([["source.ip", "192.0.2.7", "1"]]);
    expect(ids("192.0.3.7", "192.0.2.0/24")).toEqual([]);
    expect(ids("nobody", "nobody")).toEqual([]);
  });

  it("compares keywords exactly, and numbers with their texts", () => {
    const mapping = [
      { entries: [entry("file.hash.md5", "threat.indicator.file.hash.md5")] },
      { entries: [entry("code", "code")] },
    ];
    const given = [{ _id: "1", _source: { "threat.indicator": { file: { hash: { md5: "AbC" } } }, code: "443" } }];
    expect(matchedIn({ mapping }, given, { "file.hash.md5": "AbC" })).toEqual([["file.hash.md5", "AbC", "1"]]);
    expect(matchedIn({ mapping }, given, { "file.hash.md5": "abc" })).toEqual([]);
    expect(matchedIn({ mapping }, given, { code: 443 })).toEqual([["code", 443, "1"]]);
  });

  it("wants all entries of an element of one and the same indicator, or of another element", () => {
    const mapping = [{ entries: [entry("host", "host"), entry("port", "port")] }, { entries: [entry("user", "user")] }];
    const given = [
      { _id: "1", host: "a", port: 1 },
      { _id: "2", host: "b", port: 2, user: "u" },
    ];
    expect(matchedIn({ mapping }, given, { host: "a", port: 2 })).toEqual([]);
    expect(matchedIn({ mapping }, given, { host: "a" })).toEqual([]);
    expect(matchedIn({ mapping }, given, { host: ["b", "a"], port: [2, 3], user: "u" })).toEqual([
      ["host", "b", "2"],
      ["port", 2, "2"],
      ["user", "u", "2"],
    ]);
  });

  it("can want values to differ, as Kibana does", () => {
    const mapping = [{ entries: [entry("host", "host"), entry("zone", "zone", true)] }];
    const ids = (indicator: Data, event: Data) => matchedIn({ mapping }, [{ _id: "1", ...indicator }], event);
    const found = [["host", "a", "1"]];
    expect(ids({ host: "a", zone: "x" }, { host: "a", zone: "x" })).toEqual([]);
    expect(ids({ host: "a", zone: "x" }, { host: "a", zone: "y" })).toEqual(found);
    expect(ids({ host: "a", zone: "x" }, { host: "a" })).toEqual(found);
    expect(ids({ host: "a" }, { host: "a", zone: "x" })).toEqual(found);
    expect(ids({ host: "a" }, { host: "a" })).toEqual([]);
  });

  it("asks its query about indicators at the time of the event", () => {
    const query = '@timestamp >= "now-30d/d" and event.module:(threatintel or ti_*)';
    const given = [
      {
        _id: "new",
        "@timestamp": "2026-01-30T00:00:00Z",
        event: { module: "ti_x" },
        "threat.indicator.ip": "192.0.2.7",
      },
      {
        _id: "old",
        "@timestamp": "2026-01-01T00:00:00Z",
        event: { module: "ti_x" },
        "threat.indicator.ip": "192.0.2.7",
      },
      {
        _id: "other",
        "@timestamp": "2026-01-30T00:00:00Z",
        event: { module: "y" },
        "threat.indicator.ip": "192.0.2.7",
      },
    ];
    const ids = (at: number) => matchedIn({ query }, given, { source: { ip: "192.0.2.7" } }, at).map(([, , id]) => id);
    expect(ids(start)).toEqual(["new", "old"]);
    expect(ids(start + day)).toEqual(["new"]);
    expect(ids(start + 60 * day)).toEqual([]);
  });

  it("compares with the sources of its indices", () => {
    const named = (index: string | undefined) =>
      fixedIndicators([{ "threat.indicator.ip": "192.0.2.7" }], { index, at: 0 });
    const indices = (index: readonly string[], ...sources: readonly (string | undefined)[]) =>
      runOn({ index }, sources.map(named), [{ source: { ip: "192.0.2.7" } }]).events.flatMap(({ data }) =>
        enrichmentsIn(data).map(({ matched }) => matched.index),
      );
    expect(indices(["logs-ti_*", "-logs-ti_b"], "logs-ti_a", "logs-ti_b", "filebeat-*", undefined)).toEqual([
      "logs-ti_a",
      "indicators",
    ]);
    expect(indices(["filebeat-*", "logs-ti_*"], "filebeat-*")).toEqual(["filebeat-*"]);
    expect(() => indices(["filebeat-*"], "logs-ti_a")).toThrow(
      'the rule "known_address" cannot run: it needs indicators of filebeat-*, and the pipeline gives those of "logs-ti_a"',
    );
    expect(() => detect({ rules: [ruleOf({})], state: memoryState(), hash })).toThrow(
      'the rule "known_address" cannot run: it needs indicators, and the pipeline gives none',
    );
  });

  it("names at most 200 indicators, and says that there are more", () => {
    const given = Array.from({ length: 300 }, (_, at) => ({ _id: `i${at}`, "threat.indicator.ip": "192.0.2.7" }));
    const { events, notes } = runOn({}, given, [{ source: { ip: "192.0.2.7" } }]);
    expect(enrichmentsIn(events[0]!.data)).toHaveLength(200);
    expect(notes).toEqual({ overflow: 1 });
    expect(events[0]!.data["kibana.alert.reason"]).toContain("At least 197 more indicators fit.");
  });

  it("shows no indicator that is longer than an alert can be", () => {
    const given = [{ _id: "i", threat: { indicator: { ip: "192.0.2.7", note: "x".repeat(2 ** 20) } } }];
    const { events, notes } = runOn({}, given, [{ source: { ip: "192.0.2.7" } }]);
    expect(enrichmentsIn(events[0]!.data)).toMatchObject([
      { indicator: {}, matched: { id: "i", atomic: "192.0.2.7" } },
    ]);
    expect(JSON.stringify(events[0]!.data).length).toBeLessThan(10_000);
    expect(notes).toEqual({ overflow: 1 });
  });

  it("takes whatever comes as data", () => {
    const large = "x".repeat(1_000_000);
    const mapping = [
      { entries: [entry("__proto__", "__proto__")] },
      { entries: [entry("constructor", "constructor")] },
    ];
    const given = [
      JSON.parse('{ "_id": "p", "__proto__": "y", "threat": { "indicator": { "__proto__": 1 } } }') as Data,
      { _id: "c", constructor: large, threat: "text" } as unknown as Data,
      {},
      { threat: null },
    ];
    const event = JSON.parse('{ "__proto__": "y", "threat": "text" }') as Data;
    const [alert] = runOn({ mapping }, given, [event]).events;
    expect(JSON.stringify(enrichmentsIn(alert!.data))).toContain('"indicator":{"__proto__":1}');
    expect(matchedIn({ mapping }, given, { constructor: large } as unknown as Data)).toEqual([
      ["constructor", large, "c"],
    ]);
    expect(matchedIn({ mapping }, given, { a: {} })).toEqual([]);
    const many = Array.from({ length: 20_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    const networks = [{ "threat.indicator.ip": many }, { "threat.indicator.ip": ["10.0.0.0/8", "0.0.0.0/0"] }];
    expect(runOn({}, networks, [{ source: { ip: many } }]).events).toHaveLength(1);
  });
});
