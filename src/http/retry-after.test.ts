import { expect, it } from "vitest";
import { retryAfter } from "./retry-after.ts";

const now = Date.UTC(2026, 5, 1, 10);

it.each([
  ["3", 3000],
  [" 0 ", 0],
  ["Mon, 01 Jun 2026 10:00:05 GMT", 5000],
  ["Mon, 01 Jun 2026 09:00:00 GMT", 0],
  ["Fri, 01 Jun 2046 10:00:00 GMT", 3_600_000],
  ["99999999999999", 3_600_000],
  ["-3", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, wait) => expect(retryAfter({ "retry-after": header }, now)).toBe(wait));

it.each([-20, 0, 20])("compares a date with that of the server, whose clock is %d years ahead", (years) => {
  const at = (seconds: number) => new Date(Date.UTC(2026 + years, 5, 1, 10, 0, seconds)).toUTCString();
  expect(retryAfter({ "retry-after": at(5), date: at(0) }, now)).toBe(5000);
  expect(retryAfter({ "retry-after": at(0), date: at(5) }, now)).toBe(0);
});
