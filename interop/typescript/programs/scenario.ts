// The scenario of ../scenario.md: node scenario.js gateway|middleware. Prints one JSON document.

import { createFetch, exactJson, Settings, stringifyJson } from "konaplate";
import type { components, paths } from "konaplate/api";
import createClient, { type Client } from "openapi-fetch";

/** The construction of the client is all that differs. */
function connect(mode: string | undefined): Client<paths> {
  if (mode === "gateway") {
    const baseUrl = process.env["KONAPLATE_GATEWAY"];
    if (baseUrl === undefined) throw new Error("KONAPLATE_GATEWAY: is not set");
    return createClient<paths>({ baseUrl, ...exactJson });
  }
  if (mode !== "middleware") throw new Error("usage: scenario gateway|middleware");
  const settings = Settings.fromEnv();
  const { baseUrl } = settings;
  return createClient<paths>({ baseUrl, ...exactJson, fetch: createFetch(settings) });
}

type Schemas = components["schemas"];
/** What a call of openapi-fetch comes to. */
type Came<T> = { data?: T; error?: unknown; response: Response };

/** A call that was no success: thrown, so that it ends the step. */
class Failed {
  readonly failure: { code: string | null; status: number; delivery: string | null };

  constructor({ error, response }: Came<unknown>) {
    const failure = error as Partial<Schemas["Failure"]> | string | undefined;
    const code = typeof failure === "object" ? failure.response?.code : undefined;
    this.failure = {
      code: code ?? null,
      status: response.status,
      delivery: response.headers.get("Konaplate-Delivery"),
    };
  }
}

async function success<T>(call: Promise<Came<T>>): Promise<T> {
  const came = await call;
  if (came.data === undefined) throw new Failed(came);
  return came.data;
}

const client = connect(process.argv[2]);
const merchantId = "410195430033901";

const issueToken = (body: Schemas["IssueOneTimeTokenRequestBody"]) =>
  success(client.POST("/api/v2/payment/generate/onetimetoken", { body }));

const recharge = (body: Schemas["RechargeFromBankAccountRequestBody"]) =>
  success(client.POST("/api/v1/recharges/by-bank-accounts/no-hce", { body }));

const result = async (fault?: string) => {
  const { result } = await success(
    client.POST("/api/v1/recharges/by-bank-account/result/inquiry", {
      body: { sequenceId: "BANK-1" },
      headers: fault === undefined ? {} : { "X-Sandbox-Fault": fault },
    }),
  );
  return { result };
};

let first: Pick<Schemas["IssueOneTimeTokenResponseBody"], "oneTimeToken" | "dcvv">;
const firstRecharge = async () => {
  const { oneTimeToken, dcvv } = first;
  const { nrNumber, isPending, result } = await recharge({
    sequenceId: "BANK-1",
    userId: 10000000001,
    amount: 20000,
    oneTimeToken,
    dcvv,
    merchantId,
  });
  return { nrNumber, isPending, result };
};

const steps: Record<string, () => Promise<object>> = {
  token: async () => {
    const { oneTimeToken, dcvv, expiryTime } = await issueToken({ cardNo: "9491339401250765" });
    first = { oneTimeToken, dcvv };
    return { oneTimeToken, dcvv, expiryTime: String(expiryTime) };
  },

  "bank-recharge": firstRecharge,

  "bank-recharge-result": () => result(),

  refusal: firstRecharge,

  "credit-card-recharge": async () => {
    const { oneTimeToken, dcvv } = await issueToken({ cardNo: "9491330000000032", type: "CREDIT" });
    const { transactionId, redirectUrl } = await success(
      client.POST("/api/v1/recharges/online-payment/transaction/generate", {
        body: {
          sequenceId: "CREDIT-1",
          userId: 10000000003,
          amount: 10000,
          oneTimeToken,
          dcvv,
          affiliateId: "000170000001000",
        },
      }),
    );
    return { transactionId, redirectUrl };
  },

  "auto-recharge-update": async () => {
    const { response } = await success(
      client.POST("/api/v1/recharges/auto/lower-limit/update", {
        body: {
          userId: 10000000001,
          par: "Q1000000000000000000000105A",
          amount: 30000,
          thresholdBalance: 10000,
        },
      }),
    );
    return { code: response.code };
  },

  gift: async () => {
    const { oneTimeToken, dcvv } = await issueToken({ cardNo: "9491330000001014" });
    const { transferId } = await success(
      client.POST("/api/v1/gifts/cards/transmission/no-hce", {
        body: {
          senderUserId: "10000000001",
          receiverName: "김코코",
          receiverPhone: "01000000002",
          serviceId: "000170000003000",
          amount: 30000,
          oneTimeToken,
          dcvv,
          locale: "KO",
        },
      }),
    );
    return { transferId };
  },

  payment: async () => {
    const { oneTimeToken, dcvv } = await issueToken({ cardNo: "9491339401250765" });
    const { approvalCode, approvalTime, balance, cardNo, nrNumber } = await success(
      client.POST("/api/v1/payment/no-hce", {
        body: {
          amount: 12000,
          channel: "OPENAPI",
          merchantId,
          oneTimeToken,
          dcvv,
          transactionId: "20260315104512000001",
        },
      }),
    );
    return { approvalCode, approvalTime, balance, cardNo, nrNumber };
  },

  history: async () => {
    const items: object[] = [];
    let page = 0;
    let totalPages = 0;
    do {
      const { transactionInfo, pageResponse } = await success(
        client.POST("/api/v1/transaction/card", {
          body: {
            userId: 10000000001,
            par: "Q180BEA3B2F1BBD8410336D66A4",
            startDate: "20200101",
            endDate: "20991231",
            pageRequest: { page, pageSize: 1, orderByDirection: "ASC" },
          },
        }),
      );
      for (const { trType, trAmount, balanceAfter } of transactionInfo ?? []) {
        items.push({ trType, trAmount, balanceAfter });
      }
      totalPages = pageResponse?.totalPages ?? 0;
      page += 1;
    } while (page < totalPages);
    return { pages: page, items };
  },

  "largest-member": async () => {
    const userId = 9999999999999999999n;
    const { oneTimeToken, dcvv } = await issueToken({ cardNo: "9491330000000123" });
    const { isPending } = await recharge({
      sequenceId: "BANK-2",
      userId,
      amount: 1000,
      oneTimeToken,
      dcvv,
      merchantId,
    });
    const { userInfo } = await success(client.POST("/api/v1/user/info", { body: { userId } }));
    return { isPending, userId: String(userInfo.userId) };
  },

  "unknown-enum": () => result("unknown-enum-value"),
  "unknown-field": () => result("extra-fields"),
  "unknown-code": () => result("unknown-code"),
  html: () => result("html-after:502"),
};

const document: Record<string, object> = {};
for (const [name, step] of Object.entries(steps)) {
  document[name] = await step().catch((failed: unknown) => {
    if (failed instanceof Failed) return failed;
    throw failed;
  });
}
process.stdout.write(`${stringifyJson(document)}\n`);
