import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Delivery, DeliveryError } from "weir";
import { Template } from "weir/fields";
import { parseSyslog } from "weir/formats";
import { delivery, openSink, testSink } from "weir/testing";
import { Decoder } from "../../../src/decode/decoder.ts";
import { parseTarget } from "../../../src/socket/endpoint.ts";
import { cefOf } from "./cef.ts";
import sink from "./index.ts";
import { type MessageConfig, messageOf } from "./message.ts";
import { options } from "./options.ts";

/** The options as a pipeline without them has them. */
const defaults = (): MessageConfig & Record<string, unknown> => {
  const read = (all: Record<string, Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, option]) => {
        if (option["kind"] === "group") return [[name, read(option["properties"] as typeof all)]];
        const given = option["default"];
        if (given === undefined) return [];
        if (option["kind"] === "map") return [[name, templates(given as Record<string, string>)]];
        return [[name, option["kind"] === "compiled" ? new Template(given as string) : given]];
      }),
    );
  return { ...read(options as never), connect_timeout: 2_000 } as never;
};

const templates = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, new Template(text)]));

const message = (config: Partial<MessageConfig>, event: Delivery, isLine = false) =>
  messageOf({ ...defaults(), ...config }, event, isLine);

describe("a message", () => {
  it("has the header of RFC 5424, and the event as JSON", () => {
    const data = { "@timestamp": "2026-03-01T12:00:00.123456789+01:00", host: { name: "cp 1" }, message: "ü" };
    expect(message({}, delivery(data))).toBe(
      `<14>1 2026-03-01T12:00:00.123456+01:00 cp_1 weir - - - ${JSON.stringify(data)}`,
    );
    expect(message({}, delivery({ "@timestamp": "yesterday" }))).toContain(
      "<14>1 2026-01-01T00:00:00.000Z - weir - - -",
    );
  });

  it("has the header of RFC 3164", () => {
    const data = { "@timestamp": "2026-03-01T12:00:00+01:00", host: { name: "cp" }, message: "done", p: 7 };
    const config = {
      rfc: "3164",
      format: "text",
      procid: new Template("{{ p }}"),
      severity: new Template("high"),
    } as const;
    expect(message(config, delivery(data))).toBe("<11>Mar  1 11:00:00 cp weir[7]: done");
  });

  it.each([
    ["local4", "critical", 162],
    ["23", "0", 184],
    ["authpriv", "medium", 84],
    ["nonsense", "nonsense", 14],
    ["{{ missing }}", "{{ missing }}", 14],
  ])("has the priority of %s and %s", (facility, severity, priority) => {
    const config = { facility: new Template(facility), severity: new Template(severity) };
    expect(message(config, delivery({}))).toMatch(new RegExp(`^<${priority}>1 `));
  });

  it("is read by the codec as it was written, whatever is in it", () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(anyText, anyText, anyText, (text, host, id) => {
        fc.pre(text !== "" && !text.startsWith("\ufeff"));
        const config = {
          format: "text",
          message: new Template("{{ text }}"),
          hostname: new Template("{{ host:-- }}"),
          structured_data: new Template('[weir@1 id="{{ id:-none }}"]'),
        } as const;
        const read = parseSyslog(message(config, delivery({ text, host, id })), "rfc5424");
        expect(read.message).toBe(text);
        expect(read.syslog["structured_data"]).toEqual({ "weir@1": { id: id || "none" } });
      }),
    );
  });

  it("is one line with the framing newline", () => {
    const text = message({ format: "text" }, delivery({ message: "a\nb" }), true);
    expect(text).toMatch(/ a#012b$/);
  });
});

describe("CEF", () => {
  const cef = (data: Record<string, unknown>) => cefOf(defaults().cef, delivery(data));

  it("has the rule and the reason of an alert", () => {
    const alert = {
      "@timestamp": "2026-03-01T12:00:00.000Z",
      "kibana.alert.rule.rule_id": "r|1",
      "kibana.alert.rule.name": "Read \\ secret",
      "kibana.alert.severity": "critical",
      "kibana.alert.reason": "a=b\nc",
      source: { ip: "10.0.0.1" },
      user: { name: "marta" },
    };
    expect(cef(alert)).toBe(
      "CEF:0|weir|weir|1|r\\|1|Read \\\\ secret|Very-High|rt=1772366400000 msg=a\\=b\\nc src=10.0.0.1 suser=marta",
    );
    expect(cef({})).toBe("CEF:0|weir|weir|1|event|event|Unknown|");
  });

  it("is read by a plain parser as it was written", () => {
    const anyText = fc.string({ unit: fc.constantFrom("a", "|", "\\", "=", "\n", "\r", " ", "ü"), minLength: 1 });
    fc.assert(
      fc.property(anyText, anyText, (name, value) => {
        const config = { ...defaults().cef, name: new Template("{{ n }}"), extension: templates({ msg: "{{ v }}" }) };
        const text = cefOf(config, delivery({ n: name, v: value }));
        const parts = /^CEF:0((?:\|(?:[^|\\]|\\.)*){6})\|(.*)$/u.exec(text)!;
        const written = [...parts[1]!.matchAll(/\|((?:[^|\\]|\\.)*)/gu)].map(([, part]) => part!);
        expect(written[4]!.replace(/\\([\\|])/g, "$1")).toBe(name.replace(/[\r\n]+/g, " "));
        const plain = parts[2]!.slice("msg=".length);
        expect(/(?<!\\)(?:\\\\)*=/.test(plain)).toBe(false);
        expect(plain.replace(/\\(.)/g, (_, one: string) => ({ n: "\n", r: "\r" })[one] ?? one)).toBe(value);
        expect(text).not.toContain("\n");
      }),
    );
  });
});

/** A server of TCP or on a Unix socket that keeps what arrives, until the test is over. */
const receiver = async (path?: string) => {
  const blocks: Buffer[] = [];
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    if (!isStalled) socket.on("data", (bytes: Buffer) => void blocks.push(bytes));
  });
  const listen = (port: number) =>
    new Promise<void>((done) => void server.listen(path ?? { port, host: "127.0.0.1" }, done));
  await listen(0);
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: parseTarget(path === undefined ? `127.0.0.1:${port}` : `unix:${path}`),
    /** Waits for what is on its way: a connection of its own ends after all others. */
    received: async () => {
      await new Promise((done) => setTimeout(done, 50));
      return messagesIn(Buffer.concat(blocks));
    },
    refuse: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
    accept: () => listen(port),
    stall: () => {
      isStalled = true;
    },
    close: async () => {
      cut();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
};

const messagesIn = (stream: Buffer): unknown[] => {
  const found: unknown[] = [];
  const decoder = new Decoder("in", "s", { codec: "text", framing: "octet_counting", maxLine: 1e6, encoding: "utf-8" });
  const handlers = {
    event: ({ data }: { readonly data: { readonly message?: unknown } }) =>
      void found.push(JSON.parse(parseSyslog(String(data.message)).message)),
    failure: ({ reason }: { readonly reason: string }) => void found.push(reason),
  };
  decoder.push(stream, 0, 0, handlers as never);
  decoder.end(0, handlers as never);
  return found;
};

const events = [{ n: 1, text: "ü\nx" }, { n: 2, text: "<1>2" }, { n: 3 }];

testSink(
  sink,
  (["octet_counting", "newline"] as const).flatMap((framing) =>
    [false, true].map((confirm) => ({
      name: `over TCP, ${framing}${confirm ? ", confirmed" : ""}`,
      events,
      arrange: async () => {
        const { address, ...rest } = await receiver();
        return { ...rest, config: { ...defaults(), address, framing, confirm } };
      },
    })),
  ),
);

it("writes to a Unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-syslog-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { address, received, close } = await receiver(join(folder, "log.sock"));
  const opened = await openSink(sink, { config: { ...defaults(), address } });
  await opened.write(events.map((data) => delivery(data)));
  await opened.close();
  expect(await received()).toEqual(events);
  await close();
});

it("sends datagrams; one that is too long is refused for good, and that nobody listens is noticed", async () => {
  const socket = createSocket("udp4");
  const found: string[] = [];
  socket.on("message", (bytes) => void found.push(parseSyslog(bytes.toString()).message));
  await new Promise<void>((done) => void socket.bind(0, "127.0.0.1", done));
  const config = { ...defaults(), address: parseTarget(`udp://127.0.0.1:${socket.address().port}`) };
  const opened = await openSink(sink, { config });
  const all = [{ n: 1 }, { n: 2, text: "x".repeat(70_000) }, { n: 3 }].map((data) => delivery(data));
  const outcome = await opened.write(all);
  expect(outcome?.failed).toMatchObject([{ index: 1, final: true, message: /too many for a datagram/ }]);
  while (found.length < 2) await new Promise((done) => setTimeout(done, 5));
  expect(found.map((text) => JSON.parse(text))).toEqual([{ n: 1 }, { n: 3 }]);
  await new Promise<void>((done) => void socket.close(done));
  const failure = async () => {
    // The first may be sent before the system knows.
    for (;;) await opened.write([delivery({ n: 4 })]);
  };
  await expect(failure()).rejects.toThrow(DeliveryError);
  await opened.close();
});

it("gives up an event for which there is no message, and no other", async () => {
  const { address, close } = await receiver();
  const opened = await openSink(sink, { config: { ...defaults(), address, format: "text" } });
  const outcome = await opened.write([delivery({ message: "a" }), delivery({}), delivery({ message: "b" })]);
  expect(outcome?.failed).toMatchObject([{ index: 1, final: true }]);
  await opened.close();
  await close();
});
