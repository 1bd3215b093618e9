// The one way a request goes out.

/** A function that takes what `fetch` takes and returns what it returns. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Sends a request once, and follows no redirect.
 *
 * The body goes out as a stream, which cannot be sent again. Bytes would be: `fetch` repeats a request
 * after status 421.
 */
export function sendOnce(
  fetch: Fetch,
  request: { url: string; headers: Headers; body: Uint8Array<ArrayBuffer>; signal: AbortSignal },
): Promise<Response> {
  const { url, body, signal } = request;
  const headers = new Headers(request.headers);
  // By hand, since the length of a stream is not known. Without it the body would go out in chunks.
  headers.set("Content-Length", String(body.length));
  const stream = new Blob([body]).stream();
  const once = { body: stream, duplex: "half", redirect: "manual" } as const;
  return fetch(url, { method: "POST", headers, signal, ...once });
}
