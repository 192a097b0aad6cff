import { concatMap, groupBy, map, mergeMap } from "rxjs";
import { fromFetch } from "rxjs/fetch";
import { defineTransform, option, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "in_turn",
  summary: "Asks a service about the events of one user in turn, and about several users at a time.",
  options: { url: option.text("The service.", { examples: ["http://127.0.0.1:8080/"] }) },
  create: ({ config: { url } }) =>
    eachBatch(
      (events) =>
        events.pipe(
          groupBy((event) => String(event.data["user"])),
          mergeMap((group) =>
            group.pipe(
              concatMap((event) =>
                fromFetch(url + encodeURIComponent(group.key), { selector: (response) => response.text() }).pipe(
                  map((answer) => withData(event, { ...event.data, answer })),
                ),
              ),
            ),
          ),
        ),
      { concurrency: 1 },
    ),
});
