import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import type { Pipeline } from "../../src/config/load.ts";
import { exportLines } from "../../src/histories/export.ts";
import { historiesIn } from "../../src/histories/histories.ts";
import { importLines } from "../../src/histories/import.ts";
import { keepingIn } from "../../src/histories/sealed/maker.ts";
import { storedComponent } from "../../src/histories/sealed/stored-component.ts";
import type { Event } from "../../src/index.ts";
import { changesOf } from "../../src/runtime/commit-request.ts";
import type { Flight } from "../../src/runtime/flow/flight.ts";
import { Database } from "../../src/storage/database.ts";
import { Reader } from "../../src/storage/reader.ts";
import { StateRows } from "../../src/storage/state-rows.ts";
import { logRecorder, RecordMeta, systemClock } from "../../src/testing/index.ts";
import { KeepRun } from "../../src/testing/keep-run.ts";
import { buildTransform } from "../../src/transform/build.ts";
import type { Transform } from "../../src/transform/transform.ts";
import { rules, transforms } from "./plan.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
/** Some alerts are rare, so more runs are needed to see each. */
const rare: Readonly<Record<string, number>> = { seen: 120, alerts: 60 };
const runsOf = (id: string): number => (isLong ? 200 : (rare[id] ?? 12));
const start = Date.UTC(2026, 0, 1);
const folder = mkdtempSync(join(tmpdir(), "weir-moved-state-"));
let pipeline: Pipeline;

beforeAll(async () => {
  for (const { name, ...rule } of rules) writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(rule));
  const inputs = (of: object) => ({ ...of, inputs: ["log"] });
  const plan = {
    sources: { log: { type: "file", include: ["/nothing"], codec: "json" } },
    transforms: Object.fromEntries(Object.entries(transforms).map(([id, options]) => [id, inputs(options)])),
    sinks: { out: { type: "console", inputs: Object.keys(transforms) } },
  };
  writeFileSync(join(folder, "pipeline.yaml"), JSON.stringify(plan));
  const loaded = await loadPipelineFile(join(folder, "pipeline.yaml"));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  pipeline = loaded.value;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What happens to a component: an event, or time that passes. All in milliseconds. */
interface Happening {
  readonly after: number;
  /** How far its own time is behind. */
  readonly late: number;
  readonly user: string;
  readonly letter: string;
  readonly isTick: boolean;
}

const happenings = fc.array(
  fc.record<Happening>({
    after: fc.constantFrom(0, 1, 400, 1_000, 1_000, 2_500, 9_000),
    late: fc.constantFrom(0, 0, 0, 700, 1_900, 5_000),
    user: fc.constantFrom("ann", "ann", "bob"),
    letter: fc.constantFrom("A", "A", "B", "C"),
    isTick: fc.boolean(),
  }),
  { minLength: 6, maxLength: 30, size: "max" },
);

let files = 0;

/** A data dir's database under one component, which runs on it. */
class Place {
  readonly path = join(folder, `${files++}.db`);
  readonly #database = new Database(this.path, { isUnsynced: true });
  readonly #reader = new Reader(this.path);

  runOf(id: string): KeepRun {
    const component = pipeline.topology.components.find((each) => each.id === id)!;
    const reader = this.#reader;
    const database = this.#database;
    const context = {
      id,
      config: component.config as never,
      clock: systemClock,
      signal: new AbortController().signal,
      log: logRecorder(),
    };
    return new KeepRun({
      id,
      outputs: [],
      committed: {
        get saved() {
          return reader.load();
        },
        commit: (flight: Flight) => database.commit({ ...changesOf([flight]), ends: [], delivered: [] }),
        state: (...given) => reader.state(...given),
        scanState: (...given) => reader.scanState(...given),
        stateBytes: (...given) => reader.stateBytes(...given),
        expiringState: (...given) => reader.expiringState(...given),
      },
      build: (state) => {
        const scheduler = () => {
          throw new Error("no transform here needs one");
        };
        const built = buildTransform(component.plugin as Transform, context as never, {
          state: () => state,
          scheduler,
        });
        if (built.shape !== "keep") throw new Error(`"${id}" keeps nothing`);
        return built.step;
      },
    });
  }

  exported(id: string): string[] {
    const rows = new StateRows(this.path, { readOnly: true });
    const { maker } = keepingIn(pipeline).get(id)!;
    const components = [storedComponent(id, maker, rows)];
    const lines = [...exportLines(rows, { components, histories: historiesIn(rows), now: "now" })];
    rows.close();
    return lines;
  }

  async import(lines: readonly string[], now: number): Promise<void> {
    const rows = new StateRows(this.path, { readOnly: false });
    await importLines(rows, lines, { keeping: keepingIn(pipeline), now });
    rows.close();
  }

  close(): void {
    this.#reader.close();
    this.#database.close();
  }
}

/** Each happening with its number and when it is. */
const timed = (given: readonly Happening[]) => {
  let now = start;
  return given.map((each, number) => {
    now += each.after;
    return { ...each, now, number };
  });
};

const play = (run: KeepRun, all: ReturnType<typeof timed>): void => {
  for (const { now, late, user, letter, isTick, number } of all) {
    if (isTick) run.tick({ tick: now, idle: 1_500 });
    else {
      const data = { user, letter, number, at: new Date(now - late).toISOString() };
      run.batch([{ data, meta: new RecordMeta("log", "log", number, now) }]);
    }
  }
};

/** What is in an export, without the time of the next tick: a tick that changes nothing changes that in memory only. */
const remembered = (lines: readonly string[]): unknown[] =>
  lines.map((line) => {
    const { seal: _seal, wake: _wake, ...rest } = JSON.parse(line);
    return rest;
  });

const sentBy = (run: KeepRun): string[] =>
  run.result.sent.map(({ event }: { readonly event: Event }) => `${event.meta.id} ${JSON.stringify(event.data)}`);

it.each(Object.keys(transforms))(
  "a stream cut anywhere, moved, and continued gives what one run gives: %s",
  async (id) => {
    const numRuns = runsOf(id);
    let [sent, moved] = [0, 0];
    const found = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(happenings, fc.noBias(fc.nat(1_000)), async (given, place) => {
        const all = timed(given);
        const cut = place % (all.length + 1);
        const [one, old, fresh] = [new Place(), new Place(), new Place()];
        const end = { tick: all.at(-1)!.now + 60_000, idle: 60_000 };
        const whole = one.runOf(id);
        play(whole, all);
        const first = old.runOf(id);
        play(first, all.slice(0, cut));
        const lines = old.exported(id);
        await fresh.import(lines, all[cut]?.now ?? end.tick);
        expect(fresh.exported(id)).toEqual(lines);
        const second = fresh.runOf(id);
        play(second, all.slice(cut));
        expect(remembered(fresh.exported(id))).toEqual(remembered(one.exported(id)));
        for (const run of [whole, second]) {
          run.tick(end);
          run.tick({ tick: end.tick + 1, final: true });
        }
        const expected = sentBy(whole);
        expect([...sentBy(first), ...sentBy(second)]).toEqual(expected);
        for (const run of [whole, first, second]) expect(run.result.rejected).toEqual([]);
        sent += expected.length;
        moved += lines.length - 3;
        for (const { event } of whole.result.sent) {
          const name = String(event.data["kibana.alert.rule.name"] ?? "");
          found.set(name, (found.get(name) ?? 0) + 1);
        }
        for (const place of [one, old, fresh]) place.close();
      }),
      { numRuns },
    );
    expect(sent).toBeGreaterThan(numRuns / 2);
    expect(moved).toBeGreaterThan(numRuns / 2);
    if (id === "alerts") expect([...found.keys()].sort()).toEqual(rules.map(({ title }) => title).sort());
  },
  600_000,
);
