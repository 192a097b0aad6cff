import type { Data } from "../json.ts";
import { compileCondition, type EqlCondition } from "./condition.ts";
import type { AccessOf } from "./fields.ts";
import type { EqlFilter } from "./node.ts";

/** Whether an event has a category, which is the value of a field, and the condition is true for it. */
export const compileFilter = (
  { category, condition }: EqlFilter,
  access: AccessOf,
  categoryField: string,
): EqlCondition => {
  const isTrue = compileCondition(condition, access);
  if (category === undefined) return isTrue;
  const found = access({ type: "field", name: categoryField, optional: true });
  if (!found) return () => false;
  const { field, read } = found;
  const isWanted: Parameters<typeof field.some>[1] = (scalar) => read(scalar) === category;
  return (data: Data) => field.some(data, isWanted) && isTrue(data);
};
