// The headers of a call: its id, its time, and the signature of its body.

import { createHmac, randomInt } from "node:crypto";

/** The zone that times are given in. Korea has no summer time. */
export type TimeZone = "KST" | "UTC";

const OFFSET_MS: Record<TimeZone, number> = { KST: 9 * 60 * 60 * 1000, UTC: 0 };
const CORRELATION_ID = /^[0-9]{12}-[0-9a-f]{7}$/;

/** A point in time (milliseconds since 1970 in UTC) as `yyyyMMddHHmmssSSS` in a zone. */
export function timestamp(at: number, zone: TimeZone): string {
  return new Date(at + OFFSET_MS[zone]).toISOString().replace(/[^0-9]/g, "");
}

/** `X-KM-Tran-Time`: the same point in time to the second. */
export function tranTime(at: number, zone: TimeZone): string {
  return timestamp(at, zone).slice(0, 14);
}

/** `X-KM-Tran-Token`: the signature of these very bytes. The secret is used as the text that it is. */
export function sign(secretKey: string, body: Uint8Array, at: number, zone: TimeZone): string {
  const signature = createHmac("sha256", secretKey).update(body).digest("base64");
  return `KMV1:${timestamp(at, zone)}:${signature}`;
}

/** `X-KM-Correlation-Id`: the id of a call, from its time and seven hex digits. */
export function correlationId(at: number, zone: TimeZone, hex: string = nextHex()): string {
  return `${timestamp(at, zone).slice(2, 14)}-${hex}`;
}

/** Whether a text has the form of a correlation id. */
export function isCorrelationId(text: string): boolean {
  return CORRELATION_ID.test(text);
}

const NUMBERS = 2 ** 28;
let number = randomInt(NUMBERS);

/** Counts from a random start: calls of one process in the same second never share an id. */
function nextHex(): string {
  number = (number + 1) % NUMBERS;
  return number.toString(16).padStart(7, "0");
}
