import type { UserAgent } from "./user-agents.ts";

export type DeviceType = "Robot" | "Tablet" | "Phone" | "Desktop" | "Other";

const desktops = new Set([
  "Windows",
  "Mac OS X",
  "Mac OS",
  "Linux",
  "Ubuntu",
  "Kubuntu",
  "Debian",
  "Fedora",
  "Red Hat",
  "CentOS",
  "SUSE",
  "Gentoo",
  "Arch Linux",
  "Chrome OS",
  "FreeBSD",
  "OpenBSD",
  "NetBSD",
  "Solaris",
]);
const phones = new Set([
  "iOS",
  "Android",
  "Windows Phone",
  "Windows Mobile",
  "BlackBerry OS",
  "Firefox OS",
  "KaiOS",
  "Symbian OS",
  "Bada",
  "Tizen",
  "webOS",
]);
const tabletNames = ["ipad", "tablet", "kindle", "playbook"];

/** What a device is used as, as far as that can be seen from its user agent. `original`: its text. */
export const deviceTypeOf = ({ browser, system, device }: UserAgent, original: string): DeviceType => {
  if (device?.name === "Spider") return "Robot";
  const name = device?.name.toLowerCase() ?? "";
  if (tabletNames.some((word) => name.includes(word))) return "Tablet";
  // An Android phone says that it is mobile; a tablet does not.
  if (system?.name === "Android" && browser && !original.includes("Mobile"))
    return original.startsWith("Mozilla/") ? "Tablet" : "Phone";
  if (system && phones.has(system.name)) return "Phone";
  if (name === "generic smartphone" || name === "generic feature phone" || name === "iphone") return "Phone";
  return system && desktops.has(system.name) ? "Desktop" : "Other";
};
