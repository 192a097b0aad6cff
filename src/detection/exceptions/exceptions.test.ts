import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import type { FieldType } from "../../fields/types.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { Data } from "../../json.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { detect } from "../detect.ts";
import type { NewTermsRule } from "../new-terms/rule-type.ts";
import type { Rule } from "../rule.ts";
import { openedRule } from "../testing/opened-rule.ts";
import { exceptionMatcher } from "./matcher.ts";
import type { Exception, ExceptionEntry } from "./options.ts";

const start = Date.UTC(2026, 0, 1);

const rule: Rule = { ...openedRule, tags: ["Doors"] };

const exception = (entries: readonly Partial<ExceptionEntry>[], more: Partial<Exception> = {}): Exception => ({
  name: "night guard",
  rules: ["opened"],
  reason: "For tests.",
  entries: entries.map((entry) => ({ operator: "included", ...entry }) as ExceptionEntry),
  ...more,
});

const fits = (entry: Partial<ExceptionEntry>, data: Data): boolean => exceptionMatcher(exception([entry]))(data, start);

const eventOf = (data: Data, at: number): Event => ({ data, meta: new RecordMeta("doors", "log", at, start + at) });

describe("exceptionMatcher", () => {
  it.each<[Partial<ExceptionEntry>, Data, boolean]>([
    [{ field: "user.name", type: "match", value: "ann" }, { user: { name: "ann" } }, true],
    [{ field: "user.name", type: "match", value: "ann" }, { "user.name": ["bob", "ann"] }, true],
    [{ field: "user.name", type: "match", value: "ann" }, { user: { name: "Ann" } }, false],
    [{ field: "user.name", type: "match", value: "a*" }, { user: { name: "ann" } }, false],
    [{ field: "n", type: "match", value: 5 }, { n: 5 }, true],
    [{ field: "source.ip", type: "match", value: "10.0.0.0/8" }, { source: { ip: "10.1.2.3" } }, true],
    [{ field: "user.name", type: "match", value: "ann", operator: "excluded" }, {}, true],
    [{ field: "user.name", type: "match_any", value: ["ann", "bob"] }, { user: { name: "bob" } }, true],
    [{ field: "user.name", type: "match_any", value: ["ann", "bob"] }, { user: { name: "cid" } }, false],
    [{ field: "user.name", type: "wildcard", value: "a?n*" }, { user: { name: "annette" } }, true],
    [{ field: "user.name", type: "wildcard", value: "a?n" }, { user: { name: "a\u{1f600}n" } }, true],
    [{ field: "user.name", type: "wildcard", value: "a?n" }, { user: { name: "an" } }, false],
    [{ field: "file", type: "wildcard", value: "C:\\\\*\\?" }, { file: "C:\\dir\\x?" }, true],
    [{ field: "file", type: "wildcard", value: "C:\\\\*\\?" }, { file: "C:\\dir\\x!" }, false],
    [{ field: "user.name", type: "exists" }, { user: { name: "" } }, true],
    [{ field: "user.name", type: "exists" }, { user: { name: [] } }, false],
    [{ field: "__proto__.x", type: "exists" }, {}, false],
    [{ field: "user.name", type: "list", list: { file: ["ann"], type: "keyword" } }, { user: { name: "ann" } }, true],
    [{ field: "ip", type: "list", list: { file: ["::ffff:10.0.0.1"], type: "ip" } }, { ip: "10.0.0.1" }, true],
    [
      { field: "ip", type: "list", list: { file: ["10.0.0.9-10.0.0.11"], type: "ip_range" } },
      { ip: "10.0.0.11" },
      true,
    ],
    [{ field: "ip", type: "list", list: { file: ["fd00::/8"], type: "ip_range" } }, { ip: "fe00::" }, false],
  ])("%j of %j is %s", (entry, data, expected) => {
    expect(fits(entry, data)).toBe(expected);
  });

  it("compares by the types that the component gives its fields, and dates with the time of ingestion", () => {
    const fitsAs = (type: FieldType, entry: Partial<ExceptionEntry>, data: Data) =>
      exceptionMatcher(exception([{ field: "message", ...entry }]), { message: type })(data, start);
    const match = { type: "match", value: "night" } as const;
    expect(fitsAs("match_only_text", match, { message: "at night" })).toBe(true);
    expect(fitsAs("keyword", match, { message: "at night" })).toBe(false);
    const list = { type: "list", list: { file: ["10"], type: "keyword" } } as const;
    expect(fitsAs("long", list, { message: "10.5" })).toBe(true);
    expect(fitsAs("date", { type: "match", value: "now/d" }, { message: "2026-01-01T09:00:00Z" })).toBe(true);
    expect(fitsAs("date", { type: "match", value: "now/d" }, { message: "2026-01-02" })).toBe(false);
  });

  it("compares the fields of one and the same object for nested", () => {
    const entry: Partial<ExceptionEntry> = {
      field: "request.rules",
      type: "nested",
      entries: [
        { field: "verbs", type: "match", operator: "included", value: "get" },
        { field: "on.kind", type: "match", operator: "excluded", value: "secrets" },
      ],
    };
    expect(fits(entry, { request: { rules: [{ verbs: ["get"], on: { kind: "pods" } }] } })).toBe(true);
    expect(fits(entry, { "request.rules": [{ verbs: "get", "on.kind": "secrets" }, { verbs: "list" }] })).toBe(false);
    expect(fits({ ...entry, field: "__proto__" }, JSON.parse('{"__proto__":{"verbs":"get"}}'))).toBe(true);
    expect(fits({ ...entry, operator: "excluded" }, {})).toBe(true);
  });

  it("finds an address in many ranges as if it looked at each", () => {
    const part = fc.integer({ min: 0, max: 6 });
    const range = fc.tuple(part, part).map((ends) => ends.toSorted() as [number, number]);
    const text = (n: number) => `10.0.0.${n}`;
    fc.assert(
      fc.property(fc.array(range, { minLength: 1 }), part, (ranges, n) => {
        const file = ranges.map(([first, last]) => `${text(first)}-${text(last)}`);
        const found = fits({ field: "ip", type: "list", list: { file, type: "ip_range" } }, { ip: text(n) });
        expect(found).toBe(ranges.some(([first, last]) => first <= n && n <= last));
      }),
    );
  });

  it.each<[Partial<ExceptionEntry>, readonly (string | number)[], string]>([
    [{ field: "a", type: "match" }, ["entries", 0], 'an entry of type match needs "value"'],
    [{ field: "a", type: "match", value: ["x"] }, ["entries", 0, "value"], "an entry of type match has one value"],
    [
      { field: "a", type: "exists", value: "x" },
      ["entries", 0, "value"],
      '"value" does not belong in an entry of type exists',
    ],
    [
      { field: "source.ip", type: "match", value: "x" },
      ["entries", 0, "value"],
      '"x" does not fit the field "source.ip": it is not an IP address. Write an address such as 10.0.0.1 or "fe80::1", or a network such as 10.0.0.0/8.',
    ],
    [
      { field: "ip", type: "list", list: { file: ["x"], type: "ip" } },
      ["entries", 0],
      'the list has "x", which is not an IP address',
    ],
  ])("refuses %j at its place", (entry, path, message) => {
    expect(() => exceptionMatcher(exception([entry]))).toThrow(expect.objectContaining({ path, message }));
  });

  it("takes long texts and patterns in linear time", () => {
    const value = "a".repeat(1_000_000);
    expect(fits({ field: "x", type: "wildcard", value: `${"*a?".repeat(200)}b` }, { x: value })).toBe(false);
  });
});

describe("detect with exceptions", () => {
  it("excepts exactly the events that all entries of one exception fit, until it expires", () => {
    const value = fc.constantFrom("a", "b", "c");
    const entry = fc.record({
      field: fc.constantFrom("user", "door"),
      type: fc.constant("match" as const),
      operator: fc.constantFrom("included" as const, "excluded" as const),
      value,
    });
    const exceptions = fc.array(
      fc.record({
        entries: fc.array(entry, { minLength: 1, maxLength: 3 }),
        rules: fc.constantFrom(["opened"], ["Doors"], ["o*"], ["other", "*"], ["closed"]),
        expires: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
      }),
      { maxLength: 3 },
    );
    const events = fc.array(fc.record({ action: fc.constantFrom("open", "shut"), user: value, door: value }));
    fc.assert(
      fc.property(exceptions, events, (given, list) => {
        const files = given.map(({ expires, ...each }, index) =>
          exception([], {
            ...each,
            name: `e${index}`,
            ...(expires !== undefined && { expires: start + expires }),
          }),
        );
        const { event: step } = detect({ rules: [rule], exception_files: [files], state: memoryState(), hash });
        const sent = runStep(step, list.map(eventOf));
        const isAlert = (data: (typeof list)[number], at: number) =>
          data.action === "open" &&
          !given.some(
            ({ entries, rules, expires = Number.POSITIVE_INFINITY }) =>
              rules[0] !== "closed" &&
              at < expires &&
              entries.every(
                ({ field, operator, value: wanted }) => (data[field] === wanted) === (operator === "included"),
              ),
          );
        expect(sent.events.map(({ data }) => data["kibana.alert.ancestors"])).toEqual(
          list.flatMap((data, at) =>
            isAlert(data, at) ? [[{ id: eventOf({}, at).meta.id, type: "event", depth: 0 }]] : [],
          ),
        );
        const open = list.filter(({ action }) => action === "open").length;
        expect(sent.consumed?.["excepted"] ?? 0).toBe(open - sent.events.length);
        const counted = Object.entries(sent.notes ?? {}).filter(([name]) => name.startsWith("excepted by "));
        expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(open - sent.events.length);
      }),
    );
  });

  const novelty: NewTermsRule = { ...rule, type: "new_terms", new_terms: { fields: ["door"], window: 1_000 } };
  const guard = exception([{ field: "user", type: "match", value: "guard" }]);

  it("does not make history of an excepted event", () => {
    const { event: step } = detect({ rules: [novelty], exceptions: [guard], state: memoryState(), hash });
    const events = ["guard", "ann", "bob"].map((user, at) => eventOf({ action: "open", user, door: "north" }, at));
    const sent = runStep(step, events);
    expect(sent.events).toHaveLength(1);
    expect(sent.consumed).toEqual({ excepted: 1, known: 1 });
  });

  it("refuses an exception that silences a test of the rule", () => {
    const test = {
      name: "a new door",
      events: [
        { at: 0, event: { action: "open", user: "ann", door: "north" }, alerts: [["north"]] },
        { at: 1, event: { action: "open", user: "guard", door: "south" }, alerts: [["south"]] },
      ],
    };
    const other = exception([{ field: "user", type: "match", value: "cat" }], { name: "cat" });
    const build = (exceptions: readonly Exception[]) =>
      detect({ rules: [{ ...novelty, tests: [test] }], exceptions, state: memoryState(), hash });
    expect(build([other])).toBeDefined();
    expect(() => build([other, { ...guard, expires: 5 }])).toThrow(
      expect.objectContaining({
        path: ["exceptions", 1],
        message:
          'the exception "night guard" silences the rule "opened": in its test "a new door", step 2 no longer raises an alert',
      }),
    );
  });

  it("refuses an exception in the pipeline that is for no rule", () => {
    const build = () =>
      detect({ rules: [rule], exceptions: [{ ...guard, rules: ["opend"] }], state: memoryState(), hash });
    expect(build).toThrow(
      expect.objectContaining({ path: ["exceptions", 0, "rules"], hint: 'Did you mean "opened"?' }),
    );
  });
});
