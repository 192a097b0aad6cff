import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { flaws, RecordMeta, runStep } from "weir/testing";
import kubernetesAudit from "./index.ts";

const through = (data: Data) => runStep(kubernetesAudit.each(), [{ data, meta: new RecordMeta("lambda", "s", 0, 1) }]);

const awslogs = (text: string | Buffer): Data => ({
  awslogs: { data: (typeof text === "string" ? gzipSync(text) : text).toString("base64") },
});

it("is well formed", () => expect(flaws(kubernetesAudit)).toEqual([]));

it("unpacks what a Lambda function receives", () => {
  const message = JSON.stringify({ auditID: "a-1", stage: "Panic", verb: "get" });
  const { events } = through(awslogs(JSON.stringify({ logEvents: [{ message }] })));
  expect(events[0]!.meta.id).toMatch(/^a-1\/Panic\/[0-9a-f]{32}$/);
  expect(events[0]!.data["event"]).toMatchObject({ kind: "event", action: "get" });
});

it.each([
  ["is not gzip", Buffer.from("plain"), "not_gzip", /^"awslogs\.data" is not gzip in base64: /],
  ["unpacks to more than 16 MiB", " ".repeat(16 * 1024 * 1024 + 1), "too_large", /unpacks to more than 16777216 bytes/],
  ["holds text", "good morning", "not_json", /^the line "good morning" is neither/],
])("rejects data that %s", (_what, text, reason, message) => {
  const { rejected } = through(awslogs(text));
  expect(rejected).toEqual([expect.objectContaining({ reason, message: expect.stringMatching(message) })]);
});
