import { option } from "weir";
import { isObject, writePath } from "weir/fields";
import { defineStep } from "../step.ts";
import { deviceTypeOf } from "../user-agents/device-type.ts";
import { sharedUserAgents, type UserAgent } from "../user-agents/user-agents.ts";
import { ignore_missing, onText } from "./on-text.ts";

const properties = ["name", "os", "device", "original", "version"] as const;

export const userAgent = defineStep({
  option: option.group({
    field: option.field("The text of the user agent; its first 512 characters are read."),
    target: option.field("The object to write the properties into; others in it stay.", { default: "user_agent" }),
    properties: option.list(option.oneOf(...properties), { minItems: 1 })("The properties to write.", {
      default: [...properties],
    }),
    extract_device_type: option.boolean(
      "Whether to write `device.type`, too, as far as the text shows it: Robot, Tablet, Phone, Desktop or Other.",
      { default: false },
    ),
    ignore_missing,
  })("Finds out the browser, the operating system and the device of a user agent, with the expressions of uap-core."),
  compile: (config) => {
    const { properties, extract_device_type } = config;
    const into = writePath(config.target);
    const wanted = new Set<string>(properties);
    const agents = sharedUserAgents();
    return onText(config, (text, draft) => {
      const found = agents.parse(text);
      const all = { ...fieldsOf(found), original: text };
      if (extract_device_type) all.device = { ...all.device, type: deviceTypeOf(found, text) };
      const before = draft.get(into);
      const others = isObject(before) ? Object.entries(before).filter(([name]) => !wanted.has(name)) : [];
      const written = Object.entries(all).filter(([name, value]) => wanted.has(name) && value !== undefined);
      draft.set(into, Object.fromEntries([...others, ...written]));
      return undefined;
    });
  },
});

interface Fields {
  readonly name: string;
  readonly version: string | undefined;
  readonly os: Readonly<Record<string, string>> | undefined;
  device: Readonly<Record<string, string>>;
}

/** The fields of ECS. As in Elasticsearch, a browser and a device that nothing is known of are `Other`. */
const fieldsOf = ({ browser, system, device }: UserAgent): Fields => ({
  name: browser?.name ?? "Other",
  version: browser?.version,
  os: system && {
    name: system.name,
    ...(system.version !== undefined && { version: system.version, full: `${system.name} ${system.version}` }),
  },
  device: { name: device?.name ?? "Other" },
});
