import { expect, it } from "vitest";
import { splitAtSpaces } from "./split-at-spaces.ts";

it.each([
  [["a", ""], [["a", ""]]],
  [
    [" a", "b  c", ""],
    [
      ["a", "b"],
      ["c", ""],
    ],
  ],
  [
    ["", " ", ""],
    [
      ["", ""],
      ["", ""],
    ],
  ],
])("%j split at spaces is %j", (parts, pieces) => {
  expect(splitAtSpaces(parts)).toEqual(pieces);
});
