import { createHmac, hash as digest } from "node:crypto";
import { type Data, option } from "weir";
import { isObject, readPath, writePath } from "weir/fields";
import { defineStep, shown, unfit } from "../step.ts";
import { ignore_missing, onText } from "./on-text.ts";

export const flatten = defineStep({
  option: option.group({
    field: option.field("The object to flatten."),
    separator: option.text("What to put between two names.", { default: "." }),
    target: option.optional(option.field("Where to write the result; the same field by default.")),
    ignore_missing,
  })('Makes nested objects one object: `{ a: { b: 1 } }` becomes `{ "a.b": 1 }`. Lists stay as they are.'),
  compile: ({ field, separator, target = field, ignore_missing }) => {
    const [from, to] = [readPath(field), writePath(target)];
    return (draft) => {
      const value = draft.get(from);
      if (ignore_missing && (value === undefined || value === null)) return undefined;
      if (!isObject(value)) return unfit(from, value, "an object");
      const found: [name: string, value: unknown][] = [];
      if (!addLeaves(value, "", separator, found))
        return { failed: `"${field}" has names that are too long together: more than ${mostNames} characters` };
      draft.set(to, Object.fromEntries(found));
      return undefined;
    };
  },
});

/** Each name contains those of all levels above, which could make an event a thousand times as large. */
const mostNames = 4 * 1024 * 1024;

/** Adds the leaves with their names; false if these are too long. Events are at most 512 levels deep, and so is the recursion. */
const addLeaves = (object: Data, prefix: string, separator: string, found: [string, unknown][]): boolean => {
  let length = 0;
  const add = (inner: Data, before: string): boolean => {
    for (const [key, value] of Object.entries(inner)) {
      const name = before + key;
      if (isObject(value) && Object.keys(value).length > 0) {
        if (!add(value, name + separator)) return false;
        continue;
      }
      length += name.length;
      if (length > mostNames) return false;
      found.push([name, value]);
    }
    return true;
  };
  return add(object, prefix);
};

export const hash = defineStep({
  option: option.group({
    fields: option.list(option.field, { minItems: 1 })("Fields whose values are hashed together, in this order."),
    target: option.field("Where to write the hash, in hexadecimal.", { default: "fingerprint" }),
    method: option.oneOf("sha256", "sha512", "sha1", "md5")("The hash function.", { default: "sha256" }),
    key: option.optional(
      option.secret("With a key, the hash is an HMAC: without the key nobody can find the value by trying."),
    ),
    ignore_missing: option.boolean("Whether a field may be missing; it then counts as null.", { default: false }),
  })("Hashes the values of fields; equal values have equal hashes."),
  compile: ({ fields, target, method, key, ignore_missing }) => {
    const [sources, into] = [fields.map(readPath), writePath(target)];
    return (draft) => {
      const values = sources.map((path) => draft.get(path) ?? null);
      const missing = values.indexOf(null);
      if (missing >= 0 && !ignore_missing) return { failed: `the event has no field "${fields[missing]}"` };
      const text = JSON.stringify(values);
      draft.set(
        into,
        key === undefined ? digest(method, text, "hex") : createHmac(method, key).update(text).digest("hex"),
      );
      return undefined;
    };
  },
});

export const url = defineStep({
  option: option.group({
    field: option.field("The URL, or the path of one."),
    target: option.field("The object to write the parts into.", { default: "url" }),
    keep_original: option.boolean("Whether to write the text itself as `original`.", { default: true }),
    remove_if_successful: option.boolean("Whether to remove the field.", { default: false }),
    ignore_missing,
  })(
    "Reads the parts of a URL: `scheme`, `domain`, `port`, `path`, `extension`, `query`, `fragment`, `user_info`, `username`, `password`.",
  ),
  compile: (config) => {
    const { field, target, keep_original, remove_if_successful } = config;
    const [source, into] = [readPath(field), writePath(target)];
    return onText(config, (text, draft) => {
      const parts = partsOf(text);
      if (!parts) return { failed: `"${field}" is ${shown(text)}, which is not a URL` };
      if (remove_if_successful && field !== target) draft.remove(source);
      draft.set(into, { ...(keep_original && { original: text }), ...parts });
      return undefined;
    });
  },
});

/** RFC 3986, appendix B: each part ends at a character that it cannot contain, so nothing is tried twice. */
const uri = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

const partsOf = (text: string): Record<string, unknown> | undefined => {
  const [, scheme, authority, path = "", query, fragment] = uri.exec(text) ?? [];
  const isWhole = scheme !== undefined && authority !== undefined;
  // Characters that a URL cannot contain are found in logs of requests all the same.
  if (!isWhole && (/[\s\\<>"{}|^`]/.test(text) || (authority === undefined && !path.startsWith("/")))) return undefined;
  if (scheme !== undefined && authority === undefined && path === "") return undefined;
  const at = authority?.lastIndexOf("@") ?? -1;
  const user = at < 0 ? undefined : authority!.slice(0, at);
  const [, domain, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?$/.exec(authority?.slice(at + 1) ?? "") ?? [];
  if (domain === undefined) return undefined;
  const extension = /\.([^./]+)$/.exec(path.slice(path.lastIndexOf("/") + 1))?.[1];
  const colon = user?.indexOf(":") ?? -1;
  const parts = {
    scheme,
    domain: domain === "" ? undefined : domain,
    port: port ? Number(port) : undefined,
    path,
    extension,
    query,
    fragment,
    user_info: user,
    username: user === undefined ? undefined : colon < 0 ? user : user.slice(0, colon),
    password: colon < 0 ? undefined : user!.slice(colon + 1),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
};
