import { InvalidArgumentError } from "commander";
import { durationOf } from "../config/duration.ts";
import { type ListenAddress, listenAddress } from "../observe/listen-address.ts";

/** Reads the value of an option such as `--drain 30s`, in milliseconds. */
export const durationArgument = (text: string): number => {
  if (/^[0-9]+(ms|s|m|h|d)$/.test(text)) return durationOf(text);
  throw new InvalidArgumentError("It is a duration such as 500ms, 30s or 5m.");
};

/** Reads the value of `--listen`. */
export const listenArgument = (text: string): ListenAddress => {
  const address = listenAddress(text);
  if (address) return address;
  throw new InvalidArgumentError("It is an address and a port, such as 127.0.0.1:9598 or [::1]:9598, or a port.");
};
