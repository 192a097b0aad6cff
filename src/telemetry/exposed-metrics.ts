import type { Log } from "../context.ts";
import { type MetricFamily, ownMetricName, seriesNames } from "./metric-family.ts";

type Read = () => readonly MetricFamily[];

/** Metrics of components, which the endpoint exposes beside weir's own. */
export class ExposedMetrics {
  readonly #reads = new Map<string, { readonly read: Read; readonly log: Log }>();
  readonly #refused = new Set<string>();

  /** Exposes what `read` returns at each scrape, in place of the component's earlier metrics. Call the result to end this. */
  expose(component: string, read: Read, log: Log): () => void {
    const one = { read, log };
    this.#reads.set(component, one);
    return () => {
      if (this.#reads.get(component) === one) this.#reads.delete(component);
    };
  }

  /** All metrics. A metric whose name is taken is left out, and this is logged once. */
  read(): readonly MetricFamily[] {
    const taken = new Set<string>();
    return [...this.#reads].flatMap(([component, { read, log }]) =>
      read().filter((family) => {
        const names = seriesNames(family);
        const isFree = !ownMetricName.test(family.name) && names.every((name) => !taken.has(name));
        if (isFree) for (const name of names) taken.add(name);
        else this.#refuse(component, family.name, log);
        return isFree;
      }),
    );
  }

  #refuse(component: string, name: string, log: Log): void {
    const key = `${component} ${name}`;
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    log.warn(
      `the metric "${name}" is not exposed: weir or another component has a metric with this name; choose another name`,
    );
  }
}
