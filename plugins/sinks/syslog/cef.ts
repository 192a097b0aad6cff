import type { Delivery } from "weir";
import { type Template, TemplateError } from "weir/fields";

/** What a message in CEF consists of, for each event. */
export interface Cef {
  readonly vendor: Template;
  readonly product: Template;
  readonly version: Template;
  readonly id: Template;
  readonly name: Template;
  readonly severity: Template;
  readonly extension: Readonly<Record<string, Template>>;
}

/**
 * A message in the Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value …`. In the header, `\` and `|`
 * are escaped; in values, `\`, `=` and line ends are (ArcSight Common Event Format, version 25). A value that an event does not
 * have is left out.
 */
export const cefOf = (cef: Cef, event: Delivery): string => {
  const { vendor, product, version, id, name, severity } = cef;
  const header = [vendor, product, version, id, name].map((template) => headerText(textOf(template, event) ?? ""));
  const values = Object.entries(cef.extension).flatMap(([key, template]) => {
    const text = textOf(template, event);
    return text === undefined || text === "" ? [] : [`${key}=${valueText(times.has(key) ? timeOf(text) : text)}`];
  });
  return `CEF:0|${header.join("|")}|${severityOf(textOf(severity, event) ?? "")}|${values.join(" ")}`;
};

const textOf = (template: Template, { data, meta }: Delivery): string | undefined => {
  try {
    return template.render(data, (text) => text, meta);
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
};

const headerText = (text: string): string => text.replace(/[\\|]/g, "\\$&").replace(/[\r\n]+/g, " ");
const valueText = (text: string): string => text.replace(/[\\=]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r");

/** Keys whose values are times: CEF wants milliseconds since 1970. */
const times = new Set([
  "art",
  "deviceCustomDate1",
  "deviceCustomDate2",
  "end",
  "fileCreateTime",
  "fileModificationTime",
  "flexDate1",
  "mrt",
  "oldFileCreateTime",
  "oldFileModificationTime",
  "rt",
  "start",
]);

const timeOf = (text: string): string => {
  const instant = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? text : String(instant);
};

/** The words of CEF, by those of alerts. */
const severities: Readonly<Record<string, string>> = {
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Very-High",
  "very-high": "Very-High",
};

/** 0 to 10, or one of CEF's words; `Unknown` for anything else. */
const severityOf = (text: string): string => {
  if (/^(?:\d|10)$/.test(text)) return text;
  return severities[text.toLowerCase()] ?? "Unknown";
};
