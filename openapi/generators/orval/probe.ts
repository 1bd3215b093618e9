import { getBankRechargeResult, getMember } from "./kona/api.js";
import { attempt, say, steps } from "./say.js";

await attempt("id", async () => {
  const { data, status } = await getMember({ userId: 9999999999999999999 });
  if (status === 200) say("id", data.userInfo.userId);
});
for (const step of steps) {
  await attempt(step, async () => {
    const came = await getBankRechargeResult({ sequenceId: step.toUpperCase() });
    if (came.status === 200) say(step, came.data.result, "newField" in came.data ? "kept" : "");
    else if (came.status === 400) say(step, came.data.response.code, "typed");
    else say(step, came.data.delivery, "typed");
  });
}
