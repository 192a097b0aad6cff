import { isObject } from "../../../json.ts";
import { RecordEvent } from "../../../record-event.ts";
import { soundData } from "../../../sound-data.ts";
import { isEvent } from "../../../transform/lineage.ts";
import { OutcomeFault } from "../../../transform/tally.ts";
import type { Outputs, StepResult } from "../../../transform/transform.ts";

/** Throws for output that JSON cannot represent: now, while the writes of the event can still be undone. */
export const checkJson = (result: StepResult): void => {
  if (typeof result === "string") return;
  for (const event of sentBy(result)) {
    const flaw = isEvent(event) && !(event instanceof RecordEvent) ? soundData(event.data) : undefined;
    if (flaw !== undefined) throw new OutcomeFault(`the transform returned an event that is not JSON: ${flaw}`);
  }
};

const sentBy = (result: unknown): readonly unknown[] => {
  if (isEvent(result)) return [result];
  if (Array.isArray(result)) return result;
  if (!isObject(result)) return [];
  const { events, to } = result as Outputs;
  return [events, ...Object.values(to ?? {})].flat();
};
