import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExported } from "./read.ts";

const list = { list_id: "l1", name: "Scanners", type: "detection" };
const item = {
  comments: [{ comment: "They may." }, { comment: "Until June." }],
  created_by: "ann",
  description: "Our scanners",
  entries: [{ field: "source.ip", operator: "included", type: "match", value: "192.0.2.1" }],
  expire_time: "2026-06-30T00:00:00.000Z",
  item_id: "i1",
  list_id: "l1",
  name: "the scanner",
  os_types: [],
  type: "simple",
};

const read = (lines: readonly unknown[], files: Readonly<Record<string, readonly string[]>> = {}) => {
  const valueList = (path: string) => {
    const value = files[path];
    return value && { ok: true as const, value, warnings: [] };
  };
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const result = readExported(text, "e.ndjson", { valueList }, (id) => `lists/${id}`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
};

describe("an export of Kibana", () => {
  it("has exceptions for the rules that name their list", () => {
    const rule = { rule_id: "r1", name: "Rule", exceptions_list: [{ list_id: "l1" }, { list_id: "l2" }] };
    const own = { list_id: "l2", name: "Exceptions for rule - Many Doors", type: "rule_default" };
    const { value, warnings } = read([rule, list, own, item, { ...item, list_id: "l2" }, { exported_count: 4 }]);
    expect(warnings).toEqual([]);
    expect(value).toEqual([
      {
        name: "the scanner",
        rules: ["exception list l1", "r1"],
        reason: "They may.; Until June.; Our scanners",
        owner: "ann",
        expires: Date.UTC(2026, 5, 30),
        entries: [{ field: "source.ip", operator: "included", type: "match", value: "192.0.2.1" }],
      },
      expect.objectContaining({ rules: ["exception list l2", "r1", "Many Doors"] }),
    ]);
  });

  it("has entries of all kinds", () => {
    const entries = [
      { field: "a", type: "match_any", value: ["x", "y"], operator: "excluded" },
      { field: "b", type: "exists", operator: "included" },
      { field: "c", type: "wildcard", value: "c:\\\\*", operator: "included" },
      { field: "d", type: "nested", entries: [{ field: "e", type: "match", value: "x", operator: "included" }] },
      { field: "f", type: "list", list: { id: "ips.txt", type: "ip_range" }, operator: "included" },
    ];
    const { value } = read([{ ...item, entries, os_types: ["linux"] }], { "lists/ips.txt": ["192.0.2.0/24"] });
    expect(value[0]!.entries).toMatchObject([
      ...entries.slice(0, 4),
      { field: "f", type: "list", list: { file: ["192.0.2.0/24"], type: "ip_range" } },
      { field: "host.os.type", type: "match_any", value: ["linux"] },
    ]);
  });

  it.each([
    [{ entries: [{ field: "a", type: "list", list: { id: "x", type: "ip" } }] }, "its value list is not there"],
    [{ entries: [{ field: "a", type: "list", list: { id: "x", type: "text" } }] }, 'a value list of the type "text"'],
    [{ entries: [] }, "it has no entries"],
    [{ entries: [1] }, "one of its entries is not an object"],
    [{ list_id: "apps" }, 'its list has the type "endpoint_trusted_apps"'],
  ])("leaves out what has no counterpart: %j", (more, why) => {
    const apps = { list_id: "apps", name: "Apps", type: "endpoint_trusted_apps" };
    const { value, warnings } = read([list, apps, { ...item, ...more }, item]);
    expect(value).toHaveLength(1);
    expect(warnings).toMatchObject([{ line: 3, message: expect.stringContaining(why) }]);
  });

  it("is for no other rules, whatever the names in it are", () => {
    const all = { list_id: "*", name: "Exceptions for rule - *", type: "rule_default" };
    const some = { list_id: "l3", name: "Exceptions for rule - A * B", type: "rule_default" };
    const rule = { rule_id: "*", name: "*", exceptions_list: [{ list_id: "l3" }] };
    const { value, warnings } = read([
      rule,
      all,
      some,
      { ...item, list_id: "*" },
      { ...item, list_id: "a*" },
      { ...item, list_id: "l3" },
    ]);
    expect(value.map(({ rules }) => rules)).toEqual([["exception list l3"]]);
    expect(warnings).toMatchObject([4, 5].map((line) => ({ line, message: expect.stringContaining('has a "*"') })));
  });

  it("is read or refused, whatever it is", () => {
    const lines = fc.array(fc.oneof(fc.json(), fc.constant(JSON.stringify(item)), fc.string()), { maxLength: 8 });
    fc.assert(
      fc.property(lines, (some) => {
        const text = some.join("\n");
        const result = readExported(text, "e.ndjson", {}, (id) => id);
        for (const { line } of result.ok ? result.warnings : result.problems)
          expect(line).toBeLessThanOrEqual(text.split("\n").length);
      }),
    );
  });
});
