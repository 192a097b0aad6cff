import { mergeMap } from "rxjs";
import { defineTransform, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "pseudonym",
  summary: "Replaces the name of a user by its hash.",
  options: {},
  create: () =>
    eachBatch(
      mergeMap(async (event) => {
        const hash = await crypto.subtle.digest("SHA-256", Buffer.from(String(event.data["user"])));
        return withData(event, { ...event.data, user: Buffer.from(hash).toString("hex").slice(0, 12) });
      }, 8),
    ),
});
