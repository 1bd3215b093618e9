import kona.ApiClient;
import kona.ApiException;
import kona.api.MembersApi;
import kona.api.RechargesApi;
import kona.model.GetBankRechargeResultRequestBody;
import kona.model.GetMemberRequestBody;

public final class Probe {
    public static void main(String[] args) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("SERVER"));
        var mapper = client.getObjectMapper();
        Say.attempt("id", () -> {
            // By the JSON, since the type of the field depends on the settings.
            var body = mapper.readValue("{\"userId\":9999999999999999999}", GetMemberRequestBody.class);
            Say.say("id", new MembersApi(client).getMember(body).getUserInfo().getUserId(), "");
            return null;
        });
        for (String step : Say.STEPS) {
            Say.attempt(step, () -> {
                var body = new GetBankRechargeResultRequestBody().sequenceId(step.toUpperCase());
                try {
                    Say.say(step, new RechargesApi(client).getBankRechargeResult(body).getResult(), "");
                } catch (ApiException e) {
                    String text = e.getResponseBody();
                    if (e.getCode() == 0 || e.getCode() == 200 || text == null) {
                        throw e;
                    }
                    if (text.startsWith("{")) {
                        var tree = mapper.readTree(text);
                        Say.say(step, tree.has("delivery") ? tree.get("delivery").asText()
                            : tree.get("response").get("code").asText(), "error, body as text");
                    } else {
                        Say.say(step, e.getCode(), "error with status");
                    }
                }
                return null;
            });
        }
        System.exit(0);
    }
}
