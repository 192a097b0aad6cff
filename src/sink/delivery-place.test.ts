import { expect, it } from "vitest";
import { placeAfter, placeIn } from "./delivery-place.ts";

it("a record of something else is no place", () => {
  expect(placeIn({ files: [] }, () => "new")).toEqual({ writer: "new", position: 0 });
  expect(placeIn({ writer: "old", position: 7 }, () => "new")).toEqual({ writer: "old", position: 7 });
  expect(placeAfter({ writer: "old", position: 7 }, 3)).toEqual({ writer: "old", position: 10 });
});
