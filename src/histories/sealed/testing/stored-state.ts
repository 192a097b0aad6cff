import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database, noChanges } from "../../../storage/database.ts";
import { StateRows } from "../../../storage/state-rows.ts";
import { TimedKeys } from "../../../timed-keys/index.ts";
import { memoryState } from "../../../transform/memory-state.ts";
import { exportLines } from "../../export.ts";
import { historiesIn } from "../../histories.ts";
import type { SealedOptions } from "../import.ts";
import type { Keeping, Maker } from "../maker.ts";
import { storedComponent } from "../stored-component.ts";

// Test files share this module, so none may remove it; all temporary files of a test run are removed at its end.
const folder = mkdtempSync(join(tmpdir(), "weir-sealed-"));

/** When it is exported and imported. */
export const now = Date.UTC(2026, 0, 2);
export const rule = { id: "0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b40", name: "burst", memory: "0011" };
export const maker: Maker = { type: "detection", rules: [rule] };
export const keeping = (change: Partial<Maker> = {}, maxState = 1e9): ReadonlyMap<string, Keeping> =>
  new Map([["alerts", { maker: { ...maker, ...change }, maxState }]]);
export const withPipeline: SealedOptions = { keeping: keeping(), now };

let files = 0;

/** A data dir's database with these changes. */
export const newRows = (change: Partial<Parameters<Database["commit"]>[0]> = {}): StateRows => {
  const path = join(folder, `${files++}.db`);
  const database = new Database(path, { isUnsynced: true });
  database.commit({ ...noChanges, ...change });
  database.close();
  return new StateRows(path, { readOnly: false });
};

/** Entries in key spaces, as a transform could have written any. */
export const filled = (
  spaces: Readonly<Record<string, readonly (readonly [string, string, (number | undefined)?])[]>>,
): StateRows =>
  newRows({
    state: Object.entries(spaces).flatMap(([space, entries]) =>
      entries.map(([key, value, expires]) => ({ component: space, key, value, expires })),
    ),
    sweeps: [{ component: `alerts/${rule.id}`, before: 5 }],
    keepers: [{ component: "alerts", wake: now + 5, mark: now - 5, epoch: 2 }],
    ingested: now,
  });

/** What an import could change. */
export const everything = (rows: StateRows): unknown => ({
  keeper: rows.keeper("alerts"),
  clock: rows.clock,
  checkpoints: [...rows.checkpoints("alerts:baseline")],
  spaces: rows.spaces().map((space) => [space, rows.swept(space), [...rows.of(space)]]),
});

export const exported = (rows: StateRows): string[] => [
  ...exportLines(rows, {
    components: [storedComponent("alerts", maker, rows)],
    histories: historiesIn(rows),
    now: "now",
  }),
];

/** A key with a time, as `TimedKeys` has it. */
export const timed = (key: string, value: string, due: number): [string, string][] => {
  const entries = new Map<string, string>();
  const state = memoryState();
  new TimedKeys({ ...state, set: (name, text) => void entries.set(name, text) }).set(key, value, due);
  return [...entries];
};

/** A state with keys of each form. */
export const sample = () =>
  filled({
    [`alerts/${rule.id}`]: [...timed("k1", "[null,1,2]", now), ...timed("k2", "plain text", 5), ["x", "1", 9]],
    "alerts/axis at": [["reading", "[1,2,3]   "]],
  });
