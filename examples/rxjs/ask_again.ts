import { map, mergeMap, retry, timer } from "rxjs";
import { fromFetch } from "rxjs/fetch";
import { defineTransform, option, withData } from "weir";
import { eachBatch } from "weir/rxjs";

const answerOf = async (response: Response) => {
  if (!response.ok) throw new Error(`the service answered ${response.status}`);
  return response.text();
};

export default defineTransform({
  name: "ask_again",
  summary: "Asks a service about the user of each event, with up to three retries if it fails.",
  options: { url: option.text("The service.", { examples: ["http://127.0.0.1:8080/"] }) },
  create: ({ config: { url }, scheduler }) =>
    eachBatch(
      mergeMap(
        (event) =>
          fromFetch(url + encodeURIComponent(String(event.data["user"])), { selector: answerOf }).pipe(
            retry({ count: 3, delay: (_error, tries) => timer(100 * 2 ** tries, scheduler) }),
            map((answer) => withData(event, { ...event.data, answer })),
          ),
        8,
      ),
    ),
});
