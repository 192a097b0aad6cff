import { type Delivery, fieldValues } from "weir";
import { alertText } from "./alert.ts";
import { type Paint, terminalText } from "./paint.ts";

const time = fieldValues("@timestamp");
const rule = fieldValues("kibana.alert.rule.name");
const shown = ["event.action", "orchestrator.resource.type", "orchestrator.namespace", "user.name", "source.ip"].map(
  (field) => fieldValues(field),
);

/** An event as readable text: an alert as a card that shows what was found and why, any other event as one line. */
export const prettyText = (event: Delivery, paint: Paint): string =>
  rule(event.data).length > 0 ? `${alertText(event, paint)}\n` : `${lineText(event, paint)}\n`;

const lineText = ({ data, json, meta }: Delivery, paint: Paint): string => {
  const timestamp = time(data)[0] ?? new Date(meta.ingested).toISOString();
  const fields = shown.map((values) => terminalText(values(data).join(","))).filter((text) => text !== "");
  return [paint.dim(terminalText(timestamp)), ...fields, paint.dim(terminalText(json))].join(" ");
};
