import { type Delivery, defineSink, option } from "weir";

export default defineSink({
  name: "webhook",
  summary: "Posts each event as JSON to a URL.",
  options: {
    url: option.text("The URL to post to.", { examples: ["https://example.org/alerts"] }),
    token: option.optional(option.secret("Sent as a bearer token.")),
    request_timeout: option.duration("How long one request may take.", { default: "10s" }),
  },
  open: ({ config: { url, token, request_timeout: timeout }, signal }) => {
    const post = async ({ id, json }: Delivery) => {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": id,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: json,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      await response.body?.cancel();
      return response;
    };
    return {
      async write(events) {
        const failed = [];
        for (const [index, event] of events.entries())
          try {
            const { ok, status } = await post(event);
            const final = status >= 400 && status < 500 && status !== 408 && status !== 429;
            if (!ok) failed.push({ index, message: `${url} answered ${status}`, final });
          } catch (error) {
            failed.push({ index, message: (error as Error).message, final: false });
          }
        return { failed };
      },
    };
  },
});
