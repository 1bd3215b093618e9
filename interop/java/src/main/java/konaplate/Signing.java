package konaplate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The signature of a body: the header {@code X-KM-Tran-Token}. */
public final class Signing {
    /** The zone of {@code X-KM-Time-Zone: KST}. */
    public static final ZoneOffset KST = ZoneOffset.ofHours(9);

    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS");

    private Signing() {}

    /**
     * The time of a call as the token has it.
     *
     * @param at the time of the call
     * @param zone the zone of {@code X-KM-Time-Zone}
     * @return 17 digits; the first 14 are {@code X-KM-Tran-Time}
     */
    public static String timestamp(Instant at, ZoneOffset zone) {
        return MILLISECONDS.format(at.atOffset(zone));
    }

    /**
     * Signs a body.
     *
     * @param secretKey the secret key, used as text
     * @param body the bytes as they are sent
     * @param timestamp the time of the call, 17 digits
     * @return 67 characters: {@code KMV1:<timestamp>:<HMAC-SHA256 in base64>}
     */
    public static String token(String secretKey, byte[] body, String timestamp) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return "KMV1:" + timestamp + ":" + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is missing in this Java runtime", e);
        }
    }
}
