import { expect, it } from "vitest";
import { type Detail, resume } from "./place.ts";

const from = "https://orchard.example/events";
const detail: Detail = {
  from,
  url: `${from}?after=3`,
  number: 4,
  length: 100,
  next: `${from}?after=4`,
  digest: "d",
  etag: '"e"',
  modified: null,
};
const at = (position: number, changes: Partial<Detail> = {}) => ({ position, detail: { ...detail, ...changes } });

it("goes on behind a page that is committed whole", () => {
  const { place, last, stale } = resume(new Map([["a", at(100)]]), from);
  expect(place).toEqual({ url: detail.next, number: 5 });
  expect(last).toEqual({ stream: "a", length: 100 });
  expect(stale).toEqual([]);
});

it("asks for the last page again, to see whether it has changed", () => {
  const { place } = resume(new Map([["a", at(100, { next: null })]]), from);
  expect(place).toEqual({ url: detail.url, number: 5, seen: { digest: "d", etag: '"e"', modified: null } });
});

it("reads a page again, under the same number, that is committed in part", () => {
  const { place } = resume(new Map([["a", at(99)]]), from);
  expect(place).toEqual({ url: detail.url, number: 4 });
});

it("of several pages takes the latest; the others are to be forgotten", () => {
  const checkpoints = new Map([
    ["a", at(100)],
    ["b", at(50, { number: 5, url: detail.next! })],
    ["c", at(7, { from: "https://other.example/", number: 9 })],
  ]);
  const { place, stale } = resume(checkpoints, from);
  expect(place).toEqual({ url: detail.next, number: 5 });
  expect(stale).toEqual([
    ["a", 100],
    ["c", 7],
  ]);
});

it("begins at the URL of the configuration when that is another", () => {
  expect(resume(new Map([["a", at(100)]]), "https://new.example/").place).toEqual({
    url: "https://new.example/",
    number: 0,
  });
});
