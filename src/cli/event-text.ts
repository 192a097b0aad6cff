import { parseJson } from "../parse-json.ts";
import type { SeenEvent } from "../runtime/tap/tap.ts";
import { printable } from "../text.ts";

interface Head {
  readonly id: string;
  readonly source: string;
  readonly stream: string;
  readonly position: number;
  readonly ingested: number;
}

/** An event as one line of JSON: where it was seen, what weir knows about it, and its data with all digits as they are. */
export const eventLine = ({ component, output, head, data }: SeenEvent): string => {
  const { id: event_id, source, stream, position, ingested } = JSON.parse(head) as Head;
  const known = { component, output, event_id, source, stream, position, ingested: timeText(ingested) };
  return `${JSON.stringify(known).slice(0, -1)},"data":${data}}\n`;
};

/** An event for people: a line with where and when it was seen, then its data, indented. */
export const eventText = ({ component, output, head, data }: SeenEvent, color: boolean): string => {
  const { id, ingested } = JSON.parse(head) as Head;
  const name = output === undefined ? component : `${component}.${output}`;
  const title = color ? `\u001b[1;36m${printable(name)}\u001b[0m` : printable(name);
  const facts = printable(`${timeText(ingested)}  ${id}`);
  const body = JSON.stringify(parseJson(data), null, 2).split("\n").map(printable).join("\n");
  return `${title}  ${color ? `\u001b[2m${facts}\u001b[0m` : facts}\n${body}\n`;
};

const timeText = (time: number): string => new Date(time).toISOString();
