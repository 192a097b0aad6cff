import type { Delivery } from "weir";
import type { Template } from "weir/fields";
import { type Cef, cefOf } from "./cef.ts";
import { legacyTimestamp, priorityOf, rendered, timestampOf, word } from "./header.ts";

export interface MessageConfig {
  readonly rfc: "5424" | "3164";
  readonly format: "json" | "text" | "cef";
  readonly facility: Template;
  readonly severity: Template;
  readonly hostname: Template;
  readonly appname: Template;
  readonly procid: Template;
  readonly msgid: Template;
  readonly structured_data?: Template;
  readonly message: Template;
  readonly cef: Cef;
}

/** An event as a message of syslog. Never has a line end with `isLine`: rsyslog's `#012` stands for it. */
export const messageOf = (config: MessageConfig, event: Delivery, isLine: boolean): string => {
  const priority = priorityOf(rendered(config.facility, event), rendered(config.severity, event));
  const header = config.rfc === "3164" ? legacyHeader(config, event) : modernHeader(config, event);
  const message = `<${priority}>${header}${bodyOf(config, event)}`;
  return isLine ? message.replace(/\n/g, "#012").replace(/\0/g, "#000") : message;
};

const modernHeader = (config: MessageConfig, event: Delivery): string => {
  const words = [
    word(rendered(config.hostname, event), 255),
    word(rendered(config.appname, event), 48),
    word(rendered(config.procid, event), 128),
    word(rendered(config.msgid, event), 32),
  ];
  const data = config.structured_data && rendered(config.structured_data, event, paramValue);
  return `1 ${timestampOf(event)} ${words.join(" ")} ${data ?? "-"} `;
};

const legacyHeader = ({ hostname, appname, procid }: MessageConfig, event: Delivery): string => {
  const [program, pid] = [word(rendered(appname, event), 48), word(rendered(procid, event), 128)];
  const tag = program.replace(/[[\]:]/g, "_");
  const host = word(rendered(hostname, event), 255);
  return `${legacyTimestamp(timestampOf(event))} ${host} ${tag}${pid === "-" ? "" : `[${pid}]`}: `;
};

const bodyOf = ({ format, message, cef }: MessageConfig, event: Delivery): string => {
  if (format === "json") return event.json;
  return format === "cef" ? cefOf(cef, event) : message.render(event.data, (text) => text, event.meta);
};

/** RFC 5424, 6.3.3: a backslash before `"`, `\` and `]`. */
const paramValue = (text: string): string => text.replace(/["\\\]]/g, "\\$&");
