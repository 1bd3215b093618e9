package scenario;

import com.google.gson.Gson;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import konaplate.client.JSON;

/**
 * Reads responses without the checks of the generated client. They throw an unchecked exception, with the whole response
 * in its text, where a field is missing or null in the response to a call that was carried out.
 */
final class ResponsesAsReceived implements TypeAdapterFactory {
    private final Gson plain = new Gson();

    static void use() {
        JSON.setGson(JSON.getGson().newBuilder()
                .registerTypeAdapterFactory(new ResponsesAsReceived())
                .create());
    }

    @Override
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
        return type.getRawType().getSimpleName().endsWith("ResponseBody") ? plain.getAdapter(type) : null;
    }
}
