import { hash } from "node:crypto";
import { GrownLines } from "./grown-lines.ts";

/** An alert in one line of text: which rule, which event, which terms, and which of them were new by themselves. */
export const alertText = (
  rule: string,
  auditID: string,
  terms: readonly (readonly [value: string, isNew: boolean])[],
): string => `${rule} ${auditID} ${JSON.stringify(terms)}`;

export interface Alerts {
  /** Each alert once, with its id. */
  readonly byText: ReadonlyMap<string, string>;
  readonly ids: number;
  readonly repeats: number;
  /** Ids that came with two bodies, or alerts that came with two ids: there must be none. */
  readonly changed: readonly string[];
}

interface Document {
  readonly "kibana.alert.uuid": string;
  readonly "kibana.alert.rule.name": string;
  readonly kubernetes: { readonly audit: { readonly auditID: string } };
  readonly weir: {
    readonly new_terms: { readonly terms: readonly { readonly value: string; readonly new: boolean }[] };
  };
}

/** Reads the file of alerts, repeats struck by id. */
export const readAlerts = (path: string): Alerts => {
  const byText = new Map<string, string>();
  const bodies = new Map<string, string>();
  const changed: string[] = [];
  let repeats = 0;
  new GrownLines(path).read((line) => {
    const alert = JSON.parse(line) as Document;
    const id = alert["kibana.alert.uuid"];
    const { terms } = alert.weir.new_terms;
    const text = alertText(
      alert["kibana.alert.rule.name"],
      alert.kubernetes.audit.auditID,
      terms.map(({ value, new: isNew }) => [value, isNew]),
    );
    const body = hash("sha1", line);
    if (bodies.has(id)) repeats++;
    if ((bodies.get(id) ?? body) !== body || (byText.get(text) ?? id) !== id) changed.push(`${id} ${text}`);
    bodies.set(id, body);
    byText.set(text, id);
  });
  return { byText, ids: bodies.size, repeats, changed };
};
