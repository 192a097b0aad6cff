import { baselineId } from "../../baseline/ids.ts";
import { doneStream } from "../../baseline/source.ts";
import type { StateRows } from "../../storage/state-rows.ts";
import type { StoredComponent } from "./form.ts";
import type { Maker } from "./maker.ts";

/** What a data dir has of a component besides its key spaces. Throws an error for people while it reads its baseline. */
export const storedComponent = (id: string, maker: Maker, rows: StateRows): StoredComponent => {
  const read = rows.checkpoints(baselineId(id));
  const baseline = read.get(doneStream);
  if (read.size > 0 && baseline === undefined)
    throw new Error(`"${id}" is still reading its baseline. Export when \`weir status\` does not show that any more.`);
  const { wake, mark, epoch = 0 } = rows.keeper(id) ?? {};
  return { id, maker, wake, mark, epoch, clock: rows.clock, baseline };
};
