package konaplate;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Runs the cases that every language shares, and prints what became of them. */
final class Conformance {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private final Path folder;

    /** Fails with what is wrong. */
    private interface Check {
        void run(JsonObject of) throws IOException, GeneralSecurityException;
    }

    private Conformance(Path folder) {
        this.folder = folder;
    }

    /** Takes the folder {@code openapi/conformance}. */
    public static void main(String[] arguments) throws IOException {
        System.out.println(GSON.toJson(new Conformance(Path.of(arguments[0])).run()));
    }

    private JsonObject run() throws IOException {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("signing", this::signing);
        checks.put("correlation_ids", this::correlationId);
        checks.put("jwe_jose", this::decrypts);
        checks.put("jwe_jwcrypto", this::decrypts);
        checks.put("jwe_konaplate", this::decrypts);
        checks.put("jwe_negative", this::refuses);
        checks.put("envelopes", this::envelope);
        checks.put("responses", this::response);
        checks.put("verdicts", this::verdict);
        JsonObject document = new JsonObject();
        for (Map.Entry<String, Check> check : checks.entrySet()) {
            document.add(check.getKey(), run(check.getKey(), check.getValue()));
        }
        return document;
    }

    private JsonObject run(String file, Check check) throws IOException {
        String json = Files.readString(folder.resolve(file + ".json"));
        JsonArray failed = new JsonArray();
        int passed = 0;
        for (JsonElement element : GSON.fromJson(json, JsonObject.class).getAsJsonArray("cases")) {
            JsonObject of = element.getAsJsonObject();
            // The middleware signs the raw body alone.
            if (of.has("form") && !text(of, "form").equals("raw_body")) {
                continue;
            }
            try {
                check.run(of);
                passed++;
            } catch (AssertionError | Exception e) {
                JsonObject failure = new JsonObject();
                failure.add("name", of.get("name"));
                failure.addProperty("why", e.toString());
                failed.add(failure);
            }
        }
        JsonObject result = new JsonObject();
        result.addProperty("passed", passed);
        result.add("failed", failed);
        return result;
    }

    private void signing(JsonObject of) {
        String timestamp = Signing.timestamp(at(of), zone(of));
        equal(text(of, "timestamp"), timestamp);
        equal(text(of, "tran_time"), timestamp.substring(0, 14));
        equal(text(of, "token"), Signing.token(text(of, "secret"), bytes(of, "body_base64"), timestamp));
    }

    private void correlationId(JsonObject of) {
        if (text(of, "kind").equals("make")) {
            int number = Integer.parseInt(text(of, "hex"), 16);
            equal(text(of, "id"), CorrelationId.of(at(of), zone(of), number));
        } else {
            equal(of.get("valid").getAsBoolean(), CorrelationId.isValid(text(of, "id")));
        }
    }

    private void decrypts(JsonObject of) throws IOException, GeneralSecurityException {
        if (of.has("needs_rsa_oaep_sha1") && of.get("needs_rsa_oaep_sha1").getAsBoolean()) {
            refuses(of);
            return;
        }
        byte[] plaintext = Jwe.decrypt(key(of), text(of, "jwe"));
        equal(true, Arrays.equals(bytes(of, "plaintext_base64"), plaintext));
    }

    private void refuses(JsonObject of) throws IOException {
        try {
            Jwe.decrypt(key(of), text(of, "jwe"));
        } catch (GeneralSecurityException e) {
            return;
        }
        throw new AssertionError("it was decrypted");
    }

    private void envelope(JsonObject of) {
        Optional<Envelope> envelope = Envelope.read(bytes(of, "body_base64"));
        equal(optional(of, "enc_data"), envelope.flatMap(Envelope::encData));
        equal(optional(of, "code"), envelope.flatMap(Envelope::code));
    }

    private void response(JsonObject of) throws IOException {
        int status = of.get("status").getAsInt();
        Reading reading = Reading.of(text(of, "path"), status, bytes(of, "body_base64"), key(of));
        JsonObject expected = of.getAsJsonObject("expect");
        if (reading instanceof Reading.Success success) {
            equal(text(expected, "kind"), "success");
            equal(json(bytes(expected, "plaintext_base64")), json(success.json()));
        } else if (reading instanceof Reading.Failure failure) {
            equal(text(expected, "kind"), "failure");
            equal(text(expected, "code"), failure.code());
            equal(expected.get("status").getAsInt(), status);
            equal(text(expected, "delivery"), failure.delivery().word());
        } else {
            equal(text(expected, "kind"), "problem");
            equal(text(expected, "delivery"), Delivery.MAYBE_PROCESSED.word());
        }
    }

    private void verdict(JsonObject of) {
        Delivery delivery = Operations.verdict(text(of, "path"), of.get("status").getAsInt(), text(of, "code"));
        equal(text(of, "delivery"), delivery.word());
    }

    private static JsonObject json(byte[] bytes) throws IOException {
        return Json.object(new String(bytes, StandardCharsets.UTF_8), any -> false);
    }

    private RSAPrivateKey key(JsonObject of) throws IOException {
        return Keys.privateKey(Files.readString(folder.resolve("keys").resolve(text(of, "private_key"))));
    }

    private static Instant at(JsonObject of) {
        return Instant.ofEpochMilli(of.get("epoch_ms").getAsLong());
    }

    private static ZoneOffset zone(JsonObject of) {
        return text(of, "zone").equals("KST") ? Signing.KST : ZoneOffset.UTC;
    }

    private static String text(JsonObject of, String name) {
        return of.get(name).getAsString();
    }

    private static Optional<String> optional(JsonObject of, String name) {
        return of.get(name).isJsonNull() ? Optional.empty() : Optional.of(text(of, name));
    }

    private static byte[] bytes(JsonObject of, String name) {
        return Base64.getDecoder().decode(text(of, name));
    }

    private static void equal(Object expected, Object is) {
        if (!Objects.equals(expected, is)) {
            throw new AssertionError("expected " + expected + ", got " + is);
        }
    }
}
