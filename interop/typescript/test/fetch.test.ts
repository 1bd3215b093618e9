import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { createServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { CallError, createFetch, decrypt, encrypt, exactFetch, exactJson, isCorrelationId, Settings, sign } from "konaplate";
import type { paths } from "konaplate/api";
import createClient from "openapi-fetch";
import { client, init, json, platform, server, success } from "./platform.js";

const TOKEN = "/api/v2/payment/generate/onetimetoken";
const RESULT = "/api/v1/recharges/by-bank-account/result/inquiry";
const MEMBER = "/api/v1/user/info";
const RECHARGE = "/api/v1/recharges/by-bank-accounts/no-hce";
const LARGEST = 9999999999999999999n;

const post = (settings: Settings, path: string, body: string, options = {}) =>
  createFetch(settings, options)(`${settings.baseUrl}${path}`, { method: "POST", body });

/** The instant of a time in Korea, from 17 digits. */
const instant = (digits: string) => {
  const iso = digits.replace(/(....)(..)(..)(..)(..)(..)(...)/, "$1-$2-$3T$4:$5:$6.$7+09:00");
  return Date.parse(iso);
};

test("the bytes that go out are encrypted, then signed", async (t) => {
  const { received, settings } = await platform(t, success);
  const body = `{"userId": ${LARGEST}, "amount":20000}`;
  await createFetch(settings)(`${settings.baseUrl}${MEMBER}`, {
    method: "POST",
    body,
    headers: { "X-Sandbox-Fault": "html:502", "X-KM-Access-Key": "another" },
  });

  const [request] = received;
  assert.ok(request);
  const { headers } = request;
  assert.equal(request.method, "POST");
  assert.equal(request.url, `/open-api${MEMBER}`);
  assert.deepEqual(Object.keys(JSON.parse(request.body.toString())), ["encData"]);
  const { encData } = JSON.parse(request.body.toString()) as { encData: string };
  const plain = await decrypt(createPrivateKey(server.privateKey), encData);
  assert.equal(Buffer.from(plain).toString(), body);

  const token = String(headers["x-km-tran-token"]);
  const [, time = ""] = token.split(":");
  const at = instant(time);
  assert.ok(Math.abs(Date.now() - at) < 60_000);
  assert.equal(token, sign(init.secretKey, request.body, at, "KST"));
  assert.equal(headers["x-km-tran-time"], time.slice(0, 14));
  const id = String(headers["x-km-correlation-id"]);
  assert.ok(isCorrelationId(id) && id.startsWith(time.slice(2, 14)));
  assert.equal(headers["x-km-time-zone"], "KST");
  assert.equal(headers["x-km-user-aspid"], init.aspId);
  assert.equal(headers["x-km-access-key"], init.accessKey);
  assert.equal(headers["x-km-crypto-key-id"], init.cryptoKeyId);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["content-length"], String(request.body.length));
  assert.equal(headers["transfer-encoding"], undefined);
  assert.equal(headers.accept, "application/json");
  assert.equal(headers["x-sandbox-fault"], "html:502");
});

test("what is not encrypted goes out as it was written, and so does an unknown path", async (t) => {
  const { received, settings } = await platform(t, success);
  for (const [path, keyId] of [
    [RECHARGE, init.cryptoKeyId],
    [RESULT, undefined],
    [`${MEMBER}/unknown`, undefined],
    ["/constructor", undefined],
  ] as const) {
    await post(settings, path, '{ "a" : 1 }');
    const request = received.at(-1);
    assert.equal(request?.body.toString(), '{ "a" : 1 }');
    assert.equal(request?.headers["x-km-crypto-key-id"], keyId);
  }
});

test("a success is plain JSON with exact integers, to openapi-fetch too", async (t) => {
  const plain = `{"response":{"code":"000_000","description":"성공"},"userInfo":{"userId":${LARGEST}}}`;
  const encData = await encrypt(createPublicKey(client.publicKey), new TextEncoder().encode(plain));
  const { received, settings } = await platform(t, json(200, { encData }));
  const { baseUrl } = settings;
  const api = createClient<paths>({ baseUrl, ...exactJson, fetch: createFetch(settings) });
  const { data, response } = await api.POST("/api/v1/user/info", { body: { userId: LARGEST } });
  assert.equal(data?.userInfo.userId, LARGEST);
  assert.equal(data?.response.description, "성공");
  assert.equal(response.headers.get("Content-Type"), "application/json");
  assert.equal(response.headers.get("Konaplate-Delivery"), null);
  const sent = received[0]?.headers["x-km-correlation-id"];
  assert.equal(response.headers.get("X-KM-Correlation-Id"), sent);
});

test("a failure of the platform says what it proves", async (t) => {
  const { settings } = await platform(t, json(400, { response: { code: "007_008" }, more: 1 }));
  for (const [path, delivery] of [
    [RECHARGE, "earlier-call"],
    [RESULT, "declined"],
    ["/unknown", "maybe-processed"],
  ] as const) {
    const response = await post(settings, path, "{}");
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("Konaplate-Delivery"), delivery);
    assert.deepEqual(await response.json(), { response: { code: "007_008" }, more: 1 });
  }
});

test("what is no response of the platform is a problem document, with nothing of it", async (t) => {
  const code = '{"response":{"code":"000_000"}';
  for (const [status, body, headers] of [
    [502, "<html>4912 secret</html>", {}],
    [200, "", {}],
    [204, "", {}],
    [200, code, {}],
    [500, `${code}}`, {}],
    [200, '{"secret":1}', {}],
    [200, '{"encData":"a.b.c.d.e"}', {}],
    [302, `${code}}`, { Location: "/secret" }],
    [307, `${code}}`, { Location: "/secret" }],
  ] as const) {
    const { received, settings } = await platform(t, json(status, body, headers));
    const response = await post(settings, RECHARGE, "{}");
    assert.equal(received.length, 1);
    assert.equal(response.status, 502);
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    assert.equal(response.headers.get("Konaplate-Delivery"), "maybe-processed");
    const text = await response.text();
    assert.ok(!text.includes("secret"));
    const { detail, ...rest } = JSON.parse(text) as Record<string, unknown>;
    assert.equal(typeof detail, "string");
    assert.deepEqual(rest, {
      type: "urn:konaplate:problem:unexpected-response",
      title: "what came is no response of the platform",
      status: 502,
      delivery: "maybe-processed",
      correlationId: received[0]?.headers["x-km-correlation-id"],
      upstreamStatus: status,
    });
  }
});

test("nothing is sent twice", async (t) => {
  for (const status of [302, 307, 401, 407, 408, 421, 425, 429, 500, 503]) {
    const { received, settings } = await platform(t, json(status, "", { "Retry-After": "0", Location: "/open-api" }));
    const request = { method: "POST", body: "{}" };
    for (const fetch of [createFetch(settings), exactFetch()]) {
      received.length = 0;
      await fetch(`${settings.baseUrl}${RECHARGE}`, request).catch(() => undefined);
      assert.equal(received.length, 1, String(status));
      assert.equal(received[0]?.headers["transfer-encoding"], undefined);
    }
  }
});

test("a call whose connection is closed may have been carried out", async (t) => {
  const { received, settings } = await platform(t, (response) => response.destroy());
  await assert.rejects(post(settings, RECHARGE, "{}"), (error) => {
    assert.ok(error instanceof CallError && error instanceof TypeError);
    assert.equal(error.delivery, "maybe-processed");
    assert.equal(error.correlationId, received[0]?.headers["x-km-correlation-id"]);
    const shown = inspect(error, { depth: 9 });
    for (const secret of [init.secretKey, init.accessKey]) assert.ok(!shown.includes(secret));
    return true;
  });
  assert.equal(received.length, 1);
});

test("a body that is cut, and a call that takes too long, may have been carried out", async (t) => {
  const cut = await platform(t, (response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write('{"response":{"code":"000_000"}}');
    setTimeout(() => response.destroy(), 20);
  });
  const late = await platform(t, () => undefined);
  for (const { received, settings } of [cut, late]) {
    await assert.rejects(post(settings, RECHARGE, "{}", { timeoutMs: 300 }), {
      name: "CallError",
      delivery: "maybe-processed",
    });
    assert.equal(received.length, 1);
  }
});

test("where no connection came about, nothing was sent", async (t) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const { settings: plain, received } = await platform(t, success);
  const noTls = plain.baseUrl.replace("http:", "https:");
  for (const baseUrl of [`http://127.0.0.1:${port}`, "https://nobody.invalid", noTls]) {
    await assert.rejects(post(new Settings({ ...init, baseUrl }), RECHARGE, "{}"), (error) => {
      assert.ok(error instanceof CallError, baseUrl);
      assert.equal(error.delivery, "not-sent", baseUrl);
      assert.ok(isCorrelationId(error.correlationId ?? ""));
      return true;
    });
  }
  assert.equal(received.length, 0);
});

test("what cannot be sent is refused with its field and its rule", async (t) => {
  const { received, settings } = await platform(t, success);
  const fetch = createFetch(settings);
  const url = `${settings.baseUrl}${TOKEN}`;
  const refusals: [string, RequestInit, RegExp][] = [
    [url, { method: "PUT", body: "{}" }, /^method: must be POST/],
    [url, { method: "POST", body: "[4912]" }, /^body: must be a JSON object/],
    [url, { method: "POST", body: "4912 secret" }, /^body: must be a JSON object/],
    [url, { method: "POST", body: new Uint8Array([0x7b, 0xff, 0x7d]) }, /^body: .* UTF-8/],
    [url, { method: "POST", body: '{"encData":"a"}' }, /^body: must be plain/],
    [`${url}?a=b`, { method: "POST", body: "{}" }, /^url: must have no query/],
    ["https://elsewhere.example/open-api/api", { method: "POST", body: "{}" }, /^url: must be below/],
    [url.replace("/open-api", "/open"), { method: "POST", body: "{}" }, /^url: must be below/],
    [url.replace("/open-api", "/open-api/.."), { method: "POST", body: "{}" }, /^url: must be below/],
    [url, { method: "POST", body: "{}", signal: AbortSignal.abort() }, /^signal: /],
    ["4912", { method: "POST", body: "{}" }, /^the request could not be made/],
    [url, { method: "POST", body: "{}", headers: { a: "\u0000" } }, /^the request could not be made/],
  ];
  for (const [to, request, message] of refusals) {
    await assert.rejects(fetch(to, request), (error) => {
      assert.ok(error instanceof CallError, String(error));
      assert.match(error.message, message);
      assert.equal(error.delivery, "not-sent");
      assert.ok(!inspect(error).includes("4912"));
      return true;
    });
  }
  assert.equal(received.length, 0);
});

test("a response with the id of another call is not taken, once ids were seen to come back", async (t) => {
  let theirs: string | undefined = "260315104512-0a1b2c3";
  const { settings } = await platform(t, (response, request) => {
    const id = theirs ?? request.headers["x-km-correlation-id"];
    json(200, { response: { code: "000_000" } }, { "X-KM-Correlation-Id": id })(response, request);
  });
  const fetch = createFetch(settings);
  const call = async () =>
    (await fetch(`${settings.baseUrl}${RESULT}`, { method: "POST", body: "{}" })).status;
  assert.equal(await call(), 200);
  theirs = undefined;
  assert.equal(await call(), 200);
  theirs = "260315104512-0a1b2c3";
  assert.equal(await call(), 502);
});
