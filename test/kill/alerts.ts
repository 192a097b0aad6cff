import { hash } from "node:crypto";
import { GrownLines } from "./grown-lines.ts";

/** An alert in one line of text: which rule, which event, which terms, and which of them were new by themselves. */
export const alertText = (
  rule: string,
  auditID: string,
  terms: readonly (readonly [value: string, isNew: boolean])[],
): string => `${rule} ${auditID} ${JSON.stringify(terms)}`;

/** One alert of a file: its event, and its terms with whether each was new by itself. */
export interface Alert {
  readonly id: string;
  readonly auditID: string;
  readonly terms: readonly (readonly [value: string, isNew: boolean])[];
}

export interface Alerts {
  /** Each alert once, in the order of the file. */
  readonly inOrder: readonly Alert[];
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
  const inOrder: Alert[] = [];
  let repeats = 0;
  new GrownLines(path).read((line) => {
    const alert = JSON.parse(line) as Document;
    const id = alert["kibana.alert.uuid"];
    const { auditID } = alert.kubernetes.audit;
    const terms = alert.weir.new_terms.terms.map(({ value, new: isNew }) => [value, isNew] as const);
    const text = alertText(alert["kibana.alert.rule.name"], auditID, terms);
    const body = hash("sha1", line);
    if (bodies.has(id)) repeats++;
    else inOrder.push({ id, auditID, terms });
    if ((bodies.get(id) ?? body) !== body || (byText.get(text) ?? id) !== id) changed.push(`${id} ${text}`);
    bodies.set(id, body);
    byText.set(text, id);
  });
  return { inOrder, byText, ids: bodies.size, repeats, changed };
};
