// Calls of the API through the gateway of the sandbox, which checks, signs and encrypts them.

import { Refused, say } from "./sandbox/control.js";

/** Two digits of each part of a time in Korea, from the year to the second. */
function koreanTime() {
  const korea = new Date(Date.now() + 9 * 60 * 60 * 1000);
  return korea.toISOString().replace(/[-:T]/g, "").slice(2, 14);
}

/** So many digits of hex that nobody guesses. */
function hex(digits) {
  const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, digits);
}

/** A correlation id: `yyMMddHHmmss-`, and seven digits of hex. */
export function correlationId() {
  return `${koreanTime()}-${hex(7)}`;
}

/** A number of a request that was not used before, with the word in front that the old one has. */
export function freshNumber(old) {
  const word = /^[A-Za-z]+-/.exec(old)?.[0] ?? "TRY-";
  return `${word}20${koreanTime().slice(0, 6)}-${hex(6)}`;
}

/** Posts a text as it stands. */
export async function post(path, text, headers = {}) {
  let response;
  try {
    response = await fetch(`/gateway${path}`, {
      method: "POST",
      cache: "no-store",
      headers: { "content-type": "application/json", ...headers },
      body: text,
    });
    return { response, text: await response.text() };
  } catch {
    throw new Refused(say("The sandbox does not respond. Is it running?", "샌드박스가 응답하지 않습니다. 실행 중인지 확인하십시오."));
  }
}
