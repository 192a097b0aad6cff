import { describe, expect, it } from "vitest";
import { folderOf, testsOf, weir } from "./weir-test.ts";

const pipeline = `
sources: { in: { type: http_client, url: "https://example.org", auth: { token: "\${env:TOKEN}" } } }
sinks: { out: { type: http, inputs: [in], url: "\${env:URL}", headers: { X-Key: "\${file:/nowhere/key}" } } }
`;
const steps = "\n    - { into: in, events: [{ n: 1 }] }\n    - { expect: out, count: 1 }";

/** The first lines of what is reported. */
const reported = (error: string): string[] => error.split("\n").filter((line) => /^\S+:\d+:\d+ {2}/.test(line));

describe("problems of tests", () => {
  it("are reported together with those of the pipeline, and nothing runs", async () => {
    const text = `${pipeline.replace("type: http,", "type: htp,")}${testsOf({ a: "\n    - crsh", b: "\n    - { expect: out, cont: 1 }" })}`;
    const { code, out, error } = await weir(
      folderOf({ "p.yaml": text, "q.test.yaml": "tests: []\nenv: [1]\n" }),
      "test",
      ".",
    );
    expect({ code, out }).toEqual({ code: 78, out: "" });
    expect(reported(error)).toEqual([
      'p.yaml:3:23  error  "htp" is not a sink type. Did you mean "http"?  config/unknown-type',
      'p.yaml:7:7  error  "crsh" is not a step of a test. Did you mean "crash"?  test/step',
      'p.yaml:10:22  error  Unknown option "cont" of the step "expect". Did you mean "count"?  config/unknown-option',
      "q.test.yaml:1:8  error  An empty list is not a list of tests of at least 1 item.  config/wrong-value",
      "q.test.yaml:2:6  error  A list of 1 is not a map. Before each colon there is the name of an environment variable, after it text.  config/wrong-value",
    ]);
  });

  it("say that variables and files come from the test", async () => {
    const { code, error } = await weir(folderOf({ "p.yaml": pipeline + testsOf({ a: steps }) }), "test", "p.yaml");
    expect(code).toBe(78);
    expect(reported(error)).toEqual([
      'p.yaml:2:81  error  The environment variable "TOKEN" is not set. Set it under "env" of the test: variables of the shell are not used.  config/unset-variable',
      'p.yaml:3:49  error  The environment variable "URL" is not set. Set it under "env" of the test: variables of the shell are not used.  config/unset-variable',
      'p.yaml:3:81  error  The file "/nowhere/key" cannot be read: it does not exist. Give its text under "files" of the test.  config/unreadable-file',
    ]);
    const surroundings = 'env: { TOKEN: t, URL: "http://u" }\nfiles: { /nowhere/key: k }\n';
    const folder = folderOf({ "p.yaml": pipeline, "p.test.yaml": surroundings + testsOf({ a: steps }) });
    expect(await weir(folder, "test", "p.yaml")).toEqual({
      code: 0,
      out: "✓ p.test.yaml: a\n1 test: 1 passed, 0 failed\n",
      error: "",
    });
  });

  it("name a file without its pipeline, and one that is not there", async () => {
    const { code, error } = await weir(
      folderOf({ "p.test.yaml": testsOf({ a: steps }) }),
      "test",
      "p.test.yaml",
      "x.yaml",
    );
    expect(code).toBe(78);
    expect(reported(error)).toEqual([
      'p.yaml:1:1  error  The pipeline file "p.yaml" cannot be read: it does not exist.  config/unreadable-file',
      'x.yaml:1:1  error  The pipeline file "x.yaml" cannot be read: it does not exist.  config/unreadable-file',
    ]);
  });

  it("do not keep a pipeline from running", async () => {
    const sound = "sources: { in: { type: demo, count: 1 } }\nsinks: { out: { type: console, inputs: [in] } }\n";
    const folder = folderOf({ "p.yaml": `${sound}${testsOf({ "${env:NONE}": "\n    - crsh" })}` });
    expect(await weir(folder, "run", "p.yaml", "--temporary")).toMatchObject({ code: 0 });
  });
});

describe("without a test that ran, the code is 1", () => {
  const sound = "sources: { in: { type: demo } }\nsinks: { out: { type: console, inputs: [in] } }\n";

  it("for a pipeline that has none", async () => {
    expect(await weir(folderOf({ "p.yaml": sound }), "test", "p.yaml")).toEqual({
      code: 1,
      out: "0 tests: 0 passed, 0 failed\n",
      error: "p.yaml has no tests.\n",
    });
  });

  it("for a name that no test has", async () => {
    const folder = folderOf({ "p.yaml": sound + testsOf({ a: "\n    - { expect: out, count: 0 }" }) });
    expect(await weir(folder, "test", "p.yaml", "--name", "b*")).toEqual({
      code: 1,
      out: "0 tests: 0 passed, 0 failed\n",
      error: 'No test has a name like "b*".\n',
    });
  });
});

it("a rule that does not alert as its tests say is a failure", async () => {
  const rule = `
id: 3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77
title: A login
description: A login.
type: new_terms
query: 'event.action: login'
new_terms: { fields: [user.name], window: 7d }
severity: low
risk_score: 10
created: 2026-01-01
tests:
  - name: two users
    events:
      - { at: 0s, event: { event.action: login, user.name: marta }, alerts: [[marta]] }
      - { at: 1s, event: { event.action: login, user.name: mira }, alerts: [] }
`;
  const { code, out } = await weir(folderOf({ "login.yaml": rule }), "test", "login.yaml");
  expect({ code, lines: out.split("\n") }).toEqual({
    code: 1,
    lines: [
      "✗ login.yaml: two users",
      "  login.yaml:15  step 2: the rule raised 1 alert, expected 0",
      "    - expected  + arrived",
      "    + - alert:",
      "    +     - mira",
      "    rule: 2 received, 2 sent",
      "",
      "1 test: 0 passed, 1 failed",
      "",
    ],
  });
});
