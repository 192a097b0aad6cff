import { expect, it } from "vitest";
import { nextLink } from "./next-link.ts";

const base = "https://orchard.example/events?page=2";

it.each([
  ["</events?page=3>; rel=next", "https://orchard.example/events?page=3"],
  ['<?page=3>; rel="next"', "https://orchard.example/events?page=3"],
  ['<?page=1>; rel="prev", <?page=3>; title="a, b; c"; REL="Next last"', "https://orchard.example/events?page=3"],
  ["<https://a.example/x,y;z>;rel=next", "https://a.example/x,y;z"],
  ['<?page=1>; rel=prev; title="rel=next"', undefined],
  ["<?page=3>; rel=nextish", undefined],
  ["<?page=3>", undefined],
  ["", undefined],
  [undefined, undefined],
])("%s", (header, url) => expect(nextLink(header, base)).toBe(url));

it("a hostile header costs no more than its length", () => {
  expect(nextLink("<".repeat(1_000_000), "http://a.example/")).toBeUndefined();
  expect(nextLink(`<x>${';a="b"'.repeat(100_000)}!`, "http://a.example/")).toBeUndefined();
});
