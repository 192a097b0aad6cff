import { expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { guardOfKql } from "../kql/guard.ts";
import { parseKql } from "../kql/index.ts";
import { Passer } from "./passer.ts";
import type { Scanner } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { scannerOf } from "./scanner.ts";

const planned = (where: string) => {
  const ending = { guards: [{ name: "where", guard: guardOfKql(parseKql(where)) }], consumed: "filtered" };
  const found = planOf({
    ways: [{ id: "filter", turned: [], ending }],
    read: (json) => ({ data: JSON.parse(json), meta: new RecordMeta("", "", 0, 0) }),
    isAdded: () => false,
  });
  if (typeof found === "string") throw new Error(found);
  return found;
};

const escaped = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;

/** The records, or lines, that a passer does not pass over. */
const wanted = (passer: Passer, records: readonly unknown[]): string[] => {
  const lines = records.map((record) => (typeof record === "string" ? record : JSON.stringify(record)));
  const block = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const found: string[] = [];
  let count = 0;
  for (let at = 0; at < block.length; ) {
    const sifted = passer.lines(block, at, block.length);
    if (typeof sifted === "number") throw new Error("these are lines");
    for (const { start, end } of sifted.found.slice(0, sifted.count)) found.push(block.toString("utf8", start, end));
    count += sifted.records;
    at = sifted.reached;
  }
  expect(count).toBe(records.length);
  return found;
};

it("finds what conditions list, and learns what other values say", () => {
  const plan = planned("verb:get and code >= 400");
  const passer = new Passer(plan, scannerOf(plan.plan), () => false);
  const records = [
    { verb: "get", code: 404 },
    { verb: "get", code: 200 },
    { verb: "list", code: 404 },
    { verb: "list", code: 500 },
  ];
  expect(wanted(passer, records)).toHaveLength(2);
  expect(wanted(passer, records)).toEqual([JSON.stringify(records[0])]);
});

it("finds texts with a part that a condition asks for, and learns what they say; of others, only those beyond ASCII", () => {
  const plan = planned("verb:get and agent:*curl*lib*");
  const passer = new Passer(plan, scannerOf(plan.plan), () => false);
  const agents = ["curl/8 libcurl", "curl/8", "kubelet", '"lib"', "ſ", "lib>8", "curl lib&8"];
  const lines = agents.map((agent) => JSON.stringify({ verb: "get", agent }).replace(/[&>u]/g, escaped));
  expect(wanted(passer, lines)).toEqual([0, 1, 3, 4, 6].map((at) => lines[at]));
  expect(wanted(passer, lines)).toEqual([0, 6].map((at) => lines[at]));
});

it("finds them also after the scanner has forgotten what it learned", () => {
  const plan = planned("verb:get and code >= 400");
  const scanner = scannerOf(plan.plan);
  let room = 3;
  const small: Scanner = {
    lines: (...block) => scanner.lines(...block),
    items: (...block) => scanner.items(...block),
    open: (...leaf) => scanner.open(...leaf),
    learn: (leaf, json, alternatives) => {
      if (room-- > 0) return scanner.learn(leaf, json, alternatives);
      // As a scanner without room does: there is room again after it.
      while (scanner.learn(0, Buffer.from(`"${room--}${"x".repeat(200)}"`), alternatives));
      room = 100;
      return false;
    },
  };
  const passer = new Passer(plan, small, () => false);
  const records = Array.from({ length: 20 }, (_, n) => ({ verb: n % 2 ? "get" : "list", code: n }));
  wanted(passer, records);
  expect(wanted(passer, [...records, { verb: "get", code: 404 }])).toHaveLength(11);
});

it("learns anew, after the scanner has forgotten, what is not a text where only texts are listed", () => {
  const plan = planned("a:*needle*x or b:listed and c:*z");
  const passer = new Passer(plan, scannerOf(plan.plan), () => false);
  const record = { b: null, c: "xz" };
  const isWanted = () => wanted(passer, [record]).length > 0;
  expect([isWanted(), isWanted()]).toEqual([true, false]);
  for (let n = 0; n < 3900; n++) wanted(passer, [{ a: `needle ${n} `.padEnd(243, "y") }]);
  expect([isWanted(), isWanted()]).toEqual([true, false]);
});

it("does not forget again and again", () => {
  const plan = planned("b:listed");
  let lessons = 0;
  const scanner = scannerOf(plan.plan);
  const counting: Scanner = {
    lines: (...block) => scanner.lines(...block),
    items: (...block) => scanner.items(...block),
    open: (...leaf) => scanner.open(...leaf),
    learn: (...lesson) => {
      lessons++;
      return scanner.learn(...lesson);
    },
  };
  const passer = new Passer(plan, counting, () => false);
  for (let n = 0; n < 12_000; n++) wanted(passer, [{ b: [`${n} `.padEnd(240, "y")] }]);
  expect(lessons).toBeLessThan(9_000);
});

it("does not scan while somebody watches, and pauses while everything is wanted", () => {
  const plan = planned("verb:get");
  let isWatched = true;
  const passer = new Passer(plan, scannerOf(plan.plan), () => isWatched);
  expect(passer.isReady).toBe(false);
  isWatched = false;
  expect(passer.isReady).toBe(true);
  wanted(passer, new Array(5000).fill({ verb: "get" }).slice(0, 4000));
  wanted(passer, new Array(1000).fill({ verb: "get" }));
  expect(passer.isReady).toBe(false);
});
