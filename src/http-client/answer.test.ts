import { describe, expect, it } from "vitest";
import { judge, type Verdict } from "./answer.ts";

const now = Date.UTC(2031, 4, 6, 7, 8, 9);
const options = { origin: "https://collector.example", events: 3, final: [] as readonly number[], now };

interface Shape {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly final?: readonly number[];
}

const judged = (status: number, { headers = {}, body = "", final = [] }: Shape = {}): Verdict =>
  judge({ status, headers, body: Buffer.from(body), isCut: false }, { ...options, final });

describe("statuses", () => {
  it.each([200, 201, 202, 204, 207])("%i delivers", (status) =>
    expect(judged(status)).toEqual({ kind: "delivered", failed: [] }),
  );
  it.each([400, 406, 411, 413, 414, 415, 422, 431, 499])("%i refuses what the request holds", (status) =>
    expect(judged(status).kind).toBe("refused"),
  );
  it.each([301, 302, 304, 307, 401, 403, 404, 405, 407, 408, 409, 410, 425, 429, 500, 502, 503, 504, 599])(
    "%i is tried again",
    (status) => expect(judged(status).kind).toBe("again"),
  );
  it("is final when the pipeline says so", () => {
    expect(judged(404, { final: [404] }).kind).toBe("refused");
    expect(judged(507, { final: [507] }).kind).toBe("refused");
  });
});

describe("messages", () => {
  it("hold what the receiver said, on one line", () =>
    expect(judged(400, { body: '{"error":\n "no\u0007 such\tindex"}' })).toEqual({
      kind: "refused",
      message: 'https://collector.example answered 400 Bad Request: {"error": "no such index"}',
    }));
  it("say what to do about a redirect", () =>
    expect(judged(308, { headers: { location: "/elsewhere" } })).toMatchObject({
      message:
        'https://collector.example answered 308 Permanent Redirect: weir does not follow redirects; set "url" to the target',
    }));
});

it.each([
  "Client sent an HTTP request to an HTTPS server.\n",
  "<center>The plain HTTP request was sent to HTTPS port</center>",
  "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
])("a 400 that asks for TLS gives up no event: %j", (body) => {
  const response = { status: 400, headers: {}, body: Buffer.from(body), isCut: false };
  expect(judge(response, { ...options, origin: "http://collector.example:8443" })).toMatchObject({
    kind: "again",
    message: "http://collector.example:8443 speaks TLS; did you mean https://?",
  });
  expect(judge(response, options).kind).toBe("refused");
});

describe("Retry-After", () => {
  it.each([
    ["5", 5_000],
    ["0", 0],
    ["Tue, 06 May 2031 07:08:19 GMT", 10_000],
    ["Tue, 06 May 2031 07:08:00 GMT", 0],
    ["99999999999", 3_600_000],
    ["soon", undefined],
  ])("%s", (value, retryAfter) =>
    expect(judged(429, { headers: { "retry-after": value } })).toMatchObject({ isBusy: true, retryAfter }),
  );
});

describe("partial failures", () => {
  const answer = (body: unknown, type = "application/json; charset=utf-8") =>
    judged(200, { headers: { "content-type": type }, body: typeof body === "string" ? body : JSON.stringify(body) });

  it("names events that were not taken, once each", () => {
    const failed = [{ index: 2, reason: "too old", final: true }, { index: 0 }, { index: 0, reason: "full" }];
    expect(answer({ took: 3, failed })).toEqual({
      kind: "delivered",
      failed: [
        { index: 2, message: "too old", final: true },
        { index: 0, message: "full", final: false },
      ],
    });
  });

  it.each([[[{}]], [[{ index: 3 }]], [[{ index: -1 }]], [[{ index: "0" }]], [["first"]], [[null]]])(
    "does not count as delivered what it cannot read: %j",
    (failed) => expect(answer({ failed })).toMatchObject({ kind: "again" }),
  );

  it.each([[{ failed: 0 }], [{ failed: [] }], [[1]], ["not json"], ["null"]])("is not in %j", (body) =>
    expect(answer(body)).toEqual({ kind: "delivered", failed: [] }),
  );

  it("is looked for in JSON only", () =>
    expect(answer({ failed: [{ index: 0 }] }, "text/html")).toEqual({ kind: "delivered", failed: [] }));
});
