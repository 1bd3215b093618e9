export { readEnvelope, type Envelope } from "./envelope.js";
export { CallError, SettingsError } from "./errors.js";
export { createFetch, type FetchOptions } from "./fetch.js";
export { exactFetch, exactJson, parseJson, stringifyJson } from "./json.js";
export { decrypt, DecryptError, encrypt } from "./jwe.js";
export { type Delivery, verdict } from "./operations.js";
export { decode, type Decoded, type Received } from "./response.js";
export type { Fetch } from "./send.js";
export {
  type Credentials,
  readPrivateKey,
  readPublicKey,
  Settings,
  type SettingsInit,
} from "./settings.js";
export { correlationId, isCorrelationId, sign, type TimeZone, timestamp, tranTime } from "./sign.js";
