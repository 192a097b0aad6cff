import type { HttpResponse } from "weir/http";

/** A request to the API server failed, or what it said cannot be used. */
export class ApiFailure extends Error {
  /** For the metrics. */
  readonly reason: string;
  /** The HTTP status, if the server gave one. */
  readonly status: number | undefined;
  /** Of the response, for its `Retry-After`. */
  readonly headers: HttpResponse["headers"];

  constructor(
    reason: string,
    message: string,
    { status, headers = {} }: { readonly status?: number | undefined; readonly headers?: HttpResponse["headers"] } = {},
  ) {
    super(message);
    this.name = "ApiFailure";
    this.reason = reason;
    this.status = status;
    this.headers = headers;
  }

  /** The resource version that was asked for is too old for the server, or it has not seen it yet. */
  get isAboutVersion(): boolean {
    return this.status === 410 || this.status === 504;
  }
}

/** `what` is the `Status` object that Kubernetes answers, as text. */
export const failureOf = (status: number, what: string, headers: HttpResponse["headers"] = {}): ApiFailure => {
  const advice =
    status === 403
      ? `. The account needs the verbs "list" and "watch" for pods, in a ClusterRole`
      : status === 401
        ? ". It rejected the token, or none was sent"
        : "";
  const message = `the API server answered ${status}: ${messageIn(what)}${advice}`;
  return new ApiFailure(`http_${status}`, message, { status, headers });
};

const messageIn = (text: string): string => {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message.slice(0, 300);
  } catch {
    // A proxy answers what it likes.
  }
  return JSON.stringify(text.slice(0, 100));
};
