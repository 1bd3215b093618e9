// JSON that keeps integers: JavaScript's own rounds those above 2^53 without saying so, and a member id
// that is rounded is the id of another member.

import { isInteger, isSafeNumber, parse, stringify } from "lossless-json";

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

/** A function that takes what `fetch` takes and returns what it returns. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` whose responses are read by {@link parseJson}: `json()` of a response keeps large integers.
 */
export function exactFetch(fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    // Such a response has no body, and cannot be made by hand with one.
    if (response.body === null) return response;
    return exactResponse(await response.text(), response.status, response.headers);
  };
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
