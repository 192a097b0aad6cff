import { expect, it } from "vitest";
import { judgeBulk } from "./judge-bulk.ts";

const judged = (body: unknown, { status = 200, events = 1, isCut = false } = {}) =>
  judgeBulk(
    { status, headers: {}, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), isCut },
    { origin: "http://node:9200", events, final: [], now: 0 },
  );

const failed = (items: readonly object[]) => {
  const verdict = judged({ errors: true, items }, { events: items.length });
  return verdict.kind === "delivered" ? verdict.failed : verdict;
};

it("takes what was created, and what was there already, for delivered", () => {
  expect(failed([{ create: { status: 201 } }, { create: { status: 409, error: { type: "conflict" } } }])).toEqual([]);
});

it.each([401, 403, 404, 408, 429, 500, 503])("tries again after %i for an item", (status) => {
  expect(failed([{ create: { status: 201 } }, { create: { status } }])).toMatchObject([{ index: 1, final: false }]);
});

it.each([400, 405, 413, 422])("gives up after %i for an item, with the reason", (status) => {
  const error = { type: "document_parsing_exception", reason: "[1:2] no\n number", caused_by: { reason: "For input" } };
  expect(failed([{ create: { status, error } }])).toEqual([
    {
      index: 0,
      final: true,
      message: `http://node:9200 refused the event (${status}): document_parsing_exception: [1:2] no number: For input`,
    },
  ]);
});

it.each([
  "",
  "<html>",
  "null",
  "[]",
  "{}",
  '{"items":1}',
  '{"errors":false,"items":[]}',
  '{"items":[{"create":{"status":201}},{"create":{"status":201}}]}',
])("tries again after an answer that is none: %s", (body) => {
  expect(judged(body)).toMatchObject({ kind: "again", message: expect.stringContaining("the bulk API") });
});

it("tries again after an item that cannot be understood, and after an answer that is too long", () => {
  for (const item of [null, 1, {}, { create: null }, { create: { status: "201" } }])
    expect(judged({ items: [item] })).toMatchObject({ failed: [{ index: 0, final: false }] });
  expect(judged({ items: [{ create: { status: 201 } }] }, { isCut: true })).toMatchObject({ kind: "again" });
});

it("judges a request that failed as a whole as the http sink does", () => {
  expect(judged("{}", { status: 413 })).toMatchObject({ kind: "refused" });
  expect(judged("{}", { status: 429 })).toMatchObject({ kind: "again", isBusy: true });
});
