import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { execute } from "../../src/cli/main.ts";
import { folderOf, testsOf, weir } from "./weir-test.ts";

const pipeline = `
sources: { in: { type: file, include: [/nowhere/x.log], codec: json } }
transforms: { big: { type: filter, inputs: [in], where: "n >= 2" } }
sinks: { out: { type: blackhole, inputs: [big] } }
`;

/** Tests that fail: their steps, and what is printed after the first line. */
const failing: readonly (readonly [name: string, steps: string, ...printed: string[]])[] = [
  [
    "data differs",
    `
    - { into: in, events: [{ n: 2, user: { name: marta, groups: [a, b] } }] }
    - { expect: out, equals: [{ n: 2, user: { groups: [a, c], name: marta } }] }`,
    '  p.yaml:9  "out" got 1 event, and not all are as expected',
    "    - expected  + arrived",
    "      - n: 2",
    "        user:",
    "          groups:",
    "            - a",
    "    -       - c",
    "    +       - b",
    "          name: marta",
    "    in: 1 received, 1 sent",
    "    big: 1 received, 1 sent",
    "    out: 1 received, 1 sent",
    "",
  ],
  [
    "a field differs, one is missing, and one is there",
    `
    - { into: in, events: [{ n: 2, a: { b: 1 }, d: 4 }] }
    - { expect: big, contains: [{ n: 2, a.b: 2, c: 3, d: null }] }`,
    '  p.yaml:13  "big" got 1 event, and not all are as expected',
    "    - expected  + arrived",
    "      - n: 2",
    "    -   a.b: 2",
    "    -   c: 3",
    "    -   d: null",
    "    +   a.b: 1",
    "    +   d: 4",
    "    in: 1 received, 1 sent",
    "    big: 1 received, 1 sent",
    "",
  ],
  [
    "one is missing and one too many",
    `
    - { into: in, events: [{ n: 2 }, { n: 3 }, { n: 5 }] }
    - { expect: out, equals: [{ n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }] }
    - { expect: big, contains: [{ n: 3 }] }`,
    '  p.yaml:17  "out" got 3 events, expected 4',
    "    - expected  + arrived",
    "      - n: 2",
    "      - n: 3",
    "    - - n: 4",
    "      - n: 5",
    "    in: 3 received, 3 sent",
    "    big: 3 received, 3 sent",
    "    out: 3 received, 3 sent",
    "",
    '  p.yaml:18  "big" got 3 events, expected 1',
    "    - expected  + arrived",
    "    + - n: 2",
    "      - n: 3",
    "    + - n: 5",
    "    in: 3 received, 3 sent",
    "    big: 3 received, 3 sent",
    "",
  ],
  [
    "the order differs",
    `
    - { into: in, events: [{ n: 2 }, { n: 3 }] }
    - { expect: out, equals: [{ n: 3 }, { n: 2 }] }`,
    '  p.yaml:22  "out" got 2 events, and not all are as expected',
    "    - expected  + arrived",
    "    - - n: 3",
    "      - n: 2",
    "    + - n: 3",
    "    in: 2 received, 2 sent",
    "    big: 2 received, 2 sent",
    "    out: 2 received, 2 sent",
    "",
  ],
  [
    "counts differ",
    `
    - { into: in, events: [{ n: 1 }, { n: 2 }] }
    - { expect: out, count: 2 }
    - { expect: big, where: "n > 2" }
    - { expect: in, count: 0 }`,
    '  p.yaml:26  "out" got 1 event, expected 2',
    "    - expected  + arrived",
    "    + - n: 2",
    "    in: 2 received, 2 sent",
    "    big: 2 received, 1 sent, 1 consumed (filtered)",
    "    out: 1 received, 1 sent",
    "",
    '  p.yaml:27  "big" got 0 events that match, expected at least one',
    "    - expected  + arrived",
    "    + - n: 2",
    "    in: 2 received, 2 sent",
    "    big: 2 received, 1 sent, 1 consumed (filtered)",
    "",
    '  p.yaml:28  "in" got 2 events, expected 0',
    "    - expected  + arrived",
    "    + - n: 1",
    "    + - n: 2",
    "    in: 2 received, 2 sent",
    "",
  ],
  [
    "it ended before, so the rest is not run",
    `
    - { expect: out }
    - { into: in, events: [{ n: 2 }] }
    - { expect: out, count: 7 }`,
    '  p.yaml:31  "out" got 0 events, expected at least one',
    "",
  ],
  [
    "a record is rejected",
    `
    - { into: in, records: ["{"] }
    - { expect: dead_letters, equals: [] }`,
    "  p.yaml:37  there is 1 dead letter, expected 0",
    "    - expected  + arrived",
    "    + - component: in",
    "    +   reason: not_json",
    `    +   message: "the record is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)"`,
    '    +   raw: "{"',
    "    in: 1 received, 0 sent, 1 to the dead letter (not_json)",
    "    warn in: an event went to the dead letter (not_json): the record is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    "",
  ],
];

const files = { "p.yaml": pipeline + testsOf(Object.fromEntries(failing)) };

describe("a test that fails", () => {
  it("says what was expected, what arrived, and what became of the events", async () => {
    const { code, out, error } = await weir(folderOf(files), "test", "p.yaml");
    const lines = failing.flatMap(([name, , ...printed]) => [`✗ p.yaml: ${name}`, ...printed]);
    const summary = `${failing.length} tests: 0 passed, ${failing.length} failed`;
    expect({ code, error, out: out.split("\n") }).toEqual({ code: 1, error: "", out: [...lines, summary, ""] });
  });

  it("is coloured on a terminal", async () => {
    const path = join(folderOf(files), "p.yaml");
    let out = "";
    const terminal = {
      out: (text: string) => {
        out += text;
      },
      error: () => undefined,
      color: { out: true, error: true },
      width: 100,
    };
    expect(await execute(["test", path, "--name", "the order*"], terminal)).toBe(1);
    expect(out).toContain("\u001b[31m✗\u001b[39m");
    expect(out).toContain("    \u001b[31m- - n: 3\u001b[39m\n");
    expect(out).toContain("    \u001b[32m+ - n: 3\u001b[39m\n");
    expect(out).toContain("      - n: 2\n");
  });

  it("is a failure when a component breaks its contract", async () => {
    const parts = fileURLToPath(new URL("parts.ts", import.meta.url));
    const broken = `
plugins: [${parts}]
sources: { in: { type: file, include: [/nowhere/x.log] } }
transforms: { numbered: { type: numbered, inputs: [in] } }
sinks: { out: { type: blackhole, inputs: [numbered] } }
`;
    const steps = `
    - { into: in, events: [{ n: 1 }] }
    - { into: in, events: [{ fault: true }] }
    - { expect: out, count: 1 }`;
    const { code, out } = await weir(folderOf({ "p.yaml": broken + testsOf({ "a fault": steps }) }), "test", "p.yaml");
    expect(out.split("\n").slice(0, 2)).toEqual([
      "✗ p.yaml: a fault",
      expect.stringMatching(/^ {2}p\.yaml:10 {2}"numbered" failed: .*\b1 event/),
    ]);
    expect(code).toBe(1);
  });
});

describe("a report", () => {
  const two = {
    "p.yaml":
      pipeline +
      testsOf({ 'a <good> & "odd" #1': "\n    - { expect: out, count: 0 }", bad: "\n    - { expect: out }" }),
  };

  it("is TAP", async () => {
    const { code, out } = await weir(folderOf(two), "test", "p.yaml", "--format", "tap");
    expect({ code, lines: out.split("\n") }).toEqual({
      code: 1,
      lines: [
        "TAP version 14",
        "1..2",
        'ok 1 - p.yaml: a <good> & "odd" \\#1',
        "not ok 2 - p.yaml: bad",
        "  ---",
        "  message: '\"out\" got 0 events, expected at least one'",
        "  at:",
        "    file: p.yaml",
        "    line: 11",
        "  details: 'p.yaml:11: \"out\" got 0 events, expected at least one'",
        "  ...",
        "",
      ],
    });
  });

  it("is JUnit, in a file, beside the lines for people", async () => {
    const folder = folderOf(two);
    const { code, out } = await weir(folder, "test", "p.yaml", "--format", "junit", "--output", "r.xml");
    expect(code).toBe(1);
    expect(out).toMatch(/^✓ .*\n✗ [\s\S]*2 tests: 1 passed, 1 failed\n$/);
    expect(
      readFileSync(join(folder, "r.xml"), "utf8")
        .replace(/time="[\d.]+"/g, 'time="0"')
        .split("\n"),
    ).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites tests="2" failures="1" errors="0" time="0">',
      '  <testsuite name="p.yaml" tests="2" failures="1" errors="0" time="0">',
      '    <testcase classname="p.yaml" name="a &lt;good&gt; &amp; &quot;odd&quot; #1" time="0"/>',
      '    <testcase classname="p.yaml" name="bad" time="0">',
      '      <failure message="&quot;out&quot; got 0 events, expected at least one" type="expectation">p.yaml:11: &quot;out&quot; got 0 events, expected at least one</failure>',
      "    </testcase>",
      "  </testsuite>",
      "</testsuites>",
      "",
    ]);
  });
});
