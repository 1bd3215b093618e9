package konaplate;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/** What the description says about each operation, by its path. Made from it; nothing here is guessed. */
public final class Operations {
    /** Nothing is known of it, so it is signed and sent plain. */
    private static final Operation UNKNOWN = new Operation("", "", false, false, null);

    private static final Flags FLAGS = load();

    private Operations() {}

    /**
     * What the description says about one operation.
     *
     * @param operation its id, such as {@code issue_one_time_token}
     * @param effect {@code reads}, {@code changes} or {@code moves-money}
     * @param encryptRequest whether its request is encrypted
     * @param sendKeyId whether the id of the key pair is sent with it
     * @param proves what its codes prove, where it moves money; null elsewhere
     */
    record Operation(
            String operation, String effect, boolean encryptRequest, boolean sendKeyId, Map<String, Delivery> proves) {}

    private record Flags(Set<String> codes, Map<String, Operation> operations) {}

    static Operation find(String path) {
        return FLAGS.operations().getOrDefault(path, UNKNOWN);
    }

    /**
     * What a code of failure proves. Every documented failure has the HTTP status 400: one with another status, or of an
     * operation that is not known, proves nothing.
     *
     * @param path the path of the operation
     * @param status the HTTP status
     * @param code {@code response.code}
     * @return what became of the call
     */
    public static Delivery verdict(String path, int status, String code) {
        Operation operation = find(path);
        Delivery proof = null;
        if (status == 400 && operation.effect().equals("moves-money")) {
            proof = operation.proves().get(code);
        } else if (status == 400 && operation != UNKNOWN && FLAGS.codes().contains(code)) {
            proof = Delivery.DECLINED;
        }
        return proof == null ? Delivery.MAYBE_PROCESSED : proof;
    }

    private static Flags load() {
        try (InputStream file = Operations.class.getResourceAsStream("operations.json")) {
            return new Gson().fromJson(new InputStreamReader(file, StandardCharsets.UTF_8), Flags.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
