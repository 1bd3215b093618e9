// That the generated types serve a program: this compiles, and what must not compile is marked as such.

import { exactJson } from "konaplate";
import type { components as GatewayComponents, paths as Gateway } from "konaplate/api";
import createClient from "openapi-fetch";
import type { components, paths as Protocol } from "./protocol.js";

/** A call through a gateway or the middleware: a plain body, no header. */
export async function issueToken(cardNo: string): Promise<number | string> {
  const client = createClient<Gateway>({ baseUrl: "http://127.0.0.1:8788", ...exactJson });
  const { data, error } = await client.POST("/api/v2/payment/generate/onetimetoken", {
    body: { cardNo, type: "CREDIT" },
  });
  // A point in time in milliseconds has 13 digits, which a number holds.
  if (data) return data.expiryTime;
  // A failure of the platform or a problem document.
  const failure: GatewayComponents["schemas"]["Failure"] | GatewayComponents["schemas"]["Problem"] =
    error;
  if ("delivery" in failure) {
    const word: string = failure.delivery;
    return word;
  }
  return "code" in failure.response ? failure.response.code : "";
}

/** A member id is sent as a number or a bigint, and received as either. */
export async function memberId(): Promise<number | bigint | undefined> {
  const client = createClient<Gateway>({ baseUrl: "http://127.0.0.1:8788", ...exactJson });
  const { data } = await client.POST("/api/v1/user/info", {
    body: { userId: 9999999999999999999n },
  });
  await client.POST("/api/v1/user/info", { body: { userId: 10000000001 } });
  // @ts-expect-error: it may be a bigint
  const rounded: number | undefined = data?.userInfo.userId;
  void rounded;
  return data?.userInfo.userId;
}

/** The whole protocol: the headers are a part of the call. */
export async function askResult(
  sequenceId: string,
  headers: Required<
    Protocol["/api/v1/recharges/by-bank-account/result/inquiry"]["post"]["parameters"]["header"]
  >,
): Promise<string | undefined> {
  const client = createClient<Protocol>({ baseUrl: "http://127.0.0.1:8787" });
  const { data } = await client.POST("/api/v1/recharges/by-bank-account/result/inquiry", {
    params: { header: headers },
    body: { sequenceId },
  });
  // What is received is open: a word that nobody described is a string as any other. Compared without
  // a type between, since with a closed list this line must not compile.
  if (data?.result === "A_NEW_WORD") return undefined;
  return data?.result;
}

// What is sent is closed.
// @ts-expect-error: no such type of token
export const wrong: components["schemas"]["OneTimeTokenType"] = "DEBIT";
// @ts-expect-error: the same behind a gateway
export const wrongToo: GatewayComponents["schemas"]["OneTimeTokenType"] = "DEBIT";

// The whole protocol asks for its headers.
const protocol = createClient<Protocol>({ baseUrl: "http://127.0.0.1:8787" });
export const bare = () =>
  // @ts-expect-error: the headers are missing
  protocol.POST("/api/v1/recharges/by-bank-account/result/inquiry", {
    body: { sequenceId: "BANK-1" },
  });
