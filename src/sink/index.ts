export { type MetricFamily, seriesNames } from "../telemetry/metric-family.ts";
export { type DeliveryPlace, placeAfter, placeIn } from "./delivery-place.ts";
export { inTurn } from "./in-turn.ts";
