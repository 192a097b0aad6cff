import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server that answers as it is told, and remembers what it was asked. */
export const pagesServer = async (
  answer: (request: IncomingMessage, response: ServerResponse, url: URL) => void,
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

/** Pages of numbers, `size` a page, as an API with a cursor has them; the last one says where more will be. */
export const cursorAnswer =
  (numbers: readonly number[], size: number) =>
  (_request: IncomingMessage, response: ServerResponse, { searchParams }: URL): void => {
    const after = Number(searchParams.get("after") ?? 0);
    const page = numbers.slice(after, after + size);
    const body = JSON.stringify({ data: { events: page.map((n) => ({ n })) }, meta: { next: after + page.length } });
    response.writeHead(200, { "Content-Type": "application/json" }).end(body);
  };
