import { filter, map, merge, mergeMap, share } from "rxjs";
import { fromFetch } from "rxjs/fetch";
import { defineTransform, option, withData } from "weir";
import { eachBatch } from "weir/rxjs";

const isFound = async ({ ok, body }: Response) => {
  await body?.cancel();
  return ok;
};

export default defineTransform({
  name: "known_users",
  summary: "Asks a service once about the user of each event, and tags events of unknown users.",
  options: { url: option.text("The service.", { examples: ["http://127.0.0.1:8080/"] }) },
  create: ({ config: { url } }) =>
    eachBatch((events) => {
      const answers = events.pipe(
        mergeMap(
          (event) =>
            fromFetch(url + encodeURIComponent(String(event.data["user"])), { selector: isFound }).pipe(
              map((isKnown) => ({ event, isKnown })),
            ),
          8,
        ),
        share(),
      );
      return merge(
        answers.pipe(
          filter(({ isKnown }) => isKnown),
          map(({ event }) => event),
        ),
        answers.pipe(
          filter(({ isKnown }) => !isKnown),
          map(({ event }) => withData(event, { ...event.data, tags: ["unknown_user"] })),
        ),
      );
    }),
});
