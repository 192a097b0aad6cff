import type { Forgetting } from "../histories/forget.ts";
import type { StateStats } from "../histories/stats.ts";
import { bytesText, counted, printable, tableText } from "../text.ts";

/** What is remembered, as a table. */
export const statsText = (stats: readonly StateStats[]): string =>
  tableText(
    [
      ["component", "rule", "entries", "size", "first seen", "last seen", "expires", "held back"],
      ...stats.map((one) => [
        printable(one.component),
        printable(one.name ?? one.rule ?? ""),
        String(one.entries),
        bytesText(one.bytes),
        minute(one.first_seen),
        minute(one.last_seen),
        one.expires ? `${minute(one.expires[0])} to ${minute(one.expires[1])}` : "",
        heldText(one.held_back),
      ]),
    ],
    new Set([2]),
  );

const minute = (time: string | undefined): string => time?.replace(/^(.{10})T(.{5}).*$/, "$1 $2") ?? "";

const heldText = (held: StateStats["held_back"]): string =>
  held
    ? (["learning", "baseline"] as const)
        .filter((reason) => held[reason] > 0)
        .map((reason) => `${held[reason]} ${reason}`)
        .join(", ")
    : "";

/** How many combinations are listed. */
const most = 20;

/** What was or would be forgotten. */
export const forgottenText = (
  found: readonly Forgetting[],
  { isDone, isWhole }: { readonly isDone: boolean; readonly isWhole: boolean },
): string => {
  const combinations = found.flatMap((each) => each.combinations);
  const rows = combinations.slice(0, most).map(({ values }) => `  ${values.map(printable).join(" · ")}\n`);
  const rest = combinations.length > most ? `  and ${combinations.length - most} more\n` : "";
  const what = counted(combinations.length, "combination");
  const whole = isWhole ? ", and all else that is remembered for the rule," : "";
  return `${what}${whole} ${isDone ? "forgotten" : "would be forgotten"}\n${rows.join("")}${rest}`;
};
