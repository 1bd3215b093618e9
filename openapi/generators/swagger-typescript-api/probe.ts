import { Api, HttpResponse, type Failure, type Problem } from "./kona/api.js";
import { attempt, say, steps } from "./say.js";

const { api } = new Api({ baseUrl: process.env["SERVER"]! });

await attempt("id", async () => {
  const { data } = await api.getMember({ userId: 9999999999999999999 });
  say("id", data.userInfo.userId);
});
for (const step of steps) {
  await attempt(step, async () => {
    try {
      const { data } = await api.getBankRechargeResult({ sequenceId: step.toUpperCase() });
      say(step, data.result, "newField" in data ? "kept" : "");
    } catch (thrown) {
      // What is thrown is the response; its type is not known to the compiler.
      const { error, status } = thrown as HttpResponse<unknown, Failure | Problem | Error>;
      if (error && "delivery" in error) say(step, error.delivery, "thrown, untyped");
      else if (error && "response" in error) say(step, error.response.code, "thrown, untyped");
      else say(step, status, "thrown with status");
    }
  });
}
