import { afterEach, expect, it, vi } from "vitest";
import { hasColor } from "./terminal.ts";

afterEach(() => vi.unstubAllEnvs());

it.each([
  [true, "", true],
  [true, "1", false],
  [false, "", false],
])("colours on a terminal (%s) with NO_COLOR=%s: %s, whatever FORCE_COLOR says", (isTTY, value, expected) => {
  vi.stubEnv("NO_COLOR", value);
  vi.stubEnv("FORCE_COLOR", "1");
  expect(hasColor({ isTTY, hasColors: () => true } as never)).toBe(expected);
});
