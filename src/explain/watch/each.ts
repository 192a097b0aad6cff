import { isPromise } from "../../transform/promise.ts";
import type { BulkStep, EachStep, StepResult } from "../../transform/transform.ts";
import type { Journal } from "../journal.ts";
import { noting } from "./noting.ts";

export const watchedEach = (step: EachStep | BulkStep, id: string, journal: Journal): EachStep | BulkStep =>
  typeof step === "function" ? watchedOne(step, id, journal) : watchedBulk(step, id, journal);

const watchedOne =
  (step: EachStep, id: string, journal: Journal): EachStep =>
  (event, tools) => {
    const visit = journal.enter(id, event);
    return observed(() => step(event, { ...tools, note: noting(visit, tools.note), trace: visit.trace }), {
      returned: (result) => journal.descend(event, visit.returned(event, result)),
      threw: (error) => journal.failed(visit, event, error),
    });
  };

const watchedBulk = (step: BulkStep, id: string, journal: Journal): BulkStep => ({
  bulk: (events, tools) => {
    const visits = events.map((event) => ({ event, visit: journal.enter(id, event) }));
    return observed(() => step.bulk(events, tools), {
      returned: (results: readonly StepResult[]) => {
        // Another number of results is an error, which the host reports.
        if (!Array.isArray(results) || results.length !== visits.length) return;
        for (const [index, { event, visit }] of visits.entries())
          journal.descend(event, visit.returned(event, results[index]));
      },
      threw: (error) => {
        for (const { event, visit } of visits) journal.failed(visit, event, error);
      },
    });
  },
});

interface Observer<T> {
  returned(value: T): void;
  threw(error: unknown): void;
}

/** Calls a function and gives back what it returns or throws, now or by a promise, once the observer has seen it. */
const observed = <T>(call: () => T | Promise<T>, { returned, threw }: Observer<T>): T | Promise<T> => {
  const fail = (error: unknown): never => {
    threw(error);
    throw error;
  };
  let result: T | Promise<T>;
  try {
    result = call();
  } catch (error) {
    return fail(error);
  }
  const seen = (value: T): T => {
    returned(value);
    return value;
  };
  return isPromise(result) ? (result as Promise<T>).then(seen, fail) : seen(result);
};
