export { type DeliveryPlace, placeAfter, placeIn } from "./delivery-place.ts";
export { inTurn } from "./in-turn.ts";
