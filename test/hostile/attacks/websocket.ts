import { once } from "node:events";
import type { Socket } from "node:net";
import { type Attack, attack, open, outcome, send } from "./connection.ts";
import { binary, continuation, frame, handshake, ping, text, violations } from "./frames.ts";

/** Sends the handshake and waits for its answer; `undefined` if there was none. */
const opened = async (port: number, path = "/"): Promise<Socket | undefined> => {
  const socket = open(port);
  await send(socket, handshake(path));
  const answer = await Promise.race([once(socket, "data"), once(socket, "close").then(() => undefined)]);
  return String(answer?.[0]).startsWith("HTTP/1.1 101") ? socket : undefined;
};

/** The code of the close frame that the server sends, `closed` without one, or `waited`. */
const closing = async (socket: Socket, patience: number): Promise<string> => {
  let last = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    last = Buffer.concat([last, data]).subarray(-200);
  });
  const word = await outcome(socket, patience);
  const at = last.indexOf(0x88);
  return at >= 0 && last.length >= at + 4 ? String(last.readUInt16BE(at + 2)) : word;
};

const session =
  (act: (socket: Socket, round: number) => Promise<unknown>, patience = 3_000): Attack["run"] =>
  async ({ webSocket }, round) => {
    const socket = await opened(webSocket);
    if (!socket) return "refused";
    const closed = closing(socket, patience);
    await act(socket, round);
    return closed;
  };

const all = Object.values(violations);

const repeat = async (socket: Socket, bytes: Buffer, times: number): Promise<void> => {
  for (let sent = 0; sent < times; sent++) if (!(await send(socket, bytes))) return;
};

const pings = Buffer.concat(new Array(500).fill(frame(ping, "a".repeat(125))));
const fragment = frame(continuation, "[", { fin: false });
const fragments = Buffer.concat(new Array(500).fill(fragment));
const messages = Buffer.concat(new Array(200).fill(frame(text, '{"flood":"messages"}')));

const brokenHandshakes = [
  handshake("/nowhere"),
  handshake("/", ["Origin: https://evil.example"]),
  handshake("/").replace("websocket", "h2c"),
  handshake("/").replace("Version: 13", "Version: 7"),
  handshake("/").replace("AAAAAAAAAAAAAAAAAAAAAA==", "short"),
  handshake("/").replace("permessage-deflate", "permessage-deflate; server_max_window_bits=99999999"),
  handshake("/").replace("GET", "POST"),
  handshake(`/${"a/".repeat(5_000)}`),
];

const brokenHandshake: Attack["run"] = async ({ webSocket }, round) => {
  const socket = open(webSocket);
  const ended = outcome(socket, 500);
  await send(socket, brokenHandshakes[round % brokenHandshakes.length]!);
  return ended;
};

const endless = async (socket: Socket) => {
  await send(socket, frame(text, "[", { fin: false }));
  await repeat(socket, fragments, 100);
};

const unfinished = (socket: Socket) => send(socket, frame(binary, Buffer.alloc(1 << 20), { length: 1n << 23n }));

/** Attacks on a WebSocket server. */
export const webSocketAttacks: Readonly<Record<string, Attack>> = {
  "frame violations": attack(
    session((socket, round) => send(socket, all[round % all.length]!), 500),
    2,
    50,
  ),
  "ping floods": attack(session((socket) => repeat(socket.pause(), pings, 40), 1_000)),
  "fragment floods": attack(session(endless), 1, 500),
  "unfinished messages": attack(session(unfinished, 10_000), 3),
  "message floods": attack(
    session((socket) => repeat(socket, messages, 10), 500),
    1,
    1_000,
  ),
  "silent WebSockets": attack(
    session(async () => undefined, 60_000),
    100,
  ),
  "broken handshakes": attack(brokenHandshake),
};
