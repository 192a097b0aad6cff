import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a server does with a request. */
export type Answering = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A server that answers with `answer`, and records the requests that it got. */
export const pagesServer = async (
  answer: Answering,
): Promise<{ readonly url: string; readonly asked: readonly string[] }> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    answer(request, response, new URL(request.url!, "http://orchard"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`, asked };
};

/** An answer with a page in it. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Pages of an API, by URL. */
export type Pages = (url: URL, headers: IncomingHttpHeaders) => PageAnswer;

/** Pages of numbers, `size` a page, as an API with a cursor has them; the last one says where more will be. */
export const cursorPages =
  (numbers: readonly number[], size: number): Pages =>
  ({ searchParams }) => {
    const after = Number(searchParams.get("after") ?? 0);
    const page = numbers.slice(after, after + size);
    const body = JSON.stringify({ data: { events: page.map((n) => ({ n })) }, meta: { next: after + page.length } });
    return { status: 200, headers: { "Content-Type": "application/json" }, body };
  };

/** The same with `Link` headers and entity tags: a page is there when it is full, and the one before then leads to it. */
export const linkPages =
  (numbers: readonly number[], size: number): Pages =>
  ({ pathname, searchParams }, { "if-none-match": known }) => {
    const number = Number(searchParams.get("page") ?? 1);
    const [start, end] = [(number - 1) * size, number * size];
    const page = numbers.length < end ? [] : numbers.slice(start, end);
    const leads = numbers.length >= end + size;
    const ETag = `"${number}-${page.length}"`;
    const headers = { ETag, ...(leads && { Link: `<${pathname}?page=${number + 1}>; rel="next"` }) };
    if (known === ETag) return { status: 304, headers, body: "" };
    const body = JSON.stringify(page.map((n) => ({ n })));
    return { status: 200, headers: { ...headers, "Content-Type": "application/json" }, body };
  };

/** Answers with the pages as they are. */
export const answerWith =
  (pages: Pages): Answering =>
  ({ headers: asked }, response, url) => {
    const { status, headers, body } = pages(url, asked);
    response.writeHead(status, headers).end(body);
  };

export const cursorAnswer = (numbers: readonly number[], size: number): Answering =>
  answerWith(cursorPages(numbers, size));
