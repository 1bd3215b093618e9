// What a response of the platform says: success, a failure with a code, or nothing that can be relied on.

import type { KeyObject } from "node:crypto";
import { readEnvelope } from "./envelope.js";
import { decrypt } from "./jwe.js";
import { type Delivery, verdict } from "./operations.js";

/** The code of success. */
const SUCCESS = "000_000";

/** A response, read. */
export type Decoded =
  | { kind: "success"; body: Uint8Array }
  | { kind: "failure"; body: Uint8Array; code: string; delivery: Delivery }
  /** It is no response of the platform. `rule` says why, with nothing of what came. */
  | { kind: "problem"; delivery: Delivery; rule: string };

/** What came over the wire. */
export interface Received {
  /** Path of the operation, such as `/api/v1/user/info`. */
  path: string;
  status: number;
  body: Uint8Array;
}

/** Reads a response: decrypts it if it is encrypted, and says what its code proves. */
export async function decode(
  privateKey: KeyObject,
  { path, status, body }: Received,
): Promise<Decoded> {
  if (status >= 300 && status < 400) return problem("a redirect is not followed");
  if (body.length === 0) return problem("it has no body");
  let plain = body;
  let envelope = readEnvelope(body);
  // Whatever the description or the status say: what is encrypted is decrypted.
  if (envelope !== null && envelope.encData !== null) {
    try {
      plain = await decrypt(privateKey, envelope.encData);
    } catch {
      return problem("it could not be decrypted");
    }
    envelope = readEnvelope(plain);
  }
  if (envelope === null) return problem("it is no JSON object, or says a thing twice");
  if (envelope.code === null) return problem("it has no response.code");
  const isSuccess = status >= 200 && status < 300;
  if (envelope.code !== SUCCESS) {
    return {
      kind: "failure",
      body: plain,
      code: envelope.code,
      delivery: verdict(path, status, envelope.code),
    };
  }
  if (!isSuccess) return problem("it says success with an HTTP status of failure");
  return { kind: "success", body: plain };
}

function problem(rule: string): Decoded {
  return { kind: "problem", delivery: "maybe-processed", rule };
}
