import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { hurriedClock, type Running, temporaryDir, until } from "../runtime/harness.ts";
import { cursorAnswer, pagesServer } from "./pages-server.ts";
import { came, runSource } from "./pipeline.ts";

const cursor = { cursor: { param: "after", field: "meta.next" }, records: "data.events" };
const numbersIn = (kept: readonly { readonly data: { readonly [key: string]: unknown } }[]) =>
  kept.map(({ data }) => data["n"]);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

it("follows a cursor to the end, and then asks for what has come since", async () => {
  const numbers = upTo(25);
  const { url, asked } = await pagesServer(cursorAnswer(numbers, 10));
  const run = await runSource({ type: "http_client", url, interval: "1s", ...cursor }, { clock: hurriedClock });
  await came(run, 25);
  numbers.push(25, 26);
  await came(run, 27);
  expect(numbersIn(run.kept)).toEqual(upTo(27));
  expect(new Set(run.kept.map(({ id }) => id)).size).toBe(27);
  expect(asked.slice(0, 4)).toEqual(["/events", "/events?after=10", "/events?after=20", "/events?after=25"]);
});

it("goes on behind the last page that was committed, wherever it is stopped", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.nat({ max: 300 }), { maxLength: 3 }),
      async (count, size, stops) => {
        const { url } = await pagesServer(cursorAnswer(upTo(count), size));
        const dataDir = temporaryDir();
        const kept: { readonly id: string; readonly data: { readonly [key: string]: unknown } }[] = [];
        const life = async (wanted: number) => {
          const source = { type: "http_client", url, interval: "1s", ...cursor };
          const run = await runSource(source, { clock: hurriedClock, dataDir });
          await until(() => new Set([...kept, ...run.kept].map(({ id }) => id)).size >= wanted);
          await run.runtime.stop(5_000);
          kept.push(...run.kept);
        };
        for (const stop of stops) await life(Math.min(stop, count));
        await life(count);
        // A page is committed with its place: nothing comes twice after an orderly stop.
        expect(numbersIn(kept)).toEqual(upTo(count));
      },
    ),
    { numRuns: process.env["WEIR_LONG"] === undefined ? 3 : 60 },
  );
}, 60_000);

it("a page that is fetched again has events of the same ids", async () => {
  const { url } = await pagesServer(cursorAnswer(upTo(3), 10));
  const ids = [];
  for (let life = 0; life < 2; life++) {
    const run = await runSource({ type: "http_client", url, ...cursor });
    await came(run, 3);
    ids.push(run.kept.map(({ id }) => id));
  }
  expect(ids[0]).toEqual(ids[1]);
});

it("follows Link headers, on this server only", async () => {
  const { url, asked } = await pagesServer((_request, response, { pathname, searchParams }) => {
    const page = Number(searchParams.get("page") ?? 1);
    const next =
      page === 3 ? "<https://elsewhere.example/>; rel=next" : `<${pathname}?page=${page + 1}>; rel="prev next"`;
    const type = page === 2 ? "application/x-ndjson" : "application/json";
    response.writeHead(200, { "Content-Type": type, Link: `</>; rel=index, ${next}` }).end(`{"n":${page}}`);
  });
  const run = await runSource({ type: "http_client", url });
  await until(() => run.log.some((line) => line.includes("another server, https://elsewhere.example")));
  await came(run, 2);
  expect(numbersIn(run.kept)).toEqual([1, 2]);
  expect(asked.slice(0, 3)).toEqual(["/events", "/events?page=2", "/events?page=3"]);
});

it("what has not changed is not read again; it asks by ETag, and shows its headers", async () => {
  let version = 1;
  const seen: unknown[] = [];
  const { url } = await pagesServer(({ headers }, response) => {
    const { "if-none-match": match, authorization, "x-team": team } = headers;
    seen.push([match, authorization, team]);
    if (match === `"${version}"`) return void response.writeHead(304).end();
    const head = { "Content-Type": "application/json", "Content-Encoding": "gzip", ETag: `"${version}"` };
    response.writeHead(200, head).end(gzipSync(`[{"n":${version}}]`));
  });
  const source = { type: "http_client", url, interval: "1s", headers: { "X-Team": "press" }, auth: { token: "t" } };
  const run = await runSource(source, { clock: hurriedClock });
  await until(() => seen.length > 4);
  version = 2;
  await came(run, 2);
  expect(numbersIn(run.kept)).toEqual([1, 2]);
  expect(seen.slice(0, 2)).toEqual([
    [undefined, "Bearer t", "press"],
    ['"1"', "Bearer t", "press"],
  ]);
});

const refusalsOf = ({ runtime }: Pick<Running, "runtime">): string[] =>
  Object.keys(runtime.stats().components["in"]!.component_refusals_total);

it("counts a server that does not answer", async () => {
  const run = await runSource({ type: "http_client", url: "http://127.0.0.1:9/" }, { clock: hurriedClock });
  await until(() => refusalsOf(run).length > 0);
  expect(refusalsOf(run)).toEqual(["no_answer"]);
});

it("asks again after errors and broken answers, as long as Retry-After says, and loses nothing", async () => {
  let longest = 0;
  const clock = {
    ...hurriedClock,
    sleep: (ms: number, signal?: AbortSignal) => {
      longest = Math.max(longest, ms);
      return hurriedClock.sleep(Math.min(ms, 1499), signal);
    },
  };
  let count = 0;
  const pages = cursorAnswer(upTo(30), 10);
  const { url } = await pagesServer((request, response, parsed) => {
    const turn = count++ % 6;
    if (turn === 0) response.writeHead(429, { "Retry-After": "120" }).end("busy");
    else if (turn === 1) response.destroy();
    else if (turn === 2) response.writeHead(200, { "Content-Type": "application/json" }).end("{ no");
    else if (turn === 3) response.writeHead(302, { Location: "/login" }).end();
    else if (turn === 4) response.writeHead(200, { "Content-Length": 100 }).write("half") && response.destroy();
    else pages(request, response, parsed);
  });
  const run = await runSource({ type: "http_client", url, ...cursor }, { clock });
  await came(run, 30);
  expect(numbersIn(run.kept)).toEqual(upTo(30));
  expect(longest).toBeGreaterThanOrEqual(120_000);
  expect(refusalsOf(run)).toEqual(expect.arrayContaining(["http_302", "http_429", "not_a_page"]));
  expect(run.log.filter((line) => line.includes("answered 429; retrying")).length).toBeGreaterThan(0);
});
