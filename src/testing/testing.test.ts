import { describe, expect, it } from "vitest";
import { option } from "../option/option.ts";
import { defineSink, type Plugin } from "../plugin.ts";
import { flaws, recordingHost, turn, virtualClock } from "./index.ts";

describe("virtualClock", () => {
  it("wakes sleepers in order, each at its time, also those that start to sleep meanwhile", async () => {
    const clock = virtualClock(0);
    const woken: [string, number][] = [];
    const nap = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push([name, clock.now()]));
    void nap("late", 30);
    void nap("early", 10).then(() => nap("again", 5));
    await clock.advance(20);
    expect(woken).toEqual([
      ["early", 10],
      ["again", 15],
    ]);
    expect([clock.now(), clock.sleepers]).toEqual([20, 1]);
    await clock.advance(10);
    expect(woken.at(-1)).toEqual(["late", 30]);
  });

  it("wakes a sleeper whose signal aborts, without time passing", async () => {
    const clock = virtualClock(0);
    const stop = new AbortController();
    let woken = false;
    void clock.sleep(1_000, stop.signal).then(() => {
      woken = true;
    });
    stop.abort();
    await turn();
    expect([woken, clock.now(), clock.sleepers]).toEqual([true, 0, 0]);
  });
});

describe("recordingHost", () => {
  const reading = (position: number, text: string, more = {}) => ({
    stream: "s",
    position,
    bytes: Buffer.from(text),
    ...more,
  });

  it("commits complete lines, and reads an incomplete line again after a crash", () => {
    const host = recordingHost();
    host.take(reading(0, "one\ntw", { detail: { a: 1 } }));
    expect(host.checkpoints.get("s")).toEqual({ position: 4, detail: { a: 1 } });
    host.crash();
    host.take(reading(4, "two\nthree", { end: true }));
    expect(host.lines.map(({ position, text }) => [position, text])).toEqual([
      [0, "one"],
      [4, "two"],
      [8, "three"],
    ]);
    host.take(reading(13, "", { forget: true }));
    expect(host.checkpoints.size).toBe(0);
  });

  it("notices gaps and overlaps", () => {
    const host = recordingHost();
    host.take(reading(0, "one\ntw"));
    expect(() => host.take(reading(7, "x"))).toThrow(
      'the reading of stream "s" starts at byte 7; it must start at byte 6',
    );
    expect(() => host.take(reading(4, "x"))).toThrow(
      'the reading of stream "s" starts at byte 4; it must start at byte 6',
    );
  });
});

describe("flaws", () => {
  it("finds every flaw of a definition", () => {
    const plugin = defineSink({
      name: "Bad-Name",
      summary: "no sentence",
      options: {
        wait: option.duration("How long", { default: "5 minutes" }),
        batch: option.integer("How many at a time."),
        camelCase: option.boolean("Yes."),
        password: option.optional(option.secret("The user's."), { needs: ["user"] }),
      },
      open: () => ({ write: async () => undefined }),
    });
    expect(flaws(plugin as Plugin)).toEqual([
      'the name "Bad-Name" must be in snake_case',
      'the summary "no sentence" must be one sentence that ends with a period',
      'the description of "wait" must be a sentence that ends with a period',
      '"5 minutes" does not match the schema of "wait"',
      'the option "camelCase" must be in snake_case',
      '"password" refers to "user", which is not an option of the plugin',
      'the option "batch" is reserved: weir adds it to every sink. Choose another name',
    ]);
  });
});
