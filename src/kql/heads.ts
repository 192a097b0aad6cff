import { freeTextIn } from "./free-text.ts";
import { type KqlNode, kqlFields } from "./node.ts";
import type { KqlOptions } from "./options.ts";
import { parseKql } from "./parse.ts";

/**
 * The first names of the fields that a query reads: only members of an event with these names, or with names that go on with a
 * dot after them, decide whether it matches. Undefined if it may read any member.
 */
export const kqlHeads = (
  query: string | KqlNode,
  { defaultFields = [], limits }: Pick<KqlOptions, "defaultFields" | "limits"> = {},
): readonly string[] | undefined => {
  const node = typeof query === "string" ? parseKql(query, limits) : query;
  const searched = freeTextIn(node) === undefined ? [] : defaultFields;
  const heads = [...kqlFields(node), ...searched].map((field) => field.split(".")[0]!);
  return heads.some((head) => head === "" || head.includes("*")) ? undefined : [...new Set(heads)];
};
