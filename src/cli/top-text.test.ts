import fc from "fast-check";
import { expect, it } from "vitest";
import { rateText, type TopSample, topText } from "./top-text.ts";

const component = (kind: string, received: number, more: object = {}) => ({
  kind,
  type: kind === "source" ? "file" : kind === "sink" ? "http" : "filter",
  component_received_events_total: received,
  component_received_bytes_total: kind === "source" ? received * 100 : 0,
  component_sent_events_total: received / 2,
  component_dead_letter_events_total: {},
  component_in_flight_events: 0,
  component_retries_total: 0,
  ...more,
});

const start = Date.UTC(2026, 0, 1);

const sample = (at: number, components: object, more: object = {}): TopSample =>
  ({
    at,
    now: start + at,
    status: {
      phase: "running",
      version: "0.1.0",
      pid: 7,
      uptime_seconds: 90,
      memory_bytes: 150 * 1024 * 1024,
      not_ready: {},
      outboxes: [],
      components,
      ...more,
    },
  }) as unknown as TopSample;

const wide = { width: 140, color: false };

it("shows what happened in a second, and what waits", () => {
  const before = sample(1000, { in: component("source", 1000), out: component("sink", 1000) });
  const after = sample(
    3000,
    {
      in: component("source", 5000, {
        component_progress_bytes: 499,
        component_progress_total_bytes: 1000,
        component_dead_letter_events_total: { not_json: 2, too_deep: 1 },
      }),
      keep: component("transform", 40, { component_state_bytes: 512, component_state_max_bytes: 1024 }),
      out: component("sink", 5000, { component_in_flight_events: 12, component_retries_total: 4 }),
    },
    {
      outboxes: [
        { name: "out", bytes: 2048, oldest: new Date(start - 60_000).toISOString() },
        { name: "dead_letter", bytes: 100, oldest: new Date(start).toISOString() },
      ],
      not_ready: { out: "cannot be \u001b[31mopened", weir: "commits are failing" },
    },
  );
  expect(topText(before, after, wide)).toEqual(
    [
      "weir 0.1.0, process 7, running for 1m 30s, memory 150.0 MiB, 2026-01-01T00:00:03Z",
      "not ready: out: cannot be \\u001b[31mopened, and 1 more (weir status)",
      "dead letters: 100 bytes, the oldest 3s old",
      "",
      "COMPONENT  TYPE              IN/S  OUT/S    BYTES/S  READ  IN FLIGHT  DEAD LETTERS  RETRIES   OUTBOX    LAG             STATE",
      "in         source file       2000   1000  195.3 KiB  49 %                        3",
      "keep       transform filter     0      0                                                                     512 bytes (50 %)",
      "out        sink http         2000   1000                          12                      4  2.0 KiB  1m 3s",
    ].map((line) => line.replace(/\s+$/, "")),
  );
});

it("fits any terminal, and begins with what matters most", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,30}$/), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 20, max: 160 }), fc.integer({ min: 6, max: 40 }), (names, width, height) => {
      const components = Object.fromEntries(names.map((id, index) => [id, component("transform", index * 1000)]));
      const lines = topText(sample(0, components), sample(1000, components), { width, height, color: false });
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const { length } of lines) expect(length).toBeLessThanOrEqual(width);
      expect(lines[3]).toMatch(/^COMP/);
      const shown = lines.length - 4;
      expect(shown).toBe(Math.min(names.length, height - 4));
    }),
  );
});

it("has colours only where they are wanted", () => {
  const components = { in: component("source", 0) };
  const [before, after] = [sample(0, components), sample(1000, components)];
  const plain = topText(before, after, wide).join("\n");
  const colored = topText(before, after, { ...wide, color: true }).join("\n");
  expect(plain).not.toContain("\u001b");
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(plain);
  expect(colored).not.toBe(plain);
});

it("writes rates in few characters", () => {
  expect([0, 0.04, 1, 9.94, 9.96, 950.4, 9999, 12_345, 999_949, 1_234_567].map(rateText)).toEqual([
    "0",
    "<0.1",
    "1.0",
    "9.9",
    "10",
    "950",
    "9999",
    "12.3k",
    "999.9k",
    "1.2M",
  ]);
});
