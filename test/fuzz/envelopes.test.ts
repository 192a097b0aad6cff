import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { logRecorder, RecordMeta, runStep, systemClock } from "weir/testing";
import kubernetesAudit from "../../plugins/transforms/kubernetes_audit/index.ts";
import { isObject } from "../../src/json.ts";
import { envelopes } from "../kubernetes-audit/envelopes.ts";
import { events } from "../kubernetes-audit/events.ts";
import { budget, mutatedJson, mutatedText } from "./mutation.ts";

const wrapped = Object.values(envelopes).flatMap(({ wrap }) => events.slice(0, 4).map(wrap));
const lines = wrapped.flatMap(({ message }) => (typeof message === "string" ? message : []));
const context = { id: "ecs", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };
const step = kubernetesAudit.each({ ...context, config: {} });

const outcomeOf = (data: Data) => runStep(step, [{ data, meta: new RecordMeta("in", "s", 0, 1) }]);

/** What is not an event is rejected with a reason and a sentence, or consumed; nothing throws. */
const check = (data: Data) => {
  const before = JSON.stringify(data);
  const { events: sent, rejected } = outcomeOf(data);
  for (const { reason, message } of rejected) {
    expect(reason).toMatch(/^[a-z0-9_]+$/);
    expect(message).not.toMatch(/undefined|\[object|TypeError|RangeError|Cannot read/);
  }
  const ids = sent.map(({ meta }) => meta.id);
  for (const id of ids) expect(id).not.toMatch(/^undefined/);
  for (const { data } of sent) expect(isObject(data)).toBe(true);
  // It depends on nothing but the event, and does not change it.
  expect(JSON.stringify(data)).toBe(before);
  expect(outcomeOf(data).events.map(({ meta }) => meta.id)).toEqual(ids);
};

it("envelopes in which values were replaced, wrapped or removed are documents, or rejected with a sentence", () => {
  fc.assert(
    fc.property(mutatedJson(wrapped), (value) => isObject(value) && check(value)),
    budget(300),
  );
});

it("so are damaged lines", () => {
  fc.assert(
    fc.property(mutatedText(lines), (message) => check({ message })),
    budget(300),
  );
});
