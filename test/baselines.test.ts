import { describe, expect, it } from "vitest";
import { plugins } from "../src/cli/plugins.ts";
import { RuleFiles } from "../src/cli/rule-files.ts";
import { loadPipeline } from "../src/config/load.ts";
import { stage } from "../src/pipeline-tests/run/doubles.ts";
import { differenceOf } from "../src/reload/difference.ts";

const pipeline = (baseline: string) => `
sources:
  log: { type: file, include: [live.log], codec: json, max_line: 2MiB }
  push: { type: http_server, listen: 127.0.0.1:1 }
transforms:
  split: { type: route, inputs: [log, push], routes: { odd: "a: 1" }, drop_outputs: [unmatched] }
  all: { type: filter, inputs: [split.odd, push], where: "b: *" }
  alerts: { type: new_terms, inputs: [all], fields: [user], ${baseline} }
sinks:
  out: { type: console, inputs: [alerts] }
  rest: { type: blackhole, inputs: [all] }
`;

const load = (text: string) =>
  loadPipeline(text, {
    file: "p.yaml",
    plugins,
    rules: new RuleFiles("."),
    env: () => undefined,
    readFile: () => "",
  });

const loaded = (baseline: string) => {
  const result = load(pipeline(baseline));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return { ...result.value, digests: new Map<string, string>() };
};

const inputsOf = (baseline: string) =>
  Object.fromEntries(loaded(baseline).topology.components.map(({ id, inputs }) => [id, inputs]));

describe("the baseline of a component", () => {
  it("is read by a source of its own, and takes the way of all events up to the component, and no other", () => {
    expect(inputsOf("baseline: { from: [old-*.log] }")).toEqual({
      log: [],
      push: [],
      split: ["log", "push"],
      all: ["split.odd", "push"],
      alerts: ["all", "alerts:baseline:all"],
      out: ["alerts"],
      rest: ["all"],
      "alerts:baseline": [],
      "alerts:baseline:split": ["alerts:baseline"],
      "alerts:baseline:all": ["alerts:baseline:split.odd", "alerts:baseline"],
    });
  });

  it("is decoded as the file source in front of the component", () => {
    const { components } = loaded("baseline: { from: [a.log] }").topology;
    const host = (of: string) => components.find(({ id }) => id === of)?.host;
    expect(host("alerts:baseline")).toEqual(host("log"));
    const source = components.find(({ id }) => id === "alerts:baseline");
    expect(source?.config).toMatchObject({ include: ["a.log"], order: "time", follow: false });
  });

  it("is not part of tests and explanations", () => {
    const ids = (baseline: string) =>
      stage(loaded(baseline).topology, { steps: [] })
        .topology.components.map(({ id, inputs }) => `${id} from ${inputs.join(", ")}`)
        .sort();
    expect(ids("baseline: { from: [a.log] }")).toEqual(ids(""));
  });

  it("and what is learned otherwise hold nothing back in tests and explanations", () => {
    const configs = stage(loaded("learn_for: 7d, baseline: { from: [a.log] }").topology, { steps: [] })
      .topology.components.filter(({ id }) => id === "alerts")
      .map(({ config }) => config);
    expect(configs).toMatchObject([{ fields: ["user"], baseline: undefined, learn_for: undefined }]);
  });

  it("makes a difference when it changes, and none when it does not", () => {
    const without = loaded("");
    const one = loaded("baseline: { from: [a.log] }");
    expect(differenceOf(one, loaded("baseline: { from: [a.log] }")).changes).toEqual([]);
    expect(
      differenceOf(without, one)
        .changes.map(({ id, how }) => `${id} ${how}`)
        .sort(),
    ).toEqual(["alerts changed", "alerts:baseline added", "alerts:baseline:all added", "alerts:baseline:split added"]);
  });

  it("names a glob that is none, with its place", () => {
    const result = load(pipeline('baseline: { from: [a.log, "[z-a]"] }'));
    expect(result.ok ? [] : result.problems).toMatchObject([{ code: "config/build", line: 8 }]);
  });
});
