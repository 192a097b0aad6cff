import { describe, expect, it } from "vitest";
import { virtualClock } from "../../testing/clock.ts";
import { testEvent } from "../../testing/event.ts";
import type { Topology } from "../../topology/topology.ts";
import type { Tap } from "./tap.ts";
import { pointsOf, Taps } from "./taps.ts";

const topology = {
  components: [
    { kind: "source", id: "in" },
    { kind: "transform", id: "route", host: { outputs: ["errors", "rest"] } },
    { kind: "sink", id: "out" },
  ],
} as unknown as Topology;

const setUp = () => {
  const taps = new Taps(virtualClock(), Math.random);
  const points = {
    in: taps.output("in", undefined),
    route: taps.output("route", undefined),
    errors: taps.output("route", "errors"),
    routeIn: taps.input("route"),
    out: taps.input("out"),
  };
  return { taps, points };
};

const watched = (points: ReturnType<typeof setUp>["points"]) =>
  Object.entries(points).flatMap(([name, { watch }]) => (watch ? [name] : []));

const seenBy = async (tap: Tap): Promise<string[]> => {
  const names: string[] = [];
  for await (const { events } of tap)
    names.push(...events.map(({ component, output = "" }) => `${component}.${output}`));
  return names;
};

it("watches only the points that match, and leaves nothing behind", async () => {
  const { taps, points } = setUp();
  expect(watched(points)).toEqual([]);
  const errors = taps.attach({ glob: "*.errors" }, topology);
  expect(watched(points)).toEqual(["errors"]);
  const all = taps.attach({ glob: "*" }, topology);
  const entering = taps.attach({ glob: "route", inputs: true }, topology);
  expect(watched(points)).toEqual(["in", "route", "errors", "routeIn"]);
  points.errors.watch!([testEvent({})]);
  points.in.watch!([testEvent({})]);
  all.close();
  expect(watched(points)).toEqual(["errors", "routeIn"]);
  points.errors.watch!([testEvent({})]);
  taps.end();
  expect(watched(points)).toEqual([]);
  expect(await seenBy(errors)).toEqual(["route.errors", "route.errors"]);
  expect(await seenBy(all)).toEqual(["route.errors", "in."]);
  expect(await seenBy(entering)).toEqual([]);
});

it("watches components that come later, and those that are replaced", () => {
  const { taps, points } = setUp();
  taps.attach({ glob: "r*" }, topology);
  expect(taps.output("route", "errors")).toBe(points.errors);
  expect(taps.output("rest", undefined).watch).toBeDefined();
  expect(taps.output("other", undefined).watch).toBeUndefined();
});

it("names the points that it watches", () => {
  expect(pointsOf({ glob: "*" }, topology)).toEqual(["in", "route", "route.errors", "route.rest"]);
  expect(pointsOf({ glob: "o*", inputs: true }, topology)).toEqual(["out"]);
});

describe("refuses, with the way out,", () => {
  const { taps } = setUp();
  it.each([
    [{ glob: "nope" }, /^No output of a source or transform matches "nope"\. There are "in", "route", "route\.errors"/],
    [{ glob: "out" }, /Nothing leaves the sink "out": use --inputs/],
    [{ glob: "in", inputs: true }, /Nothing enters "in": leave out --inputs/],
    [{ glob: "in", where: "a:>" }, /^The query is wrong: [^\n]+\n {2}a:>\n +\^$/],
    [{ glob: "in", where: Array(70).fill("a:1").join(" or ") }, /64/],
    [{ glob: "in", rate: 0 }, /give a number of events from 1 on/],
  ])("%j", (request, message) => {
    expect(() => taps.attach(request, topology)).toThrow(message);
  });

  it("too many taps, and a tap on a run that has ended", () => {
    const { taps } = setUp();
    for (let tap = 0; tap < 16; tap++) taps.attach({ glob: "in" }, topology);
    expect(() => taps.attach({ glob: "in" }, topology)).toThrow("16 taps watch this weir already");
    taps.end();
    expect(() => taps.attach({ glob: "in" }, topology)).toThrow("the run has ended");
  });
});
