package konaplate;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * What a body says about itself.
 *
 * @param encData the JWE of an encrypted body
 * @param code the code of the platform: {@code response.code}
 */
public record Envelope(Optional<String> encData, Optional<String> code) {
    /** The code of success. */
    public static final String SUCCESS = "000_000";

    private static final Set<String> DECIDING = Set.of("encData", "response");

    /**
     * Reads a body.
     *
     * @param body the bytes
     * @return empty if it is no JSON object, or if a name that decides something is there twice: of two codes neither
     *     can be believed
     */
    public static Optional<Envelope> read(byte[] body) {
        try {
            String json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            JsonObject object = Json.object(json, DECIDING::contains);
            Optional<String> code = object.get("response") instanceof JsonObject response
                    ? Json.text(response, "code")
                    : Optional.empty();
            return Optional.of(new Envelope(Json.text(object, "encData"), code));
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The body that holds a JWE. */
    static byte[] encrypted(String jwe) {
        return ("{\"encData\":\"" + jwe + "\"}").getBytes(StandardCharsets.US_ASCII);
    }

    /** Nothing of what it says: a JWE and a code of a stranger are no text for a log. */
    @Override
    public String toString() {
        return "Envelope[encrypted=" + encData.isPresent() + "]";
    }
}
