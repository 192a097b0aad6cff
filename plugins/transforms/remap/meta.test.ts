import { describe, expect, it } from "vitest";
import { Draft, writePath } from "weir/fields";
import { RecordMeta } from "weir/testing";
import { compileSteps, type StepConfig } from "./chain.ts";

const at = Date.parse("2026-01-02T03:04:05.000Z");
const origin = { log: { file: { path: "/var/log/app-7.log" } }, kubernetes: { pod: { name: "web" } } };
const meta = new RecordMeta("in", "stream", 42, at, "id-1", undefined, origin);

const run = (steps: readonly unknown[], data = {}) => {
  const draft = new Draft(data, meta);
  const end = compileSteps(steps as readonly StepConfig[])(draft, { ingested: at });
  return end ?? draft.data;
};

describe("_meta", () => {
  it("is read by templates, CEL, copies, parsers and conditions", () => {
    expect(
      run([{ set: { "labels.path": "{{ _meta.log.file.path }}", from: "{{ _meta.source }}@{{ _meta.position }}" } }]),
    ).toEqual({ labels: { path: "/var/log/app-7.log" }, from: "in@42" });
    expect(
      run([{ set: { at: "{{ _meta.ingested }}", id: { cel: "_meta.id + '!'" }, no: "{{ _meta.nope:-none }}" } }]),
    ).toEqual({
      at: "2026-01-02T03:04:05.000Z",
      id: "id-1!",
      no: "none",
    });
    expect(run([{ copy: { "_meta.kubernetes": "kubernetes" } }])).toEqual({ kubernetes: origin.kubernetes });
    expect(
      run([{ grok: { field: "_meta.log.file.path", patterns: ["app-%{INT:number}"], ignore_missing: false } }]),
    ).toEqual({ number: "7" });
    const where = '_meta.kubernetes.pod.name: "web"';
    expect(
      run([
        { set: { a: 1 }, where },
        { set: { b: 1 }, where: `not ${where}` },
      ]),
    ).toEqual({ a: 1 });
  });

  it("is that of weir, whatever the event has", () => {
    const data = { _meta: { source: "forged" } };
    expect(run([{ set: { from: "{{ _meta.source }}" } }], data)).toEqual({ ...data, from: "in" });
    expect(run([{ remove: ["_meta"] }], data)).toEqual({});
  });

  it.each([
    { set: { "_meta.source": "x" } },
    { copy: { a: "_meta.a" } },
    { rename: { "_meta.source": "a" } },
    { rename: { a: "_meta" } },
    { convert: { "_meta.position": "string" } },
  ])("cannot be written: %j", (step) => {
    expect(() => run([step])).toThrow(/"_meta[.a-z]*" cannot be written/);
    expect(() => writePath("_meta.x")).toThrow('"_meta" is what weir knows about an event');
  });
});
