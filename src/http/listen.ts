import type { IncomingMessage, ServerResponse } from "node:http";
import type { Offer, Reading, SourceContext } from "../plugin.ts";
import { shortened } from "../text.ts";
import { type Guard, guardOf } from "./auth.ts";
import { answerBrowser, browserGuard, browserRules } from "./browsers.ts";
import { type GrpcMethod, listenGrpc } from "./grpc/listen.ts";
import type { RunningGrpcServer } from "./grpc/server.ts";
import { RequestIntake } from "./intake.ts";
import type { PlainService } from "./plain/service.ts";
import { answerProblem, Refusal, stopping } from "./problem.ts";
import type { Protocol } from "./protocol.ts";
import { Reception } from "./reception.ts";
import { RefusalLog, tooManyOf } from "./refusal-log.ts";
import { refuse } from "./refuse.ts";
import type { FindRoute } from "./routes.ts";
import { isPublic, type RunningServer, startServer } from "./server.ts";
import type { HttpServerConfig } from "./server-options.ts";

/**
 * Listens until the source stops: each request is a reading, answered when it is committed. `route` says how to read a body;
 * otherwise its Content-Type does, or the configuration of the component. `protocol`: for bodies and answers of another kind.
 * `grpc`: a method whose calls are handled like such requests. Resolves when every accepted request has its
 * answer; rejects with a sentence when it cannot listen on the address.
 */
export const listenHttp = async (
  context: SourceContext<HttpServerConfig>,
  offer: (reading: Reading) => Offer,
  route: FindRoute,
  protocol?: Protocol,
  grpc?: GrpcMethod,
): Promise<void> => {
  const { config, signal, log } = context;
  const broken = new AbortController();
  const guard = guardOf(config.auth, config.tls);
  const intake = intakeOf(context, offer, route, protocol);
  const refusals = new RefusalLog(context);
  const failed = (error: unknown) => broken.abort(error);
  const settings = { ...config, onTooMany: tooManyOf(context) };
  const service = serviceOf(context, { intake, guard, refusals, protocol, failed });
  const server = await startServer(settings, (request, response) => void answer(service, request, response), service);
  log.info(`listening on ${server.url}`, { url: server.url });
  const { tokens, users } = config.auth;
  const isGuarded =
    protocol?.isGuarded === true || tokens.length + users.length > 0 || config.tls?.client_ca !== undefined;
  for (const address of [config.listen, grpc?.listen])
    if (address !== undefined && isPublic(address) && !isGuarded)
      log.warn(`anyone who can reach "${address}" may send events: set "auth" or "tls.client_ca"`);
  let calls: RunningGrpcServer | undefined;
  try {
    calls =
      grpc &&
      (await listenGrpc({
        settings,
        grpc,
        intake,
        guard,
        refused: (refusal) => refusals.add(refusal),
        failed,
      }));
    if (calls) log.info(`listening for gRPC on ${calls.address}`, { address: calls.address });
    await aborted(AbortSignal.any([signal, broken.signal]));
  } finally {
    await Promise.all([calls?.stop(), end(server)]);
  }
  broken.signal.throwIfAborted();
};

interface Service extends PlainService {
  readonly intake: RequestIntake;
  readonly browsers: Guard;
  readonly guard: Guard;
}

const intakeOf = (
  { config, signal }: SourceContext<HttpServerConfig>,
  offer: (reading: Reading) => Offer,
  route: FindRoute,
  protocol: Protocol | undefined,
): RequestIntake => {
  const reception = new Reception(Math.max(config.max_receiving, config.max_body));
  signal.addEventListener("abort", () => reception.endAll(stopping), { once: true });
  return new RequestIntake({ maxBody: config.max_body, reception, signal, offer, route, protocol });
};

interface Answering {
  readonly intake: RequestIntake;
  readonly guard: Guard;
  readonly refusals: RefusalLog;
  readonly protocol: Protocol | undefined;
  /** Called with an unexpected error. */
  readonly failed: (error: unknown) => void;
}

const serviceOf = (
  { config, signal, log }: SourceContext<HttpServerConfig>,
  { intake, guard, refusals, protocol, failed }: Answering,
): Service => {
  const rules = browserRules(config);
  // As with credentials of HTTP: a page does not have those of the protocol.
  const browsers = browserGuard({ ...rules, anyHost: rules.anyHost || protocol?.isGuarded === true });
  return {
    signal,
    intake,
    browsers,
    guard,
    accept: (head) => {
      browsers(head);
      guard(head);
      return intake.accept(head);
    },
    refused: (error, { headers }) => {
      if (!(error instanceof Refusal)) failed(error);
      const refusal = error instanceof Refusal ? error : new Refusal(500, "Internal error; see the log of weir.");
      if (error === refusal) refusals.add(refusal);
      return { refusal, answer: protocol?.refusal(refusal.message, headers) };
    },
    answered: ({ method, url, socket }, status, since) => {
      // A query may contain what is to stay secret.
      const path = shortened(url?.split("?", 1)[0] ?? "", 200);
      const time = Math.round(performance.now() - since);
      log.debug(`${method} ${path} from ${socket.remoteAddress}: ${status} after ${time} ms`);
    },
  };
};

/** Answers a request that Node's server has read. */
const answer = async (service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { signal, intake, browsers, guard } = service;
  const since = performance.now();
  try {
    if (isHealthCheck(request)) return answerHealth(response, signal);
    browsers(request);
    if (answerBrowser(request, response)) return;
    guard(request);
    const answer = await intake.take(request, response);
    if (signal.aborted) response.setHeader("Connection", "close");
    const type = answer && { "Content-Type": answer.type };
    response.writeHead(200, { ...type, "Content-Length": answer?.body.length ?? 0 }).end(answer?.body);
  } catch (error) {
    const { refusal, answer } = service.refused(error, request, since);
    refuse(request, response, refusal, answer);
  } finally {
    service.answered(request, response.statusCode, since);
  }
};

const isHealthCheck = ({ method, url }: IncomingMessage): boolean =>
  (method === "GET" || method === "HEAD") && url?.split("?", 1)[0] === "/healthz";

const answerHealth = (response: ServerResponse, signal: AbortSignal): void => {
  if (signal.aborted) answerProblem(response, stopping());
  else response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 3 }).end("ok\n");
};

/** Waits until every accepted request is answered. */
const end = async (server: RunningServer): Promise<void> => {
  server.stop();
  await server.answered();
  await server.close();
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
