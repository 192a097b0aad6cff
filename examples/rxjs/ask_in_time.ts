import { catchError, map, mergeMap, of, timeout } from "rxjs";
import { fromFetch } from "rxjs/fetch";
import { defineTransform, option, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "ask_in_time",
  summary: "Asks a service about the user of each event, and sends the event on without an answer after a time limit.",
  options: {
    url: option.text("The service.", { examples: ["http://127.0.0.1:8080/"] }),
    within: option.duration("How long the service may take to answer.", { default: "1s" }),
  },
  create: ({ config: { url, within }, scheduler }) =>
    eachBatch(
      mergeMap(
        (event) =>
          fromFetch(url + encodeURIComponent(String(event.data["user"])), {
            selector: (response) => response.text(),
          }).pipe(
            timeout({ first: within, scheduler }),
            catchError(() => of("none")),
            map((answer) => withData(event, { ...event.data, answer })),
          ),
        8,
      ),
    ),
});
