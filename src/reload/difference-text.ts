import { isHidden } from "../baseline/ids.ts";
import { counted, printable } from "../text.ts";
import type { Change, Detail, Difference } from "./difference.ts";

/** One line: what a reload has changed. */
export const summaryOf = (difference: Difference): string => {
  const { changes, restarted, kept } = written(difference);
  const parts = (["added", "changed", "removed"] as const).flatMap((how) => {
    const ids = changes.filter((change) => change.how === how).map(({ id }) => id);
    return ids.length > 0 ? [`${how} ${ids.join(", ")}`] : [];
  });
  if (restarted.length > 0) parts.push(`restarted ${withChanges(changes)} ${restarted.join(", ")}`);
  if (kept.length > 0) parts.push(`${counted(kept.length, "component")} not touched`);
  return parts.join("; ");
};

/** For people: a block for each component that changes, then what happens to the others. */
export const differenceText = (difference: Difference): string => {
  const { changes, restarted, kept } = written(difference);
  if (changes.length === 0) return "no differences\n";
  const also = restarted.length > 0 ? [`restarts ${withChanges(changes)}: ${restarted.join(", ")}\n`] : [];
  const rest = kept.length > 0 ? [`not touched: ${kept.join(", ")}\n`] : [];
  return [...changes.map(blockOf), ...also, ...rest].join("");
};

const withChanges = (changes: readonly Change[]): string => `with ${changes.length === 1 ? "it" : "them"}`;

/** What the pipeline files name: components that read a baseline change with the one whose baseline it is. */
const written = ({ changes, restarted, kept }: Difference): Difference => ({
  changes: changes.filter(({ id }) => !isHidden(id)),
  restarted: restarted.filter((id) => !isHidden(id)),
  kept: kept.filter((id) => !isHidden(id)),
});

const signs = { added: "+", changed: "~", removed: "-" } as const;

const blockOf = ({ id, kind, type, how, details }: Change): string =>
  `${signs[how]} ${kind} ${id} (${printable(type)})\n${details.map((detail) => `    ${printable(lineOf(detail))}\n`).join("")}`;

const lineOf = (detail: Detail): string => {
  if ("what" in detail) return detail.what;
  const { option, from, to, isSecret } = detail;
  if (isSecret) return `${option}: a secret has changed`;
  return `${option}: ${valueText(from)} → ${valueText(to)}`;
};

const valueText = (value: unknown): string => (value === undefined ? "not set" : JSON.stringify(value));
