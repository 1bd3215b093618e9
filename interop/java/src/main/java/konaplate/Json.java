package konaplate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads JSON strictly. Gson's own parser takes a name that is there twice, and more than RFC 8259 allows. */
final class Json {
    private Json() {}

    /**
     * Reads an object.
     *
     * @param decides the members that something is decided by: neither they nor a name inside them may be there twice
     * @throws IOException it is none, or it contradicts itself
     */
    static JsonObject object(String json, Predicate<String> decides) throws IOException {
        JsonReader reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        JsonObject object = members(reader, decides);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new MalformedJsonException("something stands behind the object");
        }
        return object;
    }

    /** A member that is text. */
    static Optional<String> text(JsonObject object, String name) {
        return Optional.ofNullable(object.get(name))
                .filter(value -> value instanceof JsonPrimitive primitive && primitive.isString())
                .map(JsonElement::getAsString);
    }

    private static JsonObject members(JsonReader reader, Predicate<String> decides) throws IOException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            boolean deciding = decides.test(name);
            if (deciding && object.has(name)) {
                throw new MalformedJsonException("a name is there twice");
            }
            object.add(name, value(reader, deciding ? any -> true : any -> false));
        }
        reader.endObject();
        return object;
    }

    private static JsonElement value(JsonReader reader, Predicate<String> decides) throws IOException {
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> members(reader, decides);
            case BEGIN_ARRAY -> {
                JsonArray array = new JsonArray();
                reader.beginArray();
                while (reader.hasNext()) {
                    array.add(value(reader, decides));
                }
                reader.endArray();
                yield array;
            }
            case STRING -> new JsonPrimitive(reader.nextString());
            case NUMBER -> new JsonPrimitive(new BigDecimal(reader.nextString()));
            case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
            case NULL -> {
                reader.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw new MalformedJsonException("a value is missing");
        };
    }
}
