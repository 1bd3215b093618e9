import assert from "node:assert/strict";
import { test } from "node:test";
import { exactFetch, exactJson, parseJson, stringifyJson } from "konaplate";
import createClient from "openapi-fetch";

const LARGEST = 9999999999999999999n;

test("integers that a number rounds are bigints, all others are numbers", () => {
  const text = `{"a":${LARGEST},"b":9007199254740991,"c":-9007199254740993,"d":1.5,"e":1795803212022}`;
  const expected = { a: LARGEST, b: 9007199254740991, c: -9007199254740993n, d: 1.5, e: 1795803212022 };
  assert.deepEqual(parseJson(text), expected);
  assert.equal(stringifyJson(expected), text);
});

test("a number that was rounded is not written", () => {
  for (const value of [1e19, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => stringifyJson({ userId: value }), { name: "RangeError", message: /^userId: / });
  }
  assert.throws(() => stringifyJson(undefined), TypeError);
});

test("an error says nothing of the text", () => {
  assert.throws(() => parseJson('{"cardNo": 9491339401250765x}'), {
    name: "SyntaxError",
    message: "the text is no JSON",
  });
});

test("a name that stands twice has its last value, as with JSON.parse", () => {
  assert.deepEqual(parseJson('{"a":1,"a":2}'), { a: 2 });
  assert.deepEqual(Object.keys(parseJson('{"__proto__":1}') as object), ["__proto__"]);
});

const text = `{"userId":${LARGEST}}`;

test("openapi-fetch sends and receives large integers", async () => {
  for (const headers of [{}, { "Content-Length": "30", "Content-Encoding": "gzip" }]) {
    let sent = "";
    const client = createClient<Api>({
      baseUrl: "http://127.0.0.1:1",
      ...exactJson,
      fetch: exactFetch(async (input, init) => {
        sent = await new Request(input, init).text();
        return new Response(text, { headers });
      }),
    });
    const { data } = await client.POST("/", { body: { userId: LARGEST } });
    assert.equal(sent, text);
    assert.deepEqual(data, { userId: LARGEST });
  }
});

test("a clone is read in the same way, and a response without a body stays one", async () => {
  const response = await exactFetch(async () => new Response(text, { status: 201 }))("http://a");
  assert.deepEqual(await response.clone().clone().json(), { userId: LARGEST });
  assert.deepEqual([response.status, await response.text()], [201, text]);
  const empty = await exactFetch(async () => new Response(null, { status: 204 }))("http://a");
  assert.equal(empty.status, 204);
});

interface Api {
  "/": {
    post: {
      requestBody: { content: { "application/json": { userId: number | bigint } } };
      responses: { 200: { content: { "application/json": { userId: number | bigint } } } };
    };
  };
}
