import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testTransform } from "weir/testing";
import remap from "../index.ts";
import { deviceTypeOf } from "./device-type.ts";
import { knownPatterns, mostCharacters, type Pattern, UserAgents } from "./user-agents.ts";

const agents = new UserAgents();
const known = knownPatterns();

/** The text, then the browser, its version, the system with its version, and the device. */
const cases: readonly (readonly [text: string, name: string, version: string, os: string, device: string])[] = [
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36",
    "Chrome",
    "51.0.2704.103",
    "Mac OS X 10.10.5",
    "Mac",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Chrome",
    "124.0.0.0",
    "Windows 10",
    "Other",
  ],
  [
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/63.0.3239.132 Safari/537.36",
    "Chrome",
    "63.0.3239.132",
    "Windows 7",
    "Other",
  ],
  [
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
    "Chrome",
    "123.0.0.0",
    "Chrome OS 14541.0.0",
    "Other",
  ],
  [
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    "Firefox",
    "115.0",
    "Ubuntu",
    "Other",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Firefox",
    "125.0",
    "Windows 10",
    "Other",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
    "Safari",
    "17.4.1",
    "Mac OS X 10.15.7",
    "Mac",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51",
    "Edge",
    "124.0.2478.51",
    "Windows 10",
    "Other",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134",
    "Edge",
    "17.17134",
    "Windows 10",
    "Other",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 OPR/108.0.0.0",
    "Opera",
    "108.0.0",
    "Windows 10",
    "Other",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "IE", "11.0", "Windows 10", "Other"],
  ["Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "IE", "8.0", "Windows 7", "Other"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
    "Mobile Safari",
    "17.4.1",
    "iOS 17.4.1",
    "iPhone",
  ],
  [
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
    "Mobile Safari",
    "16.6",
    "iOS 16.6",
    "iPad",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/123.0.6312.52 Mobile/15E148 Safari/604.1",
    "Chrome Mobile iOS",
    "123.0.6312.52",
    "iOS 17.4",
    "iPhone",
  ],
  [
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.82 Mobile Safari/537.36",
    "Chrome Mobile",
    "124.0.6367.82",
    "Android 14",
    "Pixel 8",
  ],
  [
    "Mozilla/5.0 (Linux; Android 13; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36",
    "Chrome Mobile",
    "112.0.0.0",
    "Android 13",
    "Samsung SM-S911B",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
    "Chrome Mobile",
    "124.0.0.0",
    "Android 10",
    "K",
  ],
  [
    "Mozilla/5.0 (Linux; Android 12; SM-X906C Build/QP1A.190711.020) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.119 Safari/537.36",
    "Chrome",
    "80.0.3987.119",
    "Android 12",
    "Samsung SM-X906C",
  ],
  [
    "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/21.0 Chrome/110.0.5481.154 Mobile Safari/537.36",
    "Samsung Internet",
    "21.0",
    "Android 13",
    "Samsung SM-A536B",
  ],
  [
    "Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0",
    "Firefox Mobile",
    "125.0",
    "Android 14",
    "Generic Smartphone",
  ],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", "2.1", "", "Spider"],
  ["Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot", "2.0", "", "Spider"],
  ["Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "YandexBot", "3.0", "", "Spider"],
  ["Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot", "7.0", "", "Spider"],
  ["facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "FacebookBot", "1.1", "", "Spider"],
  ["Twitterbot/1.0", "Twitterbot", "1.0", "", "Spider"],
  ["Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Slackbot-LinkExpanding", "1.0", "", "Spider"],
  ["curl/8.5.0", "curl", "8.5.0", "", "Other"],
  ["Wget/1.21.4", "Wget", "1.21.4", "", "Other"],
  ["kubectl/v1.29.3 (linux/amd64) kubernetes/6813625", "Other", "", "Linux", "Other"],
  ["Go-http-client/1.1", "Go-http-client", "1.1", "", "Other"],
  ["Go-http-client/2.0", "Go-http-client", "2.0", "", "Other"],
  ["python-requests/2.31.0", "Python Requests", "2.31", "", "Other"],
  ["okhttp/4.12.0", "okhttp", "4.12.0", "", "Other"],
  ["Java/1.8.0_251", "Java", "8.0.251", "", "Spider"],
  ["Apache-HttpClient/4.5.13 (Java/11.0.20)", "Apache-HttpClient", "4.5.13", "", "Other"],
  ["PostmanRuntime/7.37.3", "PostmanRuntime", "7.37.3", "", "Other"],
  ["Prometheus/2.51.0", "Other", "", "", "Other"],
  ["kube-probe/1.29", "Other", "", "", "Other"],
  ["GoogleHC/1.0", "Other", "", "", "Other"],
  ["git/2.43.0", "Other", "", "", "Other"],
  ["Helm/3.14.0", "Other", "", "", "Other"],
  ["axios/1.6.8", "axios", "1.6.8", "", "Other"],
  [
    "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.3+ (KHTML, like Gecko) Version/10.0.9.388 Mobile Safari/537.3+",
    "BlackBerry WebKit",
    "10.0.9",
    "BlackBerry OS 10.0.9",
    "BlackBerry Touch",
  ],
  [
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)",
    "IE Mobile",
    "10.0",
    "Windows Phone 8.0",
    "Lumia 920",
  ],
];

/** What the first expression of a list that gives a name finds, with the engine of JavaScript. */
const plainLoop = (patterns: readonly Pattern[], text: string) => {
  for (const { source, ignoreCase, name, versions = [] } of patterns) {
    const match = new RegExp(source, ignoreCase ? "i" : "").exec(text);
    if (!match) continue;
    const filled = (template: string) => template.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "");
    const found = (name === undefined ? (match[1] ?? "") : filled(name)).trim();
    if (found === "") continue;
    const parts = [0, 1, 2, 3].map((at) => (versions[at] == null ? match[at + 2] : filled(versions[at])) || undefined);
    const end = [...parts, undefined].indexOf(undefined);
    return { name: found, version: end === 0 ? undefined : parts.slice(0, end).join(".") };
  }
  return undefined;
};

const expectLikeLoop = (text: string) => {
  const start = text.slice(0, mostCharacters);
  expect(agents.parse(text), text).toEqual({
    browser: plainLoop(known.browser, start),
    system: plainLoop(known.system, start),
    device: plainLoop(known.device, start),
  });
};

describe("user agents", () => {
  it.each(cases)("%s", (text, name, version, os, device) => {
    const found = agents.parse(text);
    expect([found.browser?.name ?? "Other", found.browser?.version ?? ""]).toEqual([name, version]);
    expect([found.system?.name, found.system?.version].filter((part) => part !== undefined).join(" ")).toBe(os);
    expect(found.device?.name ?? "Other").toBe(device);
  });

  it("are read as by a loop over all expressions with another engine", () => {
    for (const [text] of cases) expectLikeLoop(text);
    // Parts of agents and of the expressions themselves.
    const words = cases.flatMap(([text]) => text.split(/(?<=[ ;/()])/));
    const sources = Object.values(known).flatMap((patterns) =>
      patterns.map(({ source }) => source.replace(/\\d\+?/g, "7").replace(/[\\()?^$|[\]]|\{[\d,]*\}/g, "")),
    );
    const part = fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom(...sources).map((source) => source.slice(0, 60)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => expectLikeLoop(parts.join(""))),
      { numRuns: 60 },
    );
  }, 60_000);

  it("are remembered", () => {
    const [[text]] = cases as [(typeof cases)[0]];
    expect(agents.parse(`${text}`)).toBe(agents.parse(text));
  });

  it("may be of any length, and of any characters", () => {
    const [[text]] = cases as [(typeof cases)[0]];
    for (const piece of ["a", "Mozilla/5.0 (", "iPhone ", "; ", "\0", "\ud800", "é", "Android 1.1; aa-aa; "]) {
      const long = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expectLikeLoop(long);
      expect(agents.parse(text + " ".repeat(mostCharacters) + long).browser?.name).toBe("Chrome");
    }
  }, 60_000);

  it("say what a device is used as", () => {
    const types = cases.map(([text]) => [deviceTypeOf(agents.parse(text), text), text] as const);
    const of = (type: string) => types.filter(([found]) => found === type).map(([, text]) => text);
    expect(of("Tablet")).toEqual(cases.map(([text]) => text).filter((text) => /iPad|SM-X906C/.test(text)));
    expect(of("Robot").every((text) => /bot|facebook|Java/i.test(text))).toBe(true);
    expect(of("Phone").every((text) => /iPhone|Android|BB10|Windows Phone/.test(text))).toBe(true);
    expect(of("Desktop").every((text) => /Windows NT|Macintosh|X11|linux/.test(text))).toBe(true);
    expect(of("Other")).toContain("curl/8.5.0");
  });
});

const mac =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36";
const all = {
  field: "agent",
  target: "user_agent",
  properties: ["name", "os", "device", "original", "version"],
  extract_device_type: false,
  ignore_missing: false,
};
const step = (options: object) => ({ steps: [{ user_agent: { ...all, ...options } }] });
const os = { name: "Mac OS X", version: "10.10.5", full: "Mac OS X 10.10.5" };

testTransform(remap, [
  {
    name: "adds what Elasticsearch adds",
    config: step({}),
    input: [{ agent: mac }],
    output: [
      {
        agent: mac,
        user_agent: { name: "Chrome", version: "51.0.2704.103", os, device: { name: "Mac" }, original: mac },
      },
    ],
  },
  {
    name: "adds the properties that are wanted, and leaves the others",
    config: step({ field: "user_agent.original", properties: ["os", "device", "version"], extract_device_type: true }),
    input: [
      { user_agent: { original: mac, version: "1", name: "old", x: 1 } },
      { user_agent: { original: "nothing known", version: "1", os: "old" } },
    ],
    output: [
      {
        user_agent: {
          original: mac,
          name: "old",
          x: 1,
          version: "51.0.2704.103",
          os,
          device: { name: "Mac", type: "Desktop" },
        },
      },
      { user_agent: { original: "nothing known", device: { name: "Other", type: "Other" } } },
    ],
  },
  {
    name: "fails without a text",
    config: step({}),
    input: [{}, { agent: 1 }, { agent: null }, { agent: ["curl/8.5.0"] }],
    output: [],
    rejected: { user_agent_failed: 4 },
  },
  {
    name: "passes events without the field if it may",
    config: step({ ignore_missing: true }),
    input: [{ a: 1 }, { agent: null }],
    output: [{ a: 1 }, { agent: null }],
  },
  {
    name: "writes to its target, whatever the name",
    config: step({ target: "a.__proto__", properties: ["name"] }),
    input: [{ agent: "curl/8.5.0" }],
    output: [JSON.parse('{ "agent": "curl/8.5.0", "a": { "__proto__": { "name": "curl" } } }')],
  },
]);
