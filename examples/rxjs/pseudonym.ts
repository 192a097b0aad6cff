import { mergeMap } from "rxjs";
import { defineTransform, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "pseudonym",
  summary: "Replaces a user's name by a hash of it.",
  options: {},
  create: () =>
    eachBatch(
      mergeMap(async (event) => {
        const hash = await crypto.subtle.digest("SHA-256", Buffer.from(String(event.data["user"])));
        return withData(event, { ...event.data, user: Buffer.from(hash).toString("hex").slice(0, 12) });
      }, 8),
    ),
});
