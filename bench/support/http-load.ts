/**
 * Sends prebuilt HTTP requests over raw sockets, so that it takes little beside the server, and prints a `LoadResult`. Each
 * connection waits for its answer before it sends the next request; after 429 it sends the same again.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { HttpLoad } from "./load.ts";
import { Tally } from "./tally.ts";

const { port, bodies, type, connections, seconds } = JSON.parse(process.argv[2]!) as HttpLoad;

const requests = bodies.map((path) => {
  const body = readFileSync(path);
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return { bytes: Buffer.concat([Buffer.from(head), body]), size: body.length };
});
const tally = new Tally(seconds);
let next = 0;

/** The length of the first answer in a text, or undefined if it is not all there. */
const answerLength = (text: string): number | undefined => {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const length = head + 4 + Number(/^content-length: *([0-9]+)/im.exec(text)?.[1] ?? 0);
  return text.length < length ? undefined : length;
};

const client = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let request = requests[0]!;
    let sent = 0;
    let text = "";
    const send = () => {
      sent = performance.now();
      socket.write(request.bytes);
    };
    const goOn = () => {
      if (tally.isOver) return void socket.destroy();
      request = requests[next++ % requests.length]!;
      send();
    };
    socket.on("connect", goOn).on("error", reject);
    socket.on("close", () => (tally.isOver ? resolve() : reject(new Error("the server closed a connection"))));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (answerLength(text) === undefined) return;
      const status = text.slice(9, 12);
      text = "";
      if (status === "200") {
        tally.answered(sent, request.size);
        goOn();
      } else if (status === "429") {
        tally.refused++;
        setTimeout(send, 10);
      } else reject(new Error(`the server answered ${status}`));
    });
  });

await Promise.all(Array.from({ length: connections }, client));
console.log(JSON.stringify(tally.result()));
