import { type Data, type Delivery, fieldValues } from "weir";
import { type NewTerms, type Request, requestOf } from "weir/detection";
import { type Paint, terminalText } from "./paint.ts";

/** A client chooses some of the values, and could fill the screen. */
const longest = 256;
const shown = (value: string): string =>
  terminalText(value.length <= longest ? value : `${value.slice(0, longest - 1).toWellFormed()}…`);

/** The first value of a field, safe to print. */
const first = (field: string) => {
  const values = fieldValues(field);
  return (data: Data): string | undefined => {
    const [value] = values(data);
    return value === undefined ? undefined : shown(value);
  };
};

const time = first("@timestamp");
const id = first("kibana.alert.uuid");
const severity = first("kibana.alert.severity");
const risk = first("kibana.alert.risk_score");
const rule = first("kibana.alert.rule.name");
const reason = (data: Data) => terminalText(String(data["kibana.alert.reason"] ?? ""));
const verb = first("event.action");
const name = first("orchestrator.resource.name");
const namespace = first("orchestrator.namespace");
const outcome = first("event.outcome");

/**
 * An alert as a card: the time of the request, severity and rule; the reason; the new terms; the request and its result;
 * the ATT&CK techniques; when the alert was raised.
 */
export const alertText = ({ data, meta }: Delivery, paint: Paint): string => {
  const level = severity(data) ?? "unknown";
  const emphasis = level === "high" || level === "critical" ? paint.red : paint.yellow;
  const badge = emphasis(paint.bold(`${level.toUpperCase()} ${risk(data) ?? ""}`.trimEnd()));
  const request = requestOf(data);
  const raised = time(data) ?? new Date(meta.ingested).toISOString();
  const head = `${emphasis("▲")} ${request.at ?? raised}  ${badge}  ${paint.bold(rule(data) ?? "")}`;
  const alertRow = ["alert", [id(data), `raised ${raised}`].filter(Boolean).join(", ")];
  const rows = [...termRows(data, paint), ...requestRows(data, request, paint), ...threatRows(data), alertRow];
  const width = Math.max(...rows.map(([label]) => label!.length));
  const table = rows.map(([label, text]) => `    ${paint.dim(label!.padEnd(width))}  ${text}`);
  return [head, `  ${reason(data)}`, ...table, ""].join("\n");
};

/** The terms of the combination. A star marks those that are new by themselves. */
const termRows = (data: Data, paint: Paint): string[][] => {
  const terms = (data["weir"] as { readonly new_terms?: NewTerms } | undefined)?.new_terms?.terms ?? [];
  const width = Math.max(0, ...terms.map(({ value }) => shown(value).length));
  const rows = terms.map((term) => {
    const lastSeen = term.last_seen === undefined ? "" : `, last seen ${term.last_seen}`;
    const status = term.new ? paint.cyan(`★ new by itself${lastSeen}`) : paint.dim(`known${lastSeen}`);
    return [terminalText(term.field), `${paint.bold(shown(term.value).padEnd(width))}  ${status}`];
  });
  const allKnown = terms.length > 1 && terms.every((term) => !term.new);
  return allKnown ? [...rows, ["", paint.cyan("★ new together")]] : rows;
};

/** What was requested, with which result, as whom and where. */
const requestRows = (data: Data, { result, as, host, cluster, resource }: Request, paint: Paint): string[][] => {
  const words = [
    verb(data),
    resource && shown(resource),
    name(data) && `"${name(data)}"`,
    namespace(data) && `in ${namespace(data)}`,
  ];
  const place = [host && `host ${shown(host)}`, cluster && `cluster ${shown(cluster)}`];
  const rows: (readonly [label: string, text: string])[] = [
    ["request", words.filter((word) => word !== undefined).join(" ")],
    ["result", resultText(result ?? outcome(data) ?? "", paint)],
    ["as", shown(as ?? "")],
    ["on", place.filter(Boolean).join(", ")],
  ];
  return rows.filter(([, text]) => text !== "").map((row) => [...row]);
};

const resultText = (result: string, paint: Paint): string =>
  result === "" ? "" : paint.bold(result.startsWith("denied") ? paint.red(result) : result);

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Threat {
  readonly tactic?: Named;
  readonly technique?: readonly (Named & { readonly subtechnique?: readonly Named[] })[];
}

/** One row for each technique: `TA0006 Credential Access › T1552 Unsecured Credentials › T1552.007 Container API`. */
const threatRows = (data: Data): string[][] => {
  const threats = (data["kibana.alert.rule.threat"] ?? []) as readonly Threat[];
  return threats.flatMap(({ tactic, technique = [] }) =>
    technique.map(({ subtechnique = [], ...parent }) => {
      const steps = [...(tactic ? [tactic] : []), parent, ...subtechnique];
      return ["ATT&CK", terminalText(steps.map((step) => `${step.id} ${step.name}`).join(" › "))];
    }),
  );
};
