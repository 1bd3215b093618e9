// JSON that keeps integers: JavaScript's own rounds those above 2^53 without saying so, and a member id
// that is rounded is the id of another member.

import { isInteger, isSafeNumber, parse, stringify } from "lossless-json";
import { type Fetch, sendOnce } from "./send.js";

/**
 * Reads JSON. An integer that a number cannot hold exactly is a bigint, any other number is a number.
 *
 * @throws SyntaxError, which says nothing of the text.
 */
export function parseJson(text: string): unknown {
  try {
    // Of a name that stands twice the last one counts, as with JSON.parse.
    return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    // The library's message repeats parts of the text.
    throw new SyntaxError("the text is no JSON");
  }
}

function parseNumber(digits: string): number | bigint {
  return isInteger(digits) && !isSafeNumber(digits) ? BigInt(digits) : Number(digits);
}

/**
 * Writes JSON, with bigints as integers.
 *
 * @throws RangeError for a number that was rounded before, or that JSON does not have.
 */
export function stringifyJson(value: unknown): string {
  const text = stringify(value, exact);
  if (text === undefined) throw new TypeError("the value has no JSON");
  return text;
}

function exact(name: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) throw new RangeError(`${name}: must be a finite number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError(`${name}: must be a bigint: a number rounds integers above 2^53`);
  }
  return value;
}

/**
 * A `fetch` for a server that takes and returns plain JSON, such as the gateway: `json()` of a response
 * keeps large integers. A POST is sent once, and redirects are not followed.
 */
export function exactFetch(fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const response = await (request.method === "POST" ? post(fetch, request) : fetch(request));
    if (response.body === null) return response;
    return exactResponse(await response.text(), response.status, response.headers);
  };
}

async function post(fetch: Fetch, request: Request): Promise<Response> {
  const { url, headers, signal } = request;
  const body = new Uint8Array(await request.arrayBuffer());
  return sendOnce(fetch, { url, headers, body, signal });
}

/** A response whose `json()` keeps large integers. */
export function exactResponse(text: string, status: number, headers: Headers): Response {
  const own = new Headers(headers);
  // The body is not compressed any more. openapi-fetch calls `json()` where the length is given, and
  // else reads the text by itself, with JSON.parse.
  own.delete("Content-Encoding");
  own.delete("Transfer-Encoding");
  own.set("Content-Length", String(Buffer.byteLength(text)));
  return keepIntegers(new Response(text, { status, headers: own }));
}

function keepIntegers(response: Response): Response {
  const clone = response.clone.bind(response);
  return Object.defineProperties(response, {
    json: { value: async () => parseJson(await response.text()) },
    clone: { value: () => keepIntegers(clone()) },
  });
}

/** Options of openapi-fetch's `createClient`, for a server that takes and returns plain JSON. */
export const exactJson: { fetch: Fetch; bodySerializer: (body: unknown) => string } = {
  // Looked up for each call, since programs replace the global one.
  fetch: exactFetch((input, init) => globalThis.fetch(input, init)),
  bodySerializer: stringifyJson,
};
