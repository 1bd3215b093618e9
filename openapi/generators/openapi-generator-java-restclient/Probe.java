import kona.ApiClient;
import kona.api.MembersApi;
import kona.api.RechargesApi;
import kona.model.Failure;
import kona.model.GetBankRechargeResultRequestBody;
import kona.model.GetMemberRequestBody;
import kona.model.Problem;
import org.springframework.web.client.RestClientResponseException;

public final class Probe {
    public static void main(String[] args) {
        ApiClient client = new ApiClient();
        client.setBasePath(System.getenv("SERVER"));
        Say.attempt("id", () -> {
            // By the JSON, since the type of the field depends on the settings.
            var body = new com.fasterxml.jackson.databind.ObjectMapper()
                .readValue("{\"userId\":9999999999999999999}", GetMemberRequestBody.class);
            Say.say("id", new MembersApi(client).getMember(body).getUserInfo().getUserId(), "");
            return null;
        });
        for (String step : Say.STEPS) {
            Say.attempt(step, () -> {
                var body = new GetBankRechargeResultRequestBody().sequenceId(step.toUpperCase());
                try {
                    Say.say(step, new RechargesApi(client).getBankRechargeResult(body).getResult(), "");
                } catch (RestClientResponseException e) {
                    String text = e.getResponseBodyAsString();
                    if (!text.startsWith("{")) {
                        Say.say(step, e.getStatusCode().value(), "error with status");
                    } else if (text.contains("delivery")) {
                        Say.say(step, e.getResponseBodyAs(Problem.class).getDelivery(), "error, body by its type");
                    } else {
                        Say.say(step, e.getResponseBodyAs(Failure.class).getResponse().getCode(), "error, body by its type");
                    }
                }
                return null;
            });
        }
        System.exit(0);
    }
}
