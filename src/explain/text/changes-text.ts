import { printable, shortened } from "../../text.ts";
import type { Change } from "../changes.ts";
import type { Paint } from "./paint.ts";

/** A longer value is cut, in UTF-16 units. `--json` has all of it. */
const longest = 200;

/** A line for each change: `+ source.ip "10.0.0.1"`, `~ status "200" → 200`, `- ident "-"`. */
export const changeLines = (changes: readonly Change[], paint: Paint): readonly string[] =>
  changes.map(({ field, before, after }) => {
    const name = printable(field.map(keyText).join("."));
    if (before === undefined) return paint.added(`+ ${name} ${valueText(after!)}`);
    if (after === undefined) return paint.removed(`- ${name} ${valueText(before)}`);
    return paint.changed(`~ ${name} ${valueText(before)} → ${valueText(after)}`);
  });

/** A dot that is part of a key looks different from nesting. */
const keyText = (key: string): string => (key === "" || key.includes(".") ? JSON.stringify(key) : key);

const valueText = (json: string): string => printable(shortened(json, longest));
