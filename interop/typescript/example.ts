// That the generated types serve a program: it compiles with `tsc --strict`, and what must not compile
// is marked as such.
import createClient from "openapi-fetch";
import type { components as GatewayComponents, paths as Gateway } from "./generated/konaplate-gateway.js";
import type { components, paths as Protocol } from "./generated/konaplate.js";

/** A call through a gateway that signs and encrypts: a plain body, no header. */
export async function issueToken(cardNo: string): Promise<number | string> {
  const client = createClient<Gateway>({ baseUrl: "http://127.0.0.1:8788" });
  const { data, error } = await client.POST("/api/v2/payment/generate/onetimetoken", {
    body: { cardNo, type: "CREDIT" },
  });
  if (data) return data.expiryTime;
  // `default` has no content, since a page of HTML may come: a failure is typed, or it is not there.
  const failure: GatewayComponents["schemas"]["Failure"] | undefined = error;
  return failure?.response.code ?? "no JSON";
}

/** The same by the whole protocol: the headers are a part of the call. */
export async function askResult(sequenceId: string, headers: Required<
  Protocol["/api/v1/recharges/by-bank-account/result/inquiry"]["post"]["parameters"]["header"]
>): Promise<string | undefined> {
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

// The whole protocol asks for its headers.
const protocol = createClient<Protocol>({ baseUrl: "http://127.0.0.1:8787" });
// @ts-expect-error: the headers are missing
export const bare = () => protocol.POST("/api/v1/recharges/by-bank-account/result/inquiry", { body: { sequenceId: "BANK-1" } });
