// What the description says of each operation, as far as the middleware decides on it.

import { readFileSync } from "node:fs";

/** Whether a call may have been carried out. The words are those of the gateway's description. */
export type Delivery =
  | "not-sent"
  | "not-carried-out"
  | "declined"
  | "earlier-call"
  | "maybe-processed"
  | "processed-unreadable";

/** One operation. */
export interface Operation {
  operation: string;
  effect: "reads" | "changes" | "moves-money";
  encryptRequest: boolean;
  sendKeyId: boolean;
  /** What the codes of a call that moves money prove. A code that is not here proves nothing. */
  proves?: Record<string, Delivery>;
}

interface Flags {
  codes: string[];
  operations: Record<string, Operation>;
}

const flags = JSON.parse(
  readFileSync(new URL("operations.json", import.meta.url), "utf8"),
) as Flags;
const operations = new Map(Object.entries(flags.operations));
const codes = new Set(flags.codes);

/** The operation of a path of the API, such as `/api/v1/user/info`. */
export function operationOf(path: string): Operation | undefined {
  return operations.get(path);
}

/** What a code of the platform other than success proves about the call. */
export function verdict(path: string, status: number, code: string): Delivery {
  const operation = operations.get(path);
  if (operation === undefined || status !== 400) return "maybe-processed";
  if (operation.effect !== "moves-money") {
    return codes.has(code) ? "declined" : "maybe-processed";
  }
  const proved = new Map(Object.entries(operation.proves ?? {})).get(code);
  return proved ?? "maybe-processed";
}
