import type { Delivery } from "weir";
import { compilePath, ExactNumber, type Template, TemplateError } from "weir/fields";
import { compileKql, type KqlPredicate, kqlOptionsOf } from "weir/kql";
import { labelsOf, type MetricConfig, type PrometheusConfig } from "./options.ts";

/** What an event adds to a metric. */
export interface Observation {
  /** The values of the labels, in the order of `labelsOf`. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** The longest label value, in UTF-16 units. */
const longest = 1024;

/** A decimal number in a string. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads what events add to one metric. */
export class Observer {
  readonly #metric: MetricConfig;
  readonly #labels: readonly Template[];
  readonly #matches: KqlPredicate | undefined;
  readonly #field: ReturnType<typeof compilePath> | undefined;

  constructor(metric: MetricConfig, config: Pick<PrometheusConfig, "fields" | "default_fields">) {
    this.#metric = metric;
    this.#labels = labelsOf(metric).map(([, label]) => label);
    this.#matches = metric.where === undefined ? undefined : compileKql(metric.where, kqlOptionsOf(config));
    this.#field = metric.value === undefined ? undefined : compilePath(metric.value);
  }

  /** `undefined` if the event does not count. Throws a TemplateError if it cannot. */
  of(event: Delivery): Observation | undefined {
    if (this.#matches && !this.#matches(event.data, event.meta.ingested)) return undefined;
    return { labels: this.#labels.map((label) => this.#text(label, event)), value: this.#value(event) };
  }

  #text(label: Template, { data, meta }: Delivery): string {
    const text = label.render(data, (value) => value.toWellFormed(), meta);
    if (text.length > longest)
      throw new TemplateError(`a label value with ${text.length} characters is too long: the limit is ${longest}`);
    return text;
  }

  #value({ data }: Delivery): number {
    const { value: name, type } = this.#metric;
    if (!this.#field || name === undefined) return 1;
    const values = this.#field.values(data);
    if (values.length === 0)
      throw new TemplateError(`"${name}" has no value; to ignore such events, set where: "${name}: *"`);
    if (values.length > 1) throw new TemplateError(`"${name}" has ${values.length} values; one is expected`);
    const number = numberIn(values[0]);
    if (number === undefined) throw new TemplateError(`the value of "${name}" is not a number: ${shown(values[0])}`);
    if (type === "counter" && number < 0)
      throw new TemplateError(`the value of "${name}" is negative, but a counter can only go up: ${number}`);
    return number;
  }
}

const numberIn = (value: unknown): number | undefined => {
  const isText = typeof value === "string" && decimal.test(value);
  const number =
    typeof value === "number" ? value : isText || value instanceof ExactNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
};

const shown = (value: unknown): string => JSON.stringify(String(value).slice(0, 60));
