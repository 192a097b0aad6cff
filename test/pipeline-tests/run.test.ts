import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folderOf, testsOf, weir } from "./weir-test.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const pipeline = `
plugins: [${at("parts.ts")}, ${at("../../examples/plugins/count.ts")}, ${at("../../examples/plugins/switch.ts")}]
sources:
  lines: { type: file, include: [/nowhere/x.log], codec: json }
  wide: { type: file, include: [/nowhere/y.log], codec: json, encoding: utf-16be }
  body: { type: http_server }
  once: { type: once }
  pods: { type: file, include: [/var/log/pods/*/*/*.log] }
transforms:
  route: { type: switch, inputs: [lines, wide, body, once, pods], routes: { errors: "level: error" }, drop_outputs: [] }
  count: { type: count, inputs: [route], by: user.name, every: 1m }
  asked: { type: asked, inputs: [route] }
  numbered: { type: numbered, inputs: [route] }
sinks:
  counts: { type: file, inputs: [count], path: /nowhere/counts }
  errors: { type: http, inputs: [route.errors], url: "http://127.0.0.1:1/", batch: { timeout: 1h } }
  answers: { type: blackhole, inputs: [asked] }
  numbers: { type: websocket_server, inputs: [numbered], listen: "127.0.0.1:1" }
`;

/** Tests that pass, each about one thing that a test can do. */
const passing: Readonly<Record<string, string>> = {
  "records go through framing and codec": `
    - { into: lines, records: ['{"n":1}', '{"n":', '[1]'] }
    - { into: body, records: ['[{"n":2},{"n":3}]', '{"n":4}'] }
    - { expect: lines, equals: [{ n: 1 }] }
    - { expect: body, equals: [{ n: 2 }, { n: 3 }, { n: 4 }] }
    - { expect: dead_letters, contains: [{ component: lines, reason: not_json, raw: '{"n":' }, { component: lines }] }
    - { expect: dead_letters, count: 0 }`,
  "records can be from a file, on a machine with a name that is always the same": `
    - { into: pods, path: /var/log/pods/shop_web_uid-1/nginx/0.log, records: [a, b] }
    - expect: pods
      equals:
        - message: a
          log: { file: { path: /var/log/pods/shop_web_uid-1/nginx/0.log }, offset: 0 }
          host: { name: test-host }
          event: { ingested: "2026-01-01T00:00:00.000Z" }
          kubernetes: { namespace: shop, pod: { name: web, uid: uid-1 }, container: { name: nginx } }
        - message: b
          log: { file: { path: /var/log/pods/shop_web_uid-1/nginx/0.log }, offset: 2 }
          host: { name: test-host }
          event: { ingested: "2026-01-01T00:00:00.000Z" }
          kubernetes: { namespace: shop, pod: { name: web, uid: uid-1 }, container: { name: nginx } }`,
  "records can be bytes": `
    - { into: lines, base64: [eyJuIjoxfQ==, /w==] }
    - { expect: lines, equals: [{ n: 1 }] }
    - { expect: dead_letters, contains: [{ reason: not_json }] }`,
  "windows close at their time": `
    - { into: lines, events: [{ user.name: a }, { user: { name: b } }, { user.name: a }] }
    - { advance: 59s }
    - { expect: counts, count: 0 }
    - { advance: 1s }
    - expect: counts
      equals:
        - { window_end: "2026-01-01T00:01:00.000Z", value: a, count: 2 }
        - { window_end: "2026-01-01T00:01:00.000Z", value: b, count: 1 }`,
  "windows are open after a crash": `
    - { into: count, events: [{ user.name: a }] }
    - { advance: 1s }
    - crash
    - { into: count, events: [{ user.name: a }] }
    - restart
    - { at: 2m, expect: counts, contains: [{ value: a, count: 2 }] }`,
  "windows are closed at the end": `
    - { into: lines, events: [{ user.name: a }] }
    - end
    - { expect: counts, contains: [{ value: a, count: 1 }] }
    - { expect: dead_letters, count: 0 }
    - restart
    - { into: lines, events: [{ user.name: b }] }
    - end
    - { expect: counts, contains: [{ value: b, count: 1 }] }`,
  "a file is read to its end": `
    - { into: lines, file: lines.ndjson }
    - { into: wide, records: ['{"n":3}'] }
    - { expect: lines, equals: [{ n: 1 }, { n: 2 }] }
    - { expect: wide, equals: [{ n: 3 }] }`,
  "what is not committed is read again after a crash": `
    - { into: lines, events: [{ user.name: a }] }
    - crash
    - { at: 2m, expect: counts, contains: [{ value: a, count: 1 }] }`,
  "answers from outside are waited for": `
    - { into: asked, events: [{ n: 1 }, { n: 2 }] }
    - { expect: answers, equals: [{ n: 1, answer: true }, { n: 2, answer: true }] }`,
  "memory ends with its process": `
    - { into: numbered, events: [{ n: 1 }, { n: 2 }] }
    - { expect: numbers, contains: [{ count: 1 }, { count: 2 }] }
    - restart
    - { into: numbered, events: [{ n: 3 }] }
    - { expect: numbers, contains: [{ count: 1, n: 3 }] }`,
  "events go into a sink": `
    - { into: counts, events: [{ n: 1 }] }
    - { expect: counts, equals: [{ n: 1 }] }
    - crash
    - { expect: counts, count: 0 }`,
  "a source that cannot read again has nothing after a crash, and goes on": `
    - { into: once, records: ['{"n":1}'] }
    - { expect: once, count: 1 }
    - crash
    - { into: once, records: ['{"n":2}'] }
    - { expect: once, equals: [{ n: 2 }] }`,
  "each event is looked at once": `
    - { into: lines, events: [{ n: 1 }, { n: 2 }, { n: 3 }] }
    - { expect: lines, where: "n >= 2", count: 2 }
    - { expect: lines, equals: [{ n: 1 }] }
    - { expect: lines, count: 0 }`,
  "the order can be any, also if entries fit several events": `
    - { into: lines, events: [{ n: 1, m: 1 }, { n: 1, m: 2 }, { n: 3 }] }
    - { expect: lines, order: any, contains: [{ n: 3 }, { n: 1 }, { n: 1, m: 1 }] }`,
  "fields are compared by path": `
    - { into: lines, events: [{ a.b: { c: [1, { d: 2, e: 3 }] }, f: null, g: {} }] }
    - { expect: lines, contains: [{ a: { b.c: [1, { d: 2 }] }, f: null, none: null, g: {} }] }`,
};

/** A pipeline that holds batches, and with them their commits. */
const holding = `
plugins: [${at("parts.ts")}]
sources: { in: { type: file, include: [/nowhere/x.log] } }
transforms: { held: { type: held, inputs: [in], time: 10s } }
sinks: { out: { type: blackhole, inputs: [held], buffer: { type: memory } } }
`;

const passingHeld: Readonly<Record<string, string>> = {
  "what is held comes at its time": `
    - { into: in, events: [{ n: 1 }] }
    - { at: 9999ms, expect: out, count: 0 }
    - { at: 10s, expect: out, equals: [{ n: 1 }] }`,
  "a restart delivers what is held, a crash does not": `
    - { into: in, events: [{ n: 1 }] }
    - restart
    - { expect: out, contains: [{ n: 1 }] }
    - { into: in, events: [{ n: 2 }] }
    - crash
    - { expect: out, count: 0 }
    - { advance: 10s }
    - { expect: out, equals: [{ n: 2 }] }`,
};

it("runs all of them in one process", async () => {
  const file = '{"n":1}\n{"n":2}';
  const folder = folderOf({
    "lines.ndjson": file,
    "p.yaml": pipeline + testsOf(passing),
    "q.yaml": holding + testsOf(passingHeld),
  });
  const names = [passing, passingHeld].flatMap((tests, index) =>
    Object.keys(tests).map((name) => `${"pq"[index]}.yaml: ${name}`),
  );
  const lines = [...names.map((name) => `✓ ${name}`), `${names.length} tests: ${names.length} passed, 0 failed`];
  expect(await weir(folder, "test", ".")).toEqual({ code: 0, out: `${lines.join("\n")}\n`, error: "" });
});
