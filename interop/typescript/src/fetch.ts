// The middleware: a `fetch` that signs and encrypts what goes out, and decrypts what comes back.

import { subscribe } from "node:diagnostics_channel";
import { objectOf, own, utf8 } from "./envelope.js";
import { CallError } from "./errors.js";
import { encrypt } from "./jwe.js";
import { exactResponse } from "./json.js";
import { operationOf } from "./operations.js";
import { decode } from "./response.js";
import { type Fetch, sendOnce } from "./send.js";
import type { Settings } from "./settings.js";
import { correlationId, sign, tranTime } from "./sign.js";

/** Options of {@link createFetch}. */
export interface FetchOptions {
  /** How long a call may take, in milliseconds. Default: 20,000, less than a one-time token lives. */
  timeoutMs?: number;
  /** What sends the request. Default: the global `fetch`. */
  fetch?: Fetch;
}

const CORRELATION_ID = "X-KM-Correlation-Id";
const DELIVERY = "Konaplate-Delivery";

/**
 * A `fetch` for requests of `konaplate-gateway.yaml`: takes plain JSON to a path below the base URL, and
 * returns plain JSON. Where the platform did not say success, the header `Konaplate-Delivery` of the
 * response says whether the call may have been carried out. Nothing is sent twice.
 *
 * The function throws {@link CallError} where there is no response.
 */
export function createFetch(settings: Settings, options: FetchOptions = {}): Fetch {
  const { timeoutMs = 20_000, fetch = globalThis.fetch } = options;
  // Whether responses of this platform carry the id of their call, which is not documented.
  let idsComeBack = false;

  return async (input, init) => {
    const call = await prepare(settings, input, init).catch((error: unknown) => {
      if (error instanceof CallError) throw error;
      throw new CallError("the request could not be made; nothing was sent", "not-sent");
    });
    const { id, path } = call;
    let response: Response;
    let body: Uint8Array;
    try {
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]);
      response = await sendOnce(fetch, { ...call, signal });
      body = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw lost(error, id);
    }

    const theirs = response.headers.get(CORRELATION_ID);
    const isAnothers = idsComeBack && theirs !== null && theirs !== id;
    idsComeBack ||= theirs === id;
    const { status } = response;
    const decoded = isAnothers
      ? // On a connection that is kept alive, a response that came twice is taken for the next one.
        problem("it has the id of another call")
      : status > 599
        ? problem("its HTTP status does not exist")
        : await decode(settings.credentials.clientPrivateKey, { path, status, body });

    const headers = new Headers({ "Content-Type": "application/json", [CORRELATION_ID]: id });
    if (decoded.kind !== "success") headers.set(DELIVERY, decoded.delivery);
    if (decoded.kind !== "problem") return exactResponse(utf8(decoded.body), status, headers);
    headers.set("Content-Type", "application/problem+json");
    const document = {
      type: "urn:konaplate:problem:unexpected-response",
      title: "what came is no response of the platform",
      status: 502,
      detail: decoded.rule,
      delivery: decoded.delivery,
      correlationId: id,
      upstreamStatus: status,
    };
    return exactResponse(JSON.stringify(document), document.status, headers);
  };
}

function problem(rule: string) {
  return { kind: "problem", delivery: "maybe-processed", rule } as const;
}

/** A request as it goes out. */
interface Call {
  id: string;
  url: string;
  path: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  signal: AbortSignal;
}

async function prepare(settings: Settings, ...args: Parameters<Fetch>): Promise<Call> {
  const { baseUrl, credentials, timeZone: zone } = settings;
  const request = new Request(...args);
  const path = pathOf(baseUrl, new URL(request.url));
  if (request.method !== "POST") throw refused("method", "must be POST");
  const plain = new Uint8Array(await request.arrayBuffer());
  checkBody(plain);

  const operation = operationOf(path);
  let body = plain;
  if (operation?.encryptRequest === true) {
    const encData = await encrypt(credentials.serverPublicKey, plain);
    body = new TextEncoder().encode(JSON.stringify({ encData }));
  }
  if (request.signal.aborted) throw refused("signal", "was aborted before the call was sent");

  const now = Date.now();
  const id = correlationId(now, zone);
  const headers = new Headers(request.headers);
  headers.set("Content-Type", "application/json");
  headers.set("Accept", "application/json");
  headers.set("X-KM-User-AspId", credentials.aspId);
  headers.set("X-KM-Access-Key", credentials.accessKey);
  headers.set(CORRELATION_ID, id);
  headers.set("X-KM-Time-Zone", zone);
  headers.set("X-KM-Tran-Time", tranTime(now, zone));
  headers.set("X-KM-Tran-Token", sign(credentials.secretKey, body, now, zone));
  headers.delete("X-KM-Crypto-Key-Id");
  if (operation?.sendKeyId === true) headers.set("X-KM-Crypto-Key-Id", credentials.cryptoKeyId);
  return { id, url: request.url, path, headers, body, signal: request.signal };
}

/** The operation's path. Elsewhere than below the base URL the keys are not sent. */
function pathOf(baseUrl: string, url: URL): string {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/$/, "");
  if (url.origin !== base.origin || !url.pathname.startsWith(`${prefix}/`)) {
    throw refused("url", "must be below the base URL of the settings");
  }
  if (url.search !== "") throw refused("url", "must have no query");
  return url.pathname.slice(prefix.length);
}

function checkBody(body: Uint8Array): void {
  let document: object | null = null;
  try {
    document = objectOf(JSON.parse(utf8(body)));
  } catch {
    // It is no JSON, and what it is instead is said to nobody.
  }
  if (document === null) throw refused("body", "must be a JSON object in UTF-8");
  if (typeof own(document, "encData") === "string") throw refused("body", "must be plain");
}

function refused(field: string, rule: string): CallError {
  return new CallError(`${field}: ${rule}; nothing was sent`, "not-sent");
}

/** Errors of connections that were never there: no name, no listener, no TLS. */
const notConnected = new WeakSet<object>();
subscribe("undici:client:connectError", (message) => {
  const error = own(objectOf(message), "error");
  if (typeof error === "object" && error !== null) notConnected.add(error);
});

/** Nothing can have left where no connection came about. Any other error proves nothing. */
function lost(error: unknown, id: string): CallError {
  const options = { cause: error };
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === "object" && cause !== null && notConnected.has(cause)) {
    return new CallError("no connection: nothing was sent", "not-sent", id, options);
  }
  const message = "no response: the call may have been carried out";
  return new CallError(message, "maybe-processed", id, options);
}
