import { type Data, type Delivery, fieldValues, type NewTerms } from "weir";
import { type Paint, printable } from "./paint.ts";

/** The first value of a field, safe to print. */
const one = (field: string) => {
  const values = fieldValues(field);
  return (data: Data): string | undefined => {
    const [value] = values(data);
    return value === undefined ? undefined : printable(value);
  };
};

const time = one("@timestamp");
const id = one("kibana.alert.uuid");
const severity = one("kibana.alert.severity");
const risk = one("kibana.alert.risk_score");
const rule = one("kibana.alert.rule.name");
const reason = (data: Data) => printable(String(data["kibana.alert.reason"] ?? ""));
const verb = one("event.action");
const resource = one("orchestrator.resource.type");
const name = one("orchestrator.resource.name");
const namespace = one("orchestrator.namespace");
const outcome = one("event.outcome");

/** An alert as a card: when, how bad, which rule; the reason; what is new; on what; where in ATT&CK. */
export const alertText = ({ data, meta }: Delivery, paint: Paint): string => {
  const level = severity(data) ?? "unknown";
  const loud = level === "high" || level === "critical" ? paint.red : paint.yellow;
  const badge = loud(paint.bold(`${level.toUpperCase()} ${risk(data) ?? ""}`.trimEnd()));
  const head = `${loud("▲")} ${time(data) ?? new Date(meta.ingested).toISOString()}  ${badge}  ${paint.bold(rule(data) ?? "")}`;
  const rows = [...termRows(data, paint), ...deedRows(data), ...threatRows(data), ["alert", id(data) ?? ""]];
  const width = Math.max(...rows.map(([label]) => label!.length));
  const table = rows.map(([label, text]) => `    ${paint.dim(label!.padEnd(width))}  ${text}`);
  return [head, `  ${reason(data)}`, ...table, ""].join("\n");
};

/** Each term of the combination; a star at those that are new by themselves. */
const termRows = (data: Data, paint: Paint): string[][] => {
  const terms = (data["weir"] as { readonly new_terms?: NewTerms } | undefined)?.new_terms?.terms ?? [];
  const width = Math.max(0, ...terms.map(({ value }) => printable(value).length));
  const rows = terms.map((term) => {
    const before = term.last_seen === undefined ? "" : `, last seen ${term.last_seen}`;
    const standing = term.new ? paint.cyan(`★ new by itself${before}`) : paint.dim(`known${before}`);
    return [printable(term.field), `${paint.bold(printable(term.value).padEnd(width))}  ${standing}`];
  });
  const allKnown = terms.length > 1 && terms.every((term) => !term.new);
  return allKnown ? [...rows, ["", paint.cyan("★ new together")]] : rows;
};

const deedRows = (data: Data): string[][] => {
  const words = [
    verb(data),
    resource(data),
    name(data) && `"${name(data)}"`,
    namespace(data) && `in ${namespace(data)}`,
  ];
  const deed = words.filter((word) => word !== undefined).join(" ");
  const result = outcome(data);
  return deed === "" ? [] : [["request", result === undefined ? deed : `${deed} (${result})`]];
};

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Threat {
  readonly tactic?: Named;
  readonly technique?: readonly (Named & { readonly subtechnique?: readonly Named[] })[];
}

/** One row a technique: `TA0006 Credential Access › T1552 Unsecured Credentials › T1552.007 Container API`. */
const threatRows = (data: Data): string[][] => {
  const threats = (data["kibana.alert.rule.threat"] ?? []) as readonly Threat[];
  return threats.flatMap(({ tactic, technique = [] }) =>
    technique.map(({ subtechnique = [], ...parent }) => {
      const steps = [...(tactic ? [tactic] : []), parent, ...subtechnique];
      return ["ATT&CK", printable(steps.map((step) => `${step.id} ${step.name}`).join(" › "))];
    }),
  );
};
