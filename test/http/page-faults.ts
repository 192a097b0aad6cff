import type { Random } from "../kill/random.ts";
import { type Answering, answerWith, type PageAnswer, type Pages } from "./pages-server.ts";

/** What a server can make of an answer. */
const faults: Readonly<Record<string, (answer: PageAnswer, random: Random) => Answering>> = {
  "500": () => (_request, response) => void response.writeHead(500).end("out of order"),
  "429": (_answer, random) => (_request, response) => {
    response.writeHead(429, { "Retry-After": random.chance(0.05) ? "1" : "0" }).end();
  },
  "reset before the answer": () => (request) => void request.socket.resetAndDestroy(),
  "reset within the body":
    ({ status, headers, body }, random) =>
    (request, response) => {
      response.writeHead(status, headers).flushHeaders();
      response.write(body.slice(0, random.between(0, body.length - 1)) || " ", () => request.socket.resetAndDestroy());
    },
  "a body that is cut and says so":
    ({ status, headers, body }, random) =>
    (request, response) => {
      response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) + 1 });
      response.write(body.slice(0, random.between(0, body.length)) || " ", () => request.socket.end());
    },
};

/** Does to some of the answers what goes wrong on the way; `counts` says what did, by name. */
export const faulty = (
  pages: Pages,
  { random, chance, counts }: { random: Random; chance: () => number; counts: Map<string, number> },
): Answering => {
  const names = Object.keys(faults);
  return (request, response, url) => {
    if (!random.chance(chance())) return answerWith(pages)(request, response, url);
    const name = names[random.between(0, names.length - 1)]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    faults[name]!(pages(url, request.headers), random)(request, response, url);
  };
};
