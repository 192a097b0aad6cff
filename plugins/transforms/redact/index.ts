import { createHmac } from "node:crypto";
import { type Data, defineTransform, option, withData } from "weir";
import { ExactNumber, isObject, writePath } from "weir/fields";
import { LinearRegex } from "weir/regex";
import { OptionError } from "weir/transform";
import { changedAt } from "./fields.ts";
import { knownSecrets, type Secret, withoutSecret } from "./secrets.ts";

const pattern = option.compiled("a regular expression", (text) => new LinearRegex(text));

const names = Object.keys(knownSecrets);

export default defineTransform({
  name: "redact",
  summary: "Removes secrets from events: by field, by key, and by what they look like.",
  options: {
    fields: option.list(option.field)("Fields whose whole value is a secret.", {
      default: [],
      examples: [["user.password"]],
    }),
    keys: option.list(option.text)(
      "Keys whose value is a secret wherever they are, in upper or lower case; `password` is also found in `user.password`, with its dot in the key.",
      {
        default: [],
        examples: [["password", "authorization"]],
      },
    ),
    patterns: option.list(option.oneOf(...names))("Secrets to find in all texts.", {
      default: [],
      examples: [["bearer_token", "jwt"]],
    }),
    own_patterns: option.list(pattern)(
      "Own regular expressions of secrets to find in all texts; with a group named `secret`, only that is one.",
      { default: [] },
    ),
    action: option.oneOf(
      "replace",
      "hash",
      "remove",
    )(
      "What to do with a secret: replace it with a text, replace it with a keyed hash, so that equal secrets stay equal, or remove it. In a text, `remove` leaves nothing in its place.",
      { default: "replace" },
    ),
    replacement: option.text("The text that replaces a secret.", { default: "[redacted]" }),
    key: option.optional(option.secret("The key of the hash, which is HMAC-SHA-256: at least 16 characters.")),
  },
  notes: `A credit card is a number of 13 to 19 digits whose last digit fits the others (Luhn). Secrets are found in texts, and in numbers, which then become texts; not in keys. A field is found in each item of an array on the way to it. Known patterns: ${names.join(", ")}.`,
  each: ({ config }) => {
    const { action, replacement, key } = config;
    if (action === "hash" && (key?.length ?? 0) < 16)
      throw new OptionError('"hash" needs a "key" of at least 16 characters', [key === undefined ? "action" : "key"]);
    const by = (secret: string): string => {
      if (action === "remove") return "";
      return action === "hash" ? createHmac("sha256", key!).update(secret).digest("hex").slice(0, 32) : replacement;
    };
    const whole = (value: unknown) => (action === "remove" ? undefined : by(textOf(value)));
    const paths = config.fields.map(writePath);
    const isKey = keyTest(config.keys);
    const secrets: readonly Secret[] = [
      ...config.patterns.map((name) => knownSecrets[name]!()),
      ...config.own_patterns.map((regex) => ({ regex, group: regex.groups.indexOf("secret") + 1 })),
    ];
    const clean = cleaner(secrets, isKey, by, action === "remove");
    return (event) => {
      const fields = paths.reduce<unknown>((before, { segments }) => changedAt(before, segments, whole), event.data);
      const data = (config.keys.length + secrets.length > 0 ? clean(fields) : fields) as Data;
      return data === event.data ? event : withData(event, data);
    };
  },
});

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Whether a key is one of these names, also if it is a part of a key with dots: `user.password`. */
const keyTest = (names: readonly string[]): ((key: string) => boolean) => {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return (key) => {
    const lower = key.toLowerCase();
    return wanted.has(lower) || (lower.includes(".") && lower.split(".").some((part) => wanted.has(part)));
  };
};

/** Walks a value, and copies what it changes. Events are at most 512 levels deep, and so is the recursion. */
const cleaner = (
  secrets: readonly Secret[],
  isKey: (name: string) => boolean,
  by: (secret: string) => string,
  isRemoving: boolean,
): ((value: unknown) => unknown) => {
  const cleanText = (text: string): string => secrets.reduce((rest, secret) => withoutSecret(rest, secret, by), text);
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") return cleanText(value);
    if (typeof value === "number" || value instanceof ExactNumber) {
      const text = String(value);
      const next = cleanText(text);
      return next === text ? value : next;
    }
    if (Array.isArray(value)) {
      const items = value.map(clean);
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    if (!isObject(value)) return value;
    let isChanged = false;
    const members = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      const isSecret = isKey(name);
      if (isSecret && isRemoving) {
        isChanged = true;
        return [];
      }
      const next = isSecret ? by(textOf(inner)) : clean(inner);
      isChanged ||= next !== inner;
      return [[name, next]];
    });
    return isChanged ? Object.fromEntries(members) : value;
  };
  return clean;
};
