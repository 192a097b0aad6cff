/**
 * Servers that do far less than weir, to compare with. On `node:http`: `receive` reads each body and answers 200;
 * `parse` calls JSON.parse on it before; `sync` appends it to a file, and answers when that is synced, together with all
 * requests that came meanwhile. `socket` does what `receive` does, on a bare socket, and understands only the requests of this
 * benchmark. Prints its port when it listens.
 */
import { fdatasync, openSync, writev } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { promisify } from "node:util";

const [kind, file = ""] = process.argv.slice(2);
const append = promisify(writev);
const sync = promisify(fdatasync);
const fd = kind === "sync" ? openSync(file, "a") : -1;
const waiting: { readonly body: Buffer; readonly response: ServerResponse }[] = [];
let isSyncing = false;

const answer = (response: ServerResponse): void => {
  response.writeHead(200, { "Content-Length": 0 }).end();
};

const syncAll = async (): Promise<void> => {
  if (isSyncing) return;
  isSyncing = true;
  while (waiting.length > 0) {
    const group = waiting.splice(0);
    await append(
      fd,
      group.map(({ body }) => body),
    );
    await sync(fd);
    for (const { response } of group) answer(response);
  }
  isSyncing = false;
};

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    if (kind === "sync") {
      waiting.push({ body, response });
      void syncAll();
      return;
    }
    if (kind === "parse") JSON.parse(body.toString());
    answer(response);
  });
});
const headEnd = Buffer.from("\r\n\r\n");

const receiveFrom = (socket: Socket): void => {
  let parts: Buffer[] = [];
  let missing = 0;
  socket.on("data", (part) => {
    if (missing === 0) {
      const bodyAt = part.indexOf(headEnd) + headEnd.length;
      missing = bodyAt + Number(/content-length: *(\d+)/i.exec(part.toString("latin1", 0, bodyAt))![1]);
    }
    parts.push(part);
    missing -= part.length;
    if (missing > 0) return;
    Buffer.concat(parts);
    parts = [];
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", "latin1");
  });
  socket.on("error", () => undefined);
};

const listening = kind === "socket" ? createSocketServer({ noDelay: true }, receiveFrom) : server;
listening.listen(0, "127.0.0.1", () => console.log((listening.address() as { readonly port: number }).port));
