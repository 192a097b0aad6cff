import { shortened } from "../text.ts";

/** The most characters of a value in the sentences of a reason: a client chooses some of them. */
export const longestValue = 256;

/** Fields whose values are in the first sentence of a reason. */
const saidFirst: ReadonlySet<string> = new Set(["user.name", "source.ip", "user_agent.original"]);

interface Named {
  readonly field: string;
  readonly value: string;
}

/** Whether the first sentence of a reason has the value of the field. */
export const isSaidFirst = ({ field }: Pick<Named, "field">): boolean => saidFirst.has(field);

/** A field with its value: `host.id "web-1"`. The value is quoted, so that it cannot be mistaken for words of the sentence. */
export const valued = ({ field, value }: Named): string => `${field} ${JSON.stringify(shortened(value, longestValue))}`;
