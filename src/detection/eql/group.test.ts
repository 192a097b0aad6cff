import { expect, it } from "vitest";
import type { Data } from "../../json.ts";
import type { Document } from "./documents.ts";
import { findingOf, groupAlerts } from "./group.ts";

const noon = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;

const sentenceAbout = (...documents: readonly Pick<Document, "at" | "data">[]): string => {
  const whole = documents.map((each, index): Document => ({ id: `e${index}`, ingested: noon, shortened: [], ...each }));
  const group = { type: "sequence", documents: whole, keys: [], missing: 0 } as const;
  const [shell] = groupAlerts(group, { rule: "r", alertId: ({ ancestors }) => ancestors.map(({ id }) => id).join() });
  return findingOf(shell!).sentences[0]!;
};

const asked = (requestReceivedTimestamp: string): Data => ({ kubernetes: { audit: { requestReceivedTimestamp } } });

it("says when the events happened, and not when they came", () => {
  expect(sentenceAbout({ at: noon - 5 * minute, data: {} }, { at: noon - minute, data: {} })).toBe(
    "A sequence of 2 events from 2026-01-01T11:55:00.000Z to 2026-01-01T11:59:00.000Z.",
  );
  expect(
    sentenceAbout(
      { at: noon, data: { "@timestamp": "2026-01-01T10:00:00Z" } },
      { at: noon, data: asked("2026-01-01T10:01:00Z") },
    ),
  ).toBe("A sequence of 2 events from 2026-01-01T10:00:00.000Z to 2026-01-01T10:01:00.000Z.");
  expect(sentenceAbout({ at: noon, data: {} })).toBe("A sequence of 1 event at 2026-01-01T12:00:00.000Z.");
});
