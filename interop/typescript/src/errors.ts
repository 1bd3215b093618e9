import type { Delivery } from "./operations.js";

/** A setting that is missing or wrong. The message names it and the rule, never the value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(
    /** The option or the variable. */
    readonly setting: string,
    readonly rule: string,
  ) {
    super(`${setting}: ${rule}`);
  }
}

/**
 * A call without a response. It is a `TypeError`, as `fetch` throws it for a network error.
 */
export class CallError extends TypeError {
  override readonly name = "CallError";

  constructor(
    message: string,
    /** `not-sent` with proof that nothing left; `maybe-processed` in all other cases. */
    readonly delivery: Extract<Delivery, "not-sent" | "maybe-processed">,
    /** The id that the call went out with. KONA finds the call by it. */
    readonly correlationId?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
