import { expect, it } from "vitest";
import { retryAfter } from "./retry-after.ts";

const now = Date.UTC(2026, 5, 1, 10);

it.each([
  ["3", 3000],
  [" 0 ", 0],
  ["Mon, 01 Jun 2026 10:00:05 GMT", 5000],
  ["Mon, 01 Jun 2026 09:00:00 GMT", 0],
  ["-3", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, wait) => expect(retryAfter(header, now)).toBe(wait));
